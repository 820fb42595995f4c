"""What a sentence does not say of the calls that it counts: `542 calls` of a query for booked ones is said so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from postcall.analyst.checking.figures import find_figures
from postcall.analyst.checking.thresholds import conditions_of, is_threshold
from postcall.analyst.names.mentions import find_mentions
from postcall.analyst.names.question_words import keys_of, words_of
from postcall.domain.analysis import Asked, KnownTerm
from postcall.domain.queries import All, Filter
from postcall.reporting.filter_words import part_in_words
from postcall.reporting.nearest import listed

_SAYING = re.compile(
    r"\b(?:say|says|said|saying|mention\w*|word|words|speak|speaks|spoke|spoken|talk\w*|contain\w*|comes? up|came up"
    r"|about|heard|phrase)\b",
    re.I,
)
"""Words that are said are no event: `20 calls ended with a refund` is more than `refund` being said."""
_LEAST_SAID = 3
"""Letters of a word that says a condition by itself; `is` and `a` say none."""


def tell_unsaid(text: str, asked: Asked, terms: Sequence[KnownTerm]) -> str:
    """The query's conditions that the sentence leaves out, as it may add them; empty where it speaks of all."""
    query = asked.query
    said = {word.key for word in words_of(text)}
    meant = {each.name for mention in find_mentions(text, terms) for each in (mention, *mention.others)}
    figures = find_figures(text)
    if not isinstance(figures, str) and any(is_threshold(each, text, asked) for each in figures):
        meant |= {each.field for each in conditions_of(query.filters) if isinstance(each.value, int | float)}
    unsaid = [part_in_words(part) for part in query.filters.parts if not _is_said(part, text, said, meant)]
    if query.text is not None and not (said & set(keys_of(query.text)) and _SAYING.search(text)):
        unsaid.append(f"“{query.text}” is said")
    return f" (calls where {listed(unsaid, 'and')})" if unsaid else ""


def _is_said(part: Filter, text: str, said: set[str], meant: set[str]) -> bool:
    """Whether something of it is spoken of: what exactly is held against the query elsewhere."""
    conditions = list(conditions_of(All((part,))))
    if any(condition.field in meant for condition in conditions):
        return True
    told = [each for condition in conditions for each in _told(condition.field, condition.value, *condition.values)]
    lowered = text.casefold()
    return any(value.casefold() in lowered for value in told) or bool(said & _keys(told))


def _told(name: str, *values: object) -> Iterator[str]:
    yield name.partition(".")[2]
    yield from (str(value) for value in values if isinstance(value, str | int) and not isinstance(value, bool))


def _keys(told: Sequence[str]) -> set[str]:
    return {key for each in told for key in keys_of(each) if len(key) >= _LEAST_SAID}
