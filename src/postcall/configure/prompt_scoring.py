"""What speaks for and against an agent's prompt, found by fixed rules: the same prompt scores the same anywhere.

A rule looks for words that prompts have where they say something at all: who the agent is, how a conversation goes,
what is not allowed, what to do when things go wrong. It cannot tell whether what they say is wise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum

from postcall.domain.folding import words

LONGEST_READ = 100_000
"""Characters of a prompt that are looked at."""
_LONGEST_SPAN = 160
_CHARACTERS_A_TOKEN = 4
_MS_A_TOKEN = 0.15
"""How much later a reply begins for each token of the prompt: of models of this day that are read about 7,000 tokens a
second."""


class Level(StrEnum):
    """How well a prompt does in one respect."""

    STRONG = "Strong"
    ADEQUATE = "Adequate"
    WEAK = "Weak"
    MISSING = "Missing"
    NOT_APPLICABLE = "Not Applicable"


_WORTH = {Level.STRONG: 1.0, Level.ADEQUATE: 0.7, Level.WEAK: 0.35, Level.MISSING: 0.0}
_WEIGHT = {1: 3, 2: 2, 3: 1}


@dataclass(frozen=True, slots=True)
class Judged:
    """One respect in which a prompt was looked at."""

    title: str
    tier: int
    """1 counts three times, 2 twice, 3 once."""
    level: Level
    evidence: str
    """The words of the prompt that it rests on; empty where there are none."""
    why: str
    """In a sentence, with what would make it better."""
    cap: int | None = None
    """The most that the whole can score while this is weak or missing."""


@dataclass(frozen=True, slots=True)
class PromptScore:
    """What a prompt is worth."""

    score: int
    """0 to 100."""
    tokens: int
    """About."""
    delay_ms: float
    """By which it delays each reply, about."""
    dimensions: tuple[Judged, ...]


def score_prompt(prompt: str, *, tools: Collection[str] = (), variables: Collection[str] = ()) -> PromptScore:
    """Look at a prompt; `tools` are the names of what the agent may call, `variables` those that have a default."""
    text = prompt[:LONGEST_READ]
    judged = (
        *(_by_words(each, text) for each in _RESPECTS),
        _tools(text, tools),
        _information(text),
        _variables(text, variables),
        _consistency(text),
        _density(text),
    )
    counted = [each for each in judged if each.level is not Level.NOT_APPLICABLE]
    worth = sum(_WEIGHT[each.tier] * _WORTH[each.level] for each in counted)
    score = round(100 * worth / sum(_WEIGHT[each.tier] for each in counted))
    caps = [each.cap for each in counted if each.cap is not None and each.level in {Level.WEAK, Level.MISSING}]
    tokens = -(-len(prompt) // _CHARACTERS_A_TOKEN)
    return PromptScore(
        score=min([score, *caps]) if text.strip() else 0,
        tokens=tokens,
        delay_ms=round(tokens * _MS_A_TOKEN, 1),
        dimensions=tuple(sorted(judged, key=lambda each: each.tier)),
    )


@dataclass(frozen=True, slots=True)
class _Respect:
    title: str
    tier: int
    signs: tuple[re.Pattern[str], ...]
    """Each is one thing that a good prompt says; two make it strong."""
    wanted: str


def _signs(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)


_RESPECTS = (
    _Respect(
        "Role & Objective",
        1,
        _signs(
            r"\byou(?:'re| are) (?:an?|the|\w+,)\b|\byour role\b|\bact as\b",
            r"\b(?:goal|objective|purpose|mission|task|job)\b",
        ),
        "say who the agent is, and what a call is to achieve",
    ),
    _Respect(
        "Personality & Voice",
        1,
        _signs(
            r"\b(?:tone|personality|friendly|polite|calm|warm|professional|patient|empathetic|cheerful)\b",
            r"\b(?:speak|talk|sound|language)\b",
        ),
        "say how the agent sounds, and in which language",
    ),
    _Respect(
        "Conversation Structure",
        1,
        _signs(
            r"(?m)^\s*(?:\d+[.)]|step \d)|\b(?:first|then|next|after that|finally)\b",
            r"\b(?:end the (?:call|conversation)|say goodbye|close|wrap up|hang up|thank)\b",
        ),
        "give the steps in their order, and how a call ends",
    ),
    _Respect(
        "Constraints & Safety",
        1,
        _signs(
            r"\b(?:never|must not|do not|don't|only|avoid)\b",
            r"\b(?:confidential|private|privacy|personal data|password|card number|medical|legal|emergency|promise)\b",
        ),
        "say what the agent must not do, and which matters it leaves to people",
    ),
    _Respect(
        "Conversational Naturalness",
        2,
        _signs(
            r"\b(?:short|brief|concise|one or two sentences|sentence)\b",
            r"\b(?:one question at a time|pause|listen|wait for|interrupt\w*|read back|repeat back|confirm)\b",
        ),
        "ask for short sentences and one question at a time",
    ),
    _Respect(
        "Failure-Mode Coverage",
        2,
        _signs(
            r"\b(?:unclear|not understand|did(?: not|n't) understand|misheard|silent|silence)\b",
            r"\b(?:if (?:you|they|the \w+) (?:do not|don't|cannot|can't)|otherwise|transfer|calls? back)\b",
        ),
        "say what to do where the caller is not understood, and where the agent does not know",
    ),
)


def _by_words(respect: _Respect, text: str) -> Judged:
    found = [match for sign in respect.signs if (match := sign.search(text))]
    level = (Level.MISSING, Level.ADEQUATE, Level.STRONG)[len(found)]
    why = "Said." if level is Level.STRONG else f"Better: {respect.wanted}."
    return Judged(respect.title, respect.tier, level, _span(text, found[0]) if found else "", why)


def _tools(text: str, tools: Collection[str]) -> Judged:
    title = "Tool Integration"
    if not tools:
        return Judged(title, 1, Level.NOT_APPLICABLE, "", "The agent has no tools.")
    named = [name for name in tools if name and name in text]
    level = Level.STRONG if len(named) == len(tools) else Level.WEAK if named else Level.MISSING
    unnamed = sorted(set(tools) - set(named))
    why = f"Better: say when to use {', '.join(unnamed[:5])}." if unnamed else "Each tool is spoken of."
    return Judged(title, 1, level, named[0] if named else "", why)


_ADMITS = re.compile(
    r"\b(?:(?:do not|don't|never) (?:guess|invent|make up|assume|know)|not sure|only (?:use|answer))\b",
    re.IGNORECASE,
)


def _information(text: str) -> Judged:
    found = _ADMITS.search(text)
    why = "It says what to do without knowledge." if found else "Better: say that the agent is not to invent anything."
    level = Level.STRONG if found else Level.WEAK
    return Judged("Information Integrity", 3, level, _span(text, found) if found else "", why, cap=70)


_VARIABLE = re.compile(r"\{\{\s*([^{}\n]{1,100}?)\s*\}\}")
_LEFT_OPEN = re.compile(r"\{\{(?![^{}\n]{1,100}\}\})|\[(?:insert|your|company|name)[^\]\n]{0,40}\]", re.IGNORECASE)


def _variables(text: str, known: Collection[str]) -> Judged:
    title = "Variable & Tool Hygiene"
    broken = _LEFT_OPEN.search(text)
    if broken:
        why = "A place was never filled in, or a variable is not closed: {{name}} is one."
        return Judged(title, 3, Level.WEAK, _span(text, broken), why, cap=50)
    used = dict.fromkeys(_VARIABLE.findall(text))
    if not used:
        return Judged(title, 3, Level.NOT_APPLICABLE, "", "The prompt has no variables.", cap=50)
    bare = [name for name in used if name not in known]
    if bare:
        why = f"Each call has to bring {', '.join(bare[:5])}: without a default, nothing stands in its place."
        return Judged(title, 3, Level.ADEQUATE, f"{{{{{bare[0]}}}}}", why, cap=50)
    return Judged(title, 3, Level.STRONG, f"{{{{{next(iter(used))}}}}}", "Each variable has a default.", cap=50)


def _consistency(text: str) -> Judged:
    """Sentences that stand twice, since whoever changes one of them forgets the other."""
    title, seen = "Internal Consistency", set[tuple[str, ...]]()
    for sentence in re.split(r"[.!?\n]+", text):
        said = tuple(words(sentence))
        if len(said) > 4 and said in seen:
            return Judged(title, 3, Level.WEAK, sentence.strip()[:_LONGEST_SPAN], "A sentence stands there twice.")
        seen.add(said)
    return Judged(title, 3, Level.STRONG, "", "No sentence stands there twice.")


def _density(text: str) -> Judged:
    count = len(words(text))
    level, why = next((level, why) for fits, level, why in _DENSITIES if fits(count))
    return Judged("Density", 3, level, "", why.format(count=count))


_DENSITIES: tuple[tuple[Callable[[int], bool], Level, str], ...] = (
    (lambda count: count == 0, Level.MISSING, "There is no prompt."),
    (lambda count: count < 30, Level.WEAK, "{count} words leave most to the model."),
    (lambda count: count <= 900, Level.STRONG, "{count} words: enough, and read quickly."),
    (lambda count: count <= 2000, Level.ADEQUATE, "{count} words delay each reply a little."),
    (lambda count: True, Level.WEAK, "{count} words delay each reply, and the model overlooks parts of them."),  # noqa: ARG005
)


def _span(text: str, found: re.Match[str]) -> str:
    """The line that the words stand in, or what is around them in a long one."""
    begin = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    line = text[begin : len(text) if end < 0 else end]
    if len(line) > _LONGEST_SPAN:
        begin = max(begin, found.start() - _LONGEST_SPAN // 2)
        line = text[begin : begin + _LONGEST_SPAN]
    return line.strip()
