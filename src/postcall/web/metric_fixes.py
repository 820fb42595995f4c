"""What a page can do about a remark of the linter: a change at once, or a form that is filled in already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from postcall.configure.metric_findings import Finding, Rule
from postcall.domain.metrics import MetricDefinition
from postcall.storage.metric_definitions import MetricChange
from postcall.web.metric_paths import change_path, form_path


@dataclass(frozen=True, slots=True)
class Remedy:
    """A link, or a button that changes something."""

    label: str
    href: str
    at_once: bool = False
    """It is a button."""


def remedy_for(
    finding: Finding, agent: str, definitions: Sequence[MetricDefinition], written: Collection[str]
) -> Remedy | None:
    """What can be done; None where the agent's code has to change and nothing else."""
    fix = finding.fix
    if fix is None:
        return None
    defined = {metric.name for metric in definitions}
    if change_for(finding, definitions, written) is not None:
        href = change_path(agent, finding.name, rule=finding.rule.value)
        return Remedy(_label(finding, defined), href, at_once=True)
    if fix.name is not None:
        if fix.name in defined:
            return None
        more = {"like": finding.name} if finding.name in defined else {}
        return Remedy(f"Define {fix.name}", form_path(agent, name=fix.name, **more))
    label = "Write a better definition" if finding.rule is Rule.DEFINITION else "Change the values"
    return Remedy(label, form_path(agent, name=finding.name, fix=finding.rule.value))


def change_for(
    finding: Finding, definitions: Sequence[MetricDefinition], written: Collection[str]
) -> MetricChange | None:
    """The change that puts it right at once; None where somebody has to write something first."""
    fix = finding.fix
    defined = {metric.name for metric in definitions}
    if fix is None or fix.draft or finding.name not in defined:
        return None
    if fix.name is not None:
        if fix.name in defined:
            return MetricChange(active=False)
        return None if finding.name in written else MetricChange(name=fix.name)
    return MetricChange(definition=fix.definition, expected_values=fix.expected_values)


def _label(finding: Finding, defined: Collection[str]) -> str:
    fix = finding.fix
    if fix is not None and fix.name is not None:
        return f"Retire {finding.name}" if fix.name in defined else f"Rename to {fix.name}"
    return "Use these values"
