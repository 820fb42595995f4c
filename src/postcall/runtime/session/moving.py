"""Where a transition leads: decided from the project alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from postcall.runtime.projects.model import Flow, Project
from postcall.runtime.protocol import Moved


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation stands; both None outside of flows."""

    flow: str | None = None
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The transition leads nowhere: the conversation stays where it is, and the author sees why."""

    message: str


def find_target(
    project: Project, here: Place, moved: Moved, *, variant: Mapping[str, Any] | None = None
) -> Place | Refused | None:
    """The place that a transition means; None where it means none.

    A step alone is one of the flow that the conversation is in; names are compared as they are written. A flow that
    the variant does not have (`active_flows`, `inactive_flows`) cannot be entered.
    """
    if moved.goto_flow:
        return _enter_flow(project, moved.goto_flow, moved.goto_step, variant or {})
    if moved.goto_step:
        if here.flow is None:
            return Refused(f"goto_step({moved.goto_step!r}) outside of a flow")
        flow = project.flows.get(here.flow)
        if flow is None:
            return Refused(f"the flow {here.flow!r} does not exist any more")
        return _enter_step(flow, moved.goto_step)
    if moved.exit_flow and here.flow is not None:
        return Place()
    return None


def has_step(flow: Flow, step: str) -> bool:
    """Whether a flow has a step or function step of this name."""
    return step in flow.steps or step in flow.function_steps


def _enter_flow(project: Project, name: str, step: str | None, variant: Mapping[str, Any]) -> Place | Refused:
    flow = project.flows.get(name)
    if flow is None:
        return Refused(f"there is no flow {name!r}")
    if not _allows(variant, name):
        return Refused(f"the variant does not allow the flow {name!r}")
    return _enter_step(flow, step or flow.start_step)


def _enter_step(flow: Flow, step: str) -> Place | Refused:
    if not has_step(flow, step):
        return Refused(f"the flow {flow.name!r} has no step {step!r}")
    return Place(flow.name, step)


def _allows(variant: Mapping[str, Any], flow: str) -> bool:
    active, inactive = _names(variant.get("active_flows")), _names(variant.get("inactive_flows"))
    return flow not in inactive and (not active or flow in active)


def _names(value: Any) -> frozenset[str]:
    """Flow names, as a list or as one text with commas: attributes of variants are texts in most projects."""
    if isinstance(value, str):
        value = value.split(",")
    return frozenset(str(each).strip() for each in value) - {""} if isinstance(value, (list, tuple)) else frozenset()
