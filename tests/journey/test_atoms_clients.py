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
        # Not in the published schema, but a published script prints it.
        assert call["campaignId"] == seen["campaign"]["campaign"]["_id"]
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


def test_every_method_of_the_newest_client_is_answered_as_it_expects(server: LiveServer) -> None:
    ran = run_client("newest", "newest_every_method.py", server)
    # Nothing raises, nothing that is sent gets lost, and the client's models mean what they are given.
    assert (ran["raised"], ran["lost"], ran["misfits"], ran["not_called"]) == ({}, {}, {}, [])
    check_refusals(ran["refused"])
    seen = ran["seen"]
    check_agents_and_versions(seen)
    check_campaign_and_calls(seen)
    check_conversations(seen)
    assert seen["in_use"][0] == 400 and "currently assigned" in seen["in_use"][1][0]
    assert seen["webhook"]["headers"] == {"X-Team": "sheds"} and seen["webhook"]["decryptedSecretKey"]
    assert seen["subscribed"] == ["post-conversation", "pre-conversation"]
    assert seen["action"]["config"]["body"] == '{"a": 1}' and seen["actions"] == 1
    numbers = seen["analytics"]
    assert len(numbers) == 18 and all(numbers.values())
    assert numbers["get_pickup_rate_by_number"]["numbers"][0]["phoneNumber"] == "+12025550101"
    assert numbers["get_analytics_summary"]["uniqueUsersReached"]["current"] == 2
    assert {code for code, _ in seen["commands"].values()} == {0}, seen["commands"]
    assert [each["name"] for each in json.loads(seen["commands"]["agents list"][1])] == ["Quiet"]
    assert "A demonstration is fine." in seen["commands"]["calls transcript"][1]
    assert seen["quieter"] == "You listen well."


def check_refusals(refused: dict[str, list[Any]]) -> None:
    """What is not offered says so, in words, in the vendor's envelope."""
    assert len(refused) > 15
    for method, (status, texts) in refused.items():
        assert status == 501 and texts[0].startswith("postcall does not offer "), (method, status, texts)


def check_agents_and_versions(seen: dict[str, Any]) -> None:
    assert seen["agents"] == ["Made", "Quiet", "Sales team"]
    assert seen["archived"] == ["Made"]
    assert seen["agent"]["_resolvedConfig"]["prompt"] == "You sell garden sheds."
    assert seen["agent"]["phoneNumber"] == ["+12025550101"]
    assert seen["drafts"] == ["Warmer"] and seen["draft"]["latest"]["draftName"] == "Warmest"
    assert seen["draft_config"] == "Good day."
    changed = [name for name, section in seen["draft_diff"]["sections"].items() if section["changed"]]
    assert sorted(changed) == ["analytics", "workflow_prompt"]
    assert (seen["published"]["label"], seen["published"]["isActive"]) == ("Warm", False)
    assert (seen["version"]["label"], seen["version"]["isActive"], seen["pinned"]) == ("Warmer", True, ["Warmer"])
    assert seen["revisions"] == ["Second", "Brief"] and seen["live"] == ["Aside"]
    assert "'path': 'firstMessage'" in seen["conflict"]
    assert (seen["tools"], seen["tools_left"]) == (["transfer_call"], [])
    assert seen["prompt_kept"] == "You sell garden sheds."
    assert seen["playbooks"][0] == seen["playbooks_kept"][0] == 400


def check_campaign_and_calls(seen: dict[str, Any]) -> None:
    assert (seen["members"], seen["removed"], seen["helper_members"]) == (3, 1, 1)
    assert seen["added"][0]["data"] == {"added": 1, "skipped": 1}
    assert seen["audiences"] == {"Leaflets": 2, "Others": 2}
    assert seen["scheduled"] == "scheduled" and seen["campaigns"] == ["Sheds", "Later"]
    assert seen["found_campaigns"] == ["Later"]
    assert seen["campaign"]["metrics"] == {"total_participants": 2, "contacts_called": 2, "contacts_connected": 2}
    assert {each["to"] for each in seen["logs"]} == {"+14155550123", "+14155550124"}
    assert all(each["dispositionMetrics"]["lead_quality"] == "hot" for each in seen["logs"])
    outbound = seen["outbound"]
    assert outbound["variables"] == {"company": "Sheds and More", "plan": "gold", "seats": 3}
    assert (outbound["isTest"], outbound["versionId"]) == (True, seen["published"]["_id"])
    assert seen["filtered"] == [seen["version_dialled"], outbound["callId"]]
    assert (seen["searched"]["total"], seen["searched"]["requestedCount"], seen["retries"]) == (2, 3, 1)
    assert seen["recording"] == "RIFF....WAVE"
    assert {each["finalStatus"] for each in seen["export"]["data"]} == {"completed"}
    assert len(seen["logs_csv"].splitlines()) == 3
    assert (seen["waits"], seen["taken_back"]["status"]) == ("in_queue", "cancelled")
    assert seen["paused"] is seen["stopped"] is seen["helper_deleted"] is True
    assert [each["phoneNumber"] for each in seen["barred"]["data"]["entries"]] == ["+14155550199"]


def check_conversations(seen: dict[str, Any]) -> None:
    kinds = [each["event_type"] for each in seen["events"]]
    assert (kinds[0], kinds[-2:]) == ("sse_init", ["call_end", "sse_close"])
    heard = [each["user_transcription_text"] for each in seen["events"] if each["event_type"] == "user_transcription"]
    assert heard == ["A demonstration, please."]
    assert "Lovely. Goodbye." in [each.get("tts_text") for each in seen["events"]]
    assert (seen["session"], seen["closed"], seen["listened"]) == (True, "client_requested", True)
    assert seen["cancelled"]["previousStatus"] == "in_progress"


def test_every_method_of_the_older_client_is_answered_as_it_expects(server: LiveServer) -> None:
    ran = run_client("older", "older_every_method.py", server)
    assert (ran["raised"], ran["nothing"], ran["not_called"]) == ({}, [], [])
    check_refusals(ran["refused"])
    assert "/account/get-account-details" in ran["refused"]["client.get_organization"][1][0]
    seen = ran["seen"]
    assert seen["agent"]["globalPrompt"] == "You sell garden sheds." and seen["agent"]["name"] == "Sales team"
    assert seen["left"] == ["Quiet", "Sales team"]
    assert seen["config"]["dispositionMetrics"][0]["dispositionValues"] == {"type": "ENUM"}
    assert seen["config"]["dispositionMetrics"][0]["dispositionMetricType"] == "ENUM"
    assert seen["kept"] == {**seen["config"], "summaryPrompt": "One sentence."}
    assert [each["data"]["firstName"] for each in seen["members"]["members"]] == ["Ada"]
    assert (seen["others"], seen["all_audiences"]) == (2, ["Leaflets", "Others"])
    assert seen["campaign"]["metrics"]["contacts_connected"] == 2
    assert (seen["campaigns"], seen["typed_campaigns"]) == (3, ["Third", "Bare", "Sheds"])
    assert seen["paused"] is True and seen["paused_again"] is True and seen["stopped"] is True
    assert len(seen["calls"]) == 3 and seen["details"]["postCallAnalytics"]["dispositionMetrics"][0]["value"] == "hot"
    assert (seen["searched"], seen["completed"], seen["managed"], seen["managed_search"]) == (1, 1, 2, 1)
    # This client knows two of the three events, and would refuse the whole list for the third.
    assert (seen["hidden"], seen["subscribed"]) == (0, ["post-conversation"])
    # Its model of a call knows no transcript of turns; its other ways to a call do.
    assert seen["typed_call"] == "ValidationError"
