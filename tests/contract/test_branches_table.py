"""Branches, snapshots and the history of drafts, on either database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.engine import Connection
from tests.builders import AGENT, Desk, a_call, a_question

from postcall.domain.agents import Draft, Version
from postcall.domain.branches import Branch, main_branch_id
from postcall.errors import DraftChanged, NotFound
from postcall.storage.agents import activate_version, find_agent, find_agent_row, find_version, list_versions
from postcall.storage.branches import create_branch, find_branch, list_branches, open_draft, restore_version
from postcall.storage.draft_edits import count_edits, edit_at, list_edits
from postcall.storage.drafts import create_draft, discard_draft, publish_draft, rename_draft, save_draft
from postcall.storage.version_ids import (
    page_versions,
    place_on_branch,
    publish_config,
    published_version,
    snapshot_draft,
    version_by_id,
    version_of_draft,
)

WHY = a_question("why", "Why did they call?", "STRING")


@pytest.fixture
def asking(desk: Desk) -> Desk:
    """An agent whose version 2 asks one question."""
    desk.hand_in(a_call())
    desk.ask(a_question())
    return desk


def agent_pk(desk: Desk) -> int:
    return int(desk.record.read(lambda c: find_agent_row(c, desk.pk, AGENT)).pk)


def begin(desk: Desk) -> Draft:
    return desk.record.write(
        lambda c: create_draft(c, desk.pk, AGENT, name="More", base=None, by="Ana", now=desk.clock())
    )


def save(desk: Desk, draft: Draft, **changes: Any) -> Draft:
    desk.clock.advance(60)
    return desk.record.write(
        lambda c: save_draft(
            c,
            desk.pk,
            draft.id,
            replace(draft.config, **changes),
            revision=draft.revision,
            by="Ben",
            now=desk.clock(),
        )
    )


def publish(desk: Desk, draft: Draft, *, whole: bool = True, activate: bool = True) -> Version:
    return desk.record.write(
        lambda c: publish_draft(
            c,
            desk.pk,
            draft.id,
            revision=draft.revision,
            label=None,
            activate=activate,
            by="Cleo",
            now=desk.clock(),
            description="why",
            whole=whole,
        )
    )


def fork(desk: Desk, name: str = "Spring") -> Branch:
    def work(connection: Connection) -> Branch:
        main = list_branches(connection, desk.pk, AGENT)[0]
        assert main.head is not None
        return create_branch(connection, desk.pk, main, main.head, name=name, by="Ana", now=desk.clock())

    return desk.record.write(work)


def test_every_save_of_a_draft_is_kept_and_stays_when_it_is_published(asking: Desk) -> None:
    draft = begin(asking)
    second = save(asking, draft, questions=(WHY,))
    asking.record.write(lambda c: rename_draft(c, asking.pk, draft.id, "Why they call"))
    version = publish(asking, second)
    pk = agent_pk(asking)
    edits = asking.record.read(lambda c: list_edits(c, pk, draft.id, limit=10))
    assert [(each.revision, each.by, each.config.questions) for each in edits] == [
        (2, "Ben", (WHY,)),
        (1, "Ana", (a_question(),)),
    ]
    assert asking.record.read(lambda c: edit_at(c, pk, draft.id, 2)) == edits[0]
    assert asking.record.read(lambda c: edit_at(c, pk, draft.id, 3)) is None
    assert asking.record.read(lambda c: version_of_draft(c, pk, draft.id)) == version
    assert (version.parent, version.draft_id, version.description) == (2, draft.id, "why")


def test_a_discarded_draft_leaves_no_history(asking: Desk) -> None:
    draft = save(asking, begin(asking), questions=(WHY,))
    asking.record.write(lambda c: discard_draft(c, asking.pk, draft.id))
    pk = agent_pk(asking)
    assert asking.record.read(lambda c: count_edits(c, pk, draft.id)) == 0
    assert asking.record.read(lambda c: version_of_draft(c, pk, draft.id)) is None


def test_a_draft_is_tried_with_one_version_until_it_changes_and_no_list_shows_it(asking: Desk) -> None:
    draft, other = begin(asking), begin(asking)

    def snapshot(draft: Draft) -> Version:
        return asking.record.write(lambda c: snapshot_draft(c, asking.pk, draft, by="Ana", now=asking.clock()))

    first = snapshot(draft)
    assert (first.number, first.draft_id, first.config) == (-1, draft.id, draft.config)
    assert snapshot(draft) == first
    assert snapshot(other).number == -2
    assert snapshot(save(asking, draft, questions=(WHY,))).number == -3
    pk = agent_pk(asking)
    assert [each.number for each in asking.record.read(lambda c: list_versions(c, pk))] == [2, 1]
    assert asking.record.read(lambda c: page_versions(c, pk, limit=9, skip=0))[1] == 2
    assert asking.record.read(lambda c: version_by_id(c, asking.pk, AGENT, first.id)) == first
    with pytest.raises(NotFound):
        asking.record.read(lambda c: published_version(c, asking.pk, AGENT, first.id))
    with pytest.raises(NotFound):
        asking.record.write(lambda c: activate_version(c, asking.pk, AGENT, -1, now=asking.clock()))
    assert publish(asking, other).number == 3


def test_many_snapshots_at_once_are_one(asking: Desk) -> None:
    draft = begin(asking)
    with ThreadPoolExecutor(6) as pool:
        numbers = list(
            pool.map(
                lambda _: asking.record.write(lambda c: snapshot_draft(c, asking.pk, draft, now=asking.clock())).number,
                range(6),
            )
        )
    assert numbers == [-1] * 6


def test_the_first_branch_needs_no_row_and_holds_every_version(asking: Desk) -> None:
    agent = asking.record.read(lambda c: find_agent(c, asking.pk, AGENT))
    (main,) = asking.record.read(lambda c: list_branches(c, asking.pk, AGENT))
    assert (main.id, main.name, main.head, main.versions, main.live) == (main_branch_id(agent.id), "Main", 2, 2, True)


def test_versions_grow_on_the_branch_of_their_draft_and_restoring_adds_one(asking: Desk) -> None:
    spring = fork(asking)

    def write_on_spring(connection: Connection) -> Draft:
        config = replace(find_version(connection, pk, 2).config, questions=(WHY,))
        return open_draft(connection, asking.pk, spring, config, by="Ana", now=asking.clock())

    pk = agent_pk(asking)
    draft = asking.record.write(write_on_spring)
    assert asking.record.read(lambda c: find_branch(c, asking.pk, AGENT, spring.id)).draft_id == draft.id
    third = publish(asking, draft, activate=False)
    assert (third.number, third.branch_id, third.parent) == (3, spring.id, 2)
    fourth = publish(asking, begin(asking))
    assert (fourth.number, fourth.branch_id) == (4, None)
    grown = asking.record.read(lambda c: find_branch(c, asking.pk, AGENT, spring.id))
    assert (grown.head, grown.versions, grown.live, grown.draft_id) == (3, 1, False, None)
    restored = asking.record.write(lambda c: restore_version(c, asking.pk, grown, third, by="Ana", now=asking.clock()))
    assert (restored.number, restored.parent, restored.restored_from, restored.branch_id) == (5, 3, 3, spring.id)
    assert restored.config == third.config
    assert asking.record.read(lambda c: place_on_branch(c, pk, restored)) == 2
    page, total = asking.record.read(lambda c: page_versions(c, pk, limit=1, skip=0, branch=grown))
    assert (page, total) == ((restored,), 2)
    assert asking.record.read(lambda c: find_agent(c, asking.pk, AGENT)).active_version == 4
    asking.record.write(lambda c: activate_version(c, asking.pk, AGENT, 5, by="Ana", now=asking.clock()))
    live = [branch.name for branch in asking.record.read(lambda c: list_branches(c, asking.pk, AGENT)) if branch.live]
    assert live == ["Spring"]
    asking.ask(a_question(), WHY)
    assert asking.record.read(lambda c: find_branch(c, asking.pk, AGENT, spring.id)).head == 6


def test_of_saves_and_a_publish_at_once_each_is_in_the_version_or_refused(asking: Desk) -> None:
    draft = begin(asking)

    def one(number: int) -> str:
        try:
            if number == 0:
                return f"published {publish(asking, draft).number}"
            return f"saved {save(asking, draft, summary_prompt=f'Way {number}').revision}"
        except (DraftChanged, NotFound):
            return "refused"

    with ThreadPoolExecutor(6) as pool:
        ends = list(pool.map(one, range(6)))
    assert sorted(ends)[0] in {"published 3", "refused"}
    assert len([end for end in ends if end != "refused"]) == 1


@pytest.mark.parametrize("whole", [False, True], ids=["ours", "whole"])
def test_a_project_that_was_pushed_meanwhile_is_not_taken_back_by_a_draft_of_questions(
    asking: Desk, whole: bool
) -> None:
    draft = save(asking, begin(asking), questions=(WHY,))
    pk = agent_pk(asking)
    before = asking.record.read(lambda c: find_version(c, pk, 2)).config
    pushed = replace(before, project="b" * 64)
    asking.record.write(lambda c: publish_config(c, asking.pk, AGENT, pushed, by="Ben", now=asking.clock()))
    version = publish(asking, draft, whole=whole)
    assert (version.config.project, version.config.questions) == ("b" * 64, (WHY,))


def test_a_prompt_that_a_draft_changed_is_published_whoever_publishes_it(asking: Desk) -> None:
    draft = save(asking, begin(asking), prompt="Sell.", greeting="Hello!", project="c" * 64, kept={"x": 1})
    config = publish(asking, draft, whole=False).config
    assert (config.prompt, config.greeting, config.project, config.kept) == ("Sell.", "Hello!", "c" * 64, {"x": 1})
