"""The pages of agents, versions and drafts: what they show, and what their forms do."""

from __future__ import annotations

import csv
import html
import io
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.engine import Connection
from starlette.testclient import TestClient
from tests.builders import AGENT, a_call, a_question
from tests.web.sites import Site
from tests.web.visitors import OURS, signed_in

from postcall.domain.agents import Draft, VersionConfig
from postcall.domain.people import Role
from postcall.storage.agents import describe_version, find_agent, find_agent_row, list_versions
from postcall.storage.drafts import create_draft, list_drafts, save_draft
from postcall.storage.version_ids import publish_config, snapshot_draft

BOOKED = a_question()
REWORDED = replace(BOOKED, prompt="Did the caller book a table?")
WHY = a_question("why", "Why did they call?", "ENUM", choices=["pain", "check-up"])
HERE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def asking(site: Site) -> Site:
    """A site whose agent has two versions."""
    site.desk.ask(BOOKED)
    site.desk.hand_in(a_call())
    site.desk.ask(REWORDED, WHY)
    return site


def a_draft(site: Site, *questions: Any, base: int | None = None, by: str | None = "Ana") -> Draft:
    desk = site.desk
    config = VersionConfig(tuple(questions)) if questions else None
    return desk.record.write(
        lambda c: create_draft(c, desk.pk, AGENT, name="Spring", base=base, by=by, config=config, now=desk.clock())
    )


def saved(site: Site, draft: Draft, *questions: Any, by: str = "Ben") -> Draft:
    desk = site.desk
    return desk.record.write(
        lambda c: save_draft(
            c,
            desk.pk,
            draft.id,
            VersionConfig(tuple(questions)),
            revision=draft.revision,
            by=by,
            now=desk.clock(),
        )
    )


def drafts(site: Site) -> list[Draft]:
    return site.desk.record.read(lambda c: list_drafts(c, site.desk.pk, AGENT))


def active(site: Site) -> int:
    return site.desk.record.read(lambda c: find_agent(c, site.desk.pk, AGENT)).active_version


def labels(site: Site) -> list[str | None]:
    versions = site.desk.record.read(lambda c: list_versions(c, find_agent_row(c, site.desk.pk, AGENT).pk))
    return [version.label for version in versions]


def send(site: Site, path: str, **fields: str) -> Any:
    return site.client().post(path, data=fields, headers=HERE)


def text_of(page: str) -> str:
    """What a person reads."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])))


def table_of(client: TestClient, path: str) -> list[list[str]]:
    reply = client.get(path)
    assert reply.headers["content-type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(reply.text)))


def test_the_list_has_every_agent_with_its_version_and_drafts(asking: Site) -> None:
    a_draft(asking)
    asking.desk.ask(agent="sales")
    words = text_of(asking.get("/agents"))
    assert "clinic 2 2 questions 1 draft" in words
    assert "sales 1 0 questions –" in words
    told = asking.client().get("/agents.json").json()["agents"]
    assert [(each["slug"], each["active_version"], each["questions"], each["drafts"]) for each in told] == [
        ("clinic", 2, 2, 1),
        ("sales", 1, 0, 0),
    ]
    assert [row[0] for row in table_of(asking.client(), "/agents.csv")] == ["slug", "clinic", "sales"]


def test_without_agents_the_list_says_how_to_make_one(site: Site) -> None:
    assert "postcall agents create" in site.get("/agents")


def test_an_agents_page_has_its_versions_drafts_and_questions(asking: Site) -> None:
    draft = a_draft(asking)
    page = asking.get("/agents/clinic")
    words = text_of(page)
    assert "2 ✓ active 2 questions" in words
    assert "Spring begun by Ana version 2 2 questions" in words
    assert "booked all ✓ asked" in words
    assert "why 2 ✓ asked" in words
    assert f'href="/agents/clinic/questions?draft={draft.id}"' in page
    told = asking.client().get("/agents/clinic.json").json()
    assert [version["number"] for version in told["versions"]] == [2, 1]
    assert [each["id"] for each in told["drafts"]] == [draft.id]
    assert told["questions"][0] == {"identifier": "booked", "versions": [1, 2], "asked_now": True}
    rows = table_of(asking.client(), "/agents/clinic.csv")
    assert [row[:3] for row in rows[1:]] == [["2", "", "true"], ["1", "", "false"]]


def test_a_roll_back_is_one_button_and_is_said(asking: Site) -> None:
    assert "Roll back" in asking.get("/agents/clinic")
    gone_to = send(asking, "/agents/clinic/versions/1/activate").headers["location"]
    assert active(asking) == 1
    words = text_of(asking.get(gone_to))
    assert "Version 1 is active" in words
    assert "Activate version 2" in words


def test_a_draft_is_started_from_the_active_version_or_an_older_one(asking: Site) -> None:
    place = send(asking, "/agents/clinic/drafts").headers["location"]
    assert "They ask the same." in text_of(asking.get(place))
    send(asking, "/agents/clinic/drafts", base="1", name="Back to before")
    assert {(draft.name, draft.base_version) for draft in drafts(asking)} == {
        ("Draft from version 2", 2),
        ("Back to before", 1),
    }
    place = send(asking, "/agents/clinic/drafts", then="edit").headers["location"]
    assert place.startswith("/agents/clinic/questions?draft=")


def test_a_version_shows_what_it_asks_and_what_it_changed(asking: Site) -> None:
    page = asking.get("/agents/clinic/versions/2")
    assert "Did the caller book <del>an appointment</del><ins>a table</ins>?" in page
    words = text_of(page)
    assert "1 question added, 1 question changed" in words
    assert "pain, check-up" in words
    told = asking.client().get("/agents/clinic/versions/2.json").json()
    assert [each["change"] for each in told["diff"]["questions"]] == ["changed", "added"]
    rows = table_of(asking.client(), "/agents/clinic/versions/2.csv")
    assert rows[2] == ["why", "ENUM", "Why did they call?", "pain, check-up"]
    assert asking.client().get("/agents/clinic/versions/1.json").json()["diff"] is None
    assert "removed" in text_of(asking.get("/agents/clinic/versions/1?against=2"))


def test_a_version_is_named_on_its_page(asking: Site) -> None:
    send(asking, "/agents/clinic/versions/2/label", label=" spring  2026 ")
    assert labels(asking) == ["spring 2026", None]
    assert "Version 2, spring 2026" in text_of(asking.get("/agents/clinic/versions/2"))
    send(asking, "/agents/clinic/versions/2/label", label="")
    assert labels(asking) == [None, None]


def test_a_questions_history_shows_each_way_it_was_asked(asking: Site) -> None:
    asking.desk.ask(WHY)
    page = asking.get("/agents/clinic/history/booked")
    assert "<del>an appointment</del><ins>a table</ins>" in page
    assert "now" not in text_of(page).split("Prompt")[1]
    told = asking.client().get("/agents/clinic/history/booked.json").json()
    assert [each["first_version"] for each in told["history"]] == [2, 1]
    assert [row[0] for row in table_of(asking.client(), "/agents/clinic/history/booked.csv")[1:]] == ["2", "1"]
    assert asking.client().get("/agents/clinic/history/nothing").status_code == 404


def test_a_drafts_page_shows_what_publishing_would_change(asking: Site) -> None:
    draft = a_draft(asking, BOOKED, WHY)
    page = asking.get(f"/agents/clinic/drafts/{draft.id}")
    assert "<del>a table</del><ins>an appointment</ins>" in page
    assert "not up to date" not in page
    told = asking.client().get(f"/agents/clinic/drafts/{draft.id}.json").json()
    assert told["diff"]["questions"] == told["diff_to_active"]["questions"]
    [_, row] = table_of(asking.client(), f"/agents/clinic/drafts/{draft.id}.csv")
    assert row[:3] == ["booked", "changed", REWORDED.prompt]


def test_publishing_makes_it_active_where_that_is_ticked(asking: Site) -> None:
    draft = a_draft(asking, WHY)
    place = f"/agents/clinic/drafts/{draft.id}/publish"
    gone_to = send(asking, place, revision="1", label="reasons only", activate="yes").headers["location"]
    assert (active(asking), drafts(asking), labels(asking)[0]) == (3, [], "reasons only")
    assert "Version 3 is active" in text_of(asking.get(gone_to))


def test_publishing_without_the_tick_changes_what_no_call_is_asked(asking: Site) -> None:
    draft = a_draft(asking, WHY)
    gone_to = send(asking, f"/agents/clinic/drafts/{draft.id}/publish", revision="1").headers["location"]
    assert (active(asking), len(labels(asking))) == (2, 3)
    assert "not active yet" in text_of(asking.get(gone_to))


def test_publishing_what_somebody_saved_meanwhile_says_who_and_does_nothing(asking: Site) -> None:
    draft = a_draft(asking, WHY)
    saved(asking, draft, BOOKED, by="Ben")
    reply = send(asking, f"/agents/clinic/drafts/{draft.id}/publish", revision="1", activate="yes")
    assert reply.status_code == 409
    assert "Nothing was done" in text_of(reply.text)
    assert "saved by Ben" in text_of(reply.text)
    assert 'name="revision" value="2"' in reply.text
    assert (active(asking), len(drafts(asking))) == (2, 1)


def test_a_draft_whose_base_was_overtaken_warns_and_can_be_brought_up_to_date(asking: Site) -> None:
    draft = a_draft(asking, BOOKED, WHY, base=1)
    words = text_of(asking.get(f"/agents/clinic/drafts/{draft.id}"))
    assert "Version 2 is active, and this began as version 1" in words
    assert "Publishing it changes version 2" in words
    send(asking, f"/agents/clinic/drafts/{draft.id}/rebase", revision="1")
    [made] = drafts(asking)
    assert (made.base_version, made.config.questions) == (2, (REWORDED, WHY))
    assert "not up to date" not in asking.get(f"/agents/clinic/drafts/{draft.id}")


def test_a_draft_is_renamed(asking: Site) -> None:
    draft = a_draft(asking)
    send(asking, f"/agents/clinic/drafts/{draft.id}/name", revision="1", name="Summer")
    assert [each.name for each in drafts(asking)] == ["Summer"]
    assert send(asking, f"/agents/clinic/drafts/{draft.id}/name", revision="2", name=" ").status_code == 400


def test_discarding_asks_first_and_only_takes_what_was_seen(asking: Site) -> None:
    draft = a_draft(asking, WHY)
    place = f"/agents/clinic/drafts/{draft.id}/discard"
    assert "Discard Spring?" in text_of(asking.get(place))
    assert len(drafts(asking)) == 1
    saved(asking, draft, BOOKED)
    late = send(asking, place, revision="1")
    assert (late.status_code, len(drafts(asking))) == (409, 1)
    gone_to = send(asking, place, revision="2").headers["location"]
    assert drafts(asking) == []
    assert "The draft is discarded." in text_of(asking.get(gone_to))


def config_field(page: str) -> str:
    found = re.search(r'name="config" value="([^"]*)"', page)
    assert found
    return html.unescape(found[1])


def test_whoever_was_slower_can_keep_both_ways(asking: Site) -> None:
    draft = a_draft(asking)
    place = f"/agents/clinic/drafts/{draft.id}/mine"
    mine = '{"questions": [{"identifier": "mine", "prompt": "Mine?", "type": "BOOLEAN"}]}'
    saved(asking, draft, WHY, by="Ben")
    clash = send(asking, place, revision="1", config=mine, how="over")
    assert clash.status_code == 409
    assert "Ben was faster" in text_of(clash.text)
    assert [each.config.questions for each in drafts(asking)] == [(WHY,)]
    send(asking, place, revision="2", config=config_field(clash.text), how="beside")
    assert {each.config.questions[0].identifier for each in drafts(asking)} == {"mine", "why"}
    send(asking, place, revision="2", config=config_field(clash.text), how="over")
    assert [each.config.questions[0].identifier for each in drafts(asking)] == ["mine", "mine"]


@pytest.mark.parametrize(
    "path",
    ["/agents/nobody", "/agents/clinic/versions/9", "/agents/clinic/versions/two", "/agents/clinic/drafts/none"],
)
def test_what_is_not_there_is_said_in_a_page(asking: Site, path: str) -> None:
    reply = asking.client().get(path)
    assert (reply.status_code, reply.headers["content-type"].split(";")[0]) == (404, "text/html")


def test_other_sites_cannot_press_the_buttons(asking: Site) -> None:
    reply = asking.client().post("/agents/clinic/versions/1/activate", headers={"sec-fetch-site": "cross-site"})
    assert reply.status_code == 403
    assert active(asking) == 2


def test_texts_of_others_are_shown_as_text(asking: Site) -> None:
    nasty = a_question("nasty", "<script>alert(1)</script>", "ENUM", choices=["<b>", "=1+1"])
    draft = a_draft(asking, nasty)
    page = asking.get(f"/agents/clinic/drafts/{draft.id}")
    assert "<script>alert" not in page
    assert "<b>" not in page.partition("<main")[2]


def test_an_agent_whose_name_needs_care_in_an_address_has_its_pages(site: Site) -> None:
    site.desk.ask(BOOKED, agent="front&desk+é:1")
    [href] = re.findall(r'<th scope="row"><a href="([^"]+)"', site.get("/agents"))
    page = site.get(html.unescape(href))
    for link in set(re.findall(r'href="(/agents/[^"]+)"', page)):
        if "/questions" not in link:
            assert site.client().get(html.unescape(link)).status_code == 200, link


def test_a_version_leads_to_its_calls(asking: Site) -> None:
    asking.desk.hand_in(a_call("asked-of-two"))
    page = asking.get("/agents/clinic/versions/2")
    [calls] = re.findall(r'<a class="button" href="([^"]+)">Its calls', page)
    shown = asking.get(html.unescape(calls))
    assert "asked-of-two" in shown
    assert "call-1" not in shown


def test_who_began_saved_and_published_is_kept_with_it(asking: Site) -> None:
    editor = signed_in(asking)
    place = editor.post("/agents/clinic/drafts", headers=OURS).headers["location"]
    assert "by Editor" in text_of(editor.get(place).text)
    editor.post(f"{place}/publish", data={"revision": "1", "activate": "yes"}, headers=OURS)
    [newest, *_] = editor.get("/agents/clinic.json").json()["versions"]
    assert (newest["number"], newest["created_by"]) == (3, "Editor")


def test_a_reader_sees_everything_and_is_offered_no_change(asking: Site) -> None:
    draft = a_draft(asking, WHY)
    reader = signed_in(asking, Role.READER)
    here = f"/agents/clinic/drafts/{draft.id}"
    for path in ("/agents", "/agents/clinic", "/agents/clinic/versions/1", "/agents/clinic/history/why", here):
        page = reader.get(path)
        assert page.status_code == 200
        assert 'method="post"' not in page.text.partition("<main")[2]
    for path in (f"{here}/publish", f"{here}/discard", "/agents/clinic/versions/1/activate", "/agents/clinic/drafts"):
        assert reader.post(path, data={"revision": "1"}, headers=OURS).status_code == 403
    assert (active(asking), drafts(asking)) == (2, [draft])


def test_what_is_wrong_with_its_questions_is_said_before_a_draft_is_published(asking: Site) -> None:
    draft = a_draft(asking, BOOKED, replace(WHY, prompt="Skip this question if the caller booked. Otherwise, why?"))
    page = asking.get(f"/agents/clinic/drafts/{draft.id}")
    assert "Found about its questions" in page and "warning" in page.partition('id="found"')[2]
    assert "#q-why" in page
    only_hints = asking.get(f"/agents/clinic/drafts/{a_draft(asking, WHY).id}").partition('id="found"')[2]
    assert "hint" in only_hints and "warning" not in only_hints.partition("</section>")[0]


def test_a_version_is_shown_with_its_description_its_pin_and_what_a_prompt_agent_says(asking: Site) -> None:
    desk = asking.desk
    config = VersionConfig((BOOKED,), prompt="Sell bicycles.", greeting="Hello!", kept={"backgroundSound": "cafe"})

    def publish(connection: Connection) -> None:
        publish_config(connection, desk.pk, AGENT, config, now=desk.clock())
        describe_version(connection, desk.pk, AGENT, 3, description="Quieter <b>", pinned=True)

    desk.record.write(publish)
    page = asking.get(f"/agents/{AGENT}/versions/3")
    assert "Quieter &lt;b&gt;" in page
    assert "pinned" in page
    for said in ("Sell bicycles.", "Hello!", "backgroundSound"):
        assert said in page
    assert "pinned" in asking.get(f"/agents/{AGENT}")
    shown = asking.client().get(f"/agents/{AGENT}/versions/3.json").json()
    assert (shown["description"], shown["pinned"], len(shown["id"])) == ("Quieter <b>", True, 24)


def test_a_draft_that_was_tried_is_in_no_list_and_has_no_page(asking: Site) -> None:
    desk, draft = asking.desk, a_draft(asking, WHY)
    desk.record.write(lambda c: snapshot_draft(c, desk.pk, draft, now=desk.clock()))
    assert [each["number"] for each in asking.client().get(f"/agents/{AGENT}.json").json()["versions"]] == [2, 1]
    assert asking.client().get(f"/agents/{AGENT}/versions/-1").status_code == 404
