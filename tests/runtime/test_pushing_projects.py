"""Pushing a project makes a version that keeps all else, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import AGENT, Desk, a_call, a_question
from tests.runtime.project_builder import EXTRAS, a_project

from postcall.domain.agents import Version, VersionConfig
from postcall.domain.calls import Environment
from postcall.errors import BadInput, NotFound, ProjectHasProblems
from postcall.runtime.agent_project import find_agent_project, open_project
from postcall.runtime.projects.model import Problem
from postcall.runtime.publishing import Pushed, load_project, push_project
from postcall.storage.agents import activate_version, find_agent, find_agent_row, list_versions, publish_version
from postcall.storage.drafts import create_draft, publish_draft
from postcall.storage.projects import read_project_content
from postcall.storage.real_time_configs import read_real_time_config, write_real_time_config

PROBLEM = Problem("functions/x.py", 3, "cannot be imported: no luck")


def push(
    desk: Desk, files: dict[str, bytes] | None = None, *, problems: tuple[Problem, ...] = (), **how: Any
) -> Pushed:
    given = a_project() if files is None else files
    return desk.record.write(lambda c: push_project(c, desk.pk, given, problems, now=desk.clock(), **how))


def versions(desk: Desk, agent: str = "bakery") -> list[Version]:
    """The newest first."""
    return desk.record.read(lambda c: list_versions(c, find_agent_row(c, desk.pk, agent).pk))


def active(desk: Desk, agent: str = "bakery") -> int:
    return desk.record.read(lambda c: find_agent(c, desk.pk, agent)).active_version


def test_a_new_project_makes_its_agent(desk: Desk) -> None:
    pushed = push(desk, label="first", by="Ana")
    assert (pushed.agent_slug, pushed.agent_is_new, pushed.version, pushed.unchanged) == ("bakery", True, 1, False)
    agent = desk.record.read(lambda c: find_agent(c, desk.pk, "bakery"))
    assert (agent.slug, agent.name) == ("bakery", "Corner Bakery")
    (version,) = versions(desk)
    assert (version.config.project, version.label, version.created_by) == (pushed.digest, "first", "Ana")


def test_the_same_files_again_make_no_version(desk: Desk) -> None:
    push(desk)
    again = push(desk, {**a_project(), "README.md": b"does not count"})
    assert (again.unchanged, again.version, len(versions(desk))) == (True, 1, 1)


def test_other_files_make_the_next_version_and_keep_the_questions(desk: Desk) -> None:
    desk.hand_in(a_call())
    desk.ask(a_question())
    pushed = push(desk, agent=AGENT)
    assert (pushed.agent_slug, pushed.agent_is_new, pushed.version) == (AGENT, False, 3)
    assert [question.identifier for question in versions(desk, AGENT)[0].config.questions] == ["booked"]


def test_publishing_questions_keeps_the_project(desk: Desk) -> None:
    digest = push(desk, agent=AGENT).digest
    desk.ask(a_question())
    config = VersionConfig(questions=(a_question("other"),))
    made = desk.record.write(lambda c: publish_version(c, desk.pk, AGENT, config, label=None, now=desk.clock()))
    assert made.config.project == digest
    assert [version.config.project for version in versions(desk, AGENT)] == [digest] * 3


def test_a_draft_begun_before_a_push_does_not_bring_the_old_project_back(desk: Desk) -> None:
    push(desk)
    draft = desk.record.write(
        lambda c: create_draft(c, desk.pk, "bakery", name="d", base=None, by=None, now=desk.clock())
    )
    newer = push(desk, a_project(EXTRAS)).digest
    published = desk.record.write(
        lambda c: publish_draft(c, desk.pk, draft.id, revision=1, label=None, activate=True, by=None, now=desk.clock())
    )
    assert published.config.project == newer


def test_a_version_that_is_not_activated_waits(desk: Desk) -> None:
    push(desk)
    waiting = push(desk, a_project(EXTRAS), activate=False)
    assert (waiting.version, waiting.active, active(desk)) == (2, False, 1)
    assert push(desk, a_project(EXTRAS), activate=False).unchanged
    assert len(versions(desk)) == 2
    assert push(desk, a_project(EXTRAS)).version == 3
    assert active(desk) == 3


def test_an_older_version_still_has_its_project_after_a_roll_back(desk: Desk) -> None:
    push(desk)
    push(desk, a_project({"functions/start_order.py": None}))
    desk.record.write(lambda c: activate_version(c, desk.pk, "bakery", 1, now=desk.clock()))
    opened = open_project(desk.record.read(lambda c: find_agent_project(c, desk.pk, "bakery")))
    assert "start_order" in opened.project.functions
    newer = open_project(desk.record.read(lambda c: find_agent_project(c, desk.pk, "bakery", 2)))
    assert "start_order" not in newer.project.functions


def test_problems_are_kept_with_the_project_as_they_were_last(desk: Desk) -> None:
    push(desk, problems=(PROBLEM,))
    stored = desk.record.read(lambda c: find_agent_project(c, desk.pk, "bakery"))
    assert stored.problems == (PROBLEM,)
    assert stored.kept.summary["functions"] == 4
    push(desk)
    assert desk.record.read(lambda c: find_agent_project(c, desk.pk, "bakery")).problems == ()


def test_a_strict_push_with_a_problem_publishes_nothing(desk: Desk) -> None:
    with pytest.raises(ProjectHasProblems, match=r"1 problem: functions/x\.py:3: cannot be imported"):
        push(desk, problems=(PROBLEM,), strict=True)
    with pytest.raises(NotFound):
        versions(desk)
    assert push(desk, strict=True).version == 1


def test_a_project_id_that_can_be_no_slug_is_refused(desk: Desk) -> None:
    files = a_project(project_id="a/b")
    with pytest.raises(BadInput, match="slug"):
        push(desk, files)
    assert push(desk, files, agent="corner").agent_slug == "corner"


def test_real_time_settings_come_from_the_project_only_where_there_are_none(desk: Desk) -> None:
    push(desk, a_project(EXTRAS))
    agent_pk = desk.record.read(lambda c: find_agent_row(c, desk.pk, "bakery").pk)
    assert desk.record.read(lambda c: read_real_time_config(c, agent_pk, "live")) == ({}, {"open": True})
    assert desk.record.read(lambda c: read_real_time_config(c, agent_pk, "sandbox")) is None
    desk.record.write(
        lambda c: write_real_time_config(c, agent_pk, Environment.LIVE, {}, {"open": False}, now=desk.clock())
    )
    push(desk, a_project({**EXTRAS, "topics/more.yaml": "name: More\n"}))
    assert desk.record.read(lambda c: read_real_time_config(c, agent_pk, "live")) == ({}, {"open": False})


def test_what_is_stored_is_what_the_runtime_loads(desk: Desk) -> None:
    digest = push(desk, a_project(EXTRAS)).digest
    content = desk.record.read(lambda c: read_project_content(c, desk.pk, digest))
    assert load_project(content).flows["Order"].steps["Which size"].is_default
    assert load_project(content) is load_project(bytes(bytearray(content)))


def test_an_agent_whose_calls_others_host_has_no_project(desk: Desk) -> None:
    desk.hand_in(a_call())
    with pytest.raises(NotFound, match="version 1 of 'clinic' has no project"):
        desk.record.read(lambda c: find_agent_project(c, desk.pk, AGENT))
