"""Where a prompt explains its choices: `book: a table is wanted. cancel: …`, `book (…), cancel (…)`, a list, a table.

People write such explanations in many ways. Every way has one thing in common: the choice stands by its own name, next
to a mark or a small word that says "means". The explanation goes on to the next such place, or to an instruction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from postcall.extraction.builtin.text import fold, identifier_words

MAX_PROMPT = 20_000
"""Characters of a prompt in which explanations are looked for."""

_QUOTES = r"['\"“”‘’`*_\[\]]{0,3}"
_BULLET = r"(?:[-*•–—·+|]+\s*|\(?\d{1,2}[.):]\s*|\(?[a-z]\)\s*)?"
_VERB = (
    r"(?:please\s+)?(?:answer|choose|use|return|pick|select|say|put|mark|label|give|respond|reply|set|write|output)"
    r"(?:\s+(?:it|this|them|the call))?(?:\s+(?:as|with|to))?"
)
_STRONG = r"\s*(?::|={1,2}>?|->|→|–|—|\s-\s|-{2,}|\||\t)\s*"
"""Marks that mean "means" wherever they stand behind a choice."""
_OPEN = r"\s*[(\[]\s*"
_WEAK = (
    r",?\s+(?:if|when|whenever|where|for|means?|is when|is if|is for|stands for|covers?|includes?|refers to|applies "
    r"(?:if|when|to)|should be used (?:if|when|for)|is used (?:if|when|for)|only (?:if|when)|otherwise|in all other "
    r"cases|"
    r"for (?:the rest|everything else|all else))\b\s*"
)
"""Words that mean it only behind a choice that is quoted or begins a clause."""
_BEGINS = re.compile(
    rf"(?:^|[.;:,!?(\n|•/—–]|\b(?:or|and|o|y)\b|(?:^|[\s.;,(])(?:[-*•+]|\d{{1,2}}[.)])|\b{_VERB})\s*$", re.IGNORECASE
)
_INSTRUCTION = re.compile(
    r"(?:(?<=[.;!?)])\s*|\n\s*)(?=(?:please\b|only\b|do not\b|don't\b|never\b|always\b|choose\b|pick\b|select\b|"
    r"return\b|"
    r"answer\b|respond\b|reply\b|output\b|use\b|give\b|default\b|note\b|if (?:nothing|none|in doubt|unsure|unclear|you|"
    r"several|more|two|both|multiple|no |not |it is|it's)|when (?:in doubt|unsure|unclear|several|more|two|both|none)|"
    r"otherwise\b|in case of\b|the answer\b|exactly one\b|one of\b|null\b|unknown\b|no value\b))",
    re.IGNORECASE,
)
"""Where an explanation is over and the prompt tells what to do."""
_NEW_LINE = re.compile(r"\n(?!\s+[a-zà-ÿ(])")
"""A line end after which no wrapped line goes on."""
_LAST_WORDS = re.compile(r"[\s,;.|/(\[]*(?:\b(?:and|or|o|y|finally|lastly)\b[\s,]*)?$", re.IGNORECASE)
_EXCLUDED = re.compile(
    r"[,;(]?\s*\b(?:but not|and not|not (?:a|an|the|one|those|ones|counting|including|for|about|to|when|if|just|merely|"
    r"only|yet)\b|except\b|excluding\b|other than\b|rather than\b|instead of\b|without\b|and none\b|but none\b|as "
    r"opposed "
    r"to\b|unlike\b)[^.;)\n]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Explained:
    """One stretch of a prompt that explains choices."""

    values: tuple[str, ...]
    start: int
    end: int
    """Of the whole stretch, choice and explanation."""
    text: str
    """The explanation alone."""


@dataclass(frozen=True, slots=True)
class _Key:
    """A place where a choice is named in order to explain it."""

    values: tuple[str, ...]
    start: int
    text_start: int
    bracket: bool
    """The explanation stands in brackets."""


def find_explanations(prompt: str, values: Sequence[str]) -> tuple[Explained, ...]:
    """Every explanation of a choice, in the order of the prompt; `*` in a name stands for any text."""
    if not values:
        return ()
    prompt = prompt[:MAX_PROMPT]
    return _forward(prompt, tuple(values)) or _backward(prompt, tuple(values))


def evidence_of(explanation: str) -> str:
    """The explanation without what it excludes: `a new booking, not a moved one` speaks for no move."""
    return _EXCLUDED.sub(" ", explanation)


def _forward(prompt: str, values: tuple[str, ...]) -> tuple[Explained, ...]:
    """Explanations behind their choice."""
    keys = _keys(prompt, values)
    found: list[Explained] = []
    for number, key in enumerate(keys):
        stop = keys[number + 1].start if number + 1 < len(keys) else len(prompt)
        end = _closing(prompt, key.text_start, stop) if key.bracket else _end(prompt, key.text_start, stop)
        text = prompt[key.text_start : end]
        text = text if key.bracket else _LAST_WORDS.sub("", text)
        text = text.strip(" \t\n'\"“”‘’`*|,;.-–—")
        found.append(Explained(key.values, key.start, end + 1 if key.bracket and end < stop else end, text))
    return tuple(each for each in found if each.text)


def _keys(prompt: str, values: tuple[str, ...]) -> list[_Key]:
    keys: list[_Key] = []
    taken = 0
    for match in _pattern(values).finditer(prompt):
        if match.start() < taken:
            continue
        weak = match["weak"] is not None
        quoted = match["left"].strip("_ ") != ""
        if (weak or match["open"] is not None) and not quoted and not _BEGINS.search(prompt[: match.start()][-60:]):
            continue
        if match["open"] is None and not weak and not _may_begin(prompt, match):
            continue
        named = _named(match["keys"], values)
        if named:
            keys.append(_Key(named, match.start(), match.end(), match["open"] is not None))
            taken = match.end()
    return keys


def _may_begin(prompt: str, match: re.Match[str]) -> bool:
    """A mark such as `:` counts behind any choice, a lone dash or bar only where the choice begins something."""
    mark = match["strong"].strip()
    if mark and mark[0] in ":=→":
        return True
    return match["left"].strip("_ ") != "" or bool(_BEGINS.search(prompt[: match.start()][-60:]))


@lru_cache(maxsize=512)
def _pattern(values: tuple[str, ...]) -> re.Pattern[str]:
    names = sorted((_spelling(value) for value in values), key=len, reverse=True)
    one = rf"{_QUOTES}(?:{'|'.join(names)}|[\w]*\*[\w*]*)(?![\w]){_QUOTES}"
    return re.compile(
        rf"(?P<left>(?<![\w*]){_BULLET}{_QUOTES})(?<![^\W_])(?P<keys>{one}(?:\s*(?:/|\bor\b|\band\b|&)\s*{one}){{0,5}})"
        rf"(?:(?P<open>{_OPEN})|(?P<strong>{_STRONG})|(?P<weak>{_WEAK}))",
        re.IGNORECASE,
    )


def _spelling(value: str) -> str:
    """A choice as people may write it: `book_appointment`, `Book appointment`, `book-appointment`."""
    words = identifier_words(value)
    return r"[\s_/&.-]{0,3}".join(re.escape(word) for word in words) if words else re.escape(value.strip())


def _named(keys: str, values: tuple[str, ...]) -> tuple[str, ...]:
    whole = [value for value in values if _plain(value) == _plain(keys)]
    if whole:
        return tuple(whole)
    named: list[str] = []
    for part in re.split(r"\s*(?:/|\bor\b|\band\b|&)\s*", keys, flags=re.IGNORECASE):
        if "*" in part.strip("'\"“”‘’`[] ") and not re.fullmatch(r"\*+\w[^*]*\*+", part.strip()):
            pattern = re.sub(r"[_-]", " ", part.strip("'\"“”‘’`[] ").lower())
            named += [value for value in values if fnmatchcase(fold(value), pattern)]
        else:
            named += [value for value in values if _plain(value) == _plain(part)]
    return tuple(dict.fromkeys(named))


def _plain(text: str) -> str:
    return " ".join(identifier_words(text)) or text.strip()


def _closing(prompt: str, start: int, stop: int) -> int:
    """Where the bracket closes that was opened before `start`."""
    depth = 1
    for place in range(start, len(prompt)):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(prompt[place], 0)
        if depth == 0:
            return place
    return stop


def _end(prompt: str, start: int, stop: int) -> int:
    """Where an explanation without brackets ends: at the next choice, a new line, a bracket that closes around it."""
    stretch = prompt[start:stop]
    depth = 0
    for place, char in enumerate(stretch):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(char, 0)
        if depth < 0:
            stretch = stretch[:place]
            break
    for pattern in (_NEW_LINE, _INSTRUCTION):
        match = pattern.search(stretch)
        if match and stretch[: match.start()].strip():
            stretch = stretch[: match.start()]
    return start + len(stretch)


def _backward(prompt: str, values: tuple[str, ...]) -> tuple[Explained, ...]:
    """Explanations before their choice: `if a bill is disputed, answer billing`, `a disputed bill -> billing`."""
    found: list[Explained] = []
    start = 0
    for match in _backward_pattern(values).finditer(prompt):
        named = _named(match["keys"] or match["in_brackets"], values)
        begin = max(start, *(prompt.rfind(mark, 0, match.start()) + 1 for mark in ".;\n"))
        text = re.sub(r"^(?:\W*(?:and|or|if|when|for|but)\b)+", "", prompt[begin : match.start()], flags=re.IGNORECASE)
        text = text.strip(" \t\n'\"“”‘’`*|,;.-–—")
        start = match.end()
        if named and text:
            found.append(Explained(named, begin, match.end(), text))
    return tuple(found)


@lru_cache(maxsize=512)
def _backward_pattern(values: tuple[str, ...]) -> re.Pattern[str]:
    names = sorted((_spelling(value) for value in values), key=len, reverse=True)
    key = rf"{_QUOTES}(?P<keys>{'|'.join(names)})(?![\w]){_QUOTES}"
    return re.compile(
        rf"(?:\s*(?:->|=>|→|=)\s*|,\s*(?:then\s+)?{_VERB}\s+|\s+(?:counts as|is called|means|is)\s+(?=['\"“‘`])){key}"
        rf"(?=\s*(?:$|[.;,)\n]|\band\b|\bor\b))|\s*\({_QUOTES}(?P<in_brackets>{'|'.join(names)}){_QUOTES}\)",
        re.IGNORECASE,
    )
