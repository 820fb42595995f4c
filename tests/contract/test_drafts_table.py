"""Drafts and versions: edited by several people, published, activated and rolled back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from tests.builders import AGENT, Desk, a_call, a_question

from postcall.domain.agents import Draft, Version, VersionConfig
from postcall.errors import AgentNotFound, DraftChanged, NotFound
from postcall.storage.accounts import ensure_account
from postcall.storage.agents import (
    activate_version,
    find_agent,
    find_agent_row,
    label_version,
    list_versions,
    publish_version,
    remove_agent,
)
from postcall.storage.drafts import (
    count_drafts,
    create_draft,
    discard_draft,
    find_draft,
    list_drafts,
    publish_draft,
    save_draft,
)
from postcall.storage.schema import versions

WHY = a_question("why", "Why did they call?", "STRING")


@pytest.fixture
def asking(desk: Desk) -> Desk:
    """An agent whose version 2 asks one question."""
    desk.hand_in(a_call())
    desk.ask(a_question())
    return desk


def begin(desk: Desk, name: str = "More questions", *, base: int | None = None, by: str | None = "Ana") -> Draft:
    return desk.record.write(lambda c: create_draft(c, desk.pk, AGENT, name=name, base=base, by=by, now=desk.clock()))


def save(desk: Desk, draft: Draft, *, revision: int | None = None, by: str = "Ana", name: str | None = None) -> Draft:
    config = replace(draft.config, questions=(*draft.config.questions, WHY))
    seen = draft.revision if revision is None else revision
    return desk.record.write(
        lambda c: save_draft(c, desk.pk, draft.id, config, revision=seen, name=name, by=by, now=desk.clock())
    )


def publish(desk: Desk, draft: Draft, *, activate: bool = True) -> Version:
    return desk.record.write(
        lambda c: publish_draft(
            c, desk.pk, draft.id, revision=draft.revision, label="more", activate=activate, by="Ben", now=desk.clock()
        )
    )


def drafts(desk: Desk) -> list[Draft]:
    return desk.record.read(lambda c: list_drafts(c, desk.pk, AGENT))


def active(desk: Desk) -> int:
    return desk.record.read(lambda c: find_agent(c, desk.pk, AGENT)).active_version


def published(desk: Desk) -> list[Version]:
    return desk.record.read(lambda c: list_versions(c, find_agent_row(c, desk.pk, AGENT).pk))


def test_a_draft_begins_as_the_active_version_or_as_the_one_named(asking: Desk) -> None:
    assert begin(asking).config.questions == (a_question(),)
    older = begin(asking, base=1)
    assert (older.config.questions, older.base_version, older.revision) == ((), 1, 1)
    with pytest.raises(NotFound):
        begin(asking, base=7)


def test_a_saved_draft_is_as_it_was_saved_and_nothing_else_is_touched(asking: Desk) -> None:
    draft = begin(asking)
    asking.clock.advance(60)
    saved = save(asking, draft, by="Ben", name="Renamed")
    assert saved == asking.record.read(lambda c: find_draft(c, asking.pk, draft.id))
    assert (saved.config.questions, saved.name, saved.revision) == ((a_question(), WHY), "Renamed", 2)
    assert (saved.created_by, saved.updated_by, saved.updated_at) == ("Ana", "Ben", asking.clock())
    assert active(asking) == 2
    assert [version.number for version in published(asking)] == [2, 1]


def test_whoever_saves_over_a_newer_revision_is_told_who_was_faster(asking: Desk) -> None:
    draft = begin(asking)
    first = save(asking, draft, by="Ben")
    with pytest.raises(DraftChanged, match=r"saved by Ben .* revision 2") as refused:
        save(asking, draft, by="Ana", revision=1)
    assert refused.value.code == "draft_changed"
    assert drafts(asking) == [first]


def test_of_many_who_save_at_once_one_wins(asking: Desk) -> None:
    draft = begin(asking)

    def one(number: int) -> str:
        try:
            return f"saved {save(asking, draft, by=f'person {number}').revision}"
        except DraftChanged:
            return "refused"

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(one, range(8)))
    assert sorted(ends) == ["refused"] * 7 + ["saved 2"]


def test_publishing_makes_a_version_of_the_draft_which_is_gone_after(asking: Desk) -> None:
    draft = save(asking, begin(asking))
    version = publish(asking, draft)
    assert (version.number, version.config, version.label, version.created_by) == (3, draft.config, "more", "Ben")
    assert published(asking)[0] == version
    assert active(asking) == 3
    assert drafts(asking) == []
    with pytest.raises(NotFound):
        publish(asking, draft)


def test_of_two_who_publish_at_once_one_makes_a_version(asking: Desk) -> None:
    draft = begin(asking)

    def one(_: int) -> bool:
        try:
            publish(asking, draft)
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(one, range(4))) == [False, False, False, True]
    assert [version.number for version in published(asking)] == [3, 2, 1]


def test_a_version_can_be_published_without_being_used(asking: Desk) -> None:
    publish(asking, begin(asking), activate=False)
    assert active(asking) == 2
    assert [version.number for version in published(asking)] == [3, 2, 1]


def test_a_draft_that_changed_is_not_published(asking: Desk) -> None:
    draft = begin(asking)
    save(asking, draft, by="Ben")
    with pytest.raises(DraftChanged):
        publish(asking, draft)
    assert active(asking) == 2


def test_what_a_draft_does_not_say_is_kept_from_the_active_version(asking: Desk) -> None:
    """A version of a later postcall holds more than questions."""
    with_files = {"files": {"main.py": "pass"}}

    def add_files(connection: sa.Connection) -> None:
        row = connection.execute(sa.select(versions).where(versions.c.number == 2)).one()
        connection.execute(
            sa.update(versions)
            .where(versions.c.agent_pk == row.agent_pk, versions.c.number == 2)
            .values(config={**row.config, **with_files})
        )

    asking.record.write(add_files)
    publish(asking, save(asking, begin(asking, base=1)))
    stored = asking.record.read(lambda c: c.execute(sa.select(versions).where(versions.c.number == 3)).one()).config
    assert stored["files"] == with_files["files"]
    assert [question["identifier"] for question in stored["questions"]] == ["why"]


def test_rolling_back_changes_what_new_calls_are_asked_and_no_stored_call(asking: Desk) -> None:
    asking.hand_in(a_call("second"))
    asking.record.write(lambda c: activate_version(c, asking.pk, AGENT, 1, now=asking.clock()))
    asking.hand_in(a_call("third"))
    assert [asking.read(call_id).call.version for call_id in ("call-1", "second", "third")] == [1, 2, 1]
    assert len(published(asking)) == 2
    with pytest.raises(NotFound):
        asking.record.write(lambda c: activate_version(c, asking.pk, AGENT, 9, now=asking.clock()))
    assert active(asking) == 1


def test_the_next_version_after_a_roll_back_has_a_number_of_its_own(asking: Desk) -> None:
    asking.record.write(lambda c: activate_version(c, asking.pk, AGENT, 1, now=asking.clock()))
    assert publish(asking, begin(asking)).number == 3


def test_a_version_can_be_named_later(asking: Desk) -> None:
    assert asking.record.write(lambda c: label_version(c, asking.pk, AGENT, 2, "spring")).label == "spring"
    assert [version.label for version in published(asking)] == ["spring", None]
    with pytest.raises(NotFound):
        asking.record.write(lambda c: label_version(c, asking.pk, AGENT, 9, "none"))


def test_a_discarded_draft_is_gone(asking: Desk) -> None:
    kept, draft = begin(asking, "kept"), begin(asking)
    save(asking, draft, by="Ben")
    with pytest.raises(DraftChanged):
        asking.record.write(lambda c: discard_draft(c, asking.pk, draft.id, revision=1))
    asking.record.write(lambda c: discard_draft(c, asking.pk, draft.id, revision=2))
    assert drafts(asking) == [kept]


def test_drafts_are_listed_the_last_saved_first_and_counted(asking: Desk) -> None:
    first = begin(asking, "first")
    asking.clock.advance(1)
    begin(asking, "second")
    asking.clock.advance(1)
    save(asking, first)
    assert [draft.name for draft in drafts(asking)] == ["first", "second"]
    assert list(asking.record.read(lambda c: count_drafts(c, asking.pk)).values()) == [2]


def test_another_account_sees_no_draft_of_this_one(asking: Desk) -> None:
    draft = begin(asking)
    other = asking.record.write(lambda c: ensure_account(c, "other", now=asking.clock()))
    with pytest.raises(NotFound):
        asking.record.read(lambda c: find_draft(c, other, draft.id))
    with pytest.raises(AgentNotFound):
        asking.record.read(lambda c: list_drafts(c, other, AGENT))
    assert asking.record.read(lambda c: count_drafts(c, other)) == {}


def test_a_draft_is_found_only_under_its_own_agent(asking: Desk) -> None:
    asking.ask(a_question(), agent="sales")
    draft = begin(asking)
    assert asking.record.read(lambda c: find_draft(c, asking.pk, draft.id, agent=AGENT)) == draft
    with pytest.raises(NotFound):
        asking.record.read(lambda c: find_draft(c, asking.pk, draft.id, agent="sales"))


def test_removing_an_agent_takes_its_drafts_along(desk: Desk) -> None:
    desk.ask(a_question())
    begin(desk)
    agent_pk = desk.record.read(lambda c: find_agent_row(c, desk.pk, AGENT)).pk
    assert desk.record.write(lambda c: remove_agent(c, agent_pk))
    assert desk.record.read(lambda c: count_drafts(c, desk.pk)) == {}


def test_publishing_straight_still_activates_unless_told_otherwise(asking: Desk) -> None:
    def straight(*, activate: bool) -> Version:
        return asking.record.write(
            lambda c: publish_version(
                c, asking.pk, AGENT, VersionConfig(), label=None, activate=activate, by="Ana", now=asking.clock()
            )
        )

    assert straight(activate=False).created_by == "Ana"
    assert active(asking) == 2
    assert straight(activate=True).number == active(asking) == 4
