"""Honest coercion: what someone wrote becomes a value of the type asked for, or a misfit that says why.

Answers of a model and writes of real-time metrics follow the same rules. Nothing is guessed: what could mean two things
is a misfit. Coercing a coerced value gives it back.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from postcall.domain.answers import AnswerValue
from postcall.domain.folding import storable, words
from postcall.domain.moments import Misread, read_moment
from postcall.domain.numbers import read_whole
from postcall.domain.questions import QuestionType

MAX_INTEGER: Final = 2**63 - 1
"""What a database column holds."""
_EXACT_FLOAT: Final = 2**53
"""Beyond it a float no longer stands for one whole number."""
_SHOWN = 80
"""Characters of a misfit that its reason repeats."""

_YES_WORDS: Final = "yes y yeah yep yup true t 1 affirmative si verdadero cierto"
_NO_WORDS: Final = "no n nope nah false f 0 negative falso"
_YES: Final = frozenset(_YES_WORDS.split())
_NO: Final = frozenset(_NO_WORDS.split())
_NOT: Final = "mentioned specified stated provided given available applicable known said"
_SAYS_NOTHING: Final = frozenset(
    {"", "null", "none", "nil", "unknown", "n a", "undefined", "unspecified", "unclear"}
    | {f"not {said}" for said in _NOT.split()}
    | {"desconocido", "desconocida", "no mencionado", "no se menciona", "no especificado", "no disponible"}
)
_TYPO_LETTERS: Final = ((8, 2), (4, 1))
"""How many letters may differ in a choice of at least so many."""


class Fit(StrEnum):
    """What became of a raw value."""

    VALUE = "value"
    NOTHING = "nothing"
    """It says that there is no value: null, "unknown", "n/a"."""
    MISFIT = "misfit"


@dataclass(frozen=True, slots=True)
class Coerced:
    """A raw value, coerced."""

    fit: Fit
    value: AnswerValue = None
    """None unless `fit` is VALUE."""
    reason: str = ""
    """Why it is a misfit, in words that help whoever wrote it."""


NOTHING: Final = Coerced(Fit.NOTHING)


def coerce(raw: object, kind: QuestionType, choices: Sequence[str] = (), *, reference: datetime) -> Coerced:
    """Make a value of the type from any JSON value.

    `reference` is the moment of speaking, for dates such as "next Tuesday". "unknown" and the like are NOTHING, unless
    they are one of the `choices`; who takes such a word for a value (a metric's write, a question that names it as its
    fallback) has to look at `raw`.
    """
    if raw is None:
        return NOTHING
    if not isinstance(raw, str | int | float):
        return _misfit(raw, f"must be one {_NAMES[kind]}, not a list or an object")
    if isinstance(raw, float) and not math.isfinite(raw):
        return _misfit(raw, "is no number")
    if kind is QuestionType.ENUM:
        return _choice(raw, choices)
    if isinstance(raw, str) and says_nothing(raw):
        return NOTHING
    match kind:
        case QuestionType.STRING:
            return _string(raw)
        case QuestionType.BOOLEAN:
            return _boolean(raw)
        case QuestionType.INTEGER:
            return _integer(raw)
        case QuestionType.DATETIME:
            return _datetime(raw, reference)


def says_nothing(text: str) -> bool:
    """Whether a text only says that there is nothing to say; a mark such as an emoji does say something."""
    if not any(unicodedata.category(char)[0] in "LNS" for char in text):
        return True
    spelled = " ".join(words(text))
    return spelled in _SAYS_NOTHING and bool(spelled)


def fold_choice(text: str) -> str:
    """A choice without case, punctuation, white space, underscores and hyphens."""
    return " ".join(words(text))


_NAMES: Final = {
    QuestionType.STRING: "text",
    QuestionType.BOOLEAN: "true or false",
    QuestionType.INTEGER: "whole number",
    QuestionType.ENUM: "choice",
    QuestionType.DATETIME: "date",
}


def _string(raw: str | float) -> Coerced:
    if isinstance(raw, bool):
        return _value(str(raw).lower())
    if isinstance(raw, float) and raw == int(raw) and abs(raw) <= _EXACT_FLOAT:
        raw = int(raw)
    if isinstance(raw, int) and abs(raw) > MAX_INTEGER:
        return Coerced(Fit.MISFIT, reason="the number is too large")
    text = storable(str(raw)).strip()
    return _value(text) if text else NOTHING


def _boolean(raw: str | float) -> Coerced:
    if isinstance(raw, bool):
        return _value(raw)
    if isinstance(raw, int | float):
        return _value(bool(raw)) if raw in (0, 1) else _misfit(raw, "is neither true nor false")
    said = " ".join(words(raw))
    if said in _YES | _NO and "?" not in raw and "-" not in raw:
        return _value(said in _YES)
    return _misfit(raw, "is neither true nor false")


def _integer(raw: str | float) -> Coerced:
    if isinstance(raw, bool):
        return _misfit(raw, "must be a whole number")
    if isinstance(raw, float):
        whole = int(raw) if raw == int(raw) and abs(raw) <= _EXACT_FLOAT else None
    else:
        whole = raw if isinstance(raw, int) else read_whole(raw)
    if whole is None:
        return _misfit(raw, "must be one whole number")
    if abs(whole) > MAX_INTEGER:
        return Coerced(Fit.MISFIT, reason="the number is too large for an INTEGER")
    return _value(whole)


def _datetime(raw: str | float, reference: datetime) -> Coerced:
    if not isinstance(raw, str):
        return _misfit(raw, "must be a date such as 2026-03-05 or 2026-03-05T15:00:00")
    moment = read_moment(raw, reference)
    if isinstance(moment, Misread):
        return Coerced(Fit.MISFIT, reason=_cut(moment.reason, 3 * _SHOWN))
    return _value(moment)


def _choice(raw: str | float, choices: Sequence[str]) -> Coerced:
    if isinstance(raw, str) and raw in choices:
        return _value(raw)
    if isinstance(raw, bool):
        matching = [choice for choice in choices if " ".join(words(choice)) in (_YES if raw else _NO)]
    else:
        said = fold_choice(str(raw)) if not isinstance(raw, float) or raw != int(raw) else str(int(raw))
        matching = [choice for choice in choices if fold_choice(choice) == said] if said else []
        if said and not matching and not (isinstance(raw, str) and says_nothing(raw)):
            matching = _closely_spelled(said, choices)
    if len(matching) == 1:
        return _value(matching[0])
    if isinstance(raw, str) and not matching and says_nothing(raw):
        return NOTHING
    problem = f"could be {' or '.join(map(repr, matching[:3]))}" if matching else "is none of the choices"
    return _misfit(raw, problem)


def _closely_spelled(said: str, choices: Sequence[str]) -> list[str]:
    """The choices that differ from what was said by a slip of the pen.

    The first letter and the digits must be right: "unresolved" is no slip for "resolved", nor "tier 1" for "tier 2".
    """
    letters = next((allowed for length, allowed in _TYPO_LETTERS if len(said) >= length), 0)
    if not letters or not choices:
        return []
    from rapidfuzz.distance import OSA

    near: dict[int, list[str]] = {}
    for choice in choices:
        folded = fold_choice(choice)
        if len(folded) < _TYPO_LETTERS[-1][0] or folded[0] != said[0] or _digits(folded) != _digits(said):
            continue
        if _negations(folded) != _negations(said):
            continue
        distance = OSA.distance(said, folded, score_cutoff=letters)
        if distance <= letters:
            near.setdefault(distance, []).append(choice)
    return near[min(near)] if near else []


_NEGATIONS: Final = frozenset({"no", "not", "non", "never", "without", "sin"})


def _negations(text: str) -> frozenset[str]:
    return _NEGATIONS.intersection(text.split())


def _digits(text: str) -> list[str]:
    return [char for char in text if char.isdigit()]


def _value(value: AnswerValue) -> Coerced:
    return Coerced(Fit.VALUE, value)


def _misfit(raw: object, problem: str) -> Coerced:
    shown = _cut(repr(raw) if not isinstance(raw, int) or abs(raw) <= MAX_INTEGER else "the number", _SHOWN)
    return Coerced(Fit.MISFIT, reason=f"{shown} {problem}")


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"
