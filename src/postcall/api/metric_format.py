"""Definitions of real-time metrics as clients send and read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from postcall.configure.metric_findings import Finding, Fix
from postcall.domain.builtin_metrics import BUILT_IN, KNOWN, SOURCE
from postcall.domain.metrics import MetricDefinition, MetricType
from postcall.errors import BadInput
from postcall.intake.explain import decode
from postcall.storage.metric_definitions import MetricChange, NewMetric

_SHORT_TYPES: Final = {"bool": MetricType.BOOLEAN, "int": MetricType.INTEGER}


class MetricBody(Struct, forbid_unknown_fields=True):
    """A new definition; `description` may stand for `definition`."""

    name: str
    type: str
    definition: str | None = None
    description: str | None = None
    expected_values: list[str] | None = None
    active: bool = True
    api: bool = True


class MetricChangeBody(Struct, forbid_unknown_fields=True):
    """Parts of a definition; what is left out stays as it is."""

    name: str | None = None
    type: str | None = None
    definition: str | None = None
    description: str | None = None
    expected_values: list[str] | None = None
    active: bool | None = None
    api: bool | None = None


_METRIC = msgspec.json.Decoder(MetricBody)
_CHANGE = msgspec.json.Decoder(MetricChangeBody)


def read_metric_body(body: bytes) -> NewMetric:
    """A new definition, or BadInput that names the field and the reason."""
    given = decode(body, _METRIC)
    return NewMetric(
        name=given.name,
        type=read_type(given.type),
        expected_values=tuple(given.expected_values or ()),
        definition=(given.definition if given.definition is not None else given.description) or "",
        active=given.active,
        in_api=given.api,
    )


def read_change_body(body: bytes) -> MetricChange:
    """What a client wants changed."""
    given = decode(body, _CHANGE)
    return MetricChange(
        name=given.name,
        type=read_type(given.type) if given.type is not None else None,
        definition=given.definition if given.definition is not None else given.description,
        expected_values=tuple(given.expected_values) if given.expected_values is not None else None,
        active=given.active,
        in_api=given.api,
    )


def read_type(named: str) -> MetricType:
    """The type of this name; `bool` and `int` are understood as well."""
    try:
        return _SHORT_TYPES.get(named) or MetricType(named)
    except ValueError:
        raise BadInput(f"type: {named!r} is none of {', '.join(MetricType)}", field="type") from None


def undeclared_names(defined: Iterable[MetricDefinition], written: Iterable[str]) -> list[str]:
    """Of the names that calls carry, those that neither the agent nor postcall itself has defined."""
    known = {metric.name for metric in defined}.union(KNOWN)
    return sorted(set(written) - known)


def known_json() -> list[dict[str, Any]]:
    """The metrics that have a meaning without anybody's definition."""
    return [
        {
            "name": metric.name,
            "type": metric.type,
            "definition": metric.definition,
            "source": SOURCE if metric.name in BUILT_IN else "platform",
        }
        for metric in KNOWN.values()
    ]


def metric_json(metric: MetricDefinition) -> dict[str, Any]:
    """A definition."""
    return {
        "name": metric.name,
        "type": metric.type,
        "definition": metric.definition,
        "expected_values": metric.expected_values,
        "active": metric.active,
        "api": metric.in_api,
        "created_at": metric.created_at,
        "updated_at": metric.updated_at,
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """A remark of the linter; the fix holds only what it changes."""
    return {
        "name": finding.name,
        "severity": finding.severity,
        "rule": finding.rule,
        "problem": finding.problem,
        "why": finding.why,
        "fix": _fix_json(finding.fix) if finding.fix is not None else None,
    }


def _fix_json(fix: Fix) -> dict[str, Any]:
    changes = {"name": fix.name, "definition": fix.definition, "expected_values": fix.expected_values}
    return {**{key: value for key, value in changes.items() if value is not None}, "draft": fix.draft}
