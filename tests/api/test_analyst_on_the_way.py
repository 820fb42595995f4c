"""A question on its way: what fails is told, and whoever goes away ends the work."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.api.test_analyst_over_http import events
from tests.builders import StepClock, a_body
from tests.live_server import LiveServer, run_server, wait_until

from postcall.analyst.places import Places
from postcall.settings import ModelSettings
from postcall.testing import Calls, ScriptedModel

ANALYST = "/analyst"
COUNT = {"measures": [{"measure": "conversations", "as": "calls"}]}
STREAM = {"accept": "text/event-stream"}


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    """Asks for the same number again and again."""
    with ScriptedModel(default=Calls("query", COUNT)) as scripted:
        yield scripted


@pytest.fixture(scope="module")
def shop(model: ScriptedModel, migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One call, and a model to plan with."""
    folder = tmp_path_factory.mktemp("on-the-way")
    shutil.copy(migrated_file, folder / "postcall.db")
    settings = ModelSettings(model.url, "scripted", "any", timeout_s=30)
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock(), model=settings) as running:
        assert running.post(a_body("one", agent="clinic", environment="live")).is_success
        wait_until(lambda: running.post(COUNT, "/query").json().get("calls") == 1, what=lambda: "no call")
        yield running


@contextmanager
def taking(server: LiveServer, places: Places) -> Iterator[None]:
    """So many questions at once, within the block."""
    before, server.app.state.analyst_places = server.app.state.analyst_places, places
    try:
        yield
    finally:
        server.app.state.analyst_places = before


def asked_of(model: ScriptedModel, question: str) -> int:
    return sum(question in request.text for request in model.requests)


def test_whoever_goes_away_ends_the_work_and_leaves_no_thread(shop: LiveServer, model: ScriptedModel) -> None:
    with model.holding():
        body = {"question": "How many flamingos called?"}
        with shop.http.stream("POST", ANALYST, json=body, headers=STREAM) as reply:
            lines = reply.iter_lines()  # whoever lets go of it has gone away
            assert next(lines) == "event: step"
            wait_until(lambda: asked_of(model, "flamingos"), what=lambda: "the model was not asked")
    reply = shop.http.post(ANALYST, json={"question": "How many pelicans called?"})
    assert reply.status_code == 200 and asked_of(model, "pelicans") > 1
    assert asked_of(model, "flamingos") == 1
    titles = [each["title"] for each in shop.http.get(f"{ANALYST}/threads").json()["threads"]]
    assert titles == ["How many pelicans called?"]


def test_whoever_goes_away_without_a_stream_ends_the_work_too(shop: LiveServer, model: ScriptedModel) -> None:
    plain = {"question": "How many?", "reading": {"kind": "count", "queries": [COUNT]}}
    with taking(shop, Places(most_of_one=1)), model.holding():
        with pytest.raises(httpx.ReadTimeout):
            shop.http.post(ANALYST, json={"question": "How many herons called?"}, timeout=0.5)
        wait_until(lambda: shop.http.post(ANALYST, json=plain).status_code == 200, what=lambda: "it still works on")
    assert asked_of(model, "herons") == 1


@pytest.mark.parametrize(
    ("places", "status", "code"),
    [(Places(most_of_one=1), 429, "too_many_questions"), (Places(most=1), 503, "analyst_busy")],
    ids=["of one asker", "of the server"],
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_one_question_too_many_is_refused_and_told_when_to_come_again(
    shop: LiveServer, model: ScriptedModel, places: Places, status: int, code: str, accept: str
) -> None:
    body = {"question": "How many storks called?"}
    with (
        taking(shop, places),
        model.holding(),
        shop.http.stream("POST", ANALYST, json=body, headers=STREAM) as first,
    ):
        lines = first.iter_lines()
        assert next(lines) == "event: step"
        reply = shop.http.post(ANALYST, json=body, headers={"accept": accept})
        assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
        assert int(reply.headers["retry-after"]) >= 1
        assert shop.post(COUNT, "/query").status_code == 200


def test_what_fails_after_the_first_step_is_told_at_the_end_of_the_stream(shop: LiveServer) -> None:
    reading = {"kind": "measure", "queries": [{"measures": [{"measure": "sum", "of": "metric.REFUNDS"}]}]}
    body = {"question": "Refunds?", "reading": reading}
    plain = shop.http.post(ANALYST, json=body)
    assert plain.status_code == 400
    told = events(shop.http.post(ANALYST, json=body, headers=STREAM).text)
    assert [name for name, _ in told[:-1]] == ["step"] * (len(told) - 1)
    assert told[-1] == ("error", plain.json()["error"])


def test_what_is_known_to_be_wrong_before_the_first_step_has_its_status(shop: LiveServer) -> None:
    for body, status in (({"question": ""}, 400), ({"question": "How many?", "thread": "0" * 24}, 404)):
        reply = shop.http.post(ANALYST, json=body, headers=STREAM)
        assert reply.status_code == status and reply.headers["content-type"] == "application/json"


def test_every_event_of_a_stream_is_one_line_of_json(shop: LiveServer) -> None:
    reply = shop.http.post(ANALYST, json={"question": "How many\ncalls\r\n\r\nevent: answer?"}, headers=STREAM)
    assert reply.headers["cache-control"] == "no-cache"
    for block in filter(None, reply.text.split("\n\n")):
        lines = block.split("\n")
        if not block.startswith(":"):
            assert [line.split(":")[0] for line in lines] == ["event", "data"]
            assert isinstance(json.loads(lines[1].removeprefix("data: ")), dict)


def test_no_log_holds_what_was_asked(shop: LiveServer, caplog: pytest.LogCaptureFixture) -> None:
    refused = {"kind": "measure", "queries": [{"measures": [{"measure": "sum", "of": "metric.REFUNDS"}]}]}
    with caplog.at_level(logging.INFO):
        for more in ({}, {"reading": refused}, {"time_zone": "Mars"}, {"thread": "0" * 24}):
            shop.http.post(ANALYST, json={"question": "How often did Jo Marsh call?", **more})
            shop.http.post(ANALYST, json={"question": "How often did Jo Marsh call?", **more}, headers=STREAM)
    assert "Marsh" not in caplog.text
    assert "/postcall/v1/analyst" in caplog.text  # that something was asked is told by the client of this test
