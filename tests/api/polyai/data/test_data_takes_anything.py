"""Whatever is sent to the Data API is answered or refused; nothing makes it fail."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.polyai.data.world import World

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(["gold", "c0", "10"])
)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.text(max_size=3), SCALARS, max_size=2))
NAMES = st.sampled_from(["PLAN", "price", "BOOKED", "reason", "duration", "conversation_id", "PIN", "", "nobody's"])
FILTERS = st.fixed_dictionaries(
    {
        "metric": NAMES,
        "op": st.sampled_from(["eq", "gt", "gte", "lt", "lte", "in", "ex", "contains", "not_contains", "exists"]),
        "value": VALUES,
    }
)
TIMES = st.one_of(
    st.sampled_from(["2026-03-02", "2026-03-02T12:00:00+02:00", "0001-01-01", "9999-12-31T23:59:59-14:00", "soon"]),
    st.datetimes().map(str),
)
SHARED = {
    "from": TIMES,
    "to": TIMES,
    "filters": st.lists(FILTERS, max_size=3),
    "filter_operator": st.sampled_from(["and", "or"]),
    "channel": st.lists(st.sampled_from(["VOICE-SIP", "CHAT", "RCS", "voice"]), max_size=2),
    "client_env": st.lists(st.sampled_from(["live", "test", "sandbox"]), max_size=2),
    "project_id": st.sampled_from(["clinic", "bank", "nobody"]),
    "limit": st.integers(0, 101),
    "offset": st.integers(-1, 1000),
}
AGGS = ["sum", "avg", "min", "max", "p50", "p95", "p99", "conversation_count", "distinct_count"]
GROUPS = ["project_id", "channel", "deployment_id", "variant_id", "client_env", "experiment_id", "value_string"]
AGGREGATE = st.fixed_dictionaries(
    {"metric": NAMES, "aggs": st.lists(st.sampled_from(AGGS), min_size=1, max_size=4, unique=True)},
    optional={
        **SHARED,
        "interval": st.sampled_from(["hourly", "daily", "weekly", "monthly"]),
        "timezone": st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "Nowhere"]),
        "group_by": st.lists(st.sampled_from(GROUPS), max_size=3, unique=True),
        "having": st.lists(
            st.fixed_dictionaries(
                {"field": st.sampled_from(AGGS), "op": st.sampled_from(["eq", "gt"]), "value": SCALARS}
            ),
            max_size=1,
        ),
        "sort": st.fixed_dictionaries({"field": st.sampled_from([*AGGS, *GROUPS])}),
        "variant_id": st.lists(st.text(max_size=4), max_size=2),
        "deployment_id": st.lists(st.text(max_size=4), max_size=2),
    },
)
SEARCH = st.fixed_dictionaries(
    {},
    optional={
        **SHARED,
        "fields": st.lists(NAMES, max_size=2),
        "sort": st.fixed_dictionaries({"field": st.sampled_from(["started_at", "duration", "conversation_id"])}),
    },
)
PATIENT = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])


def post(world: World, client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    world.server.desk.clock.advance(60)  # to the next minute's hundred requests
    reply = client.post(path, content=json.dumps(body).encode())
    assert reply.status_code in {200, 400, 404, 422}, (body, reply.text)
    assert list(reply.json()) == ["detail"] or reply.status_code == 200


@PATIENT
@given(body=AGGREGATE)
def test_no_aggregate_makes_it_fail(world: World, reader: httpx.Client, body: dict[str, Any]) -> None:
    post(world, reader, "/metrics/aggregate", body)


@PATIENT
@given(body=SEARCH)
def test_no_search_makes_it_fail(world: World, reader: httpx.Client, body: dict[str, Any]) -> None:
    post(world, reader, "/conversations/search", body)


@pytest.mark.parametrize("path", ["/metrics", "/transcripts/search", "/transcripts/conversation/c0"])
def test_a_very_long_address_is_refused(reader: httpx.Client, path: str) -> None:
    connection = HTTPConnection(reader.base_url.host, reader.base_url.port or 80, timeout=30)
    try:
        connection.request(
            "GET", f"/api/v1{path}?q={'x' * 10_000_000}", headers={"X-API-KEY": reader.headers["X-API-KEY"]}
        )
        reply = connection.getresponse()
        assert reply.status in {400, 414, 422, 431}
        assert len(reply.read()) < 1_000
    except OSError:  # the server stopped reading, as it may
        assert reader.get("/metrics").status_code == 200
    finally:
        connection.close()
