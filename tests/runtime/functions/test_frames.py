"""What travels between processes arrives whole and in order, however it is cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.runtime.functions.control import Order, Record, RecordReader, encoded
from postcall.runtime.functions.frames import LARGEST, BadFrame, FrameReader, framed
from postcall.runtime.functions.journal import SIZE, JournalReader, JournalWriter
from postcall.runtime.functions.traces import read_trace

RECORDS = st.builds(Record, st.sampled_from(Order), st.integers(0, 2**31 - 1), st.integers(-(2**31), 2**31 - 1))


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    edges = sorted({place % (len(data) + 1) for place in places})
    for start, end in zip([0, *edges], [*edges, len(data)], strict=True):
        yield data[start:end]


@given(st.lists(st.binary(max_size=300), max_size=8), st.lists(st.integers(0, 10_000), max_size=12))
def test_frames_arrive_as_they_were_sent(frames: list[bytes], places: list[int]) -> None:
    reader = FrameReader()
    data = b"".join(framed(frame) for frame in frames)
    assert [frame for part in cut(data, places) for frame in reader.feed(part)] == frames


def test_a_frame_that_says_it_is_huge_is_refused_before_it_is_kept() -> None:
    with pytest.raises(BadFrame):
        list(FrameReader().feed((LARGEST + 1).to_bytes(4, "big")))


@given(st.lists(RECORDS, max_size=8), st.lists(st.integers(0, 1_000), max_size=12))
def test_orders_arrive_as_they_were_sent(records: list[Record], places: list[int]) -> None:
    reader = RecordReader()
    data = b"".join(encoded(record) for record in records)
    assert [record for part in cut(data, places) for record in reader.feed(part)] == records


@given(st.lists(st.lists(st.binary(max_size=2_000), max_size=30), max_size=4), st.integers(1, 5_000))
def test_a_journal_gives_each_entry_once_and_in_order(runs: list[list[bytes]], most: int) -> None:
    reader = JournalReader()
    try:
        writer = JournalWriter(reader.fd)
        for number, entries in enumerate(runs, 1):
            reader.begin()
            assert list(reader.read(number)) == []  # nothing yet, and nothing of the run before
            writer.begin(number)
            seen: list[bytes] = []
            for entry in entries:
                assert writer.add(entry)
                seen += reader.read(number, most)
            seen += reader.read(number)
            assert seen == entries
    finally:
        reader.close()


def test_a_full_journal_says_so_and_loses_nothing_that_it_took() -> None:
    reader = JournalReader()
    writer = JournalWriter(reader.fd)
    reader.begin()
    writer.begin(1)
    taken = 0
    while writer.add(b"x" * 1000):
        taken += 1
    assert taken >= SIZE // 1100
    assert len(list(reader.read(1))) == taken
    reader.close()


@given(st.binary(max_size=200), st.integers(0, SIZE - 200))
def test_whatever_is_scribbled_into_a_journal_reading_it_ends(scribble: bytes, place: int) -> None:
    reader = JournalReader()
    try:
        writer = JournalWriter(reader.fd)
        reader.begin()
        writer.begin(1)
        writer.add(b"entry")
        writer._memory[place % 64 : place % 64 + len(scribble)] = scribble
        assert len(list(reader.read(1))) <= SIZE // 8
    finally:
        reader.close()


CRASH = """\
said before
Fatal Python error: Segmentation fault

Stack (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
  File "functions/crashes.py", line 4 in crashes
  File "/srv/site-packages/postcall/runtime/conv/running.py", line 78 in _call

Extension modules: msgspec._core (total: 1)
said after""".splitlines()


def test_a_crash_is_read_as_a_trace_without_our_own_lines() -> None:
    trace, others = read_trace(CRASH)
    assert trace.splitlines() == [
        "Traceback (most recent call last):",
        '  File "functions/crashes.py", line 4, in crashes',
        '  File "ctypes/__init__.py", line 519, in string_at',
    ]
    assert [line for line in others if line] == ["said before", "Fatal Python error: Segmentation fault", "said after"]


@given(st.lists(st.text(max_size=80), max_size=20))
def test_any_output_can_be_read(lines: list[str]) -> None:
    trace, others = read_trace(lines)
    assert len(others) <= len(lines)
    assert trace == "" or trace.startswith("Traceback")
