"""Values that a prompt tells the analyser to answer: `return 'none' if …`, `0 if none`, `otherwise other`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from postcall.configure.question_options import MAX_PROMPT
from postcall.domain.folding import words
from postcall.domain.values import fold_choice

_CLAUSE = r"(?:^|[.;,:?!(\n–—-]\s*|\b(?:then|please|and|or|just|simply)\s+)"
_SAY = (
    r"(?:return|answer|respond|reply|say|use|write|put|give|output|enter|set|default|choose|pick|select|mark|label|record)"
    r"(?:\s+(?:it|this))?(?:\s+(?:with|as|to))?(?:\s+the\s+(?:value|word|text|string|choice|answer))?[:\s]\s*"
)
_VALUE = r"(?:['\"“‘`](?P<quoted>[^'\"“”‘’`\n]{1,60})['\"”’`]|(?P<bare>[\w][\w/-]*(?:\s[\w/-]+){0,2}?))"
_IF = r"(?:if|when|whenever|where|unless|in\s+case|should)"
_ENDS = r"(?=\s*(?:[.;,)\n]|$)|\s+(?:instead|otherwise)\b)"
_TOLD = re.compile(rf"{_CLAUSE}{_SAY}{_VALUE}\s*,?\s+(?:only\s+)?{_IF}\b(?P<condition>[^.;\n]{{0,200}})", re.IGNORECASE)
_TOLD_AFTER = re.compile(
    rf"\b{_IF}\b(?P<condition>[^.;\n]{{1,200}}?)(?:,\s*|\s+then\s+)(?:then\s+)?(?:please\s+)?{_SAY}{_VALUE}{_ENDS}",
    re.IGNORECASE,
)
_LEFT = re.compile(rf"(?:^|[.;,?!(\n]\s*){_VALUE}\s+{_IF}\b(?P<condition>[^.;\n]{{0,200}})", re.IGNORECASE)
_OTHERWISE = re.compile(
    rf"(?:\b(?:otherwise|else|in\s+all\s+other\s+cases)\b[,:]?\s*(?:{_SAY})?|\bdefaults?\s+to\s+){_VALUE}{_ENDS}",
    re.IGNORECASE,
)
_ADVERB = re.compile(r"\s+(?:also|only|even|just|especially|always|instead)$", re.IGNORECASE)
_ABSENCE = re.compile(
    r"\b(?:not|no|none|nothing|never|nobody|neither|unclear|unknown|unsure|unmentioned|missing|absent|cannot|without)\b"
    r"|n['’]t\b|\bunless\b",
    re.IGNORECASE,
)
_NO_NAME_WORDS = (
    "a an the this that these those it its so one ones only just also even as and or but not them him her they he "
    "she his their your you exactly both all any each every what whichever whatever whether how who when where "
    "why in on at by to from for of with more most especially particularly except of course"
)
_NO_NAME = frozenset(_NO_NAME_WORDS.split())
"""Words with which no value begins: `choose the main reason`, `only if`."""
_NO_VALUE = frozenset(
    {"no value", "no answer", "nothing", "empty", "blank", "empty string", "no values", "an empty string"}
)
_KEY = re.compile(
    r"(?:^|(?<=[.;?!)])[ \t]+|\n)[ \t]*(?:[-*•][ \t]*)?['\"“‘`]?(?P<key>[A-Za-z][\w-]*(?: [\w-]+){0,3})['\"”’`]?[ \t]*:"
)
_HEADINGS_WORDS = (
    "note notes example examples hint tip important options choices values categories format scale answers rules "
    "rule return answer output context remember warning definition definitions that is e g for possible allowed "
    "choose use score points"
)
_HEADINGS = frozenset(_HEADINGS_WORDS.split())


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A value that the prompt tells to answer."""

    value: str
    start: int
    end: int
    """Where it stands in the prompt, without its quotation marks."""
    quoted: bool
    for_absence: bool
    """It is what to answer where the transcript does not say, or where nothing else fits."""

    @property
    def is_no_value(self) -> bool:
        """Whether it only says that there shall be no value."""
        return " ".join(words(self.value)) in _NO_VALUE


def named_values(prompt: str) -> tuple[NamedValue, ...]:
    """Every value that the prompt tells to answer under some condition, in its order."""
    found: list[NamedValue] = []
    for each in _find(prompt[:MAX_PROMPT]):
        if not any(each.start < other.end and other.start < each.end for other in found):
            found.append(each)
    return tuple(sorted(found, key=lambda each: each.start))


def explained_keys(prompt: str, choices: Sequence[str]) -> tuple[str, ...]:
    """What the prompt explains as `key: when it applies`; empty unless it explains some of the choices that way."""
    folded = {fold_choice(choice) for choice in choices}
    keys = [found["key"] for found in _KEY.finditer(prompt[:MAX_PROMPT])]
    if sum(fold_choice(key) in folded for key in keys) < min(2, len(folded)):
        return ()
    return tuple(key for key in dict.fromkeys(keys) if words(key) and words(key)[0] not in _HEADINGS)


def _find(prompt: str) -> Iterator[NamedValue]:
    for pattern in (_TOLD_AFTER, _TOLD):
        for match in pattern.finditer(prompt):
            yield from _read(match, for_absence=_ABSENCE.search(_condition(match)) is not None)
    for match in _OTHERWISE.finditer(prompt):
        yield from _read(match, for_absence=True)
    for match in _LEFT.finditer(prompt):
        absent = _ABSENCE.search(_condition(match)) is not None
        if match["quoted"] or (absent and len(words(match["bare"])) <= 2):
            yield from _read(match, for_absence=absent)


def _condition(match: re.Match[str]) -> str:
    return f"{'unless ' if 'unless' in match[0].casefold() else ''}{match['condition']}"


def _read(match: re.Match[str], *, for_absence: bool) -> Iterator[NamedValue]:
    name = "quoted" if match["quoted"] else "bare"
    value = match[name] if match["quoted"] else _ADVERB.sub("", match[name])
    named = words(value)
    if not named or (name == "bare" and (named[0] in _NO_NAME or not for_absence)):
        return
    start = match.start(name)
    yield NamedValue(value, start, start + len(value), name == "quoted", for_absence)
