"""Differences as they are shown: every part of a version has its name, and every change its words."""

from __future__ import annotations

from dataclasses import fields, replace

from tests.builders import a_question

from postcall.configure.diffing import diff_configs
from postcall.domain.agents import AnalyserChoice, VersionConfig
from postcall.web.diff_view import NOTHING_CHANGED, SETTING_NAMES, diff_rows, show_diff, summarise

CONFIG = VersionConfig((a_question("booked"), a_question("why", "Why?", "ENUM", choices=["pain", "check-up"])))


def test_every_part_of_a_version_has_a_name_to_be_shown() -> None:
    assert set(SETTING_NAMES) == {field.name for field in fields(VersionConfig)} - {"questions", "tools"}


def test_a_summary_counts_each_kind_of_change() -> None:
    booked, why = CONFIG.questions
    after = VersionConfig((replace(why, prompt="What for?"), a_question("name")), analyser=AnalyserChoice.AUTO)
    assert summarise(diff_configs(CONFIG, after)) == (
        "1 question added, 1 question removed, 1 question changed; also the analyser"
    )
    assert summarise(diff_configs(CONFIG, CONFIG)) == NOTHING_CHANGED
    assert booked.identifier not in {question.identifier for question in after.questions}


def test_a_choice_that_went_stands_beside_those_that_stayed_and_came() -> None:
    why = replace(CONFIG.questions[1], choices=("pain", "other"))
    [change] = show_diff(diff_configs(CONFIG, VersionConfig((CONFIG.questions[0], why))), title="Changed").changes
    assert [(piece.kind, piece.text) for piece in change.choices] == [
        ("same", "pain"),
        ("added", "other"),
        ("removed", "check-up"),
    ]
    assert change.note == "choices"


def test_a_moved_question_says_from_where_to_where() -> None:
    moved = VersionConfig((*CONFIG.questions[1:], a_question("name"), CONFIG.questions[0]))
    notes = {change.name: change.note for change in show_diff(diff_configs(CONFIG, moved), title="Changed").changes}
    assert notes == {"why": "moved from place 2 to 1", "name": ""}


def test_a_setting_shows_both_values_and_its_row_too() -> None:
    diff = diff_configs(CONFIG, replace(CONFIG, use_reasoning_model=True))
    [change] = show_diff(diff, title="Changed").changes
    assert [(piece.kind, piece.text) for piece in change.prompt] == [("removed", "No"), ("added", "Yes")]
    assert list(diff_rows(diff)) == [("use_reasoning_model", "setting", False, None, None, True, None, None)]
