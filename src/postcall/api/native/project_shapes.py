"""How an agent's project looks on the wire."""

from __future__ import annotations

from typing import Any

from postcall.runtime.agent_project import OpenedProject
from postcall.runtime.projects.model import Flow, FunctionSpec
from postcall.runtime.projects.summary import broken_files, problem_json, summarise
from postcall.runtime.publishing import Pushed


def project_json(opened: OpenedProject) -> dict[str, Any]:
    """What is in the project of a version."""
    stored, project = opened.stored, opened.project
    broken = broken_files(project, stored.problems)
    return {
        "agent": stored.agent.slug,
        "version": stored.version.number,
        "active": stored.version.number == stored.agent.active_version,
        "digest": stored.kept.digest,
        "pushed_at": stored.kept.created_at,
        "summary": summarise(project, stored.problems),
        "problems": [problem_json(problem) for problem in stored.problems],
        "functions": [_function_json(spec, broken) for spec in project.functions.values()],
        "flows": [_flow_json(flow, broken) for flow in project.flows.values()],
        "topics": [
            {"name": topic.name, "enabled": topic.enabled, "variant": topic.variant, "file": topic.file}
            for topic in project.topics
        ],
        "entities": [{"name": entity.name, "type": entity.type} for entity in project.entities.values()],
        "handoffs": [{"name": each.name, "is_default": each.is_default} for each in project.handoffs.values()],
        "sms_templates": list(project.sms_templates),
        "variants": list(project.variants),
        "default_variant": project.default_variant,
        "files": [{"path": path, "bytes": size} for path, size in opened.files.items()],
    }


def pushed_json(pushed: Pushed) -> dict[str, Any]:
    """What pushing did."""
    return {
        "agent": pushed.agent_slug,
        "agent_is_new": pushed.agent_is_new,
        "version": pushed.version,
        "active": pushed.active,
        "unchanged": pushed.unchanged,
        "digest": pushed.digest,
        "problems": [problem_json(problem) for problem in pushed.problems],
    }


def _flow_json(flow: Flow, broken: frozenset[str]) -> dict[str, Any]:
    steps = [
        {"name": step.name, "kind": "default" if step.is_default else "advanced", "file": step.file}
        for step in flow.steps.values()
    ]
    functions = [{"name": spec.name, "kind": "function", "file": spec.file} for spec in flow.function_steps.values()]
    return {
        "name": flow.name,
        "start_step": flow.start_step,
        "steps": steps + functions,
        "functions": [_function_json(spec, broken) for spec in flow.functions.values()],
    }


def _function_json(spec: FunctionSpec, broken: frozenset[str]) -> dict[str, Any]:
    return {
        "name": spec.name,
        "kind": spec.kind,
        "file": spec.file,
        "description": spec.description,
        "offered": spec.offered and spec.file not in broken,
        "parameters": [
            {"name": each.name, "type": each.type, "description": each.description} for each in spec.parameters
        ],
    }
