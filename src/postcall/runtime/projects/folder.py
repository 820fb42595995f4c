"""A project folder on disk, and which of its files count."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from postcall.errors import BadInput, NotAProject

MOST_FILES = 4_000
LARGEST_FILE = 2_000_000
"""Bytes. The platform's largest files hold a few hundred topics' worth of text."""
LARGEST_PROJECT = 20_000_000
"""Bytes: the whole is kept in one row and sent to every process that runs its functions."""
MOST_SEEN = 50_000
"""Entries of a folder looked at before it is taken for something else, such as a home folder."""

_IGNORED = frozenset({"_gen", "__pycache__", "node_modules"})
_IGNORED_AT_TOP = frozenset({"tests", "venv"})
_TREES = frozenset({"agent_settings", "config", "voice", "chat", "topics", "real_time_configuration", "test_suite"})
_DATA = (".yaml", ".yml", ".json", ".txt")


def counts(file: str) -> bool:
    """Whether a file, by its path within the folder, is a part of the project.

    Python files are wherever they stand, except in `tests/`; other files in the folders that the format names, and
    in the root project.yaml and requirements.txt.
    """
    parts = PurePosixPath(file).parts
    if not parts or not file.isprintable() or parts[0] in _IGNORED_AT_TOP or any(_is_ignored(part) for part in parts):
        return False
    if file in {"project.yaml", "requirements.txt"} or file.endswith(".py"):
        return True
    if parts[0] == "flows":
        return len(parts) > 2 and file.endswith((".yaml", ".yml"))
    return len(parts) > 1 and parts[0] in _TREES and file.endswith(_DATA)


def keep_counting(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that count, in order of their paths; BadInput where they are too many or too large."""
    kept = {file: files[file] for file in sorted(files) if counts(file)}
    if len(kept) > MOST_FILES:
        raise BadInput(f"the project has {len(kept):,} files; {MOST_FILES:,} are taken")
    for file, content in kept.items():
        if len(content) > LARGEST_FILE:
            raise BadInput(f"{file} has {len(content):,} bytes; a file of a project may have {LARGEST_FILE:,}")
    total = sum(map(len, kept.values()))
    if total > LARGEST_PROJECT:
        raise BadInput(f"the project has {total:,} bytes; {LARGEST_PROJECT:,} are taken")
    return kept


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files of a project folder that count, by path with forward slashes.

    NotAProject where there is no project.yaml, before anything else is looked at. Links that lead outside the folder
    are passed over, and linked folders are not followed.
    """
    root = folder.resolve()
    if not root.is_dir():
        raise NotAProject(f"{folder} is no folder")
    if not (root / "project.yaml").is_file():
        raise NotAProject(f"{folder} has no project.yaml, which says the project_id")
    paths = list(_walk(root))
    if len(paths) > MOST_FILES:
        raise BadInput(f"{folder} has {len(paths):,} files that count; a project may have {MOST_FILES:,}")
    return keep_counting({file: _read(root / file, file) for file in paths})


def _walk(root: Path) -> list[str]:
    """The files that count; folders in which nothing does are not entered."""
    found: list[str] = []
    seen = 0
    for folder, below, names in os.walk(root):
        at_top = _IGNORED_AT_TOP if folder == str(root) else frozenset()
        below[:] = sorted(name for name in below if not _is_ignored(name) and name not in at_top)
        seen += len(below) + len(names)
        if seen > MOST_SEEN:
            raise BadInput(f"{root} holds more than {MOST_SEEN:,} files: that is no project folder")
        for name in names:
            path = Path(folder) / name
            file = path.relative_to(root).as_posix()
            if counts(file) and _is_inside(path, root):
                found.append(file)
    return found


def _is_ignored(name: str) -> bool:
    return name in _IGNORED or name.startswith(".")


def _is_inside(path: Path, root: Path) -> bool:
    """A regular file of the folder: no pipe or device, and no link to somebody else's file."""
    return path.is_file() and (not path.is_symlink() or path.resolve().is_relative_to(root))


def _read(path: Path, file: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise BadInput(f"{file} has {size:,} bytes; a file of a project may have {LARGEST_FILE:,}")
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from None
