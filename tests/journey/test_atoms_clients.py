"""The vendor's own clients, unchanged, in environments of their own: a sales campaign from the agent to the answers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.builders import StepClock
from tests.conftest import ROOT, miss
from tests.live_server import LiveServer, run_server

from postcall.domain.keys import Scope
from postcall.settings import ModelSettings
from postcall.testing import Answered, ScriptedModel, answers_from

SCRIPTS = ROOT / "tests" / "sdk" / "scripts"
AT_MOST_S = 45


def run_client(sdk: str, script: str, server: LiveServer) -> dict[str, Any]:
    """What a script says that ran with a client's environment; it ends by itself or fails."""
    python = ROOT / ".venv" / f"sdk-{sdk}" / "bin" / "python"
    if not python.exists():
        miss(f"`make .venv/sdk-{sdk}/installed` has not been run")
    key = server.desk.key(Scope.ADMIN).secret
    address = server.address
    environ = {
        "SMALLEST_API_KEY": key,
        "SMALLEST_BASE_URL": f"{address}/{'api' if sdk == 'older' else 'atoms'}/v1",
        "HOME": str(server.services.settings.data),
        "PATH": "/usr/bin:/bin",
    }
    ran = subprocess.run(
        [python, "-W", "ignore", SCRIPTS / script, address, key],
        capture_output=True,
        text=True,
        timeout=150,
        env=environ,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    said: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return said


@pytest.fixture
def server(sqlite_url: str, tmp_path: Path) -> Iterator[LiveServer]:
    """With a model that plays the agent, whoever is called, and the reader of the transcript."""
    answers = answers_from(
        {
            "summary": "They asked about sheds and agreed to a demonstration.",
            "lead_quality": Answered("hot", evidence=[(1, "demonstration")], confidence=0.9),
            "wants_demo": Answered(True, evidence=[(1, "demonstration")], confidence=0.8),
            "team_size": Answered("a dozen or so", reasoning="It was said in passing."),
        }
    )
    with ScriptedModel() as model:
        model.when_prompt("garden sheds", user="demonstration").reply("Lovely. Goodbye.")
        model.when_prompt("garden sheds").reply("Hello, this is Sheds and More. Would you like a demonstration?")
        model.always(lambda request: answers(request) if request.schema is not None else "A demonstration is fine.")
        settings = ModelSettings(base_url=model.url, model="scripted", api_key="none")
        with run_server(sqlite_url, tmp_path, clock=StepClock(), model=settings, worker=True) as running:
            yield running


def metrics_of(call: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["identifier"]: each for each in call["postCallAnalytics"]["dispositionMetrics"]}


def check_calls(seen: dict[str, Any]) -> None:
    """What both clients must have seen of the two calls."""
    assert seen["details"] is not None, seen
    assert seen["took_s"] < AT_MOST_S
    for call in seen["details"]:
        assert call["status"] == "completed"
        assert call["duration"] > 0
        assert call["to"] in {"+14155550123", "+14155550124"}
        assert 1 < len(call["transcript"]) <= 40
        assert {turn["role"] for turn in call["transcript"]} == {"agent", "user"}
        assert call["postCallAnalytics"]["summary"] == "They asked about sheds and agreed to a demonstration."
        found = metrics_of(call)
        assert list(found) == ["lead_quality", "wants_demo", "team_size"]
        assert found["lead_quality"]["value"] == "hot"
        assert found["lead_quality"]["confidence"] == 0.9
        assert found["lead_quality"]["reasoning"] == "The transcript says so."
        assert found["wants_demo"]["value"] in {"true", "True", True}
        # One answer of the wrong type costs only itself.
        assert found["team_size"]["value"] is None


def what_is_left(server: LiveServer, agent_id: str) -> None:
    """Deleting archives: the calls and their numbers stay in reports."""
    counted = server.post({"measures": [{"measure": "conversations"}], "agent": agent_id}, path="/query")
    assert counted.status_code == 200, counted.text
    assert counted.json()["rows"] == [[2]]


def test_the_older_client_sells_sheds(server: LiveServer) -> None:
    seen = run_client("older", "older_sales_calls.py", server)
    check_calls(seen)
    assert [each["identifier"] for each in seen["config"]["dispositionMetrics"]] == [
        "lead_quality",
        "wants_demo",
        "team_size",
    ]
    assert [each["dispositionMetricType"] for each in seen["config"]["dispositionMetrics"]] == [
        "ENUM",
        "BOOLEAN",
        "INTEGER",
    ]
    assert seen["config"]["summaryPrompt"] == "Two sentences on the sale."
    assert len(seen["members"]) == 2
    assert seen["of_campaign"]["pagination"]["total"] == 2
    assert seen["found"]["total"] == 2
    assert seen["campaign"]["metrics"]["contacts_connected"] == 2
    assert seen["listed"] == ["Sales"]
    what_is_left(server, seen["agent"]["_id"])


def test_the_newest_client_sells_sheds(server: LiveServer) -> None:
    seen = run_client("newest", "newest_sales_calls.py", server)
    check_calls(seen)
    assert seen["config"]["dispositionMetrics"] == seen["resolved"]["postCallAnalyticsConfig"]["dispositionMetrics"]
    assert seen["campaign"]["metrics"]["contacts_connected"] == 2
    assert seen["left"] == []
