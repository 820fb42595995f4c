"""Proper names of businesses, people, places and works, by their capitals and by the words before them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from postcall.extraction.builtin.dates import MONTHS, WEEKDAYS
from postcall.extraction.builtin.text import words

_CAPITAL = r"(?:[A-Z0-9][\w&'’.-]*[\w!]|[A-Z]\.(?=\s[A-Z])|[A-Z0-9](?!\w))"
_LINK = r"(?:of|the|and|by|de|la|las|los|du|del|&|vs\.?|-|’n|'n)"
_PROPER = re.compile(
    rf"(?<![\w'’])(?:(?:Dr|Mr|Mrs|Ms|St)\.?\s+)?{_CAPITAL}(?:\s+(?:{_LINK}\s+){{0,2}}{_CAPITAL})*(?:,\s(?:M\.?D|"
    rf"D\.?D\.?S|PhD|DO|Inc)\b\.?)?"
)
_PLACED = re.compile(
    r"\b(?:locat\w+|situated|happening|held|play(?:s|ing)|tak(?:es|ing) place|address|venue|find (?:them|it)|"
    r"cinema|theat(?:er|re))(?: (?:is|are|of|for|it|them|will|be|\w+)){0,3} "
    r"(?:at|is|on|in)(?: the)?\s*$"
)
_BOUND = re.compile(
    r"\b(?:arriv\w+ (?:in|at)|destination(?: (?:city|address|point))?(?: is| of| as|:| will be| would be)?|bound "
    r"for|headed (?:for|to)|(?:going|travel\w*|trip|ride|cab|flight|bus|train|drive|go|get|take me|"
    r"flying|fly|head\w*) (?:\w+ )?to|towards)(?: the)?\s*$"
)
_QUOTED = re.compile(r"(?<!\w)[‘'“\"](?P<name>[^'’”\"]{2,60})[’'”\"](?!\w)")
_ADDRESS = re.compile(
    r"\b\d{1,5}[A-Z]?(?:\s+(?:[A-Z][\w.'-]*|\d+(?:st|nd|rd|th)|of|the|de|la)){1,6}(?:,?\s+(?:#\s?\w+|(?:Suite|"
    r"Unit|Apt|No)\.?\s?#?\w+))?"
)
_COMMON = frozenset(
    words(
        """i i'd i'll i'm i've a an the your you yes no ok okay great sure please thank thanks is it its it's
    he she they
    we our my there here this that these those what which when where who how why would could can may shall should
    will do does did are was were have has had let just so and but or for at in on to from with of by if hi hello
    good perfect excellent alright sorry unfortunately also then now book booking confirm confirmed reservation
    appointment tickets ticket am pm found some any all another next only not nope yeah hey wow sounds looks
    apologies transfer send buy purchase reserve schedule search find get give show tell check make pick take look
    need want your you're you'd you've january february march april may june july august september october november
    december monday tuesday wednesday thursday friday saturday sunday us usd uber lyft about how's that's what's i’d
    i’m i’ve how how about right well absolutely certainly of course congratulations enjoy have dollars price total
    cost reserving scheduling making checking"""
    )
) - {"in", "on", "at"}
_AT_START = frozenset(["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
_TRIM = frozenset(["in", "on", "at", "to", "from", "by", "for", "with", "of", "the", "a", "an", "is", "and", "or"])


@dataclass(frozen=True, slots=True)
class Thing:
    """A proper name and the word that leads to it."""

    value: str
    start: int
    end: int
    lead: str
    """The preposition or verb before it, in small letters; empty at the start of a sentence."""


def find_things(text: str) -> Iterator[Thing]:
    """Names in the order in which they stand; the first word of a sentence only with other capitals."""
    for match in _QUOTED.finditer(text):
        yield Thing(match["name"], match.start("name"), match.end("name"), _lead(text, match.start()))
    for match in _PROPER.finditer(text):
        trimmed = _trim(text, match.start(), match.end())
        if trimmed:
            start, end = trimmed
            yield Thing(text[start:end], start, end, _lead(text, start))


def find_addresses(text: str) -> Iterator[Thing]:
    """Street addresses that begin with a number."""
    for match in _ADDRESS.finditer(text):
        value = re.split(r"(?<=[a-z]{4})\.\s", match.group())[0].rstrip(" .,")
        if not re.fullmatch(r"\d+\s+(?:AM|PM|A|I)", value):
            yield Thing(value, match.start(), match.start() + len(value), _lead(text, match.start()))


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Without common words, dates and numbers at its ends; None where nothing is left."""
    words = [
        (match.group(), start + match.start(), start + match.end()) for match in re.finditer(r"\S+", text[start:end])
    ]
    while words and _is_common(words[0][0], first=_begins_sentence(text, words[0][1])):
        words.pop(0)
    while words and (_is_common(words[-1][0], first=False) or words[-1][0].lower() in _TRIM):
        words.pop()
    if not words or not any(char.isalpha() for word, _, _ in words for char in word):
        return None
    last = words[-1][2]
    while (
        last > words[0][1]
        and text[last - 1] in ".,;:"
        and not re.search(r"\b(?:M\.D|D\.D\.S|Jr|Sr|Inc)\.$", text[:last])
    ):
        last -= 1
    return (words[0][1], last) if last - words[0][1] > 1 else None


def _is_common(word: str, *, first: bool) -> bool:
    bare = word.strip(".,!?'’").lower()
    if len(word) == 2 and word.isupper() and word.isalpha() and word not in ("AM", "PM", "OK", "US"):
        return False
    if (
        bare in _COMMON
        or bare in MONTHS
        or bare in WEEKDAYS
        or re.fullmatch(r"\d+(?:st|nd|rd|th|am|pm)?|\d{1,2}:\d\d", bare)
    ):
        return not (bare.isdigit() and not first)
    return first and (bare in _TRIM or bare in _AT_START)


def _begins_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip()
    return not before or before[-1] in ".!?:"


def _lead(text: str, start: int) -> str:
    near = text[max(0, start - 40) : start].lower()
    if _PLACED.search(near):
        return "located"
    if _BOUND.search(near):
        return "to"
    before = re.findall(r"[\w']+|[.!?,:]", near)
    while before and before[-1] in ("the", "a", "an", "your", "my", "our"):
        before.pop()
    return before[-1] if before and before[-1].isalpha() else ""
