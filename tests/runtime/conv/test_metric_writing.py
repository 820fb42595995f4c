"""`conv.write_metric`: it counts at once, it counts once where asked, and it cannot fail the call."""

from __future__ import annotations

import math
import statistics
import threading
import timeit
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.runtime.conv.stage import Stage

from postcall.runtime.conv.metrics import MOST_OF_A_CALL, MOST_WRITES, Metrics
from postcall.runtime.protocol import encode


class Level(IntEnum):
    HIGH = 3


class Colour(str, Enum):  # noqa: UP042 - the older way, which projects use
    RED = "red"


class Hostile:
    def __bool__(self) -> bool:
        raise RuntimeError("no")

    def __str__(self) -> str:
        raise KeyboardInterrupt

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no")

    __hash__ = None  # type: ignore[assignment]

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("no")


class HostileNumber(float):
    def __float__(self) -> float:
        raise RuntimeError("no")


def written(name: Any, value: Any = None, *, once: Any = False) -> list[tuple[str, Any, bool]]:
    stage = Stage()
    done = stage.run(lambda conv: conv.write_metric(name, value, write_once=once))
    assert done.failed is None
    return [(write.name, write.value, write.odd) for write in stage.writes]


@pytest.mark.parametrize("value", ["yes", "", 5, -3, 2.5, True, False, None])
def test_texts_numbers_flags_and_nothing_are_written_as_they_are(value: Any) -> None:
    ((name, kept, odd),) = written("BOOKED", value)
    assert (name, kept, type(kept), odd) == ("BOOKED", value, type(value), False)


@pytest.mark.parametrize(
    ("value", "kept", "odd"),
    [
        (Level.HIGH, 3, False),
        (Colour.RED, "red", False),
        (math.nan, "nan", True),
        (math.inf, "inf", True),
        (1 << 64, "18446744073709551616", True),
        (-(1 << 63), -(1 << 63), False),
        (Decimal("5.20"), "5.20", True),
        ([1, 2], "[1, 2]", True),
        ({"a": 1}, "{'a': 1}", True),
        (b"x", "b'x'", True),
        ("caf\ud800", "caf?", False),
        (HostileNumber(1.0), "<HostileNumber: RuntimeError>", True),
    ],
)
def test_any_other_value_is_kept_as_its_text_and_marked(value: Any, kept: Any, odd: bool) -> None:
    assert written("M", value) == [("M", kept, odd)]


@pytest.mark.parametrize(("name", "kept"), [(5, "5"), (None, "None"), ("\ud800", "?"), (Colour.RED, "red")])
def test_a_name_that_is_no_text_is_its_text(name: Any, kept: str) -> None:
    assert written(name, 1) == [(kept, 1, False)]


def test_not_even_a_hostile_name_and_flag_fail_the_call() -> None:
    ((name, value, odd),) = written(Hostile(), Hostile(), once=Hostile())
    assert "Hostile" in name
    assert "Hostile" in value
    assert odd


@given(
    st.text() | st.none() | st.integers() | st.binary(),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.lists(st.text()),
)
def test_whatever_is_written_fits_into_a_frame(name: Any, value: Any) -> None:
    stage = Stage()
    Metrics((), stage).write(name, value, False)
    (write,) = stage.writes
    encode(write)
    assert isinstance(write.value, str | int | float | bool | None)


@pytest.mark.parametrize(("earlier", "kept"), [(0, MOST_WRITES), (MOST_OF_A_CALL - 2, 2), (MOST_OF_A_CALL + 1, 0)])
def test_a_loop_that_writes_for_ever_is_cut_and_says_so_once(earlier: int, kept: int) -> None:
    stage = Stage()
    metrics = Metrics([("EARLIER", 1)] * earlier, stage)
    for number in range(kept + 5):
        metrics.write("NUMBER", number, False)
    assert [write.value for write in stage.writes] == list(range(kept))
    assert len(metrics.events()) == earlier + kept
    (line,) = stage.lines
    assert (line.level, "not kept" in line.content) == ("warning", True)


def test_writes_are_seen_at_once_after_those_of_the_platform() -> None:
    def writes(conv: Any) -> str:
        conv.write_metric("BOOKED", True)
        conv.write_metric("BOOKED", False)
        events = [(event.name, event.value) for event in conv.metric_events]
        return f"{events} {conv.metrics_queue}"

    text = Stage().run(writes, metric_events=(("QA", "Parking"),)).returned.text
    assert text == (
        "[('QA', 'Parking'), ('BOOKED', True), ('BOOKED', False)] "
        "[{'name': 'BOOKED', 'value': True}, {'name': 'BOOKED', 'value': False}]"
    )


def test_write_once_looks_at_the_whole_conversation() -> None:
    def writes(conv: Any) -> None:
        conv.write_metric("OLD", 2, write_once=True)
        conv.write_metric("NEW", 1)
        conv.write_metric("NEW", 2, write_once=True)
        conv.write_metric("FIRST", 1, write_once=True)
        conv.write_metric("FIRST", 2)

    stage = Stage()
    stage.run(writes, metric_events=(("OLD", 1),))
    assert [(write.name, write.value) for write in stage.writes] == [("NEW", 1), ("FIRST", 1), ("FIRST", 2)]


def test_write_once_from_many_threads_is_written_once() -> None:
    def writes(conv: Any) -> None:
        gate = threading.Barrier(16)

        def race() -> None:
            gate.wait()
            conv.write_metric("STARTED", 1, write_once=True)
            conv.write_metric("EACH", 1)

        threads = [threading.Thread(target=race) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    stage = Stage()
    done = stage.run(writes)
    names = [write.name for write in stage.writes]
    assert (names.count("STARTED"), names.count("EACH"), done.threads_left) == (1, 16, 0)


def test_a_write_takes_microseconds() -> None:
    """The bound is generous, for a busy machine; benchmarks/ measures it."""
    times: list[float] = []

    def writes(conv: Any) -> None:
        times.extend(timeit.repeat(lambda: conv.write_metric("BOOKED", True), number=1_000, repeat=15))

    Stage().run(writes)
    assert statistics.median(times) / 1_000 < 20e-6
