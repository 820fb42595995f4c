"""Which calls have been exported, and as what: by this an incremental export repeats nothing and misses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple


class Known(NamedTuple):
    """A call as it was exported."""

    pk: int
    digest: str
    """Of all that was said of it."""
    id: str


class Verdict(Enum):
    """What has become of a call since the export before."""

    NEW = "new"
    """Or different."""
    SAME = "same"
    GONE = "gone"


def digest_of(line: bytes) -> str:
    """64 bits: of a call and its own next state, one in 2^64 pairs would be taken for the same."""
    return blake2b(line, digest_size=8).hexdigest()


def read_known(file: Path) -> Iterator[Known]:
    """The calls of a file, in the order of their keys."""
    with file.open(encoding="utf-8", newline="\n") as lines:
        for line in lines:
            pk, digest, call_id = line.rstrip("\n").split("\t", 2)
            yield Known(int(pk), digest, call_id)


def known_line(known: Known) -> str:
    """The inverse of `read_known`, for one call; no id holds white space."""
    return f"{known.pk}\t{known.digest}\t{known.id}\n"


def compare(before: Iterable[Known], now: Iterable[Known]) -> Iterator[tuple[Verdict, Known]]:
    """Lay two lists beside each other, both in the order of their keys, in which no key stands twice.

    A key under which another call lies now is a call that is gone and a call that is new.
    """
    older = iter(before)
    old = next(older, None)
    for new in now:
        while old is not None and old.pk < new.pk:
            yield Verdict.GONE, old
            old = next(older, None)
        if old is None or old.pk != new.pk:
            yield Verdict.NEW, new
            continue
        if old.id != new.id:
            yield Verdict.GONE, old
        yield (Verdict.SAME if old[1:] == new[1:] else Verdict.NEW), new
        old = next(older, None)
    while old is not None:
        yield Verdict.GONE, old
        old = next(older, None)
