"""The names that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable

CLOSE = 60.0
"""Of 100: how alike two names must be before one is offered for the other."""


def nearest(given: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """The known names most like this one, the likest first; upper and lower case, `_`, `.` and spaces are alike."""
    from rapidfuzz import process
    from rapidfuzz.fuzz import WRatio

    names = list(dict.fromkeys(known))
    found = process.extract(given[:200], names, scorer=WRatio, processor=_folded, limit=most, score_cutoff=CLOSE)
    return tuple(name for name, _, _ in found)


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """`; did you mean a, b or c?`, or what there is where nothing is alike and there is little; else nothing."""
    names = list(dict.fromkeys(known))
    close = nearest(given, names)
    if close:
        return f"; did you mean {listed(close, 'or')}?"
    return f"; there are {listed(names, 'and')}" if names and len(names) <= _FEW else ""


def listed(names: Iterable[str], last: str) -> str:
    """`a, b and c`."""
    *before, end = list(names)
    return f"{', '.join(before)} {last} {end}" if before else end


_FEW = 30


def _folded(name: str) -> str:
    return name.casefold().replace("_", " ").replace(".", " ").strip()
