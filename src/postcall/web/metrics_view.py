"""The list of an agent's metrics as it is shown: real-time metrics, questions and built-in ones in one table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from postcall.configure.metric_findings import Finding, Severity
from postcall.domain.builtin_metrics import BUILT_IN, KNOWN, SOURCE
from postcall.domain.metrics import MetricDefinition
from postcall.domain.queries import Coverage
from postcall.web import words
from postcall.web.metric_fixes import Remedy, remedy_for
from postcall.web.metric_paths import change_path, form_path, metric_path
from postcall.web.metrics_look import Known, MetricNumbers, MetricsLook
from postcall.web.tones import Badge, Tone

REAL_TIME, QUESTION, OWN = "real-time", "question", SOURCE
COLUMNS = ("name", "sources", "type", "definition", "state", "calls", "have", "unknown", "invalid", "last_seen")
_KINDS = {"text": "string", "number": "number", "boolean": "boolean", "mixed": "mixed", "": ""}


@dataclass(frozen=True, slots=True)
class MetricEntry:
    """One name with all that is known of it."""

    name: str
    sources: tuple[str, ...]
    type: str
    expected_values: tuple[str, ...]
    says: str
    """Its definition, or the question's prompt."""
    defined: bool
    """There is a definition of a real-time metric."""
    active: bool
    undeclared: bool
    coverage: Coverage | None
    last_seen: str | None


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One name in the table."""

    name: str
    href: str
    sources: tuple[str, ...]
    badge: Badge | None
    """That it is undeclared or retired."""
    type: str
    values: str
    says: str
    share: str
    detail: str
    last_seen: str
    edit: str
    """Where to change its definition, or to make one; empty where it has none of its own."""
    edit_label: str
    change: str
    """Where to send the action."""
    action: str
    """`retire` or `activate`; empty where neither can be."""
    action_label: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """A remark of the linter, with a button or a link where something can be done at once."""

    name: str
    badge: Badge
    rule: str
    problem: str
    why: str
    better: str
    """The name, definition or values that would be better; empty where there is nothing to copy."""
    remedy: Remedy | None


def list_entries(known: Known, numbers: MetricNumbers | None) -> list[MetricEntry]:
    """Every name, in the order of the alphabet whatever their case; those nobody has defined come first."""
    definitions = {metric.name: metric for metric in known.definitions}
    prompts = {question.identifier: question for question in known.questions}
    carried = {each.name: each for each in numbers.names} if numbers else {}
    undeclared = set(known.undeclared)
    entries = []
    for name in {*definitions, *prompts, *carried, *known.written}:
        seen, question = carried.get(name), prompts.get(name)
        written = name in definitions or name in known.written or (seen is not None and seen.written)
        sources = [REAL_TIME] if written else []
        sources += [QUESTION] if question is not None or (seen is not None and seen.asked) else []
        sources += [OWN] if name in BUILT_IN and seen is not None and seen.built_in else []
        entries.append(
            MetricEntry(
                name=name,
                sources=tuple(sources),
                type=_type(definitions.get(name), question.type.value if question else "", seen.kind if seen else ""),
                expected_values=definitions[name].expected_values if name in definitions else (),
                says=_says(name, definitions.get(name), question.prompt if question else ""),
                defined=name in definitions,
                active=name not in definitions or definitions[name].active,
                undeclared=name in undeclared,
                coverage=numbers.coverage.get(name) if numbers else None,
                last_seen=numbers.last_seen.get(name) if numbers else None,
            )
        )
    return sorted(entries, key=lambda each: (not each.undeclared, not each.active, each.name.casefold(), each.name))


def _type(definition: MetricDefinition | None, asked: str, kind: str) -> str:
    if definition is not None:
        return definition.type.value
    return asked.lower() or _KINDS[kind]


def _says(name: str, definition: MetricDefinition | None, prompt: str) -> str:
    if definition is not None and definition.definition:
        return definition.definition
    return prompt or (KNOWN[name].definition if name in KNOWN else "")


def entry_json(entry: MetricEntry) -> dict[str, Any]:
    """An entry as JSON."""
    coverage = entry.coverage
    return {
        "name": entry.name,
        "sources": entry.sources,
        "type": entry.type,
        "expected_values": entry.expected_values,
        "definition": entry.says,
        "state": state_of(entry),
        "coverage": {
            "calls": coverage.calls,
            "have": coverage.have,
            "unknown": coverage.unknown,
            "invalid": coverage.invalid,
            "error": coverage.error,
            "not_asked": coverage.not_asked,
        }
        if coverage
        else None,
        "last_seen": entry.last_seen,
    }


def entry_cells(entry: MetricEntry) -> tuple[str | int | None, ...]:
    """The same as the cells of `COLUMNS`."""
    coverage = entry.coverage
    counts = (coverage.calls, coverage.have, coverage.unknown, coverage.invalid) if coverage else (None,) * 4
    sources = " + ".join(entry.sources)
    return (entry.name, sources, entry.type, entry.says, state_of(entry), *counts, entry.last_seen)


def state_of(entry: MetricEntry) -> str:
    """`undeclared`, `retired`, `defined`, or nothing for what needs no definition."""
    if entry.undeclared:
        return "undeclared"
    return "" if not entry.defined else "defined" if entry.active else "retired"


def show_entry(entry: MetricEntry, agent: str, *, numbers_known: bool) -> MetricRow:
    """One row of the table."""
    standing = "undeclared" if entry.undeclared else "" if entry.active else "retired"
    share, detail = _coverage(entry.coverage) if numbers_known else ("", "")
    return MetricRow(
        name=words.visible(entry.name),
        href=metric_path(entry.name, f"agent={agent}"),
        sources=entry.sources,
        badge=Badge(standing, Tone.WAITING) if standing else None,
        type=entry.type,
        values=words.shorten(words.visible(", ".join(entry.expected_values)), 120),
        says=words.shorten(words.visible(entry.says), 200),
        share=share,
        detail=detail,
        last_seen=_day(entry.last_seen) if numbers_known else "",
        edit=form_path(agent, name=entry.name) if entry.defined or entry.undeclared else "",
        edit_label="Edit" if entry.defined else "Define",
        change=change_path(agent, entry.name),
        action=("retire" if entry.active else "activate") if entry.defined else "",
        action_label="Retire" if entry.active else "Use again",
    )


def _coverage(coverage: Coverage | None) -> tuple[str, str]:
    if coverage is None or not coverage.calls:
        return words.NONE, "no calls"
    parts = [f"{coverage.have:,} of {words.count(coverage.calls, 'call')}"]
    parts += [f"{coverage.unknown:,} unknown"] if coverage.unknown else []
    parts += [f"{coverage.invalid:,} not fitting"] if coverage.invalid else []
    parts += [f"{coverage.error:,} failed"] if coverage.error else []
    return f"{coverage.have / coverage.calls * 100:.0f} %", ", ".join(parts)


def _day(day: str | None) -> str:
    if day is None:
        return "not in 30 days"
    at = date.fromisoformat(day[:10])
    return f"{at.day} {at:%b %Y}"


def show_findings(look: MetricsLook) -> tuple[FindingView, ...]:
    """The remarks, each with what can be done about it."""
    if look.known is None:
        return ()
    known = look.known
    return tuple(_show_finding(finding, known) for finding in known.findings)


def _show_finding(finding: Finding, known: Known) -> FindingView:
    grave = finding.severity is Severity.PROBLEM
    fix = finding.fix
    better = ""
    if fix is not None:
        better = fix.name or fix.definition or ", ".join(fix.expected_values or ())
    return FindingView(
        name=words.visible(finding.name),
        badge=Badge("problem", Tone.BAD) if grave else Badge("advice", Tone.QUIET),
        rule=finding.rule.value,
        problem=finding.problem,
        why=finding.why,
        better=words.visible(better),
        remedy=remedy_for(finding, known.agent.slug, known.definitions, known.written),
    )
