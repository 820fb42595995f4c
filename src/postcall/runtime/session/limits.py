"""How long the parts of a conversation may take, and how often they may go round."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Bounds of one conversation. Seconds, or counts within one turn."""

    function_s: float = 10.0
    """A function without delay responses: as long as a caller bears silence."""
    slow_function_s: float = 60.0
    """A function with delay responses, which keep the caller company."""
    end_function_s: float = 60.0
    model_s: float = 30.0
    """One reply of the model, from the request to the last piece."""
    rounds: int = 10
    """How often the model is asked in one turn: each function that leaves the turn open asks it again."""
    function_steps: int = 20
    """Function steps that follow each other without the model in between."""
    function_errors: int = 3
    """Functions that raise in one turn: the model is told of that many, then the fallback is spoken."""
