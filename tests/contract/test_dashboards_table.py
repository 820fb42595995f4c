"""Dashboards as they are kept, the same on both databases."""

from __future__ import annotations

import pytest
from tests.builders import Desk

from postcall.domain.dashboards import MAX_DASHBOARDS, Tile, TileKind
from postcall.errors import Conflict, NotFound
from postcall.reporting.dashboard_format import dashboard_of, write_tiles
from postcall.storage.accounts import ensure_account
from postcall.storage.dashboards import (
    StoredDashboard,
    create_dashboard,
    delete_dashboard,
    discard_dashboard_draft,
    duplicate_dashboard,
    find_dashboard,
    list_dashboards,
    publish_dashboard_draft,
    rename_dashboard,
    save_dashboard_draft,
    set_default_dashboard,
)

OLD = write_tiles([Tile("a", "Conversations", TileKind.KPI)])
NEW = write_tiles([Tile("b", "More", TileKind.KPI)])


def make(desk: Desk, name: str = "Front desk") -> StoredDashboard:
    return desk.record.write(lambda c: create_dashboard(c, desk.pk, name=name, tiles=OLD, now=desk.clock()))


def names(desk: Desk) -> list[str]:
    return [each.name for each in desk.record.read(lambda c: list_dashboards(c, desk.pk))]


def look(desk: Desk, dashboard_id: str) -> StoredDashboard:
    return desk.record.read(lambda c: find_dashboard(c, desk.pk, dashboard_id))


def save(desk: Desk, made: StoredDashboard, revision: int) -> StoredDashboard:
    return desk.record.write(
        lambda c: save_dashboard_draft(c, desk.pk, made.id, NEW, revision=revision, now=desk.clock())
    )


def test_dashboards_stand_in_the_order_in_which_they_were_made(desk: Desk) -> None:
    for name in ("one", "two", "three"):
        make(desk, name)
    assert names(desk) == ["one", "two", "three"]


def test_a_draft_is_not_shown_until_it_is_published_as_a_whole(desk: Desk) -> None:
    made = make(desk)
    drafted = save(desk, made, 1)
    assert (drafted.published, drafted.draft, drafted.revision) == (OLD, NEW, 2)
    published = desk.record.write(lambda c: publish_dashboard_draft(c, desk.pk, made.id, revision=2, now=desk.clock()))
    assert (published.published, published.draft, published.revision) == (NEW, None, 3)
    assert dashboard_of(look(desk, made.id)).tiles[0].title == "More"


def test_nobody_overwrites_what_they_have_not_seen(desk: Desk) -> None:
    made = make(desk)
    save(desk, made, 1)
    with pytest.raises(Conflict, match="has been changed since"):
        save(desk, made, 1)
    assert look(desk, made.id).revision == 2


def test_a_discarded_draft_leaves_what_is_published(desk: Desk) -> None:
    made = make(desk)
    save(desk, made, 1)
    left = desk.record.write(lambda c: discard_dashboard_draft(c, desk.pk, made.id, revision=2, now=desk.clock()))
    assert (left.published, left.draft) == (OLD, None)


def test_without_a_draft_there_is_nothing_to_publish(desk: Desk) -> None:
    made = make(desk)
    with pytest.raises(Conflict, match="no draft"):
        desk.record.write(lambda c: publish_dashboard_draft(c, desk.pk, made.id, revision=None, now=desk.clock()))


def test_a_copy_lives_by_itself(desk: Desk) -> None:
    made = make(desk)
    copy = desk.record.write(lambda c: duplicate_dashboard(c, desk.pk, made.id, now=desk.clock()))
    save(desk, made, 1)
    assert (copy.name, copy.published, look(desk, copy.id).draft) == ("Front desk (copy)", OLD, None)


def test_only_one_dashboard_is_the_default(desk: Desk) -> None:
    first, second = make(desk, "first"), make(desk, "second")
    desk.record.write(lambda c: set_default_dashboard(c, desk.pk, first.id))
    desk.record.write(lambda c: set_default_dashboard(c, desk.pk, second.id))
    assert [look(desk, each.id).is_default for each in (first, second)] == [False, True]


def test_a_new_name_holds_at_once_and_keeps_the_draft(desk: Desk) -> None:
    made = make(desk)
    save(desk, made, 1)
    renamed = desk.record.write(lambda c: rename_dashboard(c, desk.pk, made.id, name="Desk", now=desk.clock()))
    assert (renamed.name, renamed.draft) == ("Desk", NEW)


def test_a_deleted_dashboard_is_gone(desk: Desk) -> None:
    made = make(desk)
    desk.record.write(lambda c: delete_dashboard(c, desk.pk, made.id))
    assert names(desk) == []
    with pytest.raises(NotFound):
        look(desk, made.id)


def test_an_account_sees_and_changes_only_its_own(desk: Desk) -> None:
    made = make(desk)
    other = desk.record.write(lambda c: ensure_account(c, "other", now=desk.clock()))
    assert desk.record.read(lambda c: list_dashboards(c, other)) == []
    with pytest.raises(NotFound):
        desk.record.write(lambda c: delete_dashboard(c, other, made.id))
    with pytest.raises(NotFound):
        desk.record.write(lambda c: set_default_dashboard(c, other, made.id))


def test_an_account_has_at_most_so_many(desk: Desk) -> None:
    for number in range(MAX_DASHBOARDS):
        make(desk, str(number))
    with pytest.raises(Conflict, match=str(MAX_DASHBOARDS)):
        make(desk, "one more")
