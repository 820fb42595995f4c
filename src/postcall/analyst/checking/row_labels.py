"""Where a sentence names the rows of a result, so that a number is not told of another row than its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from postcall.analyst.checking.figures import Figure
from postcall.analyst.telling.call_words import LANGUAGES
from postcall.domain.queries import Bucket, GroupValue

Place = tuple[int, int]

_LONG = 2
"""A shorter label must stand as it is written."""


def spellings(name: str, value: GroupValue) -> tuple[str, ...]:
    """How a sentence may name a value of a group, in lower case; what is not among them names no row."""
    if value is None:
        return ("unknown", "no value", "none given", "not known")
    if isinstance(value, bool):
        return ("true", "yes") if value else ("false", "no", "not")
    text = str(int(value) if isinstance(value, float) and value.is_integer() else value).casefold()
    if name in set(Bucket) and name != Bucket.HOUR:
        return _days(text, month=name == Bucket.MONTH)
    plain = re.sub(r"[_\-\s]+", " ", text).strip()
    found = [text, plain]
    if name == "field.language" or name.endswith("LANGUAGE"):
        found += [LANGUAGES[text].lower()] if text in LANGUAGES else []
    if name == "field.hour":
        found += [f"{text}:00", f"{int(text):02d}:00", f"{text} o'clock"]
    return tuple(dict.fromkeys(each for each in found if each))


def find_labels(text: str, names: Sequence[str], groups: Sequence[tuple[GroupValue, ...]]) -> list[list[list[Place]]]:
    """For each row and each of its groups the places where the sentence names it; longer names first take theirs."""
    wanted = sorted(
        {
            (spelled, column, group[column])
            for group in groups
            for column in range(len(names))
            for spelled in spellings(names[column], group[column])
        },
        key=lambda each: (-len(each[0]), each[0], each[1], str(each[2])),
    )
    taken: list[Place] = []
    places: dict[tuple[int, GroupValue, str], list[Place]] = {}
    lowered = text.casefold() if len(text.casefold()) == len(text) else text.lower()
    for spelled, column, value in wanted:
        for found in re.finditer(_whole(spelled), lowered):
            place = found.span()
            if any(place[0] < end and start < place[1] and place != (start, end) for start, end in taken):
                continue
            taken.append(place)
            places.setdefault((column, value, type(value).__name__), []).append(place)
    return [
        [places.get((column, group[column], type(group[column]).__name__), []) for column in range(len(names))]
        for group in groups
    ]


def pairings(figures: Sequence[Figure], labels: Sequence[tuple[Place, int]]) -> list[list[int]]:
    """The ways in which a reader may put numbers and rows together: each a row for every figure, in their order.

    Either each number belongs to the label before it, or each to the one behind it, or, where there are as many of
    both, they go in turn. A sentence is told right only if one of these holds for all of its numbers.
    """
    ordered = sorted(labels)
    if not ordered:
        return []
    ways = [[_before(figure, ordered) for figure in figures], [_behind(figure, ordered) for figure in figures]]
    if len(ordered) == len(figures):
        ways.insert(0, [row for _, row in ordered])
    return ways


def _before(figure: Figure, labels: Sequence[tuple[Place, int]]) -> int:
    earlier = [row for (start, _), row in labels if start <= figure.start]
    return earlier[-1] if earlier else labels[0][1]


def _behind(figure: Figure, labels: Sequence[tuple[Place, int]]) -> int:
    later = [row for (start, _), row in labels if start >= figure.start]
    return later[0] if later else labels[-1][1]


def _whole(spelled: str) -> str:
    body = r"[\s_\-]+".join(re.escape(part) for part in spelled.split(" "))
    plural = "s?" if len(spelled) > _LONG and spelled[-1:].isalpha() else ""
    return rf"(?<![\w.,]){body}{plural}(?![\w])(?![.,]\d)"


def _days(text: str, *, month: bool) -> tuple[str, ...]:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return (text,)
    name, short = f"{day:%B}".lower(), f"{day:%b}".lower()
    if month:
        return (f"{name} {day.year}", f"{day:%Y-%m}", name, text)
    written = [f"{day.day} {each}" for each in (name, short)] + [f"{each} {day.day}" for each in (name, short)]
    return (*(f"{each}{end}" for each in written for end in (f" {day.year}", f", {day.year}", "")), text)
