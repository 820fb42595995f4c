"""What functions are decorated with. postcall reads decorators from the source, so here they change nothing."""

# ruff: noqa: ARG001 - the published signatures, all of whose arguments are not used here

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])


def func_parameter(name: str, description: str) -> Callable[[Function], Function]:
    """Tells the model what a parameter is."""
    return _unchanged


def func_description(description: str) -> Callable[[Function], Function]:
    """Tells the model what the function does."""
    return _unchanged


def func_latency_control(
    delay_before_responses_start: float = 0,
    silence_after_each_response: float = 0,
    delay_responses: list[tuple[str, float]] | None = None,
    randomize: bool = False,
) -> Callable[[Function], Function]:
    """Says what is spoken while the function runs."""
    return _unchanged


def _unchanged(function: Function) -> Function:
    return function
