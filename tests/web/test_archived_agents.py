"""Agents that were put away: out of the lists, where they were, and back again."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.builders import AGENT, a_call, a_question
from tests.live_server import LiveServer
from tests.runtime.hosting.stage import AGENT as BAKERY
from tests.runtime.hosting.stage import Stage
from tests.web.sites import Site

from postcall.configure.archiving import archive_agent
from postcall.errors import AgentArchived
from postcall.storage.database import Record

HERE = {"sec-fetch-site": "same-origin"}


def test_an_agent_is_archived_and_restored_on_its_page(site: Site) -> None:
    site.desk.ask(a_question())
    site.desk.hand_in(a_call())
    gone = site.client().post(f"/agents/{AGENT}/archive", headers=HERE)
    assert (gone.status_code, gone.headers["location"]) == (303, f"/agents/{AGENT}?did=archived")
    page = site.get(gone.headers["location"])
    assert "The agent is archived" in page
    assert "Restore" in page
    assert f'href="/agents/{AGENT}"' not in site.get("/agents")
    assert f'href="/agents/{AGENT}"' in site.get("/agents?archived=yes")
    assert site.client().get("/agents.json").json()["agents"] == []
    assert [each["slug"] for each in site.client().get("/agents.json?archived=yes").json()["agents"]] == [AGENT]
    assert "call-1" in site.get(f"/calls?agent={AGENT}"), "its calls are where they were"
    assert f'value="{AGENT}"' in site.get("/calls"), "and can be asked for"
    back = site.client().post(f"/agents/{AGENT}/restore", headers=HERE)
    assert "The agent is restored" in site.get(back.headers["location"])
    assert f'href="/agents/{AGENT}"' in site.get("/agents")


def test_an_agent_is_archived_and_restored_over_http(any_server: LiveServer) -> None:
    any_server.post({"slug": "desk"}, "/agents")
    gone = any_server.http.post("/agents/desk:archive")
    assert gone.status_code == 200
    assert gone.json()["archived_at"] is not None
    assert any_server.http.get("/agents").json()["agents"] == []
    assert [each["slug"] for each in any_server.http.get("/agents?archived=true").json()["agents"]] == ["desk"]
    assert any_server.http.get("/agents/desk").json()["archived_at"] == gone.json()["archived_at"]
    assert any_server.http.post("/agents/desk:archive").status_code == 409
    back = any_server.http.post("/agents/desk:restore")
    assert (back.status_code, back.json()["archived_at"]) == (200, None)
    assert any_server.http.post("/agents/desk:restore").status_code == 409
    assert any_server.http.get("/agents?archived=maybe").status_code == 400


def test_an_archived_agent_takes_no_hosted_call(record: Record, tmp_path: Path) -> None:
    stage = Stage(record, tmp_path)
    stage.push()

    async def call() -> None:
        async with stage.hosting() as hosting:
            await stage.open(hosting)

    account_pk = stage.desk.pk
    record.write(lambda c: archive_agent(c, account_pk, BAKERY, now=stage.services.clock()))
    with pytest.raises(AgentArchived):
        run_aside(call())
