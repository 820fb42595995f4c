"""References in texts, `{{kind:name}}`: whether what they name is there, and may be named in that place."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice

from postcall.runtime.projects.fields import Files, Text
from postcall.runtime.projects.functions import ReadFunction

RULES = frozenset({"fn", "twilio_sms", "ho", "attr", "vrbl", "tn"})
ACTIONS = RULES
CONTENT = frozenset({"attr", "tn", "vrbl"})
DEFAULT_PROMPT = frozenset({"attr", "entity", "vrbl"})
ADVANCED_PROMPT = frozenset({"fn", "ft", "twilio_sms", "ho", "attr", "entity", "vrbl"})
GREETING = frozenset({"attr", "vrbl", "tn"})
CHARACTER = frozenset({"attr", "vrbl"})
MESSAGE = frozenset({"vrbl", "tn"})
NOTHING: frozenset[str] = frozenset()
"""Which kinds each place allows."""

_REFERENCE = re.compile(r"\{\{\s*([A-Za-z_]+)\s*:\s*([^{}\n]{1,200}?)\s*\}\}")
_MOST_IN_TEXT = 100
"""Wrong references of one text that are told: a place has to be found for each."""
_SHORT_KINDS = {"sms": "twilio_sms", "va": "attr"}
_NOUNS = {
    "fn": "global function",
    "ft": "function",
    "entity": "entity",
    "attr": "variant attribute",
    "vrbl": "variable that code sets",
    "twilio_sms": "SMS template",
    "ho": "handoff",
    "tn": "translation",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to refer to, by kind."""

    functions: Mapping[str, ReadFunction]
    flow_functions: Mapping[str, Mapping[str, ReadFunction]]
    """By the flow's name."""
    names: Mapping[str, Collection[str]]
    """Of the other kinds; a kind whose names cannot all be told is left out."""


def check_text(text: Text, allowed: frozenset[str], known: Known, files: Files, *, flow: str | None = None) -> None:
    """Note each reference of a text to nothing, or of a kind that has no effect there; each once.

    `flow` is the flow whose functions `{{ft:…}}` means.
    """
    seen: dict[str, str] = {}
    for match in _REFERENCE.finditer(text.text):
        if match[0] not in seen:
            kind = _SHORT_KINDS.get(match[1], match[1])
            seen[match[0]] = _complaint(kind, match[2], match[0], allowed, known, flow) or ""
    wrong = {words: message for words, message in seen.items() if message}
    if wrong:
        lines = (files.text(text.file) or "").split("\n")
        for words, message in islice(wrong.items(), _MOST_IN_TEXT):
            files.problems.add(text.file, _line_of(words, text, lines), message)
        if len(wrong) > _MOST_IN_TEXT:
            files.problems.add(text.file, text.first, f"and {len(wrong) - _MOST_IN_TEXT} more references to nothing")


def _complaint(kind: str, name: str, whole: str, allowed: frozenset[str], known: Known, flow: str | None) -> str | None:
    if kind not in _NOUNS:
        return f"{whole}: there is no such kind of reference"
    if kind in {"fn", "ft"} and kind in allowed:
        return _about_function(kind, name, whole, known, flow)
    if kind not in allowed:
        return f"{whole} is not allowed in this place" + ("" if allowed else ", nor is any reference")
    names = known.names.get(kind)
    if names is not None and name not in names:
        return f"{whole}: there is no {_NOUNS[kind]} {name!r}"
    return None


def _about_function(kind: str, name: str, whole: str, known: Known, flow: str | None) -> str | None:
    there = known.functions if kind == "fn" else known.flow_functions.get(flow or "", {})
    found = there.get(name)
    if found is None:
        where = "" if kind == "fn" else f" in the flow {flow!r}"
        return f"{whole}: there is no {_NOUNS[kind]} {name!r}{where}"
    if not found.spec.offered:
        return f"{whole} cannot be offered to a model: {found.obstacle or 'it is run by the session alone'}"
    return None


def _line_of(words: str, text: Text, lines: list[str]) -> int:
    """Where the words stand in the file, within the lines of the text."""
    for number in range(text.first, min(text.last, len(lines)) + 1):
        if words in lines[number - 1]:
            return number
    return text.first
