"""The names that somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable

CLOSE = 60.0
"""Of 100: how alike two names must be before one is offered for the other."""


def nearest(given: str, known: Iterable[str], *, most: int = 3) -> tuple[str, ...]:
    """The known names most like this one, the likest first; upper and lower case, `_`, `.` and spaces are alike."""
    from rapidfuzz import process
    from rapidfuzz.fuzz import WRatio

    names = [name for name in dict.fromkeys(known) if _comparable(given[:200], name)]
    found = process.extract(given[:200], names, scorer=WRatio, processor=_folded, limit=most, score_cutoff=CLOSE)
    return tuple(name for name, _, _ in found)


def _comparable(given: str, name: str) -> bool:
    """Whether one is within the other, or most of both is alike: otherwise `nope` is like any `new place`."""
    from rapidfuzz.fuzz import token_sort_ratio

    short, long = sorted((_folded(given), _folded(name)), key=len)
    return (len(short) >= _WITHIN and short in long) or token_sort_ratio(short, long) >= _HALF


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
_HALF = 50.0
_WITHIN = 3
"""Characters: what is shorter stands within many names."""


def _folded(name: str) -> str:
    return name.casefold().replace("_", " ").replace(".", " ").strip()
