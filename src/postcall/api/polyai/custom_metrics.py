"""Custom metrics of a project: the definitions of the native interface in the words of this one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy.engine import Connection
from starlette.datastructures import UploadFile

from postcall.api.any_text import take_any_text
from postcall.api.metric_format import read_type
from postcall.api.metric_yaml import MAX_BYTES, MetricFile, read_metric_yaml, write_metric_yaml
from postcall.api.polyai.bodies import read_shape
from postcall.api.polyai.data.catalogue import WIRE_TYPES
from postcall.api.polyai.entering import Entered, enter
from postcall.api.polyai.errors import MetricTaken, in_envelope
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.api.uploads import read_form
from postcall.domain.keys import Scope
from postcall.domain.metrics import MetricDefinition
from postcall.errors import BadInput, Conflict
from postcall.storage.metric_definitions import (
    MetricChange,
    NewMetric,
    change_metric,
    define_metric,
    define_missing_metrics,
    find_metric,
    foresee_import,
    list_metrics,
)

take_any_text()
router = APIRouter(prefix="/adk/v1/accounts/{account_id}/projects/{project_id}/custom-metrics", tags=["custom metrics"])

_YAML = "application/yaml; charset=utf-8"
_SHOWN_PROBLEMS = 20


class NewBody(Struct):
    """A metric to be made."""

    name: str
    type: str
    description: str | None = None
    expected_values: list[str] | None = None
    api: bool | None = None


class ChangeBody(Struct):
    """What becomes different; null empties a text or a list."""

    description: str | UnsetType | None = UNSET
    expected_values: list[str] | UnsetType | None = UNSET
    active: bool | None = None
    api: bool | None = None
    name: str | None = None
    """Fixed; taken only as it is."""
    type: str | None = None
    """Fixed, too."""


@router.get("/", include_in_schema=False)
@router.get("")
@in_envelope
async def get_metrics(request: Request, account_id: str, project_id: str) -> Response:
    """Every definition, retired ones too, by name."""
    defined = await _defined(request, await enter(request, Scope.READ, project_id, account_id=account_id))
    return json_reply({"metrics": [_metric_json(metric) for metric in defined]})


@router.post("/", include_in_schema=False)
@router.post("", status_code=201)
@in_envelope
async def post_metric(request: Request, account_id: str, project_id: str) -> Response:
    """Define a metric; it holds at once, in every environment."""
    entered = await enter(request, Scope.ADMIN, project_id, account_id=account_id)
    body = await read_shape(request, NewBody)
    metric = NewMetric(
        name=body.name,
        type=read_type(body.type),
        expected_values=tuple(body.expected_values or ()),
        definition=body.description or "",
        in_api=body.api is not False,
    )
    services = services_of(request)
    now = services.clock()
    try:
        made = await _write(
            request, lambda c: define_metric(c, entered.principal.account_pk, entered.agent_id, metric, now=now)
        )
    except Conflict:
        raise MetricTaken(metric.name) from None
    return json_reply(_metric_json(made), status=201)


@router.get("/export")
@in_envelope
async def export_metrics(request: Request, account_id: str, project_id: str) -> Response:
    """Every definition as YAML, which `import` takes."""
    defined = await _defined(request, await enter(request, Scope.READ, project_id, account_id=account_id))
    text = write_metric_yaml(defined, types=WIRE_TYPES, definition="description")
    return Response(text or "{}\n", media_type=_YAML)


@router.post("/import")
@in_envelope
async def import_metrics(request: Request, account_id: str, project_id: str) -> Response:
    """Define what the file in the form's field `yaml` has and the project has not; `?dry_run=true` only tells.

    Nothing is changed or removed, and nothing at all is made where the file has an entry that cannot be taken.
    """
    entered = await enter(request, Scope.ADMIN, project_id, account_id=account_id)
    dry_run = _read_switches(request)
    services = services_of(request)
    content = await _read_file(request)
    file = await asyncio.to_thread(read_metric_yaml, content)
    _refuse_problems(file)
    account_pk, agent, now = entered.principal.account_pk, entered.agent_id, services.clock()
    if dry_run:
        done = await services.record.read_async(lambda c: foresee_import(c, account_pk, agent, file.metrics))
    else:
        done = await services.record.write_async(
            lambda c: define_missing_metrics(c, account_pk, agent, file.metrics, now=now)
        )
    return json_reply({"metadata": {"created": done.created, "ignored": done.ignored}})


@router.patch("/{name:text}")
@in_envelope
async def patch_metric(request: Request, account_id: str, project_id: str, name: str) -> Response:
    """Change a description, expected values, whether it is in the API; `active: false` retires it."""
    entered = await enter(request, Scope.ADMIN, project_id, account_id=account_id)
    body = await read_shape(request, ChangeBody)
    services = services_of(request)
    account_pk, agent, now = entered.principal.account_pk, entered.agent_id, services.clock()
    before = await services.record.read_async(lambda c: find_metric(c, account_pk, agent, name))
    _keep_identity(before, body)
    change = MetricChange(
        definition=None if body.description is UNSET else body.description or "",
        expected_values=None if body.expected_values is UNSET else tuple(body.expected_values or ()),
        active=body.active,
        in_api=body.api,
    )
    metric = await _write(request, lambda c: change_metric(c, account_pk, agent, name, change, used=True, now=now))
    return json_reply(_metric_json(metric))


async def _write(request: Request, work: Callable[[Connection], MetricDefinition]) -> MetricDefinition:
    """Store a definition; what is wrong with it is told in the words of this interface."""
    try:
        return await services_of(request).record.write_async(work)
    except BadInput as error:
        if error.field != "definition":
            raise
        message = f"description{error.message.removeprefix('definition')}"
        raise BadInput(message, field="description") from None


async def _defined(request: Request, entered: Entered) -> list[MetricDefinition]:
    account_pk, agent = entered.principal.account_pk, entered.agent_id
    return await services_of(request).record.read_async(lambda c: list_metrics(c, account_pk, agent))


def _keep_identity(metric: MetricDefinition, body: ChangeBody) -> None:
    if body.name is not None and body.name != metric.name:
        raise BadInput("name: a metric keeps its name; define another one and retire this", field="name")
    if body.type is not None and read_type(body.type) is not metric.type:
        raise BadInput("type: a metric keeps its type; define another one and retire this", field="type")


def _read_switches(request: Request) -> bool:
    """Whether it is a dry run."""
    form = request.query_params.get("type", "yaml")
    if form != "yaml":
        raise BadInput(f"type: only yaml is taken, not {form[:50]!r}", field="type")
    said = request.query_params.get("dry_run", "false").casefold()
    if said not in ("true", "false", "1", "0"):
        raise BadInput("dry_run: must be true or false", field="dry_run")
    return said in ("true", "1")


async def _read_file(request: Request) -> bytes:
    limit = min(2 * MAX_BYTES, services_of(request).settings.max_body_bytes)
    async with read_form(request, limit=limit) as form:
        given = form.get("yaml")
        if isinstance(given, UploadFile):
            return await given.read()
        if given is None:
            raise BadInput("yaml: the form has no such field", field="yaml")
        return given.encode()


def _refuse_problems(file: MetricFile) -> None:
    if not file.problems:
        return
    told = [f"line {each.line}, {each.name[:100]!r}: {each.problem}" for each in file.problems[:_SHOWN_PROBLEMS]]
    more = len(file.problems) - len(told)
    raise BadInput("; ".join([*told, *([f"and {more} more"] if more else [])]), field="yaml")


def _metric_json(metric: MetricDefinition) -> dict[str, Any]:
    return {
        "name": metric.name,
        "type": WIRE_TYPES[metric.type],
        "description": metric.definition,
        "expected_values": metric.expected_values,
        "active": metric.active,
        "api": metric.in_api,
        "created_at": metric.created_at,
        "updated_at": metric.updated_at,
    }
