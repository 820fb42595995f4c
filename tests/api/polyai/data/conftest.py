"""One server for the tests of the Data API, on each database in turn: two projects, one of which shows little."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from tests.api.polyai.data.world import World
from tests.builders import NOON, StepClock, a_call, a_question, an_answer, findings
from tests.live_server import LiveServer, run_server
from tests.postgres import Cluster

from postcall.domain.calls import CallStatus, Channel, Environment
from postcall.domain.keys import Scope
from postcall.domain.metrics import MetricType
from postcall.domain.visibility import ApiSettings
from postcall.storage.agents import find_agent_row
from postcall.storage.api_settings import write_api_settings
from postcall.storage.metric_definitions import NewMetric, define_metric

HOUR = timedelta(hours=1)


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[World]:
    """The server; its calls stay as they are."""
    folder = tmp_path_factory.mktemp("data")
    cluster: Cluster | None = None
    if request.param == "sqlite":
        shutil.copy(migrated_file, folder / "postcall.db")
        url = f"sqlite:///{folder / 'postcall.db'}"
    else:
        cluster = request.getfixturevalue("cluster")
        url = cluster.new_database()
    with run_server(url, folder, clock=StepClock()) as server:
        fill(server)
        yield World(server)
    if cluster is not None:
        cluster.give_back(url)


@pytest.fixture
def reader(world: World) -> Iterator[httpx.Client]:
    """A key that may read conversations and personal data, and nothing else; new in each test, since it is limited."""
    with world.client(Scope.CONVERSATIONS, Scope.PII) as client:
        yield client


def fill(server: LiveServer) -> None:
    """The clinic shows everything but one metric; of the bank's calls PLAN alone is shown, and no transcript."""
    desk = server.desk
    desk.ask(a_question("reason", "Why did they call?", "STRING"))
    for name, details in CLINIC.items():
        desk.hand_in(a_call(name, *TALKS.get(name, ()), **details))  # type: ignore[arg-type]
    for job in desk.claim():
        desk.finish(job, findings(an_answer("reason", "refund", type="STRING"), summary="Somebody wanted something."))
    for name, details in BANK.items():
        desk.hand_in(a_call(name, "user: I lost my card.", agent="bank", **details))  # type: ignore[arg-type]
    server.services.record.write(
        lambda c: define_metric(
            c, desk.pk, "clinic", NewMetric("INTERNAL", MetricType.INTEGER, definition="Ours.", in_api=False), now=NOON
        )
    )
    plan = NewMetric("PLAN", MetricType.STRING, ("gold", "silver"), "The caller's plan.")
    server.services.record.write(lambda c: define_metric(c, desk.pk, "clinic", plan, now=NOON))
    settings = ApiSettings(show_transcripts=False, response_metrics=frozenset({"PLAN"}))
    server.services.record.write(
        lambda c: write_api_settings(c, find_agent_row(c, desk.pk, "bank").pk, settings, by="test", now=NOON)
    )
    for job in desk.claim():
        desk.finish(job, findings())


TALKS = {
    "c0": ("agent: Hello.", "user: I want my money back.", "agent: Why is that?", "user: It broke.", "agent: Done."),
    "c1": ("user: A refund, please.", "agent: You will have your money back.", "user: Thanks.", "user: Goodbye."),
}
CLINIC = {
    "c0": {"metrics": {"PLAN": "gold", "PRICE": 10, "BOOKED": True, "INTERNAL": 1}, "started_at": NOON,
           "duration_s": 30.0, "language": "en-GB"},
    "c1": {"metrics": {"PLAN": "gold", "PRICE": [20, 30]}, "started_at": NOON - HOUR, "duration_s": 60.5,
           "channel": Channel.SMS, "language": "de"},
    "c2": {"metrics": {"PLAN": "silver", "PRICE": 40.5, "BOOKED": False}, "started_at": NOON - 2 * HOUR,
           "duration_s": 90.0, "variant": "b"},
    "c3": {"started_at": NOON - 24 * HOUR, "channel": Channel.WEBCHAT},
    "live": {"status": CallStatus.IN_PROGRESS, "started_at": NOON, "metrics": {"PLAN": "gold"}},
    "sand": {"environment": Environment.SANDBOX, "started_at": NOON, "metrics": {"PLAN": "gold"}},
}  # fmt: skip
BANK = {
    "b0": {"metrics": {"PLAN": "silver", "PRICE": 1000, "PIN": "1234"}, "started_at": NOON - 3 * HOUR,
           "duration_s": 10.0},
    "b1": {"metrics": {"PLAN": "gold", "PRICE": 2000}, "started_at": NOON - 4 * HOUR, "duration_s": 20.0},
}  # fmt: skip
