"""Choices that a prompt lists in its own words: `Options: a, b, c`, `one of: a, b`, `(a/b/c)`, or a line for each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postcall.domain.folding import words
from postcall.domain.values import fold_choice

MAX_PROMPT = 20_000
"""Characters of a prompt that are read."""
_LONGEST = 60
_MOST_WORDS = 5

_RUN = re.compile(r"[^\S\n]{2,}")
_HEADED = re.compile(
    r"\b(?:options|choices|categories|(?:possible|allowed|valid|permitted)\s+(?:values|answers|options|choices)|values"
    r"|answers)\b(?:\s+(?:are|is))?\s*[:=]\s*(?P<list>[^\n]*)",
    re.IGNORECASE,
)
_ONE_OF = re.compile(
    r"\b(?:one\s+of|either|choose\s+(?:from|between|among)|pick\s+(?:from|between)|select\s+(?:from|between))\b"
    r"(?:\s+(?:the\s+following|these))?(?:\s+(?:values|options|choices|categories|answers))?"
    r"\s*(?P<mark>[:=]?)\s*(?P<list>[^\n]*)",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"[(\[](?P<list>[^()\[\]/|\n]{1,60}(?:[/|][^()\[\]/|\n]{1,60}){1,30})[)\]]")
_BULLET = re.compile(r"^[ \t]*(?:[-*•–]|\(?\d{1,2}[.)])[ \t]+(?P<item>[^\n]+)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)")
_BRACKETED = re.compile(r"\([^()]*\)")
_CONDITION = re.compile(r"\s+(?:if|when|where|unless|for|because|means?|as)\s.*$", re.IGNORECASE | re.DOTALL)
_SEPARATOR = re.compile(r"\s*[,;|/]\s*(?:(?:or|and|else)\s+)?|\s+or\s+", re.IGNORECASE)
_LAST = re.compile(r"^(?:or|and|else|either)\s+", re.IGNORECASE)
_EXPLAINED = re.compile(r"\s*(?::|=|→|->|\s[-–—]\s|\().*$", re.DOTALL)
_MARKS = " \t'\"“”‘’`*[]<>"
_NO_CHOICE_WORDS = (
    "a an the our their his her its your my this that these those any some each every all most more it them what which"
)
_NO_CHOICE = frozenset(_NO_CHOICE_WORDS.split())
"""A thing that begins so is described, not named."""
_OF_A_DATE_WORDS = "day month year dd mm yy yyyy hh hour minute date time am pm s he and or"
_OF_A_DATE = frozenset(_OF_A_DATE_WORDS.split())
"""`(dd/mm/yyyy)`, `(s/he)` and `(and/or)` list nothing."""
_PAIRS = frozenset(
    {frozenset({"yes", "no"}), frozenset({"true", "false"}), frozenset({"y", "n"}), frozenset({"pass", "fail"})}
)


def offered_choices(prompt: str, *, bare_lines: bool = True) -> tuple[str, ...]:
    """The values that the prompt lists, in their order and as they are written; empty where it lists none.

    `bare_lines` are bulleted lines without a heading such as `Options:`; in a question for a number they may be
    anything.
    """
    prompt = _RUN.sub(" ", prompt[:MAX_PROMPT])  # what follows takes time with the square of a run's length
    for found in _lists(prompt, bare_lines=bare_lines):
        if len({fold_choice(value) for value in found}) >= 2:
            return found
    return ()


def _lists(prompt: str, *, bare_lines: bool) -> Iterator[tuple[str, ...]]:
    for headed in _HEADED.finditer(prompt):
        inline = headed["list"].strip()
        yield _split(inline) if inline else _bulleted(prompt[headed.end() :])
    for one_of in _ONE_OF.finditer(prompt):
        inline = one_of["list"].strip()
        if not inline and one_of["mark"]:
            yield _bulleted(prompt[one_of.end() :])
        elif one_of["mark"] or inline[:1] in "'\"“‘`[(":
            yield _split(inline)
    for slashed in _SLASHED.finditer(prompt):
        values = _values(re.split(r"[/|]", slashed["list"]))
        folded = frozenset(value.casefold() for value in values)
        if folded in _PAIRS or (len(values) > 2 and not folded <= _OF_A_DATE):
            yield values
    if bare_lines:
        yield _bulleted(prompt)


def _split(text: str) -> tuple[str, ...]:
    """The items of a list on one line; empty where one of them is no name but a description."""
    text = _BRACKETED.sub(" ", text.strip().strip("[](){}")) if not text.startswith("(") else text.strip("()")
    end = _SENTENCE_END.search(text)
    text = text[: end.start()] if end else text
    return _values(_SEPARATOR.split(text))


def _bulleted(text: str) -> tuple[str, ...]:
    """One value a line, up to its explanation, over lines that follow one another."""
    items: list[str] = []
    last = None
    for line in _BULLET.finditer(text):
        if last is not None and text[last : line.start()].strip():
            break
        items.append(_EXPLAINED.sub("", line["item"]))
        last = line.end()
    return _values(items) if len(items) >= 2 else ()


def _values(items: list[str]) -> tuple[str, ...]:
    values = [_clean(item) for item in items if item.strip(_MARKS + ".")]
    if any(len(value) > _LONGEST or not _is_name(value) for value in values):
        return ()
    return tuple(dict.fromkeys(values))


def _clean(item: str) -> str:
    item = _CONDITION.sub("", _LAST.sub("", item.strip().rstrip(".")))
    return item.strip(_MARKS)


def _is_name(value: str) -> bool:
    named = words(value)
    return 1 <= len(named) <= _MOST_WORDS and (len(named) == 1 or named[0] not in _NO_CHOICE)
