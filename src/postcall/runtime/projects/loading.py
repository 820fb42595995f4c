"""Stored projects, read again for whoever runs them."""

from __future__ import annotations

from functools import lru_cache

from postcall.runtime.projects.archive import unpack
from postcall.runtime.projects.model import Project
from postcall.runtime.projects.reading import read_project

_KEPT_OPEN = 32
"""Projects that are held read: reading one takes a tenth of a second."""


def load_project(content: bytes) -> Project:
    """The project in a stored zip. Frozen and shared; the first time takes a tenth of a second, so not on the loop."""
    return _load(content)


@lru_cache(maxsize=_KEPT_OPEN)
def _load(content: bytes) -> Project:
    return read_project(unpack(content))
