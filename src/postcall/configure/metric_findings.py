"""What the linter says of a metric: what is wrong, why that matters, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters."""

    PROBLEM = "problem"
    """Numbers come out wrong, or cannot be told apart."""
    ADVICE = "advice"
    """People will misread it, or not find it."""


class Rule(StrEnum):
    """What was looked for."""

    CASING = "casing"
    SPACES = "spaces"
    SAME_NAME = "same-name"
    SYNONYM = "synonym"
    TYPO = "typo"
    PREFIX = "prefix"
    DEFINITION = "definition"
    VALUES = "values"


@dataclass(frozen=True, slots=True)
class Fix:
    """What would put it right; None where that stays as it is."""

    name: str | None = None
    """The agent's code must write this name as well."""
    definition: str | None = None
    expected_values: tuple[str, ...] | None = None
    draft: bool = False
    """Somebody has to read and complete it before it is used: it holds `…`, or merges what only they know to be one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about one metric."""

    severity: Severity
    rule: Rule
    name: str
    """The metric that it is about."""
    problem: str
    """What is wrong, in a sentence."""
    why: str
    """Why it matters, in a sentence."""
    fix: Fix | None = None
