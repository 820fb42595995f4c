"""An agent's project as it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from postcall.domain.conversations import FunctionKind
from postcall.runtime.agent_project import OpenedProject
from postcall.runtime.projects.model import Flow, FunctionSpec, Problem, Project, Topic
from postcall.runtime.projects.summary import broken_files
from postcall.web import words
from postcall.web.diff_view import show_project
from postcall.web.tones import Badge, Tone

_KINDS = {
    FunctionKind.GLOBAL: "global",
    FunctionKind.TRANSITION: "of the flow",
    FunctionKind.STEP: "step",
    FunctionKind.START: "at the start",
    FunctionKind.END: "after the end",
    FunctionKind.UTILITY: "module",
}
_TOOLS = frozenset({FunctionKind.GLOBAL, FunctionKind.TRANSITION})


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """Something that cannot work."""

    place: str
    """`functions/book.py:12`."""
    message: str


@dataclass(frozen=True, slots=True)
class StepView:
    """A step of a flow."""

    name: str
    note: str
    """Such as `starts here`; may be empty."""


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A flow."""

    name: str
    description: str
    steps: tuple[StepView, ...]
    functions: str


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A function, or a module for imports."""

    name: str
    parameters: str
    kind: str
    flow: str
    offered: Badge | None
    """Whether a model may call it, or that nobody can; None where only the session or code ever does."""
    description: str
    file: str


@dataclass(frozen=True, slots=True)
class TopicRow:
    """A topic."""

    name: str
    queries: str
    note: str
    """That it is off, or of one variant only; may be empty."""


@dataclass(frozen=True, slots=True)
class ProjectView:
    """All of the page."""

    name: str
    digest: str
    pushed: str
    pushed_iso: str
    problems: tuple[ProblemRow, ...]
    counted: str
    """`2 problems`."""
    flows: tuple[FlowRow, ...]
    functions: tuple[FunctionRow, ...]
    topics: tuple[TopicRow, ...]
    facts: tuple[tuple[str, str], ...]
    files: str


def show_opened(opened: OpenedProject) -> ProjectView:
    """What is in a version's project, and what is wrong with it."""
    project, kept = opened.project, opened.stored.kept
    problems = opened.stored.problems
    return ProjectView(
        name=words.visible(project.name),
        digest=show_project(kept.digest),
        pushed=words.moment(kept.created_at),
        pushed_iso=kept.created_at.isoformat(),
        problems=tuple(_problem(each) for each in problems),
        counted=words.count(len(problems), "problem"),
        flows=tuple(_flow(each) for each in project.flows.values()),
        functions=tuple(_functions(project, broken_files(project, problems))),
        topics=tuple(_topic(each) for each in project.topics),
        facts=tuple(_facts(project)),
        files=f"{words.count(len(opened.files), 'file')}, {sum(opened.files.values()) / 1000:,.0f} kB",
    )


def _problem(problem: Problem) -> ProblemRow:
    place = f"{problem.file}:{problem.line}" if problem.line else problem.file
    return ProblemRow(words.visible(place), words.visible(problem.message))


def _flow(flow: Flow) -> FlowRow:
    kinds = {name: "default step" if step.is_default else "" for name, step in flow.steps.items()}
    kinds |= dict.fromkeys(flow.function_steps, "function step")
    return FlowRow(
        name=words.visible(flow.name),
        description=words.visible(flow.description),
        steps=tuple(
            StepView(
                words.visible(name), ", ".join(filter(None, ("starts here" if name == flow.start_step else "", kind)))
            )
            for name, kind in kinds.items()
        ),
        functions=words.count(len(flow.functions), "function") if flow.functions else words.NONE,
    )


def _functions(project: Project, broken: frozenset[str]) -> Iterator[FunctionRow]:
    for spec in project.functions.values():
        yield _function(spec, broken)
    for flow in project.flows.values():
        for spec in (*flow.function_steps.values(), *flow.functions.values()):
            yield _function(spec, broken)


def _function(spec: FunctionSpec, broken: frozenset[str]) -> FunctionRow:
    fails = spec.file in broken
    offered = Badge("may be offered", Tone.GOOD) if spec.offered else Badge("code only", Tone.QUIET)
    return FunctionRow(
        name=words.visible(spec.name),
        parameters=", ".join(f"{each.name}: {each.type}" for each in spec.parameters),
        kind=_KINDS[spec.kind],
        flow=words.visible(spec.flow) if spec.flow else words.NONE,
        offered=Badge("cannot be imported", Tone.BAD) if fails else offered if spec.kind in _TOOLS else None,
        description=words.visible(spec.description),
        file=words.visible(spec.file),
    )


def _topic(topic: Topic) -> TopicRow:
    notes = ("" if topic.enabled else "off", f"variant {topic.variant}" if topic.variant else "")
    queries = words.count(len(topic.example_queries), "question") if topic.example_queries else words.NONE
    return TopicRow(words.visible(topic.name), queries, words.visible(", ".join(filter(None, notes))))


def _facts(project: Project) -> Iterator[tuple[str, str]]:
    """Names of what has no table of its own; what there is none of is left out."""
    entities = (f"{each.name} ({each.type})" for each in project.entities.values())
    handoffs = (f"{each.name} (default)" if each.is_default else each.name for each in project.handoffs.values())
    variants = (f"{name} (default)" if name == project.default_variant else name for name in project.variants)
    for title, names in (
        ("Languages", project.languages),
        ("Entities", entities),
        ("Handoffs", handoffs),
        ("SMS templates", project.sms_templates),
        ("Variants", variants),
        ("Translations", project.translations),
        ("Interfaces", project.api_integrations),
        ("Phrase filters", (each.name for each in project.phrase_filters)),
        ("Requirements", project.requirements),
    ):
        if said := ", ".join(names):
            yield title, words.visible(said)
