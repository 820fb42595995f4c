"""Editing an agent's questions in a draft, as a browser without script would."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from tests.builders import Desk, a_question
from tests.web.sites import Site
from tests.web.test_pages import shown
from tests.web.test_try_page import field

from postcall.configure.question_templates import TEMPLATES
from postcall.domain.agents import DEFAULT_SUMMARY_PROMPT
from postcall.domain.questions import DispositionMetric
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.drafts import find_draft, list_drafts, save_draft

QUESTIONS = (
    a_question("booked", "Did the agent confirm a booking to the guest?"),
    a_question("guests", "For how many people is the table? No value if it is not said.", "INTEGER"),
    a_question(
        "mood",
        "How did the guest feel? good: pleased. bad: not. other: silent.",
        "ENUM",
        choices=("good", "bad", "other"),
    ),
)


@dataclass
class Seen:
    """What came back."""

    status: int
    text: str
    location: str

    @property
    def words(self) -> str:
        return shown(self.text)


@dataclass
class Editor:
    """Somebody who edits a draft of the clinic's questions."""

    site: Site
    draft: str

    def get(self, rest: str = "", **query: str) -> Seen:
        """One of the pages, of the draft."""
        return seen(self.site, "GET", rest, query={"draft": self.draft} | query)

    def send(self, rest: str, fields: Mapping[str, str], **query: str) -> Seen:
        """Send a form, with the revision that the draft has now unless one is named."""
        fields = {"revision": str(self.revision)} | dict(fields)
        return seen(self.site, "POST", rest, query={"draft": self.draft} | query, fields=fields)

    @property
    def revision(self) -> int:
        desk = self.site.desk
        return desk.record.read(lambda c: find_draft(c, desk.pk, self.draft)).revision

    @property
    def questions(self) -> tuple[DispositionMetric, ...]:
        """What the draft says now."""
        desk = self.site.desk
        return desk.record.read(lambda c: find_draft(c, desk.pk, self.draft)).config.questions

    @property
    def names(self) -> list[str]:
        return [question.identifier for question in self.questions]


def seen(
    site: Site, method: str, rest: str = "", *, query: Mapping[str, str] = {}, fields: Mapping[str, str] | None = None
) -> Seen:
    headers = {"origin": "http://127.0.0.1:8000", "accept": "text/html"}
    if fields is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
    path = f"/agents/clinic/questions{rest}" + (f"?{urlencode(query)}" if query else "")
    reply = site.client().request(method, path, content=urlencode(fields or {}), headers=headers)
    return Seen(reply.status_code, reply.text, reply.headers.get("location", ""))


@pytest.fixture
def editor(site: Site) -> Editor:
    """A draft just begun by the page's own button."""
    site.desk.ask(*QUESTIONS)
    begun = seen(site, "POST", "/draft")
    assert begun.status == 303, begun.text
    found = re.fullmatch(r"/agents/clinic/questions\?draft=([0-9a-f]{24})", begun.location)
    assert found
    return Editor(site, found[1])


def active_questions(desk: Desk) -> tuple[DispositionMetric, ...]:
    def look(connection: Any) -> tuple[DispositionMetric, ...]:
        agent = find_agent_row(connection, desk.pk, "clinic")
        return find_version(connection, agent.pk, agent.active_version).config.questions

    return desk.record.read(look)


NEW = {
    "was": "",
    "identifier": "refund",
    "prompt": "Did the guest ask for money back, in any form?",
    "type": "BOOLEAN",
    "choices": "",
}


def test_the_active_questions_are_shown_and_not_editable(site: Site) -> None:
    site.desk.ask(*QUESTIONS)
    page = seen(site, "GET")
    assert "version 1, active now" in page.words and "For how many people is the table?" in page.words
    assert "Nothing to be said against these questions." in page.words
    assert 'action="/agents/clinic/questions/change' not in page.text
    assert seen(site, "GET", "/add").status == 404, "there is no draft to add to"


def test_the_page_is_also_json(editor: Editor) -> None:
    said = json.loads(editor.get(".json").text)
    assert [question["identifier"] for question in said["questions"]] == ["booked", "guests", "mood"]
    assert said["draft"] == {"id": editor.draft, "name": said["draft"]["name"], "revision": 1}
    assert said["findings"] == [] and said["version"] is None
    assert json.loads(seen(editor.site, "GET", ".json").text)["version"] == 1


def test_a_draft_that_waits_is_found_again(editor: Editor) -> None:
    assert f'href="/agents/clinic/questions?draft={editor.draft}"' in seen(editor.site, "GET").text
    assert f'href="/agents/clinic/drafts/{editor.draft}"' in editor.get().text, "the way to publish it"


def test_a_question_is_added_and_calls_are_asked_as_before(editor: Editor) -> None:
    saved = editor.send("/save", NEW)
    assert (saved.status, saved.location) == (303, f"/agents/clinic/questions?draft={editor.draft}#q-refund")
    assert editor.names == ["booked", "guests", "mood", "refund"]
    assert active_questions(editor.site.desk) == QUESTIONS


def test_another_can_be_added_at_once(editor: Editor) -> None:
    saved = editor.send("/save", {**NEW, "action": "another"})
    assert saved.status == 303
    form = seen(editor.site, "GET", saved.location.removeprefix("/agents/clinic/questions"))
    assert "Added refund to the draft" in form.words and field(form.text, "identifier") == ""


def test_a_question_is_edited_in_its_place_and_may_be_renamed(editor: Editor) -> None:
    form = editor.get("/edit", question="guests")
    assert field(form.text, "identifier") == "guests" and "For how many people" in field(form.text, "prompt")
    editor.send("/save", {**NEW, "was": "guests"})
    assert editor.names == ["booked", "refund", "mood"]
    assert editor.get("/edit", question="guests").status == 404


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"identifier": "Not Good"}, "identifier", "must be 1 to 100 lower-case letters"),
        ({"identifier": "mood"}, "identifier", "there is a question &#39;mood&#39; in this draft already"),
        ({"prompt": " "}, "prompt", "The prompt is empty"),
        ({"type": "ENUM"}, "choices", "An ENUM needs choices"),
        ({"choices": "a\nb"}, "choices", "Only an ENUM has choices"),
        ({"type": "FLOAT"}, "type", "none of STRING"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_is_lost(
    editor: Editor, changes: dict[str, str], where: str, said: str
) -> None:
    answered = editor.send("/save", {**NEW, **changes})
    assert answered.status == 400 and said.casefold() in answered.text.casefold()
    assert f'id="{where}-wrong"' in answered.text and f'href="#{where}"' in answered.text
    assert field(answered.text, "prompt") == (NEW | changes)["prompt"].strip()
    assert editor.names == ["booked", "guests", "mood"]


def test_questions_are_moved_and_removed(editor: Editor) -> None:
    editor.send("/change", {"action": "down:0"})
    assert editor.names == ["guests", "booked", "mood"]
    editor.send("/change", {"action": "up:2"})
    assert editor.names == ["guests", "mood", "booked"]
    gone = editor.send("/change", {"action": "remove:1"})
    assert gone.status == 303 and editor.names == ["guests", "booked"]
    for nonsense in ("remove:9", "explode", "fix:0:0", ""):
        assert editor.send("/change", {"action": nonsense}).status == 400
    assert editor.names == ["guests", "booked"]


def test_the_summarys_wording_is_set_and_empty_means_the_usual(editor: Editor) -> None:
    desk = editor.site.desk
    editor.send("/change", {"action": "summary", "summary_prompt": "One line."})
    assert desk.record.read(lambda c: find_draft(c, desk.pk, editor.draft)).config.summary_prompt == "One line."
    editor.send("/change", {"action": "summary", "summary_prompt": "  "})
    kept = desk.record.read(lambda c: find_draft(c, desk.pk, editor.draft)).config
    assert kept.summary_prompt == DEFAULT_SUMMARY_PROMPT and kept.questions == QUESTIONS


TYPED = {**NEW, "prompt": "Why did they call? Options: bill, order, other", "type": "STRING"}


def test_options_in_the_prompt_are_offered_while_one_types(editor: Editor) -> None:
    advice = editor.send("/lint", TYPED)
    assert advice.status == 200 and "<html" not in advice.text
    assert "Make these the choices: bill, order, other" in advice.text
    assert "Nothing to be said" in editor.send("/lint", NEW).text
    assert "As you type" in editor.send("/lint", {**NEW, "prompt": ""}).text
    assert editor.names == ["booked", "guests", "mood"], "nothing is saved by it"


def test_offered_choices_are_taken_over_with_one_click_and_saved_with_another(editor: Editor) -> None:
    taken = editor.send("/save", {**TYPED, "action": "take:0"})
    assert taken.status == 200 and field(taken.text, "choices") == "bill\norder\nother"
    assert re.search(r'<option value="ENUM" selected>', taken.text)
    assert "not saved yet" in taken.words and editor.names == ["booked", "guests", "mood"]
    editor.send("/save", {**TYPED, "type": "ENUM", "choices": "bill\r\norder\r\nother"})
    assert editor.questions[-1].choices == ("bill", "order", "other")


def test_without_script_the_advice_shows_after_submitting(editor: Editor) -> None:
    answered = editor.send("/save", {**TYPED, "identifier": ""})
    assert answered.status == 400 and "Make these the choices" in answered.text
    editor.send("/save", TYPED)
    page = editor.get()
    assert "1 warning" in page.words and "Make these the choices: bill, order, other" in page.words


def test_advice_on_the_list_is_followed_with_one_click(editor: Editor) -> None:
    editor.send("/save", TYPED)
    fixed = editor.send("/change", {"action": "fix:3:0"})
    assert fixed.status == 303 and editor.questions[3].choices == ("bill", "order", "other")
    assert editor.send("/change", {"action": "fix:3:0"}).status == 400, "there is nothing to fix any more"


def test_whoever_saves_second_is_told_and_loses_nothing(editor: Editor) -> None:
    desk = editor.site.desk
    ours = str(editor.revision)
    draft = desk.record.read(lambda c: find_draft(c, desk.pk, editor.draft))
    desk.record.write(
        lambda c: save_draft(c, desk.pk, draft.id, draft.config, revision=draft.revision, by="Ida", now=desk.clock())
    )
    refused = editor.send("/save", {**NEW, "revision": ours})
    assert refused.status == 409 and "was saved by Ida in the meantime" in refused.words
    assert field(refused.text, "identifier") == "refund"
    assert editor.names == ["booked", "guests", "mood"]
    again = re.search(r'name="revision" value="(\d+)"', refused.text)
    assert again is not None
    assert editor.send("/save", {**NEW, "revision": again[1]}).status == 303
    moved = editor.send("/change", {"action": "remove:0", "revision": ours})
    assert moved.status == 409 and "make your change again" in moved.words and "booked" in editor.names


def test_a_template_is_found_and_its_questions_are_added(editor: Editor) -> None:
    everything = editor.get("/templates")
    assert everything.text.count('class="card template"') == len(TEMPLATES) >= 24
    some = editor.get("/templates", group="collections", q="promise")
    assert "Promise to pay" in some.words and "Disputed debts" not in some.words
    added = editor.send("/templates", {"template": "promise_to_pay"})
    assert added.status == 303
    assert editor.names[-3:] == ["promise_made", "promised_amount", "promised_date"]
    editor.send("/templates", {"template": "promise_to_pay"})
    assert editor.names[-1] == "promised_date_2", "a name that is taken gets a number"
    assert "is in the draft" in editor.get("/templates", q="promise").words
    assert "No template says that" in editor.get("/templates", q="zebra").words
    assert editor.get("/templates", group="gardening").status == 400
    assert editor.send("/templates", {"template": "nothing"}).status == 404
    said = json.loads(editor.get("/templates.json", group="sales").text)
    assert {template["group"] for template in said["templates"]} == {"sales"}


def test_what_is_typed_is_never_taken_for_the_page(editor: Editor) -> None:
    editor.send("/save", {**NEW, "prompt": "</textarea><script>alert(1)</script> Options: <b>, <i>x"})
    for page in (editor.get(), editor.get("/edit", question="refund")):
        assert "<script>alert" not in page.text and "<b>" not in page.text and "<i>" not in page.text


def test_another_site_cannot_change_a_draft(editor: Editor) -> None:
    reply = editor.site.client().post(
        f"/agents/clinic/questions/change?draft={editor.draft}",
        content=urlencode({"action": "remove:0", "revision": "1"}),
        headers={"origin": "http://elsewhere.example"},
    )
    assert reply.status_code == 403 and editor.names == ["booked", "guests", "mood"]


def test_a_draft_of_another_agent_is_not_found_here(editor: Editor) -> None:
    editor.site.desk.ask(*QUESTIONS, agent="bakery")
    reply = editor.site.client().get(f"/agents/bakery/questions?draft={editor.draft}", headers={"accept": "text/html"})
    assert reply.status_code == 404
    assert len(editor.site.desk.record.read(lambda c: list_drafts(c, editor.site.desk.pk, "clinic"))) == 1
