"""The list of all metrics of an agent, as page, JSON, CSV and YAML, and the small changes made from it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.csv_reply import attachment, csv_reply
from postcall.api.metric_format import finding_json
from postcall.api.metric_yaml import write_metric_yaml
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.metrics import MetricDefinition
from postcall.errors import BadInput, NotFound
from postcall.storage.metric_definitions import MetricChange, change_metric, is_in_use, list_metrics
from postcall.web.form_fields import read_fields
from postcall.web.metric_fixes import change_for
from postcall.web.metric_paths import CHANGE, IMPORT, PATH, form_path, list_path
from postcall.web.metrics_look import look_at_metrics, read_known
from postcall.web.metrics_view import COLUMNS, entry_cells, entry_json, list_entries, show_entry, show_findings
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()
_DONE = {
    "defined": "The metric is defined. Calls are read again with it; reports follow within seconds.",
    "changed": "The metric is changed. Calls are read again with it; reports follow within seconds.",
    "retired": "The metric is retired: calls keep it, and nothing new is asked of it.",
    "activated": "The metric is in use again.",
    "imported": "What was missing is defined.",
}


@router.api_route(f"{PATH}.json", methods=["GET", "HEAD"])
async def show_metrics_json(request: Request) -> Response:
    """The same metrics as JSON."""
    look = await look_at_metrics(request, _slug(request))
    if look.known is None:
        return json_reply({"agent": None, "metrics": [], "findings": []})
    entries = list_entries(look.known, look.numbers)
    return json_reply(
        {
            "agent": look.known.agent.slug,
            "metrics": [entry_json(entry) for entry in entries],
            "findings": [finding_json(finding) for finding in look.known.findings],
        }
    )


@router.api_route(f"{PATH}.csv", methods=["GET", "HEAD"])
async def show_metrics_csv(request: Request) -> Response:
    """The same metrics for a spreadsheet."""
    look = await look_at_metrics(request, _slug(request))
    entries = list_entries(look.known, look.numbers) if look.known else []
    slug = look.known.agent.slug if look.known else "no-agent"
    return csv_reply(COLUMNS, [entry_cells(entry) for entry in entries], f"{slug}-metrics.csv")


@router.api_route(f"{PATH}.yaml", methods=["GET", "HEAD"])
async def show_metrics_yaml(request: Request) -> Response:
    """The definitions, to be kept with the agent's code or imported into another agent."""
    account_pk, slug = person_of(request).account_pk, _slug(request)
    if slug is None:
        raise BadInput("agent: name the agent", field="agent")
    metrics = await services_of(request).record.read_async(lambda c: list_metrics(c, account_pk, slug))
    headers = attachment(f"{slug}-metrics.yaml")
    return Response(write_metric_yaml(metrics), media_type="application/yaml; charset=utf-8", headers=headers)


@router.api_route(PATH, methods=["GET", "HEAD"])
async def show_metrics(request: Request) -> Response:
    """Every name: what code writes, what is asked, and what postcall itself knows; and what could be better."""
    look = await look_at_metrics(request, _slug(request))
    if look.known is None:
        return render(request, "metrics_none.html")
    agent = look.known.agent
    entries = list_entries(look.known, look.numbers)
    rows = [show_entry(entry, agent.slug, numbers_known=look.numbers is not None) for entry in entries]
    query = f"agent={agent.slug}"
    return render(
        request,
        "metrics.html",
        agent=agent,
        agents=[(each.slug, each.name, each.slug == agent.slug) for each in look.agents],
        rows=rows,
        undeclared=sum(entry.undeclared for entry in entries),
        findings=show_findings(look),
        problem=look.problem,
        done=_DONE.get(request.query_params.get("did", "")),
        may_change=person_of(request).may_change,
        new=form_path(agent.slug),
        imports=f"{IMPORT}?{query}",
        query=query,
        questions=f"/agents/{agent.slug}/questions",
    )


@router.post(CHANGE)
async def change_from_list(request: Request) -> Response:
    """Retire a metric, use it again, or do what the linter advises."""
    fields = {**dict(request.query_params), **await read_fields(request)}
    slug, name, action = fields.get("agent", ""), fields.get("name", ""), fields.get("action", "")
    account_pk, services = person_of(request).account_pk, services_of(request)
    change = await services.record.read_async(lambda c: _change(c, account_pk, fields))
    used = await services.record.read_async(lambda c: is_in_use(c, account_pk, slug, name, change))

    def store(connection: Connection) -> MetricDefinition:
        return change_metric(connection, account_pk, slug, name, change, used=used, now=services.clock())

    await services.record.write_async(store)
    did = {"retire": "retired", "activate": "activated"}.get(action, "changed")
    return RedirectResponse(list_path(slug, did=did), status_code=303)


def _change(connection: Connection, account_pk: int, fields: dict[str, str]) -> MetricChange:
    """What the pressed button stands for. A remark that has been dealt with meanwhile is NotFound."""
    action = fields.get("action")
    if action in {"retire", "activate"}:
        return MetricChange(active=action == "activate")
    if action != "fix":
        raise BadInput("action: must be retire, activate or fix", field="action")
    known = read_known(connection, account_pk, fields.get("agent", ""))
    for finding in known.findings:
        if finding.name == fields.get("name") and finding.rule.value == fields.get("rule"):
            change = change_for(finding, known.definitions, known.written)
            if change is not None:
                return change
    raise NotFound("this remark no longer holds: somebody has changed the metric since the page was shown")


def _slug(request: Request) -> str | None:
    return request.query_params.get("agent") or None
