"""The pages of API keys: what they show, to whom, and what their forms do."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.builders import Desk, a_call
from tests.web.sites import Site
from tests.web.visitors import OURS, add, sign_in, signed_in, visitor

from postcall.domain.keys import ApiKey, Scope
from postcall.domain.people import Role
from postcall.storage.agents import find_agent
from postcall.storage.keys import list_keys, note_use, who_holds

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


def the_one(desk: Desk) -> ApiKey:
    [found] = desk.record.read(lambda c: list_keys(c, desk.account))
    return found


def make(site: Site, **fields: object) -> str:
    """The secret of a key made by the form."""
    form = {"name": "The <CRM>", "reach": "all", "scope": ["conversations", "handoff"], **fields}
    client = site.client()
    made = client.post("/keys/new", data=form, headers=SAME_ORIGIN)
    assert made.status_code == 303, made.text
    reply = client.get(made.headers["location"])
    assert reply.status_code == 200 and reply.headers["cache-control"] == "no-store", reply.text
    found = re.search(r'id="secret"[^>]* value="(pc_[^"]+)"', reply.text)
    assert found
    return found[1]


def test_without_any_the_page_says_what_they_are_for(site: Site) -> None:
    page = site.get("/keys")
    assert "No keys yet" in page and 'href="/keys/new"' in page
    assert ">All, also those to come<" in site.get("/keys/new")


def test_a_key_is_shown_once_and_masked_after(site: Site) -> None:
    secret = make(site)
    made = the_one(site.desk)
    assert (made.name, made.agents) == ("The <CRM>", None)
    assert made.scopes == frozenset({Scope.CONVERSATIONS, Scope.HANDOFF})
    for page in (site.get("/keys"), site.get(f"/keys/{made.id}")):
        assert "The &lt;CRM&gt;" in page and made.shown in page and secret not in page and "never" in page
    assert "Conversations data, Handoff" in site.get("/keys")
    now = site.desk.clock()
    who = site.desk.record.read(lambda c: who_holds(c, secret, now=now))
    assert who and who.key_pk
    key_pk = who.key_pk
    site.desk.record.write(lambda c: note_use(c, key_pk, now=now))
    assert re.search(rf'<time datetime="{now:%Y-%m-%d}T', site.get("/keys"))


def test_a_key_for_chosen_agents_has_an_end_and_a_limit(site: Site) -> None:
    site.desk.hand_in(a_call())
    clinic = site.desk.record.read(lambda c: find_agent(c, site.desk.pk, "clinic"))
    last_day = (site.desk.clock() + timedelta(days=3)).date()
    make(site, reach="chosen", agent=[clinic.id], expires=last_day.isoformat(), per_minute="120")
    made = the_one(site.desk)
    assert (made.agents, made.per_minute) == (("clinic",), 120)
    assert made.expires_at == datetime.combine(last_day + timedelta(days=1), datetime.min.time(), UTC)
    page = site.get("/keys")
    assert "120 a minute" in page and ">clinic<" in page
    site.desk.clock.advance(4 * 86_400)
    assert "expired" in site.get("/keys") and "No key is active" in site.get("/keys")


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        ({"name": " "}, "name", "can be printed"),
        ({"scope": []}, "scopes", "tick what the key may do"),
        ({"scope": ["everything"]}, "scopes", "only those of the form"),
        ({"reach": "chosen"}, "agents", "choose those that the key is for"),
        ({"reach": "all", "agent": ["clinic"]}, "agents", "some are ticked, and yet it says all"),
        ({"expires": "2026-02-01"}, "expires_at", "that day is over"),
        ({"expires": "soon"}, "expires_at", "is no day"),
        ({"expires": "9999-12-31"}, "expires_at", "is no day"),
        ({"per_minute": "0"}, "per_minute", "from 1 to"),
        ({"per_minute": "many"}, "per_minute", "must be a whole number"),
    ],
    ids=[
        "name",
        "no scope",
        "unknown scope",
        "no agent",
        "agent and all",
        "past",
        "no day",
        "end of time",
        "zero",
        "words",
    ],
)
def test_a_form_with_a_fault_comes_back_and_makes_nothing(
    site: Site, fields: dict[str, object], field: str, said: str
) -> None:
    form = {"name": "kept words", "reach": "all", "scope": ["read"], **fields}
    reply = site.client().post("/keys/new", data=form, headers=SAME_ORIGIN)
    assert reply.status_code == 400 and f'id="{field}-wrong"' in reply.text and said in reply.text
    assert field == "name" or "kept words" in reply.text
    assert site.desk.record.read(lambda c: list_keys(c, site.desk.account)) == []


def test_loading_the_page_of_a_new_key_again_makes_no_second_one_and_shows_no_secret(site: Site) -> None:
    client, form = site.client(), {"name": "till", "reach": "all", "scope": ["read"]}
    made = client.post("/keys/new", data=form, headers=SAME_ORIGIN)
    carried = made.headers["set-cookie"]
    assert "HttpOnly" in carried and "SameSite=strict" in carried and "pc_" not in carried
    where = made.headers["location"]
    shown = client.get(where).text
    assert "pc_" in shown and "all agents" in shown
    again = client.get(where)
    key = the_one(site.desk)
    assert again.status_code == 303 and again.headers["location"] == f"/keys/{key.id}"
    assert 'id="secret"' not in client.get(f"/keys/{key.id}").text


def test_what_was_sealed_for_one_key_shows_nothing_on_the_page_of_another(site: Site) -> None:
    form = {"name": "till", "reach": "all", "scope": ["read"]}
    first, second = (site.client().post("/keys/new", data=form, headers=SAME_ORIGIN) for _ in range(2))
    for value in (first.cookies["postcall_new_key"], "nonsense", ""):
        cookie = {"cookie": f"postcall_new_key={value}"}
        assert site.client().get(second.headers["location"], headers=cookie).status_code == 303


def test_a_key_for_chosen_agents_cannot_administer(site: Site) -> None:
    site.desk.hand_in(a_call())
    clinic = site.desk.record.read(lambda c: find_agent(c, site.desk.pk, "clinic"))
    form = {"name": "n", "reach": "chosen", "agent": [clinic.id], "scope": ["admin"]}
    reply = site.client().post("/keys/new", data=form, headers=SAME_ORIGIN)
    assert reply.status_code == 400 and "which is for the account" in reply.text


def test_name_scopes_and_limit_can_be_changed(site: Site) -> None:
    secret = make(site, per_minute="5")
    made = the_one(site.desk)
    client = site.client()
    reply = client.post(f"/keys/{made.id}", data={"name": "CRM", "scope": ["read"]}, headers=SAME_ORIGIN)
    assert reply.status_code == 303 and "Saved." in site.get(reply.headers["location"])
    changed = the_one(site.desk)
    assert (changed.name, changed.per_minute) == ("CRM", None)
    assert changed.scopes == frozenset({Scope.READ})
    now = site.desk.clock()
    who = site.desk.record.read(lambda c: who_holds(c, secret, now=now))
    assert who and who.scopes == frozenset({Scope.READ})
    wrong = client.post(f"/keys/{made.id}", data={"name": "CRM"}, headers=SAME_ORIGIN)
    assert wrong.status_code == 400 and 'id="scopes-wrong"' in wrong.text
    assert the_one(site.desk) == changed


def test_revoking_asks_first_and_ends_it_at_once(site: Site) -> None:
    secret = make(site)
    made = the_one(site.desk)
    client = site.client()
    assert "Revoke this key?" in client.get(f"/keys/{made.id}/revoke").text
    opened = client.get("/postcall/v1/calls", headers={"x-api-key": secret})
    assert opened.status_code == 403, "known, but without the scope read"
    assert client.post(f"/keys/{made.id}/revoke", headers=SAME_ORIGIN).status_code == 303
    assert client.get("/postcall/v1/calls", headers={"x-api-key": secret}).status_code == 401
    page = site.get(f"/keys/{made.id}")
    assert "revoked" in page and "nothing of it can be changed" in page
    late = client.post(f"/keys/{made.id}", data={"name": "n", "scope": ["admin"]}, headers=SAME_ORIGIN)
    assert late.status_code == 409 and the_one(site.desk).scopes == made.scopes


def test_only_admins_see_them(site: Site) -> None:
    make(site)
    key = the_one(site.desk)
    paths = ("/keys", "/keys/new", f"/keys/{key.id}", f"/keys/{key.id}/revoke")
    for role in (Role.READER, Role.EDITOR):
        client = signed_in(site, role)
        assert 'href="/keys"' not in client.get("/calls").text
        for path in paths:
            assert client.get(path).status_code == 403, path
        for path in paths[1:]:
            form = {"name": "mine", "scope": "admin"}
            assert client.post(path, data=form, headers=OURS).status_code == 403, path
    admin = signed_in(site, Role.ADMIN)
    assert 'href="/keys"' in admin.get("/calls").text
    assert admin.get("/keys").status_code == 200
    assert the_one(site.desk) == key


def test_another_accounts_keys_are_not_there(site: Site) -> None:
    make(site)
    key = the_one(site.desk)
    other = replace(site, desk=Desk(site.desk.record, site.desk.clock, account="other"))
    client = visitor(other)
    sign_in(client, add(other, Role.ADMIN).email)
    assert "No keys yet" in client.get("/keys").text
    for path in (f"/keys/{key.id}", f"/keys/{key.id}/revoke"):
        assert client.get(path).status_code == 404
        form = {"name": "mine", "scope": "admin"}
        assert client.post(path, data=form, headers=OURS).status_code == 404
    assert the_one(site.desk) == key
