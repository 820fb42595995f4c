"""When an answer counts as the same as the gold one.

Values are made comparable by the rules by which answers are (`domain.values.coerce`), so that "yes" is true and "4th of
July" a date. How two texts are then compared is one of a closed set.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from postcall.domain.answers import AnswerValue
from postcall.domain.folding import plain, words
from postcall.domain.moments import Misread, read_moment
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.domain.values import Coerced, Fit, coerce
from postcall.errors import BadInput

OVERLAP_RIGHT: Final = 0.5
"""A free text is right from this share of common words on."""


class Comparison(StrEnum):
    """How two texts are compared; values of the other types are equal or not."""

    EXACT = "exact"
    """The same characters; a date with the same moment."""
    CASE_INSENSITIVE = "case-insensitive"
    """The same letters and digits: case, accents, white space and punctuation do not count."""
    DIGITS = "digits"
    """The same digits: of an account or telephone number, however it is grouped."""
    DATE = "date"
    """The same day, whatever the time."""
    SURNAME = "surname"
    """The same last name, as in `case-insensitive`."""
    OVERLAP = "overlap"
    """Words in common, at least half by their F1 score (`overlap`)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How the answers to one question are compared with gold."""

    comparison: Comparison = Comparison.EXACT
    also: tuple[Comparison, ...] = ()
    """Comparisons whose accuracy is told beside."""


EXACT: Final = Rule()

# Phrases by the word that tells them apart, looked for in this order.
_PHRASES: Final = (
    (Comparison.SURNAME, re.compile(r"\b(?:surname|last name|family name)\b")),
    (Comparison.OVERLAP, re.compile(r"\b(?:overlap|rouge|judge|recall)\b")),
    (Comparison.DATE, re.compile(r"^(?:same )?(?:date|day)(?: only)?$")),
    (Comparison.DIGITS, re.compile(r"^(?:same )?digits(?: only)?$")),
    (
        Comparison.CASE_INSENSITIVE,
        re.compile(r"^(?:case insensitive|ignor\w+ case|(?:letters and digits|alphanumerics?)(?: only)?)\b"),
    ),
    (Comparison.EXACT, re.compile(r"^(?:exact|equal|identical)(?:ly)?(?: match)?$")),
)
_ALSO: Final = re.compile(r"^also(?: report)? ")


def read_rule(text: str, *, field: str = "compare") -> Rule:
    """The rule that a scoring file states in words, such as `case-insensitive; also report surname only`.

    BadInput names the part that is none of the known comparisons.
    """
    main: list[Comparison] = []
    also: list[Comparison] = []
    for clause in filter(None, (part.strip() for part in text.split(";"))):
        said = " ".join(words(clause.replace("-", " ")))
        beside = _ALSO.match(said)
        found = _find_comparison(said[beside.end() :] if beside else said)
        if found is None:
            known = ", ".join(Comparison)
            raise BadInput(f"{field}: {clause!r} is none of {known} (nor 'also report' one of them)", field=field)
        (also if beside else main).append(found)
    if len(main) != 1:
        problem = "names no comparison" if not main else f"names {len(main)} comparisons; put 'also report' before"
        raise BadInput(f"{field}: {text!r} {problem}", field=field)
    return Rule(main[0], tuple(dict.fromkeys(each for each in also if each is not main[0])))


def read_gold(raw: object, question: DispositionMetric, *, reference: datetime) -> Coerced:
    """A label as a value of the question's type; a MISFIT says why it can be no answer to it."""
    return coerce(raw, question.type, question.choices, reference=reference)


def read_answer(value: AnswerValue, question: DispositionMetric, *, reference: datetime) -> AnswerValue:
    """What an answer gives as a value; None where it only says that there is none, as a fallback text does."""
    coerced = coerce(value, question.type, question.choices, reference=reference)
    return value if coerced.fit is Fit.MISFIT else coerced.value


def compare(
    comparison: Comparison,
    one: AnswerValue,
    other: AnswerValue,
    *,
    type: QuestionType,  # noqa: A002 - the question's own word
    reference: datetime,
) -> bool:
    """Whether two values of a type are the same; neither is None. Symmetric, and true of a value and itself."""
    if isinstance(one, bool | int) or isinstance(other, bool | int):
        return one == other and isinstance(one, bool) is isinstance(other, bool)
    if one is None or other is None:
        raise ValueError("there is no value to compare")
    if type is QuestionType.ENUM:
        return one == other
    if type is QuestionType.DATETIME and comparison is not Comparison.DATE:
        return one == other or _same_moment(one, other)
    match comparison:
        case Comparison.EXACT:
            return _tidy(one) == _tidy(other)
        case Comparison.CASE_INSENSITIVE:
            return _same_letters(one, other)
        case Comparison.DIGITS:
            ours, theirs = _digits(one), _digits(other)
            return ours == theirs if ours or theirs else _same_letters(one, other)
        case Comparison.DATE:
            return _same_day(one, other, reference)
        case Comparison.SURNAME:
            return _same_letters(_surname(one), _surname(other))
        case Comparison.OVERLAP:
            return _tidy(one) == _tidy(other) or overlap(one, other) >= OVERLAP_RIGHT


def overlap(one: str, other: str) -> float:
    """The F1 score of the words that two texts have in common, 0 to 1 (Rajpurkar et al. 2016, section 6.1, without
    leaving out articles): 2·common ÷ (words of one + words of the other), where a word counts as often as it stands in
    both. Two texts without words have 0 in common.
    """
    ours, theirs = Counter(words(one)), Counter(words(other))
    total = ours.total() + theirs.total()
    return 2 * (ours & theirs).total() / total if total else 0.0


def _find_comparison(said: str) -> Comparison | None:
    return next((comparison for comparison, pattern in _PHRASES if pattern.search(said)), None)


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _same_letters(one: str, other: str) -> bool:
    ours, theirs = _letters(one), _letters(other)
    return ours == theirs if ours or theirs else _tidy(one) == _tidy(other)


_NUMBER: Final = re.compile(r"[-−]?\d+\.\d+|[-−]\d+")
_AT: Final = re.compile(r"[^\w.+@-]")


def _letters(text: str) -> str:
    """Letters and digits alone, save where a mark tells two values apart: in a number, and in an e-mail address."""
    spelled = plain(text).strip()
    if _NUMBER.fullmatch(spelled):
        return spelled
    if "@" in spelled:
        return _AT.sub("", spelled).strip(".-+")
    return "".join(words(spelled))


def _digits(text: str) -> str:
    return "".join(char for char in plain(text) if char in "0123456789")


_TITLES: Final = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv", "phd", "md"})


def _surname(name: str) -> str:
    """The last word of a name, or of what stands before a comma: of `Ana Ruiz`, `Ruiz, Ana` and `Ana Ruiz, Jr.`."""
    before, comma, after = name.partition(",")
    inverted = bool(comma) and not _TITLES.issuperset(words(after))
    parts = [part for part in (before if inverted else name).replace(",", " ").split() if words(part)]
    kept = [part for part in parts if not _TITLES.issuperset(words(part))] or parts
    return kept[-1] if kept else name


def _same_day(one: str, other: str, reference: datetime) -> bool:
    ours, theirs = read_moment(one, reference), read_moment(other, reference)
    if isinstance(ours, Misread) or isinstance(theirs, Misread):
        return _same_letters(one, other)
    return ours[:10] == theirs[:10]


def _same_moment(one: str, other: str) -> bool:
    """The same clock time or, where both name their offset, the same instant: `T15:00+01:00` is `T14:00Z`."""
    try:
        ours, theirs = datetime.fromisoformat(one), datetime.fromisoformat(other)
    except ValueError:
        return False
    if (len(one) == 10) != (len(other) == 10) or (ours.tzinfo is None) != (theirs.tzinfo is None):
        return False
    return ours.astimezone(UTC) == theirs.astimezone(UTC) if ours.tzinfo else ours == theirs
