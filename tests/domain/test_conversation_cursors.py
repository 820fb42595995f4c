"""Cursors: what was written is read again, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.domain.conversation_cursor import RankPosition, digest_space, read_cursor, write_cursor
from postcall.domain.views import Position
from postcall.errors import BadInput

KEY = b"a key that nobody knows"
WHOLE = st.integers(0, 2**62)
PLACES = st.builds(Position, st.datetimes(timezones=st.just(UTC)), WHOLE) | st.builds(
    RankPosition, st.floats(0, 1), WHOLE, WHOLE, st.binary(min_size=8, max_size=8)
)
NOON = Position(datetime(2026, 3, 2, 12, tzinfo=UTC), 7)


@given(PLACES, st.binary(max_size=40))
def test_a_walk_goes_on_where_it_was(place: Position | RankPosition, question: bytes) -> None:
    cursor = write_cursor(place, question=question, key=KEY)
    assert cursor.replace("-", "").replace("_", "").isalnum(), "it can stand in an address as it is"
    assert read_cursor(cursor, question=question, key=KEY) == place


@given(PLACES, st.data())
def test_a_cursor_in_which_anything_was_changed_is_refused(place: Position | RankPosition, data: st.DataObject) -> None:
    cursor = write_cursor(place, question=b"q", key=KEY)
    at = data.draw(st.integers(0, len(cursor) - 1))
    put = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=é \x00"))
    if put != cursor[at]:
        with pytest.raises(BadInput):
            read_cursor(cursor[:at] + put + cursor[at + 1 :], question=b"q", key=KEY)
    with pytest.raises(BadInput):
        read_cursor(cursor[:at], question=b"q", key=KEY)


@given(st.text(max_size=300))
def test_no_other_text_is_a_cursor(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_cursor(text, question=b"q", key=KEY)
    assert refused.value.field == "cursor"


def test_a_cursor_is_of_its_question_and_its_account() -> None:
    cursor = write_cursor(NOON, question=b"live calls", key=KEY)
    for question, key in ((b"all calls", KEY), (b"live calls", b"another account's"), (b"", b"")):
        with pytest.raises(BadInput):
            read_cursor(cursor, question=question, key=key)


def test_spaces_are_told_apart() -> None:
    assert digest_space("built-in 40") != digest_space("built-in 80")
    assert len(digest_space("\ud800")) == 8
