"""Bodies that are no question, or hardly one: refused in words that help, or answered, and never a failure of ours."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server, wait_until

ANALYST = "/analyst"
COUNT = {"measures": [{"measure": "conversations"}]}


@pytest.fixture(scope="module")
def shop(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One call that wrote a metric."""
    folder = tmp_path_factory.mktemp("bodies")
    shutil.copy(migrated_file, folder / "postcall.db")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as running:
        assert running.post(a_body("one", agent="clinic", metrics={"BOOKED": True}, environment="live")).is_success
        wait_until(lambda: running.post(COUNT, "/query").json().get("calls") == 1, what=lambda: "no call")
        yield running


def a_reading(**changes: Any) -> dict[str, Any]:
    return {"kind": "count", "queries": [COUNT], **changes}


def nested(depth: int) -> list[Any]:
    part: list[Any] = [{"field": "field.channel", "op": "eq", "value": "voice"}]
    for _ in range(depth):
        part = [{"not": {"all": part}}]
    return part


READINGS: dict[str, Any] = {
    "no query": a_reading(queries=[]),
    "no measure": a_reading(queries=[{}]),
    "queries of null": a_reading(queries=None),
    "a query that is a number": a_reading(queries=[5]),
    "too many": a_reading(queries=[COUNT] * 11),
    "a rate of nothing": a_reading(queries=[{"measures": [{"measure": "rate"}]}]),
    "an unknown metric": a_reading(queries=[{"measures": [{"measure": "sum", "of": "metric.NOBODY"}]}]),
    "a limit of nothing": a_reading(queries=[{**COUNT, "limit": 0}]),
    "a limit of a million": a_reading(queries=[{**COUNT, "group_by": ["field.id"], "limit": 10**6}]),
    "a period of no calendar": a_reading(queries=[{**COUNT, "since": "9999-12-31T23:59:59Z"}]),
    "a period backwards": a_reading(queries=[{**COUNT, "since": "2026-02-02", "until": "2026-01-01"}]),
    "filters within filters": a_reading(queries=[{**COUNT, "filters": nested(40)}]),
    "filters without end": a_reading(queries=[{**COUNT, "filters": nested(150)}]),
    "words of a search": a_reading(queries=[{**COUNT, "text": '" OR NEAR( *'}]),
    "calls alone": {"kind": "list", "queries": [], "calls": COUNT},
    "themes of nothing": {"kind": "themes"},
    "a difference of one side": a_reading(kind="difference"),
    "a difference of ten": a_reading(kind="difference", queries=[COUNT] * 10),
    "a search that searches nothing": {"kind": "search", "calls": {}},
    "words taken from nowhere": a_reading(taken=[[900, 1, "x"]]),
    "grouped by all": a_reading(queries=[{**COUNT, "group_by": ["day", "hour", "field.id", "metric.BOOKED"]}]),
    "compared with no period": a_reading(queries=[{**COUNT, "compare": True}]),
    "the same names twice": a_reading(queries=[{"measures": [{"measure": "conversations", "as": "a"}] * 2}]),
    "SQL": a_reading(queries=[{**COUNT, "group_by": ["metric.'); DROP TABLE calls; --"]}]),
    "of another's agents": a_reading(queries=[{**COUNT, "among": [1]}]),
}


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_reading_of_nonsense_is_refused_or_answered(shop: LiveServer, reading: Any, accept: str) -> None:
    reply = shop.http.post(ANALYST, json={"question": "How many?", "reading": reading}, headers={"accept": accept})
    assert reply.status_code in {200, 400}, reply.text
    if reply.status_code == 400:
        assert reply.json()["error"]["message"]
    elif accept == "text/event-stream":
        last = reply.text.strip().rpartition("event: ")[2]
        assert last.startswith(("answer\n", "error\n")) and "internal" not in last
    else:
        assert reply.json()["understood"] is not None


@pytest.mark.parametrize(
    "question",
    [
        "?",
        "🙂🙂🙂",
        "a" * 1_000,
        "how many " * 111,
        "\u202e\u200b how many calls",
        "'; DROP TABLE calls; --",
        "how many calls where BOOKED = '\" OR 1=1",
        "99999999999999999999 calls longer than 1e400 seconds",
        "calls on 31 February 2026",
        "calls in the last 99999999999 days",
        "calls from 9999-12-31 to 0001-01-01",
        "top 0 calls",
        "<script>alert(1)</script>",
        "%s %d {0} {{x}} [q1] [c1]",
        "ⅫⅬ calls in ٢٠٢٦",
        "今日の通話は何件ですか",
    ],
    ids=lambda text: ascii(text)[1:25],
)
def test_an_odd_question_is_answered_or_asked_back(shop: LiveServer, question: str) -> None:
    reply = shop.http.post(ANALYST, json={"question": question})
    assert reply.status_code == 200, reply.text
    assert reply.json()["answer"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from(["kind", "queries", "calls", "says", "taken", "left"])
_BODIES = st.fixed_dictionaries(
    {"question": st.text(max_size=60) | _JSON},
    optional={
        "agent": _JSON,
        "thread": _JSON,
        "time_zone": st.sampled_from(["UTC", "Europe/Berlin", "../../etc/passwd", ""]) | _JSON,
        "reading": _JSON | st.dictionaries(_NAMES, _JSON | st.lists(st.just(COUNT), max_size=2)),
        "more": _JSON,
    },
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_BODIES)
def test_no_body_makes_the_server_fail(shop: LiveServer, body: dict[str, Any]) -> None:
    content = json.dumps(body).encode()
    reply = shop.http.post(ANALYST, content=content, headers={"content-type": "application/json"})
    assert reply.status_code in {200, 400, 404}, (body, reply.text)


@pytest.mark.parametrize("opening", [b"[", b'{"not":', b'{"all":['], ids=["lists", "objects", "both"])
def test_a_body_nested_without_end_is_refused(shop: LiveServer, opening: bytes) -> None:
    content = b'{"question": "How many?", "reading": ' + opening * 20_000
    reply = shop.http.post(ANALYST, content=content, headers={"content-type": "application/json"})
    assert reply.status_code == 400, reply.text


def test_ten_megabytes_are_refused_before_they_are_read(shop: LiveServer) -> None:
    reply = shop.http.post(ANALYST, json={"question": "x" * 10_000_000})
    assert reply.status_code == 413, reply.text
