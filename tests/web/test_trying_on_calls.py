"""Trying a draft's questions on past calls: answers beside those of now, time and cost, and nothing stored."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection
from tests.aside import run_aside
from tests.builders import NOON, Desk, a_call, a_question, an_answer, findings, some_turns
from tests.web.sites import Site, make_site
from tests.web.test_pages import shown
from tests.web.test_questions_pages import Seen, seen

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Findings
from postcall.domain.calls import Transcript
from postcall.storage.drafts import create_draft, discard_draft
from postcall.testing import Answered, ScriptedModel, answers_from
from postcall.web.trying import MAX_CALLS, Change, PastCall, Places, Tried, compare, try_calls

SAID = {
    "summary": "She wants a check-up.",
    "booked": Answered(True, evidence=[(1, "book a check-up")], confidence=0.9, reasoning="She asks for it."),
    "day": Answered("Tuesday", evidence=[(1, "Tuesday")], confidence=0.7, reasoning="She names it."),
}
DAY = a_question("day", "On which day does the caller want to come? In their words.", "STRING")


def prepare(desk: Desk) -> str:
    """Two answered calls, one that nobody took, and a draft that asks one question more; returns the draft's id."""
    desk.ask(a_question("booked"))
    for number in range(2):
        desk.hand_in(a_call(f"call-{number}"))
        [job] = desk.claim()
        desk.finish(job, findings(an_answer("booked", number == 0)))
    desk.hand_in(a_call("missed", status="no_answer"))
    config = VersionConfig(questions=(a_question("booked"), DAY))

    def begin(connection: Connection) -> str:
        made = create_draft(connection, desk.pk, "clinic", name="more", base=None, by=None, now=NOON, config=config)
        return made.id

    return desk.record.write(begin)


def ask(site: Site, draft: str, rest: str = "/try", **fields: str) -> Seen:
    """Send the form of the page."""
    return seen(site, "POST", rest, query={"draft": draft}, fields=fields)


def count_runs(desk: Desk) -> list[int]:
    return [len(desk.read(call_id).extractions) for call_id in ("call-0", "call-1")]


def test_the_newest_completed_calls_are_offered(site: Site) -> None:
    draft = prepare(site.desk)
    page = seen(site, "GET", "/try", query={"draft": draft})
    assert re.findall(r'name="call_\d+" value="([^"]+)" checked', page.text) == ["call-1", "call-0"]
    assert "2 questions of the draft “more”; nothing is stored" in page.words and "missed" not in page.words


def test_answers_stand_beside_those_of_now_with_evidence_time_and_cost(site: Site, tmp_path: Path) -> None:
    draft = prepare(site.desk)
    with ScriptedModel(default=answers_from(SAID)) as model:
        page = ask(make_site(site.desk, tmp_path, model), draft, call_0="call-0", call_1="call-1")
    assert page.status == 200, page.text
    first, second = re.findall(r'<li class="card tried-call".*?</li>', page.text, re.DOTALL)
    assert "1 new, 1 same" in shown("<main" + first) and "1 changed, 1 new" in shown("<main" + second)
    words = shown("<main" + second)
    assert "Version 1 said" in words and "changed No" in words, "the call was answered with no before"
    assert "0.90" in words and "book a check-up" in words and "Caller, turn 1" in words and "She names it." in words
    assert re.search(r"\d (ms|s) · [\d,]+ tokens, no prices are set", words)
    assert re.search(r"2 calls; the slowest took [\d.]+ m?s; [\d,]+ tokens", page.words)


def test_nothing_of_it_is_stored(site: Site) -> None:
    draft = prepare(site.desk)
    before = [site.desk.read(call_id) for call_id in ("call-0", "call-1")]
    ask(site, draft, call_0="call-0", call_1="call-1")
    assert [site.desk.read(call_id) for call_id in ("call-0", "call-1")] == before
    assert count_runs(site.desk) == [1, 1]


def test_the_built_in_analyser_costs_nothing_and_says_so(site: Site) -> None:
    draft = prepare(site.desk)
    page = ask(site, draft, call_0="call-0")
    assert page.status == 200 and "no cost: built-in" in page.words


def test_calls_can_be_named_by_their_ids_and_an_unknown_one_costs_only_itself(site: Site) -> None:
    draft = prepare(site.desk)
    page = ask(site, draft, ids="call-0, nope missed")
    assert "There is no call &#39;nope&#39;." in page.text
    assert page.text.count("<table") == 2, "a call that was named is tried, whatever became of it"
    assert 'name="ids" value="nope missed"' in page.text


def test_with_script_each_call_asks_for_itself(site: Site) -> None:
    draft = prepare(site.desk)
    client = site.client()
    headers = {"origin": "http://127.0.0.1:8000", "hx-request": "true"}
    part = client.post(
        f"/agents/clinic/questions/try?draft={draft}", data={"call_0": "call-0", "ids": "nope"}, headers=headers
    )
    rows = re.findall(r'hx-post="([^"]+)" hx-trigger="load"', part.text)
    assert len(rows) == 2 and "<html" not in part.text and "<progress" in part.text
    one, gone = (client.post(row.replace("&amp;", "&"), headers=headers) for row in rows)
    assert one.status_code == 200 and "<table" in one.text and "Version 1 said" in one.text
    assert gone.status_code == 200 and "There is no call" in gone.text
    none = client.post(f"/agents/clinic/questions/try?draft={draft}", headers=headers)
    assert none.status_code == 200 and "Choose at least one call." in none.text


def test_a_model_that_cannot_be_asked_is_told_for_its_call(site: Site, tmp_path: Path) -> None:
    draft = prepare(site.desk)
    with ScriptedModel() as model:
        model.when(lambda _: True).fail(401)
        page = ask(make_site(site.desk, tmp_path, model), draft, call_0="call-0")
    assert page.status == 200 and 'class="problem"' in page.text and "<table" not in page.text


def test_a_draft_that_is_gone_is_told_in_the_row_that_waits(site: Site) -> None:
    draft = prepare(site.desk)
    site.desk.record.write(lambda c: discard_draft(c, site.desk.pk, draft))
    row = seen(site, "POST", "/try/one", query={"draft": draft, "call": "call-0"})
    assert row.status == 200 and "it may have been published or discarded" in row.text


@pytest.mark.parametrize(
    ("ids", "said"),
    [("", "Choose at least one call."), (" ".join(f"c{n}" for n in range(MAX_CALLS + 1)), "Choose at most 10 calls")],
)
def test_too_few_and_too_many_calls_are_refused(site: Site, ids: str, said: str) -> None:
    draft = prepare(site.desk)
    page = ask(site, draft, ids=ids)
    assert page.status == 400 and said in page.words


def test_the_active_version_can_be_tried_as_well_and_an_empty_one_is_refused(site: Site) -> None:
    prepare(site.desk)
    assert "1 question of version 1" in seen(site, "GET", "/try").words
    assert seen(site, "POST", "/try", fields={"ids": "call-0"}).status == 200
    site.desk.ask()
    assert "There is no question to try yet" in seen(site, "POST", "/try", fields={"ids": "call-0"}).words


def test_what_was_found_is_also_json(site: Site, tmp_path: Path) -> None:
    draft = prepare(site.desk)
    with ScriptedModel(default=answers_from(SAID)) as model:
        page = ask(make_site(site.desk, tmp_path, model), draft, "/try.json", ids="call-1")
    [call] = json.loads(page.text)["calls"]
    assert call["call"] == "call-1" and call["tokens"] > 0 and call["cost"] is None and call["model"] == "tiny-model"
    booked, day = call["answers"]
    assert (booked["value"], booked["change"], booked["before"]) == (True, "changed", {"value": False, "status": "ok"})
    assert (day["value"], day["change"], day["before"]) == ("Tuesday", "new", None)


@dataclass
class Slow:
    """An analyser that notes how many calls it is asked about at once."""

    limit: int = 2
    now: int = 0
    most: int = 0
    name: str = "slow"
    model: str | None = None
    place: str | None = None

    async def analyse(  # what it is asked does not matter here
        self,
        transcript: Transcript,  # noqa: ARG002
        config: VersionConfig,  # noqa: ARG002
        *,
        reference: datetime,  # noqa: ARG002
        agent_pk: int | None = None,  # noqa: ARG002
    ) -> Findings:
        """Nothing, after a while."""
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.01)
        self.now -= 1
        return findings()

    async def close(self) -> None:
        """There is nothing to close."""


def test_no_more_calls_are_asked_at_once_than_the_analyser_takes() -> None:
    slow, places = Slow(), Places()
    calls = [PastCall(f"call-{number}", NOON, some_turns("user: Hello"), None) for number in range(4)]

    async def two_readers() -> tuple[list[Tried], list[Tried]]:
        def one() -> Awaitable[list[Tried]]:
            free = places.free(slow)
            return try_calls(calls, VersionConfig(), slow, agent_pk=1, free=free, timer=time.perf_counter)

        return await asyncio.gather(one(), one())

    tried = run_aside(two_readers())
    assert [[each.call_id for each in reader] for reader in tried] == [[call.id for call in calls]] * 2
    assert slow.most == 2


def test_a_silent_call_is_not_asked_about() -> None:
    silent = PastCall("call-1", NOON, some_turns("agent: Hello?", "user:  "), None)
    free = asyncio.Semaphore(1)
    slow = Slow()
    [tried] = run_aside(try_calls([silent], VersionConfig(), slow, agent_pk=1, free=free, timer=time.perf_counter))
    assert slow.most == 0 and tried.problem is not None and "says nothing" in tried.problem


def test_an_answer_changes_with_its_value_its_status_and_its_type() -> None:
    yes, no, unknown = an_answer(), an_answer(value=False), an_answer(status="unknown")
    assert compare(yes, an_answer()) is Change.SAME
    assert compare(yes, no) is Change.CHANGED and compare(unknown, yes) is Change.CHANGED
    assert compare(unknown, an_answer(status="unknown")) is Change.SAME
    assert compare(yes, an_answer(type="INTEGER", value=1)) is Change.CHANGED
    assert compare(yes, None) is Change.NEW
