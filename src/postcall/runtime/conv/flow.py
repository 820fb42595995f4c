"""`flow`: the current flow, as its own functions see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from postcall.runtime.conv.executors import FlowFunctionExecutor
from postcall.runtime.conv.plain import as_text

if TYPE_CHECKING:
    from postcall.runtime.conv.conversation import Conversation


@dataclass
class Transition:
    """A transition as a function may return it."""

    exit_flow: bool = False
    goto_flow: str | None = None
    goto_step: str | None = None

    @classmethod
    def from_dict(cls, d: dict[str, Any]) -> Transition:
        return cls(bool(d.get("exit_flow", False)), d.get("goto_flow"), d.get("goto_step"))

    def is_noop(self) -> bool:
        return not (self.exit_flow or self.goto_flow or self.goto_step)


@dataclass
class FlowTransition:
    """A wish to enter or to leave a flow."""

    goto_flow: str | None = None
    exit_flow: bool = False


@dataclass
class StepTransition:
    """A wish to go to a step."""

    goto_step: str | None = None


class Flow:
    """The flow that a function belongs to."""

    def __init__(
        self, current_step: str, step_transition: StepTransition, conv: Conversation, function_dir: str
    ) -> None:
        self._current_step = current_step
        self._step_transition = step_transition
        self._conv = conv
        self._name = function_dir

    @property
    def current_step(self) -> str:
        return self._current_step

    @property
    def functions(self) -> FlowFunctionExecutor:
        """The functions of the same flow."""
        return FlowFunctionExecutor(self._conv, self)

    def goto_step(self, step_name: str, label: str | None = None) -> None:
        """Go on in that step, once the function has ended. A step that does not exist is logged and changes nothing."""
        self._step_transition.goto_step = step_name
        self._conv.wishes.goto_step(as_text(step_name), None if label is None else as_text(label))
