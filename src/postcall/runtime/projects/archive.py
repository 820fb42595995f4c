"""A project's files as one zip, the same bytes for the same files, and back."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import PurePosixPath

from postcall.errors import BadInput
from postcall.runtime.projects.folder import LARGEST_FILE, LARGEST_PROJECT, MOST_FILES, counts, keep_counting

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can say: content alone makes the digest."""
_MOST_ENTRIES = 4 * MOST_FILES
"""With those that do not count."""
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The others take memory as a file demands it."""
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
"""What zipfile raises on damaged, encrypted or unheard-of content."""


def digest_of(files: Mapping[str, bytes]) -> str:
    """64 hex digits that stand for these files: their paths and contents, however they were packed."""
    hashed = hashlib.sha256()
    for file in sorted(files):
        for part in (file.encode("utf-8", "surrogatepass"), files[file]):
            hashed.update(len(part).to_bytes(8, "big"))
            hashed.update(part)
    return hashed.hexdigest()


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as a zip; the order of paths and a fixed time make it the same each time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for file in sorted(files):
            archive.writestr(_entry(file), files[file])
    return target.getvalue()


def unpack(content: bytes) -> dict[str, bytes]:
    """The files of a zip that count, or BadInput.

    A folder around all of them is taken off. Refused are paths that lead elsewhere, and content that would unpack to
    more than a project may have, whatever the zip says of its own sizes.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return keep_counting(_without_folder(_read_all(archive)))
    except _BROKEN as error:
        raise BadInput(f"the body is not a zip that can be read: {error}") from None


def _entry(file: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(file, _LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _read_all(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > _MOST_ENTRIES:
        raise BadInput(f"the zip has {len(entries):,} files; {_MOST_ENTRIES:,} are taken")
    left = LARGEST_PROJECT
    files: dict[str, bytes] = {}
    for entry in entries:
        file = _checked_path(entry.filename)
        if file in files:
            raise BadInput(f"the zip holds {file} twice")
        if not _may_count(file):
            continue
        if entry.compress_type not in _METHODS:
            raise BadInput(f"{file} is packed in a way that is not read here; deflate is")
        with archive.open(entry) as source:
            files[file] = source.read(min(LARGEST_FILE, left) + 1)
        left -= len(files[file])
        if len(files[file]) > LARGEST_FILE or left < 0:
            what = file if left >= 0 else "the project"
            most = LARGEST_FILE if left >= 0 else LARGEST_PROJECT
            raise BadInput(f"{what} unpacks to more than {most:,} bytes")
    return files


def _checked_path(name: str) -> str:
    parts = name.replace("\\", "/").split("/")
    if name.startswith("/") or ".." in parts or "\0" in name or (parts[0].endswith(":")):
        raise BadInput(f"the zip holds the path {name!r}, which leads out of it")
    return PurePosixPath(*parts).as_posix()


def _may_count(file: str) -> bool:
    """As it stands, or beneath a folder around everything."""
    return counts(file) or counts(file.partition("/")[2] or "-")


def _without_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    if "project.yaml" in files:
        return files
    tops = {file.partition("/")[0] for file in files if file.endswith("/project.yaml") and file.count("/") == 1}
    if len(tops) != 1:
        return files
    prefix = f"{tops.pop()}/"
    return {file.removeprefix(prefix): content for file, content in files.items() if file.startswith(prefix)}
