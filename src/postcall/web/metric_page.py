"""The page of one metric, and the same as JSON and CSV."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.api.any_text import take_any_text
from postcall.api.csv_reply import csv_reply
from postcall.api.metric_format import metric_json
from postcall.api.replies import json_reply
from postcall.domain.builtin_metrics import KNOWN
from postcall.errors import BadInput, PostcallError, ReportsBuilding
from postcall.reporting.tile_format import tile_rows, tiles_json
from postcall.reporting.toolbar import PERIODS, Toolbar
from postcall.web import words
from postcall.web.dashboard_toolbar import toolbar_of, toolbar_query
from postcall.web.metric_look import MetricLook, look_at_metric
from postcall.web.metric_page_view import (
    SHARE_COLUMNS,
    SIGHTING_COLUMNS,
    arrange,
    coverage_json,
    distribution_tile,
    share_cells,
    share_json,
    show_coverage,
    show_sightings,
    sighting_cells,
    sighting_json,
)
from postcall.web.metric_paths import PATH, bare_path, form_path, list_path, metric_path, read_path, with_query
from postcall.web.metric_tiles import DISTRIBUTION
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.tile_building import build_tile

take_any_text()
router = APIRouter()
EVIDENCE, MISFITS = "evidence", "misfits"
_TABLE = "table"
"""The parameter that names one of the page's tables, in `.json` and `.csv`."""


@router.api_route(PATH + "/{rest:text}", methods=["GET", "HEAD"])
async def show_metric(request: Request, rest: str) -> Response:
    """One metric; `.json` has all its tables, `.csv` the one that `table` names, by default its values."""
    if not rest:
        return RedirectResponse(with_query(PATH, request.url.query), status_code=307)
    asked, toolbar = read_path(rest), toolbar_of(request)
    try:
        look = await look_at_metric(request, asked.name, toolbar)
    except ReportsBuilding as error:
        if asked.form != "html":
            raise
        return render(
            request, "metric_waiting.html", status=503, name=words.visible(asked.name), problem=error.message,
            here=metric_path(asked.name, toolbar_query(request, toolbar)),
        )  # fmt: skip
    table = request.query_params.get(_TABLE)
    if asked.form == "json":
        return json_reply(_json(look, table))
    if asked.form == "csv":
        return _csv(look, table or DISTRIBUTION)
    return _page(request, look, toolbar)


def _page(request: Request, look: MetricLook, toolbar: Toolbar) -> Response:
    query = toolbar_query(request, toolbar)
    bare = bare_path(look.name)

    def data_path(table: str) -> str:
        return with_query(bare, "&".join(part for part in (query, urlencode({_TABLE: table})) if part))

    tiles = [
        build_tile(tile, found, toolbar, data_path=data_path(tile.id), about=look.name)
        for tile, found in zip(look.tiles, look.numbers, strict=True)
    ]
    values = distribution_tile(look.name, look.distribution, toolbar, data_path=data_path(DISTRIBUTION))
    definition, agent = look.definition, look.agent
    return render(
        request,
        "metric.html",
        name=words.visible(look.name),
        agents=[("", "All agents", agent is None)]
        + [(each.slug, each.name, agent is not None and each.slug == agent.slug) for each in look.agents],
        periods=[(name, label, name == toolbar.period) for name, label in PERIODS.items() if name != "custom"],
        kept=[(name, value) for name, value in request.query_params.multi_items() if name not in {"agent", "period"}],
        here=metric_path(look.name),
        back=list_path(agent.slug) if agent else PATH,
        facts=_facts(look),
        says=_says(look),
        values=[words.visible(value) for value in definition.expected_values] if definition else [],
        edit=form_path(agent.slug, name=look.name) if agent and person_of(request).may_change else "",
        edit_label="Edit" if definition else "Define",
        may_define=definition is not None or any(each.written and not each.built_in for each in look.carried),
        coverage=show_coverage(look.coverage),
        tiles=arrange(tiles, values),
        sightings=show_sightings(look.sightings),
        misfits=show_sightings(look.misfits),
        misfits_csv=data_path(MISFITS).replace(bare, f"{bare}.csv", 1),
        evidence_csv=data_path(EVIDENCE).replace(bare, f"{bare}.csv", 1),
        ask=values.ask_href,
        json=with_query(f"{bare}.json", query),
    )


def _facts(look: MetricLook) -> list[tuple[str, str]]:
    definition, question = look.definition, look.question
    sources = [
        *(["written by code"] if definition or any(each.written for each in look.carried) else []),
        *(["asked after the call"] if question or any(each.asked for each in look.carried) else []),
        *(["known to postcall itself"] if any(each.built_in for each in look.carried) else []),
    ]
    facts = [("Comes from", ", ".join(sources))]
    if definition is not None:
        facts.append(("Type", definition.type.value))
        facts.append(("State", ("in use" if definition.active else "retired")))
        facts.append(("In the API", "yes" if definition.in_api else "no"))
    elif question is not None:
        facts.append(("Type", question.type.value))
    elif look.kind:
        facts.append(("Type", look.kind))
    return facts


def _says(look: MetricLook) -> str:
    if look.definition is not None and look.definition.definition:
        return words.visible(look.definition.definition)
    if look.question is not None:
        return words.visible(look.question.prompt)
    return KNOWN[look.name].definition if look.name in KNOWN else ""


def _json(look: MetricLook, table: str | None) -> dict[str, Any]:
    tiles = {tile["id"]: tile for tile in tiles_json(look.tiles, look.numbers)}
    tables: dict[str, Any] = {
        DISTRIBUTION: [share_json(each) for each in look.distribution.shares],
        EVIDENCE: [sighting_json(each) for each in look.sightings],
        MISFITS: [sighting_json(each) for each in look.misfits],
        **tiles,
    }
    if table is not None:
        return {"name": look.name, table: _one(tables, table)}
    return {
        "name": look.name,
        "agent": look.agent.slug if look.agent else None,
        "kind": look.kind,
        "definition": metric_json(look.definition) if look.definition else None,
        "question": look.question.prompt if look.question else None,
        "coverage": coverage_json(look.coverage),
        **tables,
    }


def _csv(look: MetricLook, table: str) -> Response:
    filename = f"{look.name}-{table}.csv"
    if table == DISTRIBUTION:
        return csv_reply(SHARE_COLUMNS, [share_cells(each) for each in look.distribution.shares], filename)
    if table in (EVIDENCE, MISFITS):
        found_in = look.sightings if table == EVIDENCE else look.misfits
        return csv_reply(SIGHTING_COLUMNS, [sighting_cells(each) for each in found_in], filename)
    found = _one({tile.id: numbers for tile, numbers in zip(look.tiles, look.numbers, strict=True)}, table)
    if isinstance(found, PostcallError):
        raise found
    columns, rows = tile_rows(found)
    return csv_reply(columns, rows, filename)


def _one(tables: dict[str, Any], table: str) -> Any:
    if table not in tables:
        raise BadInput(f"table: there is none named {table[:50]!r}; there are {', '.join(tables)}", field=_TABLE)
    return tables[table]
