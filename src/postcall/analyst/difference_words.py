"""What differs between two sides, in sentences: only what is more than chance, the largest first."""

from __future__ import annotations

from collections.abc import Callable

from postcall.analyst.contrasts import SURE, Contrast, ContrastKind
from postcall.analyst.differences import Differences, Side
from postcall.analyst.number_words import Unit, mark, plain, write_chance, write_value
from postcall.analyst.query_words import told
from postcall.domain.analysis import Asked
from postcall.domain.queries import Number
from postcall.reporting.filter_words import name_in_words, title_of

MOST_TOLD = 8
"""Differences that get a sentence."""

Add = Callable[[Asked], Asked]
"""Gives a query the id by which its numbers are marked."""


def difference_sentences(found: Differences, one: Side, other: Side, add: Add) -> list[str]:
    """The sizes, then what differs."""
    first, second = add(found.one), add(found.other)
    said = [
        f"Compared are {first.result.calls:,} {mark(first)} {one.says} with"
        f" {second.result.calls:,} {mark(second)} {other.says}."
    ]
    if found.volume_p is not None:
        said.append(
            f"That there are more or fewer of them is {'more than' if found.volume_p < SURE else 'no more than'}"
            f" chance ({write_chance(found.volume_p)}) {mark(first)} {mark(second)}."
        )
    if not found.sure:
        return [*said, "Nothing that was compared differs by more than chance."]
    return [*said, *(_contrast_sentence(each, add) for each in found.sure[:MOST_TOLD])]


def left_uncovered(found: Differences) -> list[str]:
    """What the comparison does not rest on."""
    said = [f"{name_in_words(each.name)} was not compared: {each.why}" for each in found.left_out]
    names = list(dict.fromkeys(name_in_words(each.name) for each in found.separating))
    if names:
        said.append(f"{', '.join(names)}: that goes with the side itself, and so explains nothing")
    if found.both:
        said.append("some calls are on both sides")
    if found.found:
        said.append("the chances (p) are adjusted for all that was compared, after Benjamini and Hochberg")
    return said


def _contrast_sentence(contrast: Contrast, add: Add) -> str:
    """First the one side, then the other."""
    marks = " ".join(mark(add(each)) for each in contrast.asked or ())
    return (
        f"{_subject(contrast)}: {_number(contrast, contrast.one)} against {_number(contrast, contrast.other)}"
        f" ({contrast.size} effect, {write_chance(contrast.adjusted)}) {marks}."
    )


def _subject(contrast: Contrast) -> str:
    if contrast.kind is ContrastKind.AVERAGE:
        return f"Average {name_in_words(contrast.name)}"
    name = title_of(contrast.name)
    if contrast.kind is ContrastKind.KNOWN:
        return f"{name} has a value"
    return f"{name} is {told(contrast.value)}"


def _number(contrast: Contrast, number: Number) -> str:
    if contrast.kind is ContrastKind.AVERAGE:
        seconds = contrast.name in {"field.duration", "field.latency"}
        return write_value(number.value, Unit.SECONDS) if seconds else plain(number.value or 0.0)
    of = f" ({number.count:,} of {number.n:,})" if number.count is not None else ""
    return f"{write_value(number.value, Unit.SHARE)}{of}"
