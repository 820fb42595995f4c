"""Which sentences of a model's answer are shown: those that a tool's result or a verified quote bears out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from zoneinfo import ZoneInfo

from postcall.analyst.checking.amount_claims import (
    amount_refused,
    bound_refused,
    denied_refused,
    denominator_refused,
    joined_refused,
)
from postcall.analyst.checking.cells import Cell, cells_of, fits, paired
from postcall.analyst.checking.claims import (
    direction_refused,
    hearsay_refused,
    language_refused,
    rests_on_order,
    significance_refused,
    superlative_refused,
    without_order,
)
from postcall.analyst.checking.figures import Figure, Unit, find_figures
from postcall.analyst.checking.harmless_words import before_spans, percentile_spans, weekday_spans
from postcall.analyst.checking.marking import mark_sentence
from postcall.analyst.checking.measure_claims import before_refused, extreme_refused, measure_refused
from postcall.analyst.checking.names_said import find_foreign_name
from postcall.analyst.checking.periods_said import find_foreign_period, period_spans
from postcall.analyst.checking.quote_claims import turned_refused, without_quoted_words
from postcall.analyst.checking.row_labels import Place, pairings
from postcall.analyst.checking.row_mentions import labels_in, row_places, words_of_rows
from postcall.analyst.checking.thresholds import conditions_of, is_threshold
from postcall.analyst.checking.unfounded_words import word_refused
from postcall.analyst.checking.unsaid_conditions import tell_unsaid
from postcall.analyst.names.mentions import find_mentions
from postcall.domain.analysis import Asked, Citation, KnownTerm, TimeWords
from postcall.domain.calls import Transcript
from postcall.extraction.evidence import verify_quote

MAX_SENTENCE = 600
MAX_CITATIONS = 10
"""Of one sentence."""

_QUOTED = re.compile(r'"([^"]*)"')
_CURLY = str.maketrans("“”„‟«»＂", '"' * 7)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_MARKUP = re.compile(r"[\[\]<>{}]|://|www\.", re.I)
_OF = re.compile(r"^\s*(?:\w+\s+)?(?:out )?of (?:all )?(?:the |these |those )?$", re.I)


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence as the model wrote it."""

    text: str
    """Without marks."""
    queries: tuple[str, ...] = ()
    """Ids of the results that it says it rests on."""
    citations: tuple[Citation, ...] = ()
    item: bool = False
    """Whether it is an item of a list."""


@dataclass(frozen=True, slots=True)
class Ground:
    """All that an answer may rest on."""

    asked: Mapping[str, Asked]
    """What the tools returned, by the id that the model was told."""
    said: Mapping[str, Transcript]
    """The cited calls that there are and that may be seen, by id."""
    times: Callable[[str], TimeWords]
    """What a sentence says of time."""
    zone: ZoneInfo
    terms: Sequence[KnownTerm] = ()
    """The names that a sentence may speak of."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence that may be shown."""

    text: str
    """Each number in it is marked, as in `412 [q1]`."""
    citations: tuple[Citation, ...] = ()
    """With the words as they stand in the turn."""
    queries: tuple[str, ...] = ()
    item: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """A sentence that may not."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of an answer."""

    kept: tuple[Kept, ...] = ()
    dropped: tuple[Dropped, ...] = field(default=())


def check_answer(drafts: Sequence[Draft], ground: Ground) -> Checked:
    """Each sentence by itself: one that is not borne out does not cost the others."""
    found = [check_sentence(draft, ground) for draft in drafts]
    return Checked(
        tuple(each for each in found if isinstance(each, Kept)),
        tuple(each for each in found if isinstance(each, Dropped)),
    )


def check_sentence(draft: Draft, ground: Ground) -> Kept | Dropped:
    """The sentence with its marks, or why it is not shown.

    Each of its numbers must be one that a result of `draft.queries` holds, told of the row that it is of, in digits;
    each citation's quote must stand in its turn. A sentence with neither is not shown: nobody could check it.
    """
    text = " ".join(_UNSEEN.sub(" ", draft.text).translate(_CURLY).split())
    if not text or len(text) > MAX_SENTENCE:
        return Dropped(text[:MAX_SENTENCE], "a sentence has 1 to 600 characters")
    if _MARKUP.search(text):
        return Dropped(text, "a sentence holds no brackets and no addresses; name its calls in `citations`")
    unknown = [each for each in draft.queries if each not in ground.asked]
    if unknown:
        return Dropped(text, f"no tool returned {unknown[0]}")
    citations = _verify(draft.citations, ground)
    if isinstance(citations, str):
        return Dropped(text, citations)
    masked = _mask_quotes(text, citations, ground, draft.queries)
    if masked is None:
        return Dropped(text, "words in quotation marks must stand in a turn that the sentence cites")
    turned = turned_refused(masked, citations, ground.said)
    if turned is not None:
        return Dropped(text, turned)
    sources = [tuple(ground.asked[each] for each in draft.queries)]
    if not draft.queries:
        sources = [(each,) for each in reversed(list(ground.asked.values()))] or [()]
        sources.insert(0, ())
    why = ""
    for asked in sources:
        marks = _check_against(masked, asked, ground, citations)
        if citations and not draft.queries and marks == []:
            asked = ()  # only its quotes bear it out, and no result that happens to be there
            marks = _check_against(masked, asked, ground, citations)
        if not isinstance(marks, str):
            unsaid = tell_unsaid(text, asked[0], ground.terms) if len(asked) == 1 and not citations else ""
            return Kept(
                mark_sentence(text, marks, asked, unsaid), citations, tuple(each.id for each in asked), draft.item
            )
        why = why or marks
    return Dropped(text, why)


def _verify(citations: Sequence[Citation], ground: Ground) -> tuple[Citation, ...] | str:
    verified = []
    for each in citations[:MAX_CITATIONS]:
        transcript = ground.said.get(each.call)
        if transcript is None:
            return f"there is no call {each.call[:100]!r}"
        evidence = verify_quote(each.quote, each.turn, transcript)
        if evidence is None:
            return f"turn {each.turn} of call {each.call} does not say {each.quote[:100]!r}"
        verified.append(Citation(each.call, each.turn, evidence.quote))
    return tuple(verified)


def _mask_quotes(text: str, citations: Sequence[Citation], ground: Ground, queries: Sequence[str]) -> str | None:
    """The text with blanks for what is quoted; None where a quote is nobody's."""
    masked = text
    for quoted in _QUOTED.finditer(text):
        words = quoted.group(1).strip().rstrip(".,!?")
        said = any(verify_quote(words, each.turn, ground.said[each.call]) is not None for each in citations)
        if said:
            masked = _blank(masked, [quoted.span()])
        elif not any(_names(ground.asked[each], words) for each in queries):
            return None
    return masked


def _names(asked: Asked, words: str) -> bool:
    """Whether quoted words are a value of a result's rows or filters."""
    values = {str(value).casefold() for row in asked.result.rows for value in row.group if value is not None}
    values |= {
        str(value).casefold() for each in conditions_of(asked.query.filters) for value in (each.value, *each.values)
    }
    return words.casefold() in values or words.casefold() == (asked.query.text or "").casefold()


def _check_against(
    text: str, asked: Sequence[Asked], ground: Ground, citations: Sequence[Citation]
) -> list[tuple[Figure, str]] | str:
    """The sentence's figures, each with the id of its result; or why the sentence does not hold."""
    cited = bool(citations)
    quoted = " ".join(each.quote for each in citations)
    mentions = find_mentions(text, ground.terms) if asked else ()
    labels = {each.id: labels_in(text, each, mentions) for each in asked}
    places = {each.id: row_places(labels[each.id]) for each in asked}
    named = [place for rows in labels.values() for row in rows for row_places in row for place in row_places]
    for each in asked:
        weekdays = weekday_spans(text, each, places[each.id])
        if isinstance(weekdays, str):
            return weekdays
        named += weekdays
    before = before_spans(text, asked)
    named += [*percentile_spans(text, asked), *before]
    nameless = _blank(text, named)
    foreign = find_foreign_period(nameless, ground.times, [each.query for each in asked], ground.zone)
    if foreign is not None:
        return foreign
    if not asked and ground.times(nameless).bucket is not None:
        return "how often something happens must rest on a result"
    plain = without_quoted_words(_blank(nameless, period_spans(nameless, ground.times)), citations)
    figures = find_figures(plain)
    if isinstance(figures, str):
        return figures
    figures = tuple(each for each in figures if not any(is_threshold(each, plain, one) for one in asked))
    marks: list[tuple[Figure, str]] = []
    for each in asked:
        own = _told_of(figures, plain, each, places[each.id])
        marks += [(figure, each.id) for figure in own if figure not in {known for known, _ in marks}]
    missing = [figure for figure in figures if figure not in {known for known, _ in marks}]
    if missing:
        said = plain[missing[0].start : missing[0].end]
        return f"no result that the sentence names says {said!r} of this"
    why = (
        language_refused(plain)
        or _claims_refused(plain, nameless, figures, asked, places)
        or _wrong_pair(plain, figures, asked)
    )
    why = why or bound_refused(plain, figures, asked) or joined_refused(plain, figures, places)
    why = why or extreme_refused(plain, figures, asked)
    why = why or measure_refused(plain, figures, asked) or before_refused(plain, before, figures, asked)
    rest = _blank(text, words_of_rows(labels.values()))
    why = why or hearsay_refused(rest, asked, cited=cited) or denied_refused(_blank(rest, before), asked)
    why = why or denominator_refused(rest, figures, asked)
    if why is None and asked:
        why = find_foreign_name(without_order(rest), ground.terms, asked)
        told = _blank(plain, [(each.start, each.end) for each in figures])
        why = why or word_refused(told, asked, ground.terms, rows=words_of_rows(labels.values()), quoted=quoted)
    if why is not None:
        return why
    if not cited and not marks and not rests_on_order(nameless, asked) and not (asked and _says_none(plain, asked)):
        return "it rests on no number and on no quote"
    return sorted(marks, key=lambda mark: mark[0].start)


def _told_of(
    figures: Sequence[Figure], text: str, asked: Asked, places: Sequence[tuple[Place, int]]
) -> tuple[Figure, ...]:
    """The figures that are numbers of this result, told of the right rows."""
    cells = cells_of(asked)
    fitting = {figure: [cell for cell in cells if fits(figure, cell, text)] for figure in figures}
    total = [figure for figure in figures if any(cell.row is None for cell in fitting[figure])]
    if not asked.query.group_by:
        return tuple(figure for figure in figures if fitting[figure])
    grouped = [figure for figure in figures if fitting[figure] and figure not in total]
    for rows in pairings(grouped, places):
        if all(_is_of(fitting[figure], row) for figure, row in zip(grouped, rows, strict=True)):
            return (*total, *grouped)
    return tuple(total)


def _is_of(cells: Sequence[Cell], row: int) -> bool:
    return any(cell.row == row for cell in cells)


def _claims_refused(
    text: str,
    timed: str,
    figures: Sequence[Figure],
    asked: Sequence[Asked],
    places: Mapping[str, Sequence[tuple[Place, int]]],
) -> str | None:
    """`timed` has the words of time still, such as `busiest day`."""
    refused = amount_refused(text, figures, asked) or significance_refused(text, asked)
    for each in asked:
        rows = [(start, row) for (start, _), row in places[each.id]]
        refused = refused or superlative_refused(timed, each, rows)
    if refused is None and asked:
        ways = [direction_refused(timed, each, [(start, row) for (start, _), row in places[each.id]]) for each in asked]
        refused = None if None in ways else ways[0]
    return refused


def _wrong_pair(text: str, figures: Sequence[Figure], asked: Sequence[Asked]) -> str | None:
    """`412 of 1,000` must be a numerator and its own denominator."""
    pairs = {pair for each in asked for pair in paired(each)}
    for first, second in pairwise(figures):
        together = first.unit is Unit.NONE and second.unit is Unit.NONE and _OF.match(text[first.end : second.start])
        if together and (first.value, second.value) not in pairs:
            return f"no result has {text[first.start : second.end]!r} together"
    return None


def _says_none(text: str, asked: Sequence[Asked]) -> bool:
    return re.search(r"\b(?:no|none|nobody)\b", text, re.I) is not None and all(e.result.calls == 0 for e in asked)


def _blank(text: str, places: Sequence[Place]) -> str:
    for start, end in places:
        text = text[:start] + "\N{MIDDLE DOT}" * (end - start) + text[end:]
    return text
