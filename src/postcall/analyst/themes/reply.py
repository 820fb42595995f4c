"""What a model's replies about calls are worth: points whose quotes stand in the call, names that claim no number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.analyst.themes.prompt import MOST_POINTS, MOST_THEMES
from postcall.domain.answers import Evidence
from postcall.domain.calls import Json, Transcript
from postcall.domain.folding import storable
from postcall.errors import ModelReplyUnusable
from postcall.extraction.evidence import verify_quote
from postcall.llm.salvage import read_object
from postcall.storage.theme_readings import Noted, ThemeReading

LONGEST_LABEL = 80
_LONGEST_QUOTE = 300
_NOT_A_WORD = re.compile(r"[^\w\s'’,()&-]|_")
_NUMBER = re.compile(
    r"\d|\b(?:percent|per cent|half of|two thirds|a quarter of|most (?:of|calls?|callers?|users?|people)"
    r"|majority|minority|(?:one|two|three|four|five|six|seven|eight|nine) (?:in|out of|of) \w+"
    r"|twice|dozens?|hundreds?|thousands?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that a call says, with the words that show it."""

    label: str
    turn: int
    """From 0."""
    quote: str
    """As it stands in that turn."""


@dataclass(frozen=True, slots=True)
class Group:
    """Labels that mean the same."""

    name: str
    labels: tuple[str, ...]


def read_points(text: str, transcripts: Sequence[Transcript]) -> dict[int, tuple[Point, ...]]:
    """Of each call that the reply speaks of (from 0, in the order asked), what can be believed; empty where nothing is.

    A call that is missing was not read. One that a cut left open counts as missing.
    """
    try:
        salvaged = read_object(text)
    except ModelReplyUnusable:
        return {}
    entries = salvaged.content.get("calls")
    listed = entries if isinstance(entries, list) else []
    if not salvaged.complete and salvaged.cut_at[:1] == ("calls",):
        listed = listed[:-1]  # its last entry may lack points
    found: dict[int, tuple[Point, ...]] = {}
    for entry in listed:
        call = _whole(entry.get("call")) if isinstance(entry, Mapping) else None
        if call is None or not 1 <= call <= len(transcripts) or call - 1 in found:
            continue
        assert isinstance(entry, Mapping)
        found[call - 1] = _points(entry.get("points"), transcripts[call - 1])
    return found


def read_groups(text: str, labels: Sequence[str]) -> list[Group]:
    """The themes that a reply makes of these labels; each label is in the first theme that names it.

    A theme whose name claims a number is called by its first label.
    """
    try:
        themes = read_object(text).content.get("themes")
    except ModelReplyUnusable:
        return []
    found: list[Group] = []
    taken: set[int] = set()
    for theme in themes if isinstance(themes, list) else []:
        numbers = theme.get("labels") if isinstance(theme, Mapping) else None
        wanted = [_whole(each) for each in numbers] if isinstance(numbers, list) else []
        mine = [each - 1 for each in dict.fromkeys(wanted) if each is not None and 1 <= each <= len(labels)]
        mine = [each for each in mine if each not in taken]
        if not mine or len(found) == MOST_THEMES:
            continue
        taken.update(mine)
        assert isinstance(theme, Mapping)
        name = clean_label(theme.get("name"))
        if not name or name.casefold() in {each.name.casefold() for each in found}:
            name = labels[mine[0]]
        found.append(Group(name, tuple(labels[each] for each in mine)))
    return found


def noted_of(points: Sequence[Point], transcript: Transcript) -> tuple[Noted, ...]:
    """Where the quotes stand, to be kept instead of what was said."""
    begins = [(point, transcript[point.turn].text.find(point.quote)) for point in points]
    return tuple(Noted(point.label, point.turn, at, at + len(point.quote)) for point, at in begins)


def points_of(reading: ThemeReading, transcript: Transcript) -> tuple[Point, ...]:
    """The same with the words that stand there; of the turns that were read."""
    return tuple(
        Point(each.label, each.turn, transcript[each.turn].text[each.start : each.end]) for each in reading.noted
    )


def clean_label(said: Json) -> str:
    """The label on one line, without marks that could be taken for anything but words; empty where it claims a number,
    since what it counts nobody has counted."""
    if not isinstance(said, str) or _NUMBER.search(said[: 2 * LONGEST_LABEL]):
        return ""
    words = " ".join(_NOT_A_WORD.sub(" ", storable(said)).split())
    if len(words) > LONGEST_LABEL:
        words = words[:LONGEST_LABEL].rpartition(" ")[0]
    words = words.strip(" ,'’-")
    return words[:1].upper() + words[1:] if any(char.isalpha() for char in words) else ""


def _points(said: Json, transcript: Transcript) -> tuple[Point, ...]:
    found: dict[str, Point] = {}
    for each in said if isinstance(said, list) else []:
        if not isinstance(each, Mapping) or len(found) == MOST_POINTS:
            continue
        label, quote = clean_label(each.get("label")), each.get("quote")
        evidence = _find(quote, _whole(each.get("turn")), transcript) if isinstance(quote, str) else None
        if label and evidence is not None:
            found.setdefault(label.casefold(), Point(label, evidence.turn, evidence.quote))
    return tuple(found.values())


def _find(quote: str, turn: int | None, transcript: Transcript) -> Evidence | None:
    """The quote in the turn named, else in the only turn that has it: models count wrongly."""
    if len(quote) > _LONGEST_QUOTE:
        return None
    named = verify_quote(quote, turn, transcript) if turn is not None else None
    if named is not None:
        return named
    elsewhere = [each for at in range(len(transcript)) if (each := verify_quote(quote, at, transcript)) is not None]
    return elsewhere[0] if len(elsewhere) == 1 else None


def _whole(said: Json) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) else None
