"""Whether words that say how many hold: `most`, `all`, `none`, `at least 12`, `12 % of bookings`, `book or price`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from postcall.analyst.checking.cells import Cell, Role, cells_of, fits, main_numbers
from postcall.analyst.checking.figures import Figure, Unit
from postcall.analyst.checking.row_labels import Place
from postcall.analyst.checking.thresholds import conditions_of
from postcall.domain.analysis import Asked
from postcall.domain.queries import MeasureKind, Operator

_DOT = "\N{MIDDLE DOT}"
_SUPERLATIVE = re.compile(r"\b(?:the |by far |is |are )*most (?:common|frequent|often|likely|recent)(?:ly)?\b", re.I)
_ALL_OF = re.compile(
    r"\b(?:of |among |from |in |across |over )all (?:the |these |those )?(?=\d)|\bin all\b|\b(?:no longer|not only)\b"
    r"|\bno (?:known )?(?:value|answer|entry)\b|\b(?:of|among|across) all (?:the )?(?:calls|conversations|callers)\b"
    r"|\bonly (?:about |in |for )*(?=\d)|\ball (?:the )?(?:calls|conversations) (?:together|combined)\b",
    re.I,
)
_NONE = re.compile(r"\b(?:no|none|nobody|no one|zero)\b", re.I)
_MAJORITY = re.compile(r"\b(?:most|majority|mostly|mainly|largely)\b", re.I)
_EVERY = re.compile(r"\b(?:all|every|everyone|everybody|always|entirely|without exception)\b", re.I)
_COMPARED = re.compile(r"\b(?:more|less) often\b|\b(?:fewer|less|more)\b(?=[^.;]*\bthan\b)", re.I)
_VAGUE = re.compile(
    r"\b(?:minority|many|few|fewer|several|often|rarely|seldom|usually|typical|typically|generally|never|any|some|nearly"
    r"|almost|hardly|barely|frequently|commonly|sometimes|lots?|plenty|numerous|only)\b",
    re.I,
)
_BOUND = re.compile(
    r"(?P<up>\b(?:more than|over|above|at least|no (?:less|fewer) than|upwards of|exceed\w*|beyond)"
    r"|\b(?:less than|fewer than|under|below|at most|up to|no more than|within))\s*(?:the )?$",
    re.I,
)
_OR_MORE = re.compile(r"\s*(?:or|and) (?:more|less|fewer|longer|shorter|over|above|below|under)\b", re.I)
_MORE_BY = re.compile(
    r"\s*(?:more|less|fewer|higher|lower|longer|shorter|better|worse|of (?:the )?(?:rise|fall))\b", re.I
)
_NOT = re.compile(
    r"\b(?:not|never|without|except|excluding|neither|nor|cannot|fail(?:s|ed|ing)? to|other than|apart from|instead of"
    r"|rather than|unable|\w+n't)\b",
    re.I,
)
_HARMLESS_NOT = re.compile(
    rf"\bnot (?:statistically )?signif\w+|\bnot (?=\d|only\b)|\b(?:is|are|was|were) not known\b"
    rf"|\bnot (?:asked|known|answered|recorded)\b|\bwithout an? (?:value|answer)\b|\bno{_DOT}+",
    re.I,
)
_OF_WHOM = re.compile(
    r"\s*(?:of|among|across|from) (?:(?:all|the|these|those|our|your|such|them|it|time|\d[\d,]*) ?)*"
    rf"(?:(?:(?!(?:is|are|was|were|had|have) )[\w-]+ ){{0,2}}?(?:calls?|callers?|conversations?|chats?"
    rf"|users?|customers?|people|cases|{_DOT}+)|$|[.,;:)]"
    r"|is\b|are\b|was\b|were\b|had\b|have\b|in\b|ended\b|took\b|came\b)",
    re.I,
)
_OF = re.compile(r"\s*(?:of|among)\b", re.I)
_PERCENTILES = frozenset({MeasureKind.P50, MeasureKind.P90, MeasureKind.P95, MeasureKind.P99})
_DENYING = frozenset({Operator.NE, Operator.NOT_IN, Operator.NOT_CONTAINS, Operator.NOT_EXISTS})


def amount_refused(text: str, figures: Sequence[Figure], asked: Sequence[Asked]) -> str | None:
    """Why an amount in words does not hold; None where it does, or there is none."""
    plain = text
    for harmless in (_SUPERLATIVE, _ALL_OF, _COMPARED):
        plain = harmless.sub(lambda found: " " * len(found.group()), plain)
    none = _NONE.search(plain)
    if none is not None:
        empty = any(each.result.calls == 0 or any(n == 0 for _, n in main_numbers(each)) for each in asked)
        return None if empty else f"{none.group()!r}: no result says that there are none"
    every = _EVERY.search(plain)
    if every is not None and not any(_is_all(each, every, plain, asked) for each in figures):
        return f"{every.group()!r}: no result says that it is so of all"
    majority = _MAJORITY.search(re.sub(r"\bat most\b", " ", plain, flags=re.I))
    if majority is not None and not any(_is_majority(each, asked) for each in figures):
        return f"{majority.group()!r}: neither a share above 50 % nor more than half of the calls stands beside it"
    vague = _VAGUE.search(plain)
    return None if vague is None else f"{vague.group()!r}: say how many, as a tool returned it"


def bound_refused(text: str, figures: Sequence[Figure], asked: Sequence[Asked]) -> str | None:
    """Why a number cannot be a bound, as in `at least 12`, `12 or more`, or a difference, as in `12 % more calls`.

    What the tools return is the number itself; an end of an interval, a percentile, and the least or most are bounds.
    """
    kinds = {measure.kind for each in asked for measure in each.query.measures}
    cells = [cell for each in asked for cell in cells_of(each)]
    mains = [figure for figure in figures if _roles(figure, cells, text) & {Role.MAIN}]
    for figure in figures:
        bound = _BOUND.search(text[: figure.start])
        roles = _roles(figure, cells, text)
        said = text[bound.start() if bound else figure.start : figure.end]
        if (bound or _OR_MORE.match(text, figure.end)) and not roles & {Role.BOUND} and not kinds & _PERCENTILES:
            fits_kind = bound is not None and (MeasureKind.MIN if bound["up"] else MeasureKind.MAX) in kinds
            is_second = bound is not None and figure in mains[1:]
            if not fits_kind and not is_second:
                return f"{said!r}: the result says just how many"
        if figure.unit is Unit.PERCENT and _MORE_BY.match(text, figure.end):
            return f"{said!r}: the result holds a share, and no difference in percent"
    return None


def denied_refused(text: str, asked: Sequence[Asked]) -> str | None:
    """Why a sentence with `not` does not hold: no query asks for the opposite. `text` has dots where rows are named."""
    found = _NOT.search(_HARMLESS_NOT.sub(" ", text))
    if found is None or not asked or any(_denies(each) for each in asked):
        return None
    return f"{found.group()!r}: no query that the sentence names asks for the opposite"


def denominator_refused(text: str, figures: Sequence[Figure], asked: Sequence[Asked]) -> str | None:
    """Why a share is of something else: `45 % of bookings` where calls were counted. `text` has dots for rows and names
    that the queries filter by."""
    if any(each.id.startswith("s") for each in asked):
        return None
    for figure in figures:
        shares = figure.unit is Unit.PERCENT and _OF.match(text, figure.end)
        if shares and not _OF_WHOM.match(text, figure.end):
            return f"{text[figure.start : figure.end + 20]!r}: the share is of calls"
    return None


def joined_refused(
    text: str, figures: Sequence[Figure], places: Mapping[str, Sequence[tuple[Place, int]]]
) -> str | None:
    """Why one number cannot be that of two rows together: `252 were about booking or price`."""
    rows = sorted({place: row for named in places.values() for place, row in named}.items())
    for ((_, end), first), ((start, _), second) in pairwise(rows):
        between = text[end:start]
        if first == second or not re.fullmatch(r"\W*(?:or|and|and/or|plus|together with|as well as)?\W*", between):
            continue
        if figures and len(figures) < len({row for _, row in rows}):
            return "one number for several rows: each row needs its own"
    return None


def _roles(figure: Figure, cells: Sequence[Cell], text: str) -> set[Role]:
    return {cell.role for cell in cells if fits(figure, cell, text)}


def _is_all(figure: Figure, every: re.Match[str], text: str, asked: Sequence[Asked]) -> bool:
    if figure.unit is Unit.PERCENT:
        return figure.value == 100
    beside = every.end() <= figure.start and not re.search(r"\w", text[every.end() : figure.start].replace("the", ""))
    return beside and figure.value in {each.result.calls for each in asked}


def _is_majority(figure: Figure, asked: Sequence[Asked]) -> bool:
    if figure.unit is Unit.PERCENT:
        return figure.value > 50
    counted = (each for each in asked if any(measure.of is None for measure in each.query.measures))
    return figure.unit is Unit.NONE and any(
        0 < each.result.calls < 2 * figure.value and figure.value <= each.result.calls for each in counted
    )


def _denies(asked: Asked) -> bool:
    query = asked.query
    conditions = [(each.op, each.value) for each in conditions_of(query.filters)]
    wanted = [measure.value for measure in query.measures if measure.kind is MeasureKind.RATE]
    labels = [value for row in asked.result.rows for value in row.group]
    return (
        "Not(" in repr(query.filters)
        or any(op in _DENYING or value is False for op, value in conditions)
        or any(value is False or value is None for value in (*wanted, *labels))
    )
