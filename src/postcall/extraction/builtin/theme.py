"""A theme of calls: what a choice says that stands for it, and what callers say."""

from __future__ import annotations

import re
from dataclasses import dataclass

_I = re.IGNORECASE
THING = (
    r"(?:appointment|visit|booking|reservation|slot|table|order|service|session|class|meeting|viewing|"
    r"inspection)s?"
)
MINE = r"(?:my|our|the|an?|this|that|mi|la)"


@dataclass(frozen=True, slots=True)
class Theme:
    """One reason to call."""

    name: str
    choice: re.Pattern[str]
    """What a choice says that stands for it."""
    cue: re.Pattern[str]
    """What a caller says."""
    weight: float = 1.0
    """Above 1 for what outweighs all else that is said, below 1 for what is said in passing too."""
    negatable: bool = True
    """Whether "not" before the cue takes it back."""


def theme(name: str, choice: str, cue: str, weight: float = 1.0, *, negatable: bool = True) -> Theme:
    return Theme(name, re.compile(choice, _I), re.compile(cue, _I), weight, negatable)
