"""Which sentences of a model's answer are shown: those that a tool's result or a verified quote bears out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from zoneinfo import ZoneInfo

from postcall.analyst.cells import Cell, cells_of, fits, interval_of, paired
from postcall.analyst.claims import (
    amount_refused,
    direction_refused,
    hearsay_refused,
    language_refused,
    rests_on_order,
    significance_refused,
    superlative_refused,
)
from postcall.analyst.figures import Figure, Unit, find_figures
from postcall.analyst.harmless_words import before_spans, percentile_spans, weekday_spans
from postcall.analyst.measure_claims import before_refused, measure_refused
from postcall.analyst.mentions import find_mentions
from postcall.analyst.names_said import find_foreign_name
from postcall.analyst.periods_said import find_foreign_period, period_spans
from postcall.analyst.row_labels import Place, find_labels, pairings
from postcall.analyst.row_mentions import Labels, add_mentions
from postcall.analyst.thresholds import conditions_of, is_threshold
from postcall.domain.analysis import Asked, Citation, KnownTerm, Mention, TimeWords
from postcall.domain.calls import Transcript
from postcall.domain.queries import Bucket
from postcall.extraction.evidence import verify_quote

MAX_SENTENCE = 600
MAX_CITATIONS = 10
"""Of one sentence."""

_QUOTED = re.compile(r'"([^"]*)"')
_CURLY = str.maketrans("“”„‟«»＂", '"' * 7)
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_MARKUP = re.compile(r"[\[\]<>{}]|://|www\.", re.I)
_PUT_BEFORE = re.compile(r"(?:\b(?:hour|at|is|are|was|were|with|value|than|around|version)|=|^)\s*$", re.I)
_CLAIM = re.compile(r"(?:\S+\s+){3}\S|\d\S*\s+\S|\S\s+\S*\d")
"""Four words, or several with a digit."""
_BUCKETS = frozenset(Bucket)
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
    sources = [tuple(ground.asked[each] for each in draft.queries)]
    if not draft.queries:
        sources = [(each,) for each in reversed(list(ground.asked.values()))] or [()]
        sources.insert(0, ())
    why = ""
    for asked in sources:
        marks = _check_against(masked, asked, ground, cited=bool(citations))
        if not isinstance(marks, str):
            return Kept(_marked(text, marks, asked), citations, tuple(each.id for each in asked), item=draft.item)
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


def _check_against(text: str, asked: Sequence[Asked], ground: Ground, *, cited: bool) -> list[tuple[Figure, str]] | str:
    """The sentence's figures, each with the id of its result; or why the sentence does not hold."""
    mentions = find_mentions(text, ground.terms) if asked else ()
    labels = {each.id: _labels(text, each, mentions) for each in asked}
    places = {each.id: _row_places(labels[each.id]) for each in asked}
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
    plain = _blank(nameless, period_spans(nameless, ground.times))
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
    why = why or measure_refused(plain, figures, asked) or before_refused(plain, before, figures, asked)
    rest = _blank(text, _words_of_rows(labels.values()))
    why = why or hearsay_refused(rest, asked, cited=cited)
    if why is None and asked:
        why = find_foreign_name(rest, ground.terms, asked)
    if why is not None:
        return why
    if not cited and not marks and not rests_on_order(nameless, asked) and not (asked and _says_none(plain, asked)):
        return "it rests on no number and on no quote"
    return sorted(marks, key=lambda mark: mark[0].start)


def _labels(text: str, asked: Asked, mentions: Sequence[Mention]) -> Labels:
    labels = find_labels(text, asked.query.group_by, [row.group for row in asked.result.rows])
    named = [[[place for place in places if _names_row(text, place)] for places in row] for row in labels]
    return add_mentions(named, mentions, asked)


def _names_row(text: str, place: Place) -> bool:
    """A bare number is the name of a row only where it is put as one: `hour 9`, `9: 12 calls`."""
    if not text[place[0] : place[1]].replace(".", "").isdigit():
        return True
    return _PUT_BEFORE.search(text[: place[0]]) is not None or text[place[1] : place[1] + 1] == ":"


def _words_of_rows(labels: Iterable[Labels]) -> list[Place]:
    """Where rows are named: a row's words are what its query asks for, whatever else they may mean."""
    return [place for rows in labels for row in rows if all(row) for places in row for place in places]


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


def _row_places(labels: Sequence[Sequence[Sequence[Place]]]) -> list[tuple[Place, int]]:
    """Where rows are named: by all of their groups, at the place of the last group that is named."""
    return [
        (place, index)
        for index, columns in enumerate(labels)
        if columns and all(columns)
        for place in (columns[0] if len(columns) == 1 else [max(places[0] for places in columns)])
    ]


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


def _marked(text: str, marks: Sequence[tuple[Figure, str]], asked: Sequence[Asked]) -> str:
    """The sentence with a mark behind each number, and quotation marks around values that read like claims."""
    samples = {each.id: each for each in asked if each.id.startswith("s")}
    added = [(figure.end, f"{_interval_told(figure, samples.get(name), text)} [{name}]") for figure, name in marks]
    if not marks and asked:
        end = len(text) - 1 if text[-1] in ".!?" else len(text)
        added = [(end, "".join(f" [{each.id}]" for each in asked))]
    added += [(place, '"') for span in _talkative(text, asked) for place in span]
    for place, words in sorted(added, key=lambda each: each[0], reverse=True):
        text = text[:place] + words + text[place:]
    return text


def _talkative(text: str, asked: Sequence[Asked]) -> set[Place]:
    """Where a row is named by a value of many words, or of words with numbers, and not yet as a quotation.

    Who writes such a value might have it read like what the analyst says.
    """
    spans: set[Place] = set()
    for each in asked:
        if each.id.startswith("s"):
            continue  # the names of themes are checked where they are read
        for row, columns in zip(each.result.rows, _labels(text, each, ()), strict=True):
            for name, value, places in zip(each.query.group_by, row.group, columns, strict=True):
                if name not in _BUCKETS and isinstance(value, str) and _CLAIM.search(value):
                    spans |= {span for span in places if text[span[0] - 1 : span[0]] != '"'}
    return spans


def _interval_told(figure: Figure, sample: Asked | None, text: str) -> str:
    """How far the share of all calls may be from that of a sample, where the sentence does not say it itself."""
    found = None if sample is None else interval_of(figure, sample)
    if found is None or re.search(r"\b(?:interval|between)\b", text, re.I):
        return ""
    return f" (95 % interval {100 * found.low:.1f} % to {100 * found.high:.1f} %)"


def _blank(text: str, places: Sequence[Place]) -> str:
    for start, end in places:
        text = text[:start] + "\N{MIDDLE DOT}" * (end - start) + text[end:]
    return text
