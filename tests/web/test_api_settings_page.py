"""The page of what others see of an agent's calls: the form, what it keeps, and the reply beside it."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from tests.builders import a_call, a_question, an_answer
from tests.web.hosted_calls import Played, play, push_bakery
from tests.web.sites import Site
from tests.web.visitors import OURS, signed_in

from postcall.domain.people import Role
from postcall.domain.visibility import ApiSettings, HandoffApi
from postcall.storage.agents import find_agent_row
from postcall.storage.api_settings import read_api_settings

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
HERE = "/agents/clinic/api"
AS_IT_WAS = {"show_transcripts": "yes", "metrics": "all"}


def stored(site: Site, agent: str = "clinic") -> ApiSettings:
    return site.desk.record.read(lambda c: read_api_settings(c, find_agent_row(c, site.desk.pk, agent).pk))


def replies(page: str) -> list[dict[str, object]]:
    """The conversation and the handoff state of the preview."""
    return [json.loads(unescape(each)) for each in re.findall(r'<pre class="reply"[^>]*>(.*?)</pre>', page, re.DOTALL)]


def save(site: Site, **fields: object) -> None:
    reply = site.client().post(HERE, data={**AS_IT_WAS, **fields}, headers=SAME_ORIGIN)
    assert reply.status_code == 303, reply.text
    assert "Saved." in site.get(reply.headers["location"])


def test_at_first_everything_is_shown_and_it_says_so(site: Site) -> None:
    site.desk.hand_in(a_call(metrics={"CITY": "Bern"}))
    page = site.get(HERE)
    assert "nobody has changed what is stored: everything is shown" in page and f'href="{HERE}"' in site.get(
        "/agents/clinic"
    )
    conversation, _ = replies(page)
    assert conversation["turns"] and conversation["metrics"]["CITY"] == "Bern"  # type: ignore[index]


def test_an_agent_without_calls_says_that_there_is_nothing_to_show(site: Site) -> None:
    site.desk.ask(a_question())
    assert "The agent has had no call yet" in site.get(HERE)


def test_without_transcripts_the_turns_are_hidden_and_counted(site: Site) -> None:
    site.desk.hand_in(a_call())
    [before, _] = replies(site.get(HERE))
    save(site, show_transcripts="")
    assert not stored(site).show_transcripts
    [after, _] = replies(site.get(HERE))
    assert after["turns"] == [] and after["num_turns"] == before["num_turns"] != 0


def test_only_picked_metrics_are_shown_and_unknown_ones_stay(site: Site) -> None:
    question = a_question()
    site.desk.ask(question)
    site.desk.hand_in(a_call(metrics={"CITY": "Bern", "SIZE": 4}))
    site.desk.extract(an_answer(question.identifier))
    page = site.get(HERE)
    for legend in ("Answered after the call", "Written by calls, and not defined", "From postcall itself"):
        assert legend in page
    save(site, metrics="picked", metric=["CITY", question.identifier], more="LATER\n\n  SOON ")
    assert stored(site).response_metrics == frozenset({"CITY", question.identifier, "LATER", "SOON"})
    page = site.get(HERE)
    assert set(replies(page)[0]["metrics"]) == {"CITY", question.identifier}  # type: ignore[call-overload]
    assert re.search(r'name="metric" value="CITY" checked', page) and ">LATER\nSOON</textarea>" in page
    save(site, metrics="picked")
    assert stored(site).response_metrics == frozenset() and replies(site.get(HERE))[0]["metrics"] == {}


def test_picking_names_while_it_says_all_is_refused_and_shows_no_more_than_before(site: Site) -> None:
    site.desk.hand_in(a_call(metrics={"CITY": "Bern", "SIZE": 4}))
    for picked in ({"metric": ["CITY"]}, {"more": "LATER"}):
        reply = site.client().post(HERE, data={**AS_IT_WAS, **picked}, headers=SAME_ORIGIN)
        assert reply.status_code == 400 and "and yet it says all" in unescape(reply.text)
    save(site, metrics="picked", metric=["CITY"])
    reply = site.client().post(HERE, data={**AS_IT_WAS, "metric": ["CITY", "SIZE"]}, headers=SAME_ORIGIN)
    assert reply.status_code == 400 and stored(site).response_metrics == frozenset({"CITY"})
    save(site, metrics="all", metric=["CITY"])
    assert stored(site).response_metrics is None, "whoever only goes back to all need not untick what was stored"


def test_picked_names_stand_first_and_are_counted(site: Site) -> None:
    site.desk.hand_in(a_call(metrics={"CITY": "Bern", "SIZE": 4}))
    save(site, metrics="picked", metric=["SIZE", "CALL_DURATION"])
    page = site.get(HERE)
    names = re.findall(r'name="metric" value="(\w+)"', page)
    assert names[:2] == ["CALL_DURATION", "SIZE"] and len(names) == len(set(names))
    assert f"2 of {len(names)} are picked" in page


def test_the_state_is_told_under_its_names_there(site: Site) -> None:
    push_bakery(site.desk)
    play(site.desk, "talk", Played(agent="Hello."))
    form = {**AS_IT_WAS, "keys": "account = customer\nloaves", "shared": "ticket"}
    reply = site.client().post("/agents/bakery/api", data=form, headers=SAME_ORIGIN)
    assert reply.status_code == 303
    assert stored(site, "bakery").handoff == HandoffApi(("account", "loaves"), {"account": "customer"}, "ticket")
    page = site.get("/agents/bakery/api")
    assert ">account = customer\nloaves</textarea>" in page and 'value="ticket"' in page
    _, handoff = replies(page)
    assert handoff == {"id": "talk", "shared_id": None, "data": {"customer": None, "loaves": None}}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"metrics": "picked", "more": "x" * 201}, "1 to 200 characters"),
        ({"keys": "one\none"}, "is there twice"),
        ({"keys": "one = two\ntwo"}, "two keys would be called"),
        ({"keys": "one = "}, "write a key, or KEY = NAME THERE"),
        ({"keys": " = two"}, "write a key, or KEY = NAME THERE"),
        ({"shared": "x" * 201}, "1 to 200 characters"),
    ],
    ids=["name", "twice", "same name", "no alias", "no key", "shared"],
)
def test_a_form_with_a_fault_comes_back_and_keeps_nothing(site: Site, fields: dict[str, str], said: str) -> None:
    site.desk.hand_in(a_call())
    reply = site.client().post(HERE, data={**AS_IT_WAS, "show_transcripts": "", **fields}, headers=SAME_ORIGIN)
    assert reply.status_code == 400 and said in unescape(reply.text) and 'aria-invalid="true"' in reply.text
    assert stored(site) == ApiSettings()


def test_a_preview_keeps_nothing(site: Site) -> None:
    site.desk.hand_in(a_call())
    client = site.client()
    part = client.post(f"{HERE}/preview", data={"metrics": "picked"}, headers=SAME_ORIGIN)
    assert part.status_code == 200 and "<html" not in part.text
    assert replies(part.text)[0]["turns"] == [] and replies(part.text)[0]["metrics"] == {}
    whole = client.post(HERE, data={"metrics": "picked", "do": "preview"}, headers=SAME_ORIGIN)
    assert replies(whole.text) == replies(part.text) and 'value="picked" checked' in whole.text
    wrong = client.post(f"{HERE}/preview", data={"keys": "a\na"}, headers=SAME_ORIGIN)
    assert wrong.status_code == 200 and "This is what is stored." in wrong.text and replies(wrong.text)[0]["turns"]
    assert stored(site) == ApiSettings()


def test_only_admins_change_it(site: Site) -> None:
    site.desk.hand_in(a_call())
    for role in (Role.READER, Role.EDITOR):
        client = signed_in(site, role)
        page = client.get(HERE)
        assert page.status_code == 200 and "takes the role admin" in page.text and ">Save<" not in page.text
        for path in (HERE, f"{HERE}/preview"):
            assert client.post(path, data={}, headers=OURS).status_code == 403
    assert stored(site) == ApiSettings()
    assert ">Save<" in signed_in(site, Role.ADMIN).get(HERE).text


def test_an_agent_that_is_not_there_has_no_page(site: Site) -> None:
    client = site.client()
    assert client.get("/agents/nobody/api").status_code == 404
    for path in ("/agents/nobody/api", "/agents/nobody/api/preview"):
        assert client.post(path, data=AS_IT_WAS, headers=SAME_ORIGIN).status_code == 404
