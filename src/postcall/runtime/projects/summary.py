"""A project in a few numbers and its problems, as they are kept beside it and shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from postcall.domain.calls import Json
from postcall.domain.conversations import FunctionKind
from postcall.runtime.projects.model import Problem, Project

_BROKEN = ("cannot be imported: ", "not Python")
"""How the messages begin that switch a whole file off."""


def broken_files(project: Project, problems: Iterable[Problem]) -> frozenset[str]:
    """The Python files that can be read or imported by nobody, and so none of what is in them."""
    named = frozenset(each.file for each in problems if each.message.startswith(_BROKEN))
    return named | frozenset(project.sources) if "functions" in named else named


def summarise(project: Project, problems: Iterable[Problem] = ()) -> dict[str, Json]:
    """How much of everything there is; functions and modules of files that cannot be imported are left out."""
    of_flows = [spec for flow in project.flows.values() for spec in flow.functions.values()]
    broken = broken_files(project, problems)
    functions = [each for each in (*project.functions.values(), *of_flows) if each.file not in broken]
    return {
        "project_id": project.project_id,
        "name": project.name,
        "functions": sum(each.kind is not FunctionKind.UTILITY for each in functions),
        "modules": sum(each.kind is FunctionKind.UTILITY for each in functions),
        "flows": len(project.flows),
        "steps": sum(len(flow.steps) + len(flow.function_steps) for flow in project.flows.values()),
        "topics": len(project.topics),
        "entities": len(project.entities),
        "handoffs": len(project.handoffs),
        "sms_templates": len(project.sms_templates),
        "variants": len(project.variants),
        "translations": len(project.translations),
        "api_integrations": len(project.api_integrations),
        "phrase_filters": len(project.phrase_filters),
        "languages": list(project.languages),
        "requirements": list(project.requirements),
    }


def problem_json(problem: Problem) -> dict[str, Json]:
    """`file`, `line` and `message`."""
    return {"file": problem.file, "line": problem.line, "message": problem.message}


def read_problem(stored: Mapping[str, Json]) -> Problem:
    """The inverse of `problem_json`."""
    line = stored.get("line")
    return Problem(str(stored["file"]), line if isinstance(line, int) else None, str(stored["message"]))


def say_summary(project: Project, problems: Iterable[Problem] = ()) -> str:
    """`Corner Bakery: 3 functions, 1 flow with 1 step, 1 topic`; what there is none of is left out."""
    summary = summarise(project, problems)
    said = [
        _count(summary[key], noun)
        for key, noun in (
            ("functions", "function"),
            ("flows", "flow"),
            ("steps", "step"),
            ("topics", "topic"),
            ("entities", "entity"),
            ("handoffs", "handoff"),
            ("sms_templates", "SMS template"),
            ("variants", "variant"),
        )
        if summary[key]
    ]
    return f"{project.name}: {', '.join(said) or 'nothing in it'}"


def _count(number: Json, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
