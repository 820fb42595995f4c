"""The page of the audit log: who sees it, what it says, and which part of it the filters leave."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from tests.builders import a_call
from tests.web.sites import Site
from tests.web.visitors import OURS, signed_in

from postcall.domain.audit import Action, Actor, ActorKind, AuditEntry
from postcall.domain.people import Role
from postcall.storage.audit import add_audit

CRM = Actor(ActorKind.KEY, "a" * 24, "The <CRM>")
COMMAND = Actor(ActorKind.COMMAND, None, "root")


def note(site: Site, actor: Actor = CRM, action: Action = Action.READ, **more: object) -> None:
    entry = AuditEntry(actor, action, **{"subject_kind": "calls", "request": "GET /postcall/v1/calls", **more})  # type: ignore[arg-type]
    site.desk.record.write(lambda c: add_audit(c, site.desk.pk, entry, now=site.desk.clock()))


def lines(page: str) -> list[str]:
    """The rows of the table, as text."""
    found = re.findall(r"<tr>(.*?)</tr>", page.partition("<tbody>")[2], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in found]


def test_a_line_says_who_did_what_to_what_and_leads_there(site: Site) -> None:
    site.desk.hand_in(a_call())
    note(site, subject_kind="call", subject="call-1", agent="clinic", status=200)
    note(site, COMMAND, Action.CHANGED, subject_kind="key", subject="b" * 24, request="postcall keys create")
    page = site.get("/audit")
    newest, oldest = lines(page)
    assert "root command" in newest and "changed" in newest and "postcall keys create" in newest
    assert "The &lt;CRM&gt; key" in oldest and "read call call-1 clinic" in oldest.replace("– ", "")
    assert 'href="/calls/call-1"' in page and f'href="/keys/{"b" * 24}"' in page
    assert f'href="/audit?actor={"a" * 24}"' in page


def test_what_was_refused_is_no_link_to_it(site: Site) -> None:
    note(site, action=Action.REFUSED, subject_kind="call", subject="secret-call", status=403)
    page = site.get("/audit")
    assert "secret-call" in page and "/calls/secret-call" not in page and "refused" in page


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (f"actor={'a' * 24}", ["GET /one"]),
        ("actor=root", ["GET /two"]),
        ("action=changed", ["GET /two"]),
        ("kind=export", ["GET /two"]),
        ("subject=e-1", ["GET /two"]),
        ("agent=clinic", ["GET /one"]),
        ("since=2026-03-02T12:30", ["GET /two"]),
        ("until=2026-03-02T12:30", ["GET /one"]),
        ("actor=root&action=read", []),
    ],
    ids=["key", "name", "action", "kind", "subject", "agent", "since", "until", "none"],
)
def test_the_filters_leave_what_was_asked_for(site: Site, query: str, left: list[str]) -> None:
    start = site.desk.clock()
    note(site, request="GET /one", agent="clinic")
    site.desk.clock.advance(3_600)
    note(site, COMMAND, Action.CHANGED, request="GET /two", subject_kind="export", subject="e-1")
    assert start + timedelta(hours=1) <= site.desk.clock()
    found = [word for line in lines(site.get(f"/audit?{query}")) for word in re.findall(r"GET /\w+", line)]
    assert found == left
    assert left or "Nothing of this kind" in site.get(f"/audit?{query}")


@pytest.mark.parametrize(
    "query",
    ["since=yesterday", "until=9999-99-99", "action=stole", "before=x", "before=" + "9" * 30],
    ids=["since", "until", "action", "before", "huge"],
)
def test_a_filter_that_cannot_be_understood_is_said_and_shows_nothing(site: Site, query: str) -> None:
    note(site)
    reply = site.client().get(f"/audit?{query}")
    assert reply.status_code == 400 and 'role="alert"' in reply.text and lines(reply.text) == []


def test_odd_characters_find_nothing_and_break_nothing(site: Site) -> None:
    note(site)
    for odd in ("%ED%A0%80", "%F0%9F%92%A9" * 300, "%3Cscript%3E"):
        assert "<script>" not in site.get(f"/audit?actor={odd}&subject={odd}").partition("<main")[2]


def test_a_long_log_is_walked_page_by_page(site: Site) -> None:
    for number in range(205):
        note(site, subject=f"s-{number}")
    page, found = site.get("/audit?kind=calls"), []
    while True:
        found += re.findall(r"s-\d+", " ".join(lines(page)))
        older = re.search(r'<a href="([^"]+)">Older<', page)
        if not older:
            break
        page = site.get(older[1].replace("&amp;", "&"))
    assert found == [f"s-{number}" for number in reversed(range(205))]
    assert 'href="/audit?kind=calls">Newest<' in page


def test_only_admins_see_it(site: Site) -> None:
    note(site)
    for role in (Role.READER, Role.EDITOR):
        assert signed_in(site, role).get("/audit").status_code == 403
    assert "The &lt;CRM&gt;" in signed_in(site, Role.ADMIN).get("/audit").text


def test_what_is_done_on_a_page_is_there(site: Site) -> None:
    admin = signed_in(site, Role.ADMIN)
    form = {"name": "made by hand", "reach": "all", "scope": "read"}
    assert admin.post("/keys/new", data=form, headers=OURS).status_code == 303
    [line] = [each for each in lines(admin.get("/audit?action=changed").text) if "/keys/new" in each]
    assert "admin@clinic.example person" in line and "changed" in line
