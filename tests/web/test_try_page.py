"""Asking questions of a pasted transcript."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

import pytest
from tests.web.sites import Site, make_site
from tests.web.test_pages import shown

from postcall.testing import Answered, ScriptedModel, answers_from
from postcall.web.try_form import QuestionFields, TryForm, change_form, read_form, read_questions, split_choices

FORM = {
    "transcript": "Agent: Hello.\nCaller: I want my money back.",
    "q0_identifier": "refund",
    "q0_prompt": "Does the caller want a refund?",
    "q0_type": "BOOLEAN",
    "q0_choices": "",
    "q3_identifier": "mood",
    "q3_prompt": "How is the caller?",
    "q3_type": "ENUM",
    "q3_choices": "calm, angry",
}


EMPTY: Mapping[str, str] = {}


class Reply(Protocol):
    """The part of a reply that these tests look at."""

    status_code: int

    @property
    def text(self) -> str: ...


def send(
    site: Site, changes: Mapping[str, str] = EMPTY, *, action: str = "ask", form: Mapping[str, str] = FORM
) -> Reply:
    """Send the form as a browser without script would."""
    headers = {"origin": "http://127.0.0.1:8000", "content-type": "application/x-www-form-urlencoded"}
    return site.client().post("/try", content=urlencode({**form, **changes, "action": action}), headers=headers)


def field(page: str, name: str) -> str:
    """What stands in a field of the form."""
    area = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n(.*?)</textarea>', page, re.DOTALL)
    found = area or re.search(rf'<input[^>]* name="{name}" value="([^"]*)"', page)
    assert found, f"there is no field {name}"
    return unescape(found[1])


def test_the_page_begins_with_an_example_that_can_be_asked_at_once(site: Site) -> None:
    page = site.get("/try")
    assert field(page, "transcript").startswith("Agent: ")
    names = re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"', page)
    types = dict(re.findall(r'<select[^>]* name="(\w+)".*?<option selected>(\w+)', page, re.DOTALL))
    reply = send(site, form={name: field(page, name) for name in names} | types)
    assert reply.status_code == 200
    assert "What was found" in shown(reply.text)


def test_answers_are_shown_as_on_the_page_of_a_call(site: Site, tmp_path: Path) -> None:
    said = {
        "refund": Answered(True, evidence=[(1, "want my money back")], confidence=0.9, reasoning="He asks for it."),
        "mood": Answered("angry", evidence=[(1, "I want")], confidence=0.4, reasoning="He demands."),
        "summary": "He wants his money back.",
    }
    with ScriptedModel(default=answers_from(said)) as model:
        reply = send(make_site(site.desk, tmp_path, model))
    assert reply.status_code == 200, reply.text
    words = shown(reply.text)
    assert "He wants his money back." in words and "He asks for it." in words and "angry" in words
    assert 'href="#turn-1"' in reply.text
    assert '<mark data-answers="0 1">want</mark>' in reply.text
    assert field(reply.text, "q1_identifier") == "mood", "the form stays as it was"


def test_nothing_of_it_is_stored(site: Site) -> None:
    send(site)
    assert site.desk.count() == 0
    assert site.client().get("/calls.json").json()["calls"] == []


def test_questions_are_added_and_removed_without_script(site: Site) -> None:
    added = send(site, action="add").text
    assert [field(added, f"q{number}_identifier") for number in range(3)] == ["refund", "mood", ""]
    removed = send(site, action="remove:0").text
    assert field(removed, "q0_identifier") == "mood" and "q1_identifier" not in removed
    assert field(removed, "transcript") == FORM["transcript"]


@pytest.mark.parametrize(
    ("changes", "where", "said"),
    [
        ({"transcript": "Agent: Hi\nNobody: Hm"}, "transcript-text", "Line 2: who is 'Nobody'?"),
        ({"transcript": " "}, "transcript-text", "Paste a transcript first"),
        ({"q0_identifier": "Not Good"}, "q0_identifier", "Question 1: the identifier 'Not Good' must be"),
        ({"q3_identifier": "refund"}, "q1_identifier", "stands twice"),
        ({"q3_prompt": " "}, "q1_prompt", "the prompt is empty"),
        ({"q3_choices": " , "}, "q1_choices", "an ENUM needs choices"),
        ({"q0_choices": "a, b"}, "q0_choices", "only an ENUM has choices"),
        ({"q0_type": "FLOAT"}, "q0_type", "none of STRING"),
    ],
)
def test_a_mistake_is_named_at_its_field(site: Site, changes: dict[str, str], where: str, said: str) -> None:
    reply = send(site, changes)
    assert reply.status_code == 400
    assert said in shown(reply.text)
    assert f'<a href="#{where}">' in reply.text
    marked = re.search(rf'<(?:input|select|textarea) id="{where}"[^>]*>', reply.text)
    assert marked is not None and 'aria-invalid="true"' in marked[0]
    assert f'id="{where}-problem"' in reply.text and f"{where}-problem" in marked[0]


def test_a_model_that_cannot_be_asked_is_said_and_the_form_is_kept(site: Site, tmp_path: Path) -> None:
    with ScriptedModel() as model:
        model.when(lambda _: True).fail(401)
        reply = send(make_site(site.desk, tmp_path, model))
    assert reply.status_code == 502
    assert "The model could not be asked" in shown(reply.text)
    assert field(reply.text, "transcript") == FORM["transcript"]


def test_another_site_cannot_spend_the_models_money(site: Site) -> None:
    reply = site.client().post("/try", content=urlencode(FORM), headers={"origin": "http://example.org"})
    assert reply.status_code == 403


def test_what_was_pasted_is_never_taken_for_the_page(site: Site) -> None:
    reply = send(site, {"transcript": 'Agent: </textarea><script>alert(1)</script>\nCaller: "><b>x'})
    assert reply.status_code == 200
    assert "<script>" not in reply.text and "<b>" not in reply.text


def test_more_than_a_page_can_read_is_refused(site: Site) -> None:
    assert send(site, {"transcript": "Agent: hello\n" * 500_000}).status_code == 413
    assert send(site, {f"x{number}": "1" for number in range(2000)}).status_code == 400


def test_choices_stand_one_a_line_or_between_commas() -> None:
    assert split_choices(" a, b ,c,") == ("a", "b", "c")
    assert split_choices("yes, please\nno\n\n") == ("yes, please", "no")
    assert split_choices("") == ()


def test_a_form_without_questions_asks_for_one() -> None:
    form = read_form({"transcript": "Agent: x"})
    assert read_questions(form)[1][0].field == "add"


def test_an_unknown_action_asks() -> None:
    form = TryForm("", (QuestionFields(),))
    assert change_form(form, "ask") is None and change_form(form, "explode") is None
    assert change_form(form, "remove:9") == form
