"""The themes of calls to businesses of any trade, in the order in which they are looked for."""

from __future__ import annotations

from postcall.extraction.builtin.first_themes import FIRST_THEMES
from postcall.extraction.builtin.further_themes import FURTHER_THEMES
from postcall.extraction.builtin.theme import Theme

__all__ = ["THEMES", "Theme"]

THEMES = FIRST_THEMES + FURTHER_THEMES
