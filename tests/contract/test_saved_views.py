"""Saved views of the list of calls, on both databases."""

from __future__ import annotations

import pytest
from tests.builders import NOON, Desk

from postcall.domain.saved_views import SavedView
from postcall.errors import Conflict, NotFound
from postcall.storage.saved_views import MAX_VIEWS, delete_view, list_views, rename_view, save_view


def keep(desk: Desk, name: str, query: str = "status=completed", who: str | None = "Ada") -> SavedView:
    return desk.record.write(lambda c: save_view(c, desk.pk, name=name, query=query, who=who, now=NOON))


def names(desk: Desk) -> list[tuple[str, str]]:
    return [(view.name, view.query) for view in desk.record.read(lambda c: list_views(c, desk.pk))]


def test_a_view_is_kept_and_listed_with_who_made_it(desk: Desk) -> None:
    kept = keep(desk, "Done", "status=completed")
    assert desk.record.read(lambda c: list_views(c, desk.pk)) == (kept,)
    assert (kept.created_by, kept.created_at) == ("Ada", NOON)


def test_the_same_name_again_replaces_what_the_view_shows(desk: Desk) -> None:
    first, second = keep(desk, "Mine", "a=1"), keep(desk, "Mine", "b=2", who="Bob")
    assert first.id == second.id and second.created_by == "Ada"
    assert names(desk) == [("Mine", "b=2")]


def test_a_view_is_renamed_but_not_to_the_name_of_another(desk: Desk) -> None:
    one = keep(desk, "One")
    keep(desk, "Two")
    desk.record.write(lambda c: rename_view(c, desk.pk, one.id, "First"))
    desk.record.write(lambda c: rename_view(c, desk.pk, one.id, "First"))
    assert [name for name, _ in names(desk)] == ["First", "Two"]
    with pytest.raises(Conflict, match="'Two'"):
        desk.record.write(lambda c: rename_view(c, desk.pk, one.id, "Two"))


def test_a_view_that_is_gone_says_so(desk: Desk) -> None:
    view = keep(desk, "Mine")
    desk.record.write(lambda c: delete_view(c, desk.pk, view.id))
    assert names(desk) == []
    with pytest.raises(NotFound):
        desk.record.write(lambda c: delete_view(c, desk.pk, view.id))
    with pytest.raises(NotFound):
        desk.record.write(lambda c: rename_view(c, desk.pk, view.id, "Other"))


def test_views_belong_to_their_account(desk: Desk) -> None:
    other = Desk(desk.record, desk.clock, account="other")
    view = keep(desk, "Mine")
    assert names(other) == []
    with pytest.raises(NotFound):
        desk.record.write(lambda c: delete_view(c, other.pk, view.id))
    keep(other, "Mine")
    assert len(names(desk)) == len(names(other)) == 1


def test_there_are_at_most_so_many(desk: Desk) -> None:
    for number in range(MAX_VIEWS):
        keep(desk, f"View {number}")
    with pytest.raises(Conflict, match="delete one"):
        keep(desk, "One more")
    keep(desk, "View 1", "changed=yes")
