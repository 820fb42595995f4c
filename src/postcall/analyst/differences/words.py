"""What differs between two sides, in sentences: only what is more than chance, the largest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from postcall.analyst.answer_parts import ITEM, NEW_LINE
from postcall.analyst.differences.contrasts import SURE, Contrast, ContrastKind
from postcall.analyst.differences.finding import Differences, Side
from postcall.analyst.telling.number_words import Unit, mark, plain, tell_value, write_chance
from postcall.analyst.telling.query_words import told
from postcall.analyst.telling.share_words import share_in_words
from postcall.domain.analysis import Asked
from postcall.reporting.filter_words import name_in_words, title_of
from postcall.reporting.nearest import listed

MOST_TOLD = 8
"""Names that get an item."""
MOST_VALUES = 2
"""Of one name."""
MOST_MIRRORS = 4
"""Names that all but say the side over again and are told with their numbers."""
MOST_DRAWN = 20
"""Values of a name that is drawn."""
CORRECTED = "Each p is corrected for the number of comparisons (Benjamini and Hochberg)."
_LENGTHS = frozenset({"field.duration", "field.turns"})

Add = Callable[[Asked], Asked]
"""Gives a query the id by which its numbers are marked."""


def difference_sentences(found: Differences, one: Side, other: Side, add: Add) -> list[str]:
    """Which sides, what differs, and what only says the sides over again."""
    first, second = add(found.one), add(found.other)
    counts = [f"{each.result.calls:,} {mark(each)} {side.says}" for each, side in ((first, one), (second, other))]
    if not first.result.calls or not second.result.calls:
        none = [f"no {says.removeprefix('0 ')}" if says.startswith("0 ") else says for says in counts]
        return [f"There is nothing to compare: there are {none[0]} and {none[1]}."]
    # How long a call takes comes of how it goes, and is the largest difference of nearly any two kinds of calls.
    lengths = [] if found.change else [each for each in found.sure if each.name in _LENGTHS]
    names = _by_name([each for each in found.sure if each not in lengths])[:MOST_TOLD]
    said = [_beginning(f"the {counts[0]}", f"the {counts[1]}", names=bool(names), lengths=bool(lengths), found=found)]
    said.extend(f"{ITEM}{_item(contrasts, add, change=found.change)}." for contrasts in names)
    if lengths:
        longer = [_item(contrasts, add, change=False, begins=False) for contrasts in _by_name(lengths)]
        said.append(f"{NEW_LINE}{'They differ in length too' if names else 'In length'}: {'; '.join(longer)}.")
    if names or lengths:
        said.append(CORRECTED)
    if found.volume_p is not None:
        said.append(_volume(found.volume_p, first, second))
    return [*said, *_mirrors(found, add)]


def telling_queries(found: Differences) -> tuple[Asked, ...]:
    """What to draw: on both sides the values of what differs most and has few enough; where only one side has them,
    this side."""
    values = [each for each in found.sure if each.kind is not ContrastKind.AVERAGE and each.asked is not None]
    for contrasts in _by_name(values):
        asked = contrasts[0].asked or ()
        if all(len(each.result.rows) <= MOST_DRAWN for each in asked):
            return asked[:1] if contrasts[0].alone else asked
    return ()


def left_uncovered(found: Differences, add: Add) -> list[str]:
    """What the comparison does not rest on."""
    reasons: dict[str, list[str]] = {}
    for each in found.left_out:
        reasons.setdefault(each.why, []).append(name_in_words(each.name))
    said = [f"not compared: {listed(names, 'and')} ({why})" for why, names in reasons.items()]
    if found.both is not None:
        count = found.both.result.calls
        said.append(
            f"{count:,} {mark(add(found.both))} {'call is' if count == 1 else 'calls are'} on both sides, "
            "and the tests take them for different ones"
        )
    return said


def _beginning(one: str, other: str, *, names: bool, lengths: bool, found: Differences) -> str:
    if found.change:
        turn = f"from {other} to {one}"
        if not names:
            return f"Nothing that is recorded changed by more than chance {turn}."
        return f"What changed by more than chance {turn}, the largest first:"
    if names:
        return f"What sets {one} apart from {other}, by more than chance and the largest first:"
    nothing = "Nothing that is recorded, but their length," if lengths else "Nothing that is recorded"
    return f"{nothing} sets {one} apart from {other} by more than chance."


def _mirrors(found: Differences, add: Add) -> list[str]:
    """What all but says the side, with its numbers, since only who knows the calls can say which follows from which."""
    said = []
    by_name = _by_name(sorted((e for e in found.separating if not e.never), key=lambda e: -abs(e.difference)))
    if by_name:
        told = [_item(mine[:1], add, change=False, begins=False, chance=False) for mine in by_name[:MOST_MIRRORS]]
        more = [mine[0].name for mine in by_name[MOST_MIRRORS:]]
        rest = f"; likewise {_names(more)}" if more else ""
        said.append(f"{NEW_LINE}All but the same split, and so not counted as a reason: {'; '.join(told)}{rest}.")
    never = [each.name for each in found.separating if each.never]
    if never:
        said.append(f"{'' if said else NEW_LINE}Only recorded of the other calls: {_names(never)}.")
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


def _item(contrasts: Sequence[Contrast], add: Add, *, change: bool, begins: bool = True, chance: bool = True) -> str:
    """`Disconnection reason is timeout in 86.8 % (118 of 136) against 0.4 % (6 of 1,364), p < 0.001 [q4] [q5]`."""
    first = contrasts[0]
    only = first.alone and first.kind is ContrastKind.SHARE
    asked = first.asked or ()
    marks = " ".join(mark(add(each)) for each in (asked[:1] if only else asked))
    title = title_of(first.name) if begins else name_in_words(first.name)
    if only:
        title += f", which only {'the later' if change else 'they'} have,"
    both = [
        _numbers(each) if only else f"{_numbers(each)}{_facing(each, change=change)}{_numbers(each, other=True)}"
        for each in contrasts
    ]
    if first.kind is ContrastKind.AVERAGE:
        says = f"is on average {both[0]}"
    elif first.kind is ContrastKind.KNOWN:
        says = f"has a value in {both[0]}"
    else:
        says = "is " + "; ".join(
            f"{told(each.value)} in {numbers}" for each, numbers in zip(contrasts, both, strict=True)
        )
    return f"{title} {says}{_chance(contrasts) if chance else ''} {marks}".rstrip()


def _chance(contrasts: Sequence[Contrast]) -> str:
    """The largest of them, which holds for each."""
    chance = write_chance(max(each.adjusted for each in contrasts))
    return f", {chance.replace('=', '≤') if len(contrasts) > 1 else chance}"


def _facing(contrast: Contrast, *, change: bool) -> str:
    if not change:
        return " against "
    return ", up from " if contrast.difference > 0 else ", down from "


def _names(names: Sequence[str]) -> str:
    return listed([name_in_words(each) for each in dict.fromkeys(names)], "and")


def _volume(chance: float, first: Asked, second: Asked) -> str:
    if chance >= SURE:
        way = "differs by no more than chance"
    else:
        way = f"{'rose' if first.result.calls > second.result.calls else 'fell'} by more than chance"
    return f"The number of calls {way} ({write_chance(chance)}) {mark(first)} {mark(second)}."


def _numbers(contrast: Contrast, *, other: bool = False) -> str:
    number = contrast.other if other else contrast.one
    if contrast.kind is not ContrastKind.AVERAGE:
        return share_in_words(number)
    seconds = contrast.name in {"field.duration", "field.latency"}
    value = tell_value(number.value, Unit.SECONDS) if seconds else plain(number.value or 0.0)
    return f"{value} ({number.n:,} {'calls' if contrast.name.startswith('field.') else 'values'})"
