"""What is said to a model, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from postcall.domain.answers import Usage


@dataclass(frozen=True, slots=True)
class Message:
    """One message to the model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What the model said; not yet believed."""

    text: str
    """As it came: perhaps fenced, perhaps cut off; `read_object` makes an object of it."""
    finish_reason: str
    """`stop`, or `length` where the token limit cut the text off; other servers' words for `stop` occur."""
    usage: Usage
    model: str
    """The model that answered, as the endpoint names it."""
