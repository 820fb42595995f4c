"""The card of a head: what it was learned from, how often it was right, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from math import comb, sqrt
from typing import Final

from postcall.domain.answers import AnswerValue
from postcall.domain.questions import QuestionType
from postcall.extraction.learning.features import FEATURES

_Z: Final = 1.959964
"""Of a normal distribution, 95 % lie within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Score:
    """How many of some calls were answered rightly, with the 95 % interval (Wilson's)."""

    right: int
    calls: int
    accuracy: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ValueCount:
    """How many calls have a value."""

    value: str | bool | None
    calls: int


@dataclass(frozen=True, slots=True)
class Bin:
    """The calls with a confidence between two bounds."""

    above: float
    up_to: float
    calls: int
    confidence: float
    """Mean."""
    accuracy: float
    """The share that was right."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a least confidence brings about."""

    min_confidence: float
    answered: float
    """The share of calls that the head then answers."""
    accuracy: float
    """Of those answers; 0 where there is none."""


@dataclass(frozen=True, slots=True)
class Looks:
    """The words that speak most for a value."""

    value: str | bool | None
    words: tuple[str, ...]
    """Each with who says it or when: `user: cancel`."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a head, or of the attempt at one."""

    identifier: str
    type: QuestionType
    digest: str
    published: bool
    verdict: str
    """Why it was published or not, in a sentence."""
    learned_at: datetime
    learned_from: int
    """Calls with a known answer, all different."""
    origins: dict[str, int]
    """How many of the answers are `label`s by people, real-time `metric`s, or a `model`'s."""
    features: int = FEATURES
    """What was counted when it was learned; a release that counts otherwise no longer asks the head."""
    set_aside: dict[str, int] = field(default_factory=dict)
    """How many known answers were not used, by reason."""
    values: tuple[ValueCount, ...] = ()
    seldom: tuple[str | bool | None, ...] = ()
    """Values with too few calls to be told apart; the head leaves calls that look like theirs alone."""
    unlabelled: tuple[str, ...] = ()
    """Choices that no call has: the head cannot answer them."""
    head: Score | None = None
    """Of calls that it had not learned from, in five rounds; None where nothing was learned."""
    rules: Score | None = None
    majority: Score | None = None
    """Of answering always what is commonest."""
    calibration_error: float | None = None
    """Expected calibration error, over the same rounds."""
    calibration: tuple[Bin, ...] = ()
    shares: tuple[Share, ...] = ()
    looks_at: tuple[Looks, ...] = ()


def make_score(right: int, calls: int) -> Score:
    """A share and its interval; Wilson's, which also holds near 0 and 1."""
    if calls == 0:
        return Score(0, 0, 0.0, 0.0, 1.0)
    share = right / calls
    spread = _Z**2 / calls
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / calls + spread / calls / 4) / (1 + spread)
    return Score(right, calls, round(share, 4), round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4))


def chance_of_luck(wins: int, losses: int) -> float:
    """How likely so many wins, or more, would be if both were equally good (McNemar's exact test, one-sided)."""
    games = wins + losses
    return sum(comb(games, won) for won in range(wins, games + 1)) / 2**games if games else 1.0


def show_value(value: AnswerValue) -> str:
    """As a reader would say it."""
    if value is None:
        return "no value"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
