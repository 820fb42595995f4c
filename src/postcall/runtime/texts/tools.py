"""Functions and conditions as tools that a model may call."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from postcall.llm.chat_shapes import Tool
from postcall.runtime.projects.model import Condition, FunctionSpec, Project, Step
from postcall.runtime.protocol import CollectedEntity
from postcall.runtime.texts.references import Values, render

LONGEST_NAME = 64
"""Chat-completions endpoints refuse longer names, and all but letters, digits, `_` and `-`."""
_STRANGE = re.compile(r"[^A-Za-z0-9_]")
_TYPES = frozenset({"string", "integer", "number", "boolean"})


def function_tools(
    specs: Sequence[FunctionSpec], values: Values, project: Project, *, flow: str | None
) -> tuple[dict[str, FunctionSpec], tuple[Tool, ...]]:
    """The functions by tool name, each once, and the tools. Of two with one name the flow's own is offered."""
    named: dict[str, FunctionSpec] = {}
    for spec in specs:
        name = _tool_name(spec.name)
        if name not in named or (named[name].flow is None and spec.flow is not None):
            named[name] = spec
    return named, tuple(_function_tool(name, spec, values, project, flow) for name, spec in named.items())


def condition_tools(
    step: Step, entities: Mapping[str, CollectedEntity]
) -> tuple[dict[str, Condition], tuple[Tool, ...]]:
    """The ways out of a default step that are open now: by tool name, and as tools.

    A condition is open when all its required entities are valid. The names hold a hyphen, which no function's name
    can.
    """
    open_now: dict[str, Condition] = {}
    for number, condition in enumerate(step.conditions, start=1):
        if all(name in entities and entities[name].valid for name in condition.required_entities):
            slug = re.sub(r"[^a-z0-9]+", "-", condition.name.lower()).strip("-")
            open_now[f"condition-{number}-{slug}"[:LONGEST_NAME].rstrip("-")] = condition
    tools = tuple(
        Tool(name, f"{condition.name}: {condition.description}", _object_schema({}))
        for name, condition in open_now.items()
    )
    return open_now, tools


def _function_tool(name: str, spec: FunctionSpec, values: Values, project: Project, flow: str | None) -> Tool:
    def shown(text: str) -> str:
        return render(text, values, project, flow=flow).text

    properties = {
        each.name: {
            "type": each.type if each.type in _TYPES else "string",
            **({"description": shown(each.description)} if each.description else {}),
        }
        for each in spec.parameters
    }
    return Tool(name, shown(spec.description), _object_schema(properties))


def _object_schema(properties: Mapping[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _tool_name(name: str) -> str:
    return _STRANGE.sub("_", name)[:LONGEST_NAME]
