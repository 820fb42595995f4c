"""Which words of a text were taken out and which came in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_MOST_TOKENS = 3_000
"""Comparing takes time with the square of the length; a longer text is shown as replaced between its equal ends."""


class PieceKind(StrEnum):
    """Where a piece of text stands."""

    SAME = "same"
    REMOVED = "removed"
    """Only in the older text."""
    ADDED = "added"
    """Only in the newer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row that share their fate."""

    kind: PieceKind
    text: str


def diff_words(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in reading order: without the added they are the older text, without the removed the newer."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) + len(new) > _MOST_TOKENS:
        return tuple(_ends_in_common(before, after))
    return tuple(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for same, changed in _stretches(old, new):
        if same:
            yield Piece(PieceKind.SAME, same)
        for kind, text in ((PieceKind.REMOVED, changed[0]), (PieceKind.ADDED, changed[1])):
            if text:
                yield Piece(kind, text)


def _stretches(old: list[str], new: list[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Equal words and what follows them in each text; a mere space between two changes belongs to the change."""
    same, removed, added = "", "", ""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    for at, (kind, i, j, k, m) in enumerate(codes):
        text = "".join(old[i:j])
        if kind != "equal":
            removed, added = removed + text, added + "".join(new[k:m])
        elif text.isspace() and 0 < at < len(codes) - 1:
            removed, added = removed + text, added + text
        else:
            if same or removed or added:
                yield same, (removed, added)
            same, removed, added = text, "", ""
    if same or removed or added:
        yield same, (removed, added)


def _ends_in_common(before: str, after: str) -> Iterator[Piece]:
    shorter = min(len(before), len(after))
    start = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    most = shorter - start
    end = next((back for back in range(most) if before[-1 - back] != after[-1 - back]), most)
    for kind, text in (
        (PieceKind.SAME, before[:start]),
        (PieceKind.REMOVED, before[start : len(before) - end]),
        (PieceKind.ADDED, after[start : len(after) - end]),
        (PieceKind.SAME, before[len(before) - end :]),
    ):
        if text:
            yield Piece(kind, text)
