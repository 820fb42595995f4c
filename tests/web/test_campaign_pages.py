"""The pages of campaigns: what they show, to whom, and what their buttons do."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection
from tests.builders import Desk
from tests.outbound.dial_stage import DialStage
from tests.web.sites import Site
from tests.web.visitors import OURS, signed_in

from postcall.domain.calls import CallStatus, DisconnectionReason
from postcall.domain.outbound import CampaignStatus, NewCall
from postcall.domain.people import Role
from postcall.outbound.placing import place
from postcall.storage.campaign_members import copy_some, due_members, note_calling
from postcall.storage.campaigns import change_campaign, find_campaign
from postcall.storage.placed_calls import Series, end_placed

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def stage(site: Site, tmp_path: Path) -> DialStage:
    made = DialStage(site.desk.record, tmp_path)
    made.add_seller(name="seller")
    return made


def call_everybody(stage: DialStage, campaign_id: str, desk: Desk) -> list[str]:
    """As if the campaign had run: the first was reached, nobody else was."""

    def work(connection: Connection) -> list[str]:
        now, found = desk.clock(), find_campaign(connection, stage.pk, campaign_id)
        assert found.audience_pk is not None
        copy_some(connection, found.audience_pk, found.pk, after=0, limit=100, now=now)
        change_campaign(connection, found.pk, now=now, status=CampaignStatus.RUNNING.value, started_at=now)
        ids: list[str] = []
        for due in due_members(connection, found.pk, limit=9, now=now):
            series = Series(found.pk, due.pk, 0, None)
            call_pk, call_id = place(connection, stage.pk, NewCall("seller", due.phone), now=now, campaign=series)
            note_calling(connection, due.pk, call_pk, now=now)
            if ids:
                why = "the <line> is dead"
                end_placed(connection, call_pk, CallStatus.FAILED, DisconnectionReason.ERROR, failure=why, now=now)
            else:
                end_placed(connection, call_pk, CallStatus.COMPLETED, DisconnectionReason.USER_HANGUP, now=now)
            ids.append(call_id)
        return ids

    return desk.record.write(work)


def test_without_any_the_page_says_what_they_are_for(site: Site) -> None:
    page = site.get("/campaigns")
    assert "No campaigns yet" in page
    assert 'href="/campaigns" aria-current="page"' in page


def test_a_campaign_shows_whom_it_called_and_leads_to_the_calls(site: Site, stage: DialStage) -> None:
    campaign_id = stage.add_campaign("+14155550100", "+14155550101", "+14155550102", start=False)
    reached, failed, _ = call_everybody(stage, campaign_id, site.desk)
    listed = site.get("/campaigns")
    assert f'href="/campaigns/{campaign_id}"' in listed and "Spring" in listed
    numbers = re.findall(r'<td class="tabular">(\d+)</td>', listed)
    assert numbers == ["3", "3", "1"]
    page = site.get(f"/campaigns/{campaign_id}")
    assert "100 % of them" in page and "33 % of those called" in page
    assert f'href="/calls/{reached}"' in page and f'href="/calls/{failed}"' in page
    assert "the &lt;line&gt; is dead" in page
    assert "reached" in page and "not reached" in page and "firstName: User 1" in page


def test_one_click_leads_from_a_campaign_to_its_calls_and_to_its_answers(site: Site, stage: DialStage) -> None:
    other = stage.add_campaign("+14155550109", start=False)
    campaign_id = stage.add_campaign("+14155550100", "+14155550101", start=False)
    assert "Its calls" not in site.get(f"/campaigns/{campaign_id}")  # where there are none yet
    reached, failed = call_everybody(stage, campaign_id, site.desk)
    (elsewhere,) = call_everybody(stage, other, site.desk)
    page = site.get(f"/campaigns/{campaign_id}")
    calls, answers = (unescape(href) for href in re.findall(r'href="(/calls\?[^"]*)">Its (?:calls|answers)<', page))
    listed = site.get(calls)
    assert reached in listed and failed in listed and elsewhere not in listed
    listed = site.get(answers)
    assert reached in listed and failed not in listed and elsewhere not in listed


def test_a_call_names_its_campaign_and_why_it_failed(site: Site, stage: DialStage) -> None:
    campaign_id = stage.add_campaign("+14155550100", "+14155550101", start=False)
    reached, failed = call_everybody(stage, campaign_id, site.desk)
    page = site.get(f"/calls/{failed}")
    assert f'<a href="/campaigns/{campaign_id}">Spring</a>' in page
    assert "Why it failed" in page and "the &lt;line&gt; is dead" in page
    assert "Why it failed" not in site.get(f"/calls/{reached}")


def test_editors_start_pause_and_stop_it(site: Site, stage: DialStage) -> None:
    campaign_id = stage.add_campaign("+14155550100", start=False)
    client = site.client()
    path = f"/campaigns/{campaign_id}"
    for act, word, status in (
        ("start", "Pause", CampaignStatus.PROCESSING),
        ("pause", "Go on", CampaignStatus.PAUSED),
        ("start", "Pause", CampaignStatus.PROCESSING),
        ("stop", "stopped", CampaignStatus.CANCELLED),
    ):
        reply = client.post(f"{path}/{act}", headers=SAME_ORIGIN)
        assert (reply.status_code, reply.headers["location"]) == (303, path)
        assert stage.campaign(campaign_id).status is status
        assert word in site.get(path)
    assert f'action="{path}/start"' not in site.get(path)
    assert client.post(f"{path}/start", headers=SAME_ORIGIN).status_code == 409


def test_readers_look_and_change_nothing(site: Site, stage: DialStage) -> None:
    campaign_id = stage.add_campaign("+14155550100", start=False)
    client = signed_in(site, Role.READER)
    page = client.get(f"/campaigns/{campaign_id}")
    assert page.status_code == 200 and "/start" not in page.text
    assert client.post(f"/campaigns/{campaign_id}/start", headers=OURS).status_code == 403
    assert stage.campaign(campaign_id).status is CampaignStatus.DRAFT


def test_a_page_that_does_not_exist_is_told_so(site: Site) -> None:
    client = site.client()
    assert client.get(f"/campaigns/{'0' * 24}", headers={"accept": "text/html"}).status_code == 404
    assert client.get("/campaigns?page=x", headers={"accept": "text/html"}).status_code == 400


def test_what_the_agent_knew_of_somebody_stands_on_the_call_as_json(site: Site, stage: DialStage) -> None:
    new = NewCall("seller", "+14155550100", variables={"firstName": "Ada", "again": True})
    _, call_id = site.desk.record.write(lambda c: place(c, stage.pk, new, now=site.desk.clock()))
    assert '{"firstName":"Ada","again":true}' in unescape(site.get(f"/calls/{call_id}"))
