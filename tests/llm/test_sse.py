"""Events of a stream, however its bytes are cut and its lines end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.errors import ModelReplyUnusable
from postcall.llm.sse import MAX_EVENT, Event, EventReader


def read(*parts: bytes) -> list[Event]:
    """All events of a stream that comes in these parts."""
    reader = EventReader()
    return [event for part in parts for event in reader.feed(part)] + reader.end()


@st.composite
def streams(draw: st.DrawFn) -> tuple[list[Event], bytes]:
    """Some events, and a stream that holds them."""
    line_end = st.sampled_from([b"\n", b"\r\n", b"\r"])
    words = st.text(st.characters(exclude_characters="\r\n"), min_size=1, max_size=12).map(
        lambda text: text.encode("utf-8", "replace")
    )
    events = []
    stream = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    for lines in draw(st.lists(st.lists(words, min_size=1, max_size=3), max_size=5)):
        name = draw(st.sampled_from([b"", b"error"]))
        end = draw(line_end)
        stream += draw(st.sampled_from([b"", b": a comment" + end, b"id: 1" + end, b"unknown" + end]))
        stream += b"event: " + name + end if name else b""
        for line in lines:
            stream += b"data: " + line + end
        stream += end
        events.append(Event(b"\n".join(lines), name))
    return events, stream


@given(streams(), st.data())
def test_events_are_the_same_however_the_bytes_are_cut(made: tuple[list[Event], bytes], data: st.DataObject) -> None:
    events, stream = made
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    parts = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert read(*parts) == events
    assert read(*(stream[at : at + 1] for at in range(len(stream)))) == events


@given(st.lists(st.binary(max_size=40), max_size=8))
def test_no_bytes_at_all_trip_it_and_cuts_change_nothing(parts: list[bytes]) -> None:
    assert read(*parts) == read(b"".join(parts))


def test_an_event_is_there_as_soon_as_its_empty_line_is() -> None:
    reader = EventReader()
    assert reader.feed(b"data: a\n") == []
    assert reader.feed(b"\n") == [Event(b"a")]
    assert reader.feed(b"data: b\r") == []
    assert reader.feed(b"\n\r\n") == [Event(b"b")]


def test_a_stream_that_ends_without_an_empty_line_loses_nothing() -> None:
    assert read(b"data: a\n\ndata: b") == [Event(b"a"), Event(b"b")]


def test_the_space_after_the_colon_may_be_missing() -> None:
    assert read(b"data:a\n\ndata:  b\n\n") == [Event(b"a"), Event(b" b")]


def test_an_error_line_is_an_event_of_that_name() -> None:
    assert read(b'error: {"code": 500}\n\n') == [Event(b'{"code": 500}', b"error")]


def test_a_line_that_never_ends_is_given_up() -> None:
    reader = EventReader()
    with pytest.raises(ModelReplyUnusable):
        for _ in range(MAX_EVENT // 65_536 + 1):
            reader.feed(b"x" * 65_536)
