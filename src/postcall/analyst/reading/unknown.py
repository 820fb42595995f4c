"""What narrows a question down and is not recorded of calls: `from Poland`, `about pizza`, `over 3 dogs`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from postcall.analyst.reading.filters import UNITS
from postcall.analyst.reading.queries import CALLS
from postcall.analyst.reading.roles import Roles
from postcall.analyst.reading.scene import Scene, left_places, taken_spans
from postcall.analyst.reading.sentences import say
from postcall.analyst.reading.words import Word
from postcall.domain.analysis import AskBack, QuestionKind, Understood

_NARROWS = re.compile(
    r"\b(?:from|about|regarding|concerning|named|called|except|excluding|besides|not|with|without)"
    r"(?: (?:the|a|an|our|my|any|some|their|new|old))*$"
)
"""Words before one that says which calls are meant."""
_PLACED = re.compile(r"\b(?:in|at|with|for|to|by|near|via|of)(?: (?:the|a|an|our))*$")
"""The same before a name, that is written with a capital."""
_SPAN = re.compile(
    r"\b(?:(?:a|an|one|half an?|\d+) (?:day|night|week|month|year)s? (?:or|and) (?:longer|more|over|shorter|less|under)"
    r"|(?:longer|shorter|more|less) than (?:a|an|one|half an?|\d+) (?:day|night|week|month|year)s?)\b"
)
"""Lengths that no call has."""


def left_numbers(scene: Scene, roles: Roles) -> tuple[str, ...]:
    """Comparisons and numbers that nothing was made of, as they are written."""
    text = scene.question.text
    lost = [" ".join([text[each.start : each.end], each.noun]).strip() for each in roles.lost]
    lost = [each for each in lost if not each.endswith((" a", " an"))]  # `did variant b book more than a`
    spans = taken_spans(scene)
    known = [(it.start, it.end) for it in scene.mentions] + [(it.start, it.end) for it in scene.numbers]
    lengths = [place for place in scene.wording.each(_SPAN) if _is_free(place.start, place.end, known)]
    lost.extend(text[place.start : place.end] for place in lengths)
    spans = [*spans, *((place.start, place.end) for place in lengths)]
    bare = (
        word
        for word in scene.wording.words
        if word.text.isdecimal() and _is_free(word.start, word.end, spans) and not _is_percentile(scene, word)
    )
    return tuple(dict.fromkeys([*lost, *(word.text for word in bare)]))


def ask_about_unknown(scene: Scene, roles: Roles, read: Understood) -> AskBack | None:
    """Asks back where the calls are narrowed down by what they do not carry; None where all of that is known.

    To answer of all the others would look like the answer. Both is offered: the search for the words, and that answer.
    """
    if scene.said is not None:
        return None
    lost = [each for each in left_numbers(scene, roles) if not each.isdecimal()]
    if lost:
        return AskBack(f"Nothing that calls carry can be compared with “{lost[0]}”.", choices=(read,))
    words = _unknown(scene)
    if words is None:
        return None
    says = f"Calls have nothing named “{words}”, so they cannot be told apart by it."
    says += " It can be searched for in what was said."
    return AskBack(says, choices=(_search(read, words), read))


def _search(read: Understood, words: str) -> Understood:
    """The calls of a reading in which the words are said, or their number where one was asked for."""
    shown = read.queries[0] if read.queries else read.calls
    assert shown is not None
    bare = replace(shown, group_by=(), order=(), having=(), limit=None, compare=False, text=words)
    if not read.queries:
        calls = replace(bare, measures=())
        return replace(read, kind=QuestionKind.SEARCH, calls=calls, says=say(QuestionKind.SEARCH, (), calls), left=())
    query = replace(bare, measures=(CALLS,))
    says = say(QuestionKind.COUNT, (query,), None)
    return replace(read, kind=QuestionKind.COUNT, queries=(query,), calls=None, says=says, left=())


def _unknown(scene: Scene) -> str | None:
    """The first words that say which calls are meant and that nothing known is called."""
    places = left_places(scene)
    text = scene.question.text
    for at, word in enumerate(places):
        before = scene.wording.between(0, word.start)
        named = text[word.start].isupper() and _PLACED.search(before) is not None
        if (named or _NARROWS.search(before)) and word.text not in UNITS:
            return text[word.start : _end(text, places[at:])]
    return None


def _end(text: str, places: Sequence[Word]) -> int:
    """Where the words end that stand side by side: `New Zealand`."""
    end = places[0].end
    for word in places[1:]:
        if text[end : word.start].strip():
            break
        end = word.end
    return end


def _is_free(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return all(end <= first or last <= start for first, last in spans)


def _is_percentile(scene: Scene, word: Word) -> bool:
    """Whether it belongs to a word for what is measured: `95 % percentile`, `one in 10`."""
    at = (scene.cues.measure_at, scene.cues.rate, scene.cues.twice)
    return any(place is not None and place.start <= word.start < place.end for place in at)
