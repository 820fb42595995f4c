"""Exports in a folder, one after the other: `0001`, `0002`, …, each with its manifest, the last perhaps unfinished."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from postcall.domain.exports import ExportWanted, Manifest
from postcall.domain.ids import new_object_id
from postcall.errors import BadInput
from postcall.exporting.filing import MANIFEST, load_manifest
from postcall.exporting.progress import Earlier, Progress
from postcall.storage.exports import HIDDEN, KNOWN

_NUMBERED = re.compile(r"\d{4,}")
_UNFINISHED = ".unfinished"
_MAKING = ".making"
_PROGRESS = ".progress"
_LOCK = ".lock"
_OWNER_ONLY = 0o700
"""What is in an export is for nobody else on the machine, unless whoever made it says so."""


class _Kept(msgspec.Struct):
    """What lies beside an unfinished export."""

    id: str
    wanted: ExportWanted
    progress: Progress | None = None


@dataclass
class FolderShelf:
    """One export on its way; a step is kept once its progress is."""

    folder: Path
    """Ends in `.unfinished` until it is."""
    kept: _Kept
    earlier: Earlier | None

    @property
    def making(self) -> Path:
        """Where its files are made, on the same disk."""
        return self.folder / _MAKING

    def fetch(self, name: str) -> Path:
        return self.folder / name

    def keep(self, progress: Progress, files: Mapping[str, Path], *, drop: tuple[str, ...] = ()) -> None:
        for name, made in files.items():
            _flush(made)
            made.replace(self.folder / name)
        _flush(self.folder)
        self._save(progress)
        for name in drop:
            (self.folder / name).unlink(missing_ok=True)

    def begin(self) -> None:
        """Make the folder, or what is left of it, ready."""
        self.folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)
        shutil.rmtree(self.making, ignore_errors=True)
        self.making.mkdir()
        self._save(self.kept.progress)

    def publish(self) -> Path:
        """Give the finished export its name; returns its folder."""
        shutil.rmtree(self.making)
        for file in self.folder.iterdir():  # also what a kill between two steps left
            if file.name.startswith(HIDDEN) and file.name != KNOWN:
                file.unlink()
        finished = self.folder.with_suffix("")
        self.folder.rename(finished)
        _flush(finished.parent)
        if self.earlier is not None:  # only the newest is ever gone on from
            self.earlier.known.unlink(missing_ok=True)
        return finished

    def _save(self, progress: Progress | None) -> None:
        self.kept = _Kept(self.kept.id, self.kept.wanted, progress)
        new = self.folder / f"{_PROGRESS}.new"
        new.write_bytes(msgspec.json.encode(self.kept))
        _flush(new)
        new.replace(self.folder / _PROGRESS)
        _flush(self.folder)


@contextmanager
def open_shelf(folder: Path, wanted: ExportWanted, *, incremental: bool) -> Iterator[FolderShelf]:
    """The next export of a folder, or the one that was cut off there if it was of the same calls.

    With `incremental` it goes on from the last one, where there is one. BadInput where that was of other calls, or
    another command works in the folder.
    """
    folder.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    with _locked(folder):
        done = sorted(
            (each for each in folder.iterdir() if _NUMBERED.fullmatch(each.name)), key=lambda each: int(each.name)
        )
        earlier = _earlier(done[-1], wanted) if incremental and done else None
        wanted = replace(wanted, after=earlier.manifest.id if earlier else None)
        number = int(done[-1].name) + 1 if done else 1
        shelf = FolderShelf(folder / f"{number:04d}{_UNFINISHED}", _Kept(new_object_id(), wanted), earlier)
        kept = _kept_in(shelf.folder)
        if kept is not None and kept.wanted == wanted:
            shelf.kept = kept
        else:
            shutil.rmtree(shelf.folder, ignore_errors=True)
        shelf.begin()
        yield shelf


def _earlier(folder: Path, wanted: ExportWanted) -> Earlier:
    manifest = _read_manifest(folder / MANIFEST)
    if replace(manifest.wanted, after=None) != replace(wanted, after=None):
        raise BadInput(
            f"{folder} is an export of other calls or in another format; an incremental one asks for the same, with "
            "the same options, or goes into a folder of its own"
        )
    known = folder / KNOWN
    if not known.exists():
        raise BadInput(f"{known} is gone, without which nobody can tell what {folder} holds; leave --incremental out")
    return Earlier(manifest, known)


def _read_manifest(file: Path) -> Manifest:
    try:
        return load_manifest(file)
    except (OSError, msgspec.MsgspecError) as error:
        raise BadInput(f"{file} cannot be read as a manifest of postcall: {error}") from None


def _kept_in(folder: Path) -> _Kept | None:
    try:
        return msgspec.json.decode((folder / _PROGRESS).read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):  # it was cut off before its first step, or is of another postcall
        return None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Held until the process ends, however it does."""
    with (folder / _LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(f"another command is exporting into {folder}") from None
        yield


def _flush(path: Path) -> None:
    """To the disk, so that what is kept outlives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
