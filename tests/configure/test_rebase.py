"""A draft that is brought up to date keeps its own changes and gets the others'."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from tests.builders import a_question
from tests.configure.test_diffing import configs

from postcall.configure.drafts import rebase
from postcall.domain.agents import VersionConfig

BOOKED, WHY, NAME = (a_question(name) for name in ("booked", "why", "name"))


def test_what_others_added_is_there_beside_what_the_draft_added() -> None:
    base, draft, newer = (VersionConfig(each) for each in ((BOOKED,), (BOOKED, WHY), (NAME, BOOKED)))
    made = rebase(base, draft, replace(newer, summary_prompt="In a line."))
    assert {each.identifier for each in made.config.questions} == {"booked", "why", "name"}
    assert (made.config.summary_prompt, made.clashes) == ("In a line.", ())


def test_where_both_changed_one_question_the_drafts_way_is_kept_and_told() -> None:
    ours, theirs = replace(BOOKED, prompt="Ours?"), replace(BOOKED, prompt="Theirs?")
    made = rebase(VersionConfig((BOOKED,)), VersionConfig((ours,)), VersionConfig((theirs, WHY)))
    assert made.config.questions == (ours, WHY)
    assert made.clashes == ("booked",)


def test_the_same_change_on_both_sides_is_no_clash() -> None:
    ours = replace(BOOKED, prompt="Ours?")
    made = rebase(VersionConfig((BOOKED,)), VersionConfig((ours,)), VersionConfig((ours,)))
    assert (made.config.questions, made.clashes) == ((ours,), ())


@given(configs, configs)
def test_a_draft_that_changes_nothing_becomes_the_newer_version(base: VersionConfig, newer: VersionConfig) -> None:
    assert rebase(base, base, newer).config == newer


@given(configs, configs)
def test_a_draft_whose_base_is_still_active_stays_as_it_is(base: VersionConfig, draft: VersionConfig) -> None:
    made = rebase(base, draft, base)
    assert (made.config, made.clashes) == (draft, ())
