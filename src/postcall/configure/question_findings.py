"""What looking through questions can find."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from postcall.domain.questions import DispositionMetric


class Severity(StrEnum):
    """How much a finding matters."""

    WARNING = "warning"
    """Answers will be wrong or missing."""
    HINT = "hint"
    """Answers could be better."""


class Rule(StrEnum):
    """What a finding is about."""

    MISSING_CHOICE = "missing_choice"
    """The prompt can lead to a value that is not among the choices."""
    SKIPS = "skips"
    """The prompt asks to leave its question out."""
    FALLBACK_TYPE = "fallback_type"
    """What to answer where nothing is said does not have the question's type."""
    DEPENDS = "depends"
    """The question needs the answer to another."""
    WEIGHTS = "weights"
    """A score of several parts does not say how they are put together."""
    OPTIONS = "options"
    """The prompt lists choices that the question does not have."""
    NO_OTHER = "no_other"
    """No choice is left for what fits none."""
    VAGUE = "vague"
    """The prompt does not say what counts."""
    OVERLAP = "overlap"
    """Two questions ask nearly the same."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a question that should be looked at before it is asked."""

    severity: Severity
    identifier: str
    """The question's."""
    rule: Rule
    message: str
    """What is the matter, in a sentence."""
    fix: str | None = None
    """What to do about it, in a sentence."""
    replacement: DispositionMetric | None = None
    """The question with that done, where it can be done by itself."""
