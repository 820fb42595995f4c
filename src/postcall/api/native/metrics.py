"""Real-time metrics: their definitions, as JSON and as YAML, and what the linter says of them."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request, Response

from postcall.api.any_text import take_any_text
from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.metric_format import (
    finding_json,
    known_json,
    metric_json,
    read_change_body,
    read_metric_body,
    undeclared_names,
)
from postcall.api.metric_yaml import MAX_BYTES, read_metric_yaml, write_metric_yaml
from postcall.api.narrowing import check_agent_of
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.naming import lint_metrics
from postcall.domain.keys import Scope
from postcall.storage.metric_definitions import (
    change_metric,
    define_metric,
    define_missing_metrics,
    find_metric,
    foresee_import,
    is_in_use,
    list_metrics,
)
from postcall.storage.metric_writes import names_written

take_any_text()
router = APIRouter(prefix="/postcall/v1/agents/{agent}", tags=["metrics"])
_YAML = "application/yaml; charset=utf-8"
_LINTED = 500
"""Undeclared names that are looked at: each is compared with every other."""


@router.get("/metrics")
async def get_metrics(request: Request, agent: str) -> Response:
    """Every definition of the agent, retired ones too, the names that its calls carry without one, and our own."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    await check_agent_of(request, principal, agent)
    defined, written = await services_of(request).record.read_async(
        lambda c: (list_metrics(c, principal.account_pk, agent), names_written(c, principal.account_pk, agent))
    )
    return json_reply(
        {
            "metrics": [metric_json(metric) for metric in defined],
            "undeclared": undeclared_names(defined, written),
            "known": known_json(),
        }
    )


@router.post("/metrics", status_code=201)
async def post_metric(request: Request, agent: str) -> Response:
    """Define a metric: `{name, type, definition?, expected_values?, active?, api?}`."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    metric = read_metric_body(await read_body(request, limit=services.settings.max_body_bytes))
    now = services.clock()
    defined = await services.record.write_async(
        lambda c: define_metric(c, principal.account_pk, agent, metric, now=now)
    )
    return json_reply(metric_json(defined), status=201)


@router.get("/metrics.yaml")
async def get_metrics_yaml(request: Request, agent: str) -> Response:
    """Every definition as YAML, which `metrics:import` takes back."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    await check_agent_of(request, principal, agent)
    defined = await services_of(request).record.read_async(lambda c: list_metrics(c, principal.account_pk, agent))
    return Response(write_metric_yaml(defined), media_type=_YAML)


@router.post("/metrics:import")
async def post_metrics_yaml(request: Request, agent: str, dry_run: bool = False) -> Response:
    """Define what a YAML file has and the agent has not; nothing is changed or removed. `?dry_run=true` only tells."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    content = await read_body(request, limit=min(MAX_BYTES, services.settings.max_body_bytes))
    file = await asyncio.to_thread(read_metric_yaml, content)
    record, account_pk, now = services.record, principal.account_pk, services.clock()
    if dry_run:
        done = await record.read_async(lambda c: foresee_import(c, account_pk, agent, file.metrics))
    else:
        done = await record.write_async(lambda c: define_missing_metrics(c, account_pk, agent, file.metrics, now=now))
    problems = [{"name": each.name, "line": each.line, "problem": each.problem} for each in file.problems]
    return json_reply({"created": done.created, "ignored": done.ignored, "problems": problems, "dry_run": dry_run})


@router.get("/metrics:lint")
async def get_findings(request: Request, agent: str) -> Response:
    """What could be better about names, definitions and expected values, and how."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    await check_agent_of(request, principal, agent)
    defined, written = await services_of(request).record.read_async(
        lambda c: (list_metrics(c, principal.account_pk, agent), names_written(c, principal.account_pk, agent))
    )
    findings = await asyncio.to_thread(lint_metrics, defined, undeclared_names(defined, written)[:_LINTED])
    return json_reply({"findings": [finding_json(finding) for finding in findings]})


@router.get("/metrics/{name:text}")
async def get_metric(request: Request, agent: str, name: str) -> Response:
    """One definition."""
    principal = await authenticate(request, Scope.READ, narrow=True)
    await check_agent_of(request, principal, agent)
    metric = await services_of(request).record.read_async(lambda c: find_metric(c, principal.account_pk, agent, name))
    return json_reply(metric_json(metric))


@router.patch("/metrics/{name:text}")
async def patch_metric(request: Request, agent: str, name: str) -> Response:
    """Change parts of a definition; `active: false` retires it. Name and type stay once a call carries the name."""
    principal = await authenticate(request, Scope.ADMIN)
    services = services_of(request)
    change = read_change_body(await read_body(request, limit=services.settings.max_body_bytes))
    account_pk, now = principal.account_pk, services.clock()
    used = await services.record.read_async(lambda c: is_in_use(c, account_pk, agent, name, change))
    metric = await services.record.write_async(
        lambda c: change_metric(c, account_pk, agent, name, change, used=used, now=now)
    )
    return json_reply(metric_json(metric))
