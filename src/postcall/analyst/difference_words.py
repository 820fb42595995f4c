"""What differs between two sides, in sentences: only what is more than chance, the largest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from postcall.analyst.answer_parts import ITEM, NEW_LINE
from postcall.analyst.contrasts import SURE, Contrast, ContrastKind
from postcall.analyst.differences import Differences, Side
from postcall.analyst.number_words import Unit, mark, plain, write_chance, write_value
from postcall.analyst.query_words import told
from postcall.domain.analysis import Asked
from postcall.domain.queries import Number
from postcall.reporting.filter_words import name_in_words, title_of
from postcall.reporting.nearest import listed

MOST_TOLD = 8
"""Names that get an item."""
MOST_VALUES = 2
"""Of one name."""
CORRECTED = "Each p is corrected for the number of comparisons (Benjamini and Hochberg)."

Add = Callable[[Asked], Asked]
"""Gives a query the id by which its numbers are marked."""


def difference_sentences(found: Differences, one: Side, other: Side, add: Add) -> list[str]:
    """Which sides, what differs, and what only says the sides over again."""
    first, second = add(found.one), add(found.other)
    sizes = f"the {first.result.calls:,} {mark(first)} {one.says}"
    others = f"the {second.result.calls:,} {mark(second)} {other.says}"
    if not first.result.calls or not second.result.calls:
        return [
            f"There is nothing to compare: there are {sizes.removeprefix('the ')} and {others.removeprefix('the ')}."
        ]
    names = _by_name(found.sure)[:MOST_TOLD]
    said = []
    if names:
        said.append(f"What sets {sizes} apart from {others}, by more than chance and the largest first:")
        said.extend(ITEM + _item(contrasts, add) for contrasts in names)
        said.append(CORRECTED)
    else:
        said.append(f"Nothing that is recorded sets {sizes} apart from {others} by more than chance.")
    if found.volume_p is not None:
        said.append(_volume(found.volume_p, first, second))
    mirrors = [each.name for each in found.separating if not each.never]
    if mirrors:
        said.append(f"{NEW_LINE}Goes with the side by definition, and so explains nothing: {_names(mirrors)}.")
    never = [each.name for each in found.separating if each.never]
    if never:
        said.append(f"{'' if mirrors else NEW_LINE}Only recorded of the other calls: {_names(never)}.")
    return said


def telling_queries(found: Differences) -> tuple[Asked, ...]:
    """What to draw: on both sides the values of what differs most; where only one side has them, this side."""
    for contrasts in _by_name(found.sure):
        [first, *_] = contrasts
        if first.kind is not ContrastKind.AVERAGE and first.asked is not None:
            return first.asked[:1] if first.alone else first.asked
    return ()


def left_uncovered(found: Differences) -> list[str]:
    """What the comparison does not rest on."""
    reasons: dict[str, list[str]] = {}
    for each in found.left_out:
        reasons.setdefault(each.why, []).append(name_in_words(each.name))
    said = [f"not compared: {listed(names, 'and')} ({why})" for why, names in reasons.items()]
    if found.both:
        said.append("some calls are on both sides")
    return said


def _by_name(contrasts: Sequence[Contrast]) -> list[list[Contrast]]:
    """In the order of their largest; with what is worth telling of each."""
    by_name: dict[str, list[Contrast]] = {}
    for each in contrasts:
        by_name.setdefault(each.name, []).append(each)
    return [_telling(mine)[:MOST_VALUES] for mine in by_name.values()]


def _telling(contrasts: Sequence[Contrast]) -> list[Contrast]:
    """Not that there is a value where it is told which, and of a yes and a no only the yes; first the values that the
    first side has more often, since it is the one that is asked about."""
    values = [each.value for each in contrasts if each.kind is ContrastKind.SHARE]
    said_twice = [*([None] if values else []), *([False] if True in values else [])]
    told = [each for each in contrasts if each.value not in said_twice or each.kind is ContrastKind.AVERAGE]
    return sorted(told, key=lambda each: each.difference <= 0)


def _item(contrasts: Sequence[Contrast], add: Add) -> str:
    """`Disconnection reason is timeout in 86.8 % (118 of 136) against 0.4 % (6 of 1,364), p < 0.001 [q4] [q5].`"""
    first = contrasts[0]
    only = first.alone and first.kind is ContrastKind.SHARE
    asked = first.asked or ()
    marks = " ".join(mark(add(each)) for each in (asked[:1] if only else asked))
    chance = write_chance(max(each.adjusted for each in contrasts))
    chance = chance.replace("=", "≤") if len(contrasts) > 1 else chance
    title = f"{title_of(first.name)}, which only they have," if only else title_of(first.name)
    if first.kind is ContrastKind.AVERAGE:
        says = f"is on average {_average(first, first.one)} against {_average(first, first.other)}"
    elif first.kind is ContrastKind.KNOWN:
        says = f"has a value in {_shares(first)}"
    else:
        says = "is " + "; ".join(f"{told(each.value)} in {_shares(each, alone=only)}" for each in contrasts)
    return f"{title} {says}, {chance} {marks}."


def _names(names: Sequence[str]) -> str:
    return listed([name_in_words(each) for each in dict.fromkeys(names)], "and")


def _volume(chance: float, first: Asked, second: Asked) -> str:
    more = "more than" if chance < SURE else "no more than"
    return f"That their numbers differ is {more} chance ({write_chance(chance)}) {mark(first)} {mark(second)}."


def _shares(contrast: Contrast, *, alone: bool = False) -> str:
    return _share(contrast.one) if alone else f"{_share(contrast.one)} against {_share(contrast.other)}"


def _share(number: Number) -> str:
    return f"{write_value(number.value, Unit.SHARE)} ({number.count or 0:,} of {number.n:,})"


def _average(contrast: Contrast, number: Number) -> str:
    seconds = contrast.name in {"field.duration", "field.latency"}
    value = write_value(number.value, Unit.SECONDS) if seconds else plain(number.value or 0.0)
    return f"{value} (of {number.n:,})"
