"""Lines of a file: calls as they are handed in, or labelled conversations."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import Desk, a_body, a_call, a_question, written
from tests.live_server import real_time

from postcall.api.question_format import read_question_file
from postcall.domain.calls import IncomingCall
from postcall.errors import BadInput, PostcallError
from postcall.intake.importing import import_file
from postcall.intake.line_format import read_line


def a_line(**fields: Any) -> bytes:
    line = {"id": "talk-1", "source": "a study", "license": "CC0", "turns": [{"role": "user", "text": "Hello."}]}
    return json.dumps(line | fields).encode()


def read(line: bytes, *, agent: str = "desk", gold: bool = False, seen: dict[str, int] | None = None) -> IncomingCall:
    return read_line(line, agent=agent, gold_as_metrics=gold, seen={} if seen is None else seen)


def values(call: IncomingCall) -> list[tuple[str, object]]:
    return [(write.name, write.value) for write in call.metrics]


def test_a_line_without_an_agent_belongs_to_the_one_named() -> None:
    assert read(a_line()).details.agent == "desk"
    assert read(a_line(agent="bank")).details.agent == "bank"


def test_a_reference_date_dates_a_call_that_has_no_start() -> None:
    assert read(a_line(started_at=None, reference_date="2026-02-01")).details.started_at == datetime(
        2026, 2, 1, tzinfo=UTC
    )
    given_start = read(a_line(started_at="2026-03-01T09:00:00Z", reference_date="2026-02-01"))
    assert given_start.details.started_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert read(a_line(started_at=None)).details.started_at is None


def test_labels_are_metrics_only_where_that_is_asked_for() -> None:
    line = a_line(gold={"booked": True, "name": None, "seats": 4}, metrics={"VIP": 1})
    assert values(read(line)) == [("VIP", 1)]
    assert sorted(values(read(line, gold=True))) == [("VIP", 1), ("booked", True), ("seats", 4)]


def test_a_metric_that_was_sent_wins_over_a_label_of_its_name() -> None:
    assert values(read(a_line(gold={"booked": True}, metrics={"booked": False}), gold=True)) == [("booked", False)]


def test_where_a_line_came_from_is_kept() -> None:
    assert read(a_line(metadata={"mine": 1})).details.metadata == {"source": "a study", "license": "CC0", "mine": 1}


def test_a_line_without_an_id_has_the_same_one_in_every_run() -> None:
    line, other = a_line(id=None), a_line(id=None, language="de")
    assert read(line).id == read(line).id
    assert read(line).id != read(other).id
    seen: dict[str, int] = {}
    twice = [read(line, seen=seen).id for _ in range(2)]
    assert len(set(twice)) == 2, "two equal lines are two calls"
    again: dict[str, int] = {}
    assert [read(line, seen=again).id for _ in range(2)] == twice


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (a_line(turns=[{"role": "bot", "text": "Hi."}]), "turns[0].role"),
        (a_line(metadata=[1]), "metadata"),
        (a_line(metrics="none"), "metrics"),
        (a_line(gold="yes"), "gold"),
        (a_line(gold={"booked": {"value": True}}), "gold.booked"),
        (a_line(reference_date="soon", started_at=None), "started_at"),
        (a_line(colour="blue"), "colour"),
        (b'{"turns": [{"role": "user", "text": "\\ud800"}]}', "turns[0].text"),
        (b'{"duration_s": NaN}', "duration_s"),
        (b"{half", "body"),
    ],
)
def test_a_bad_line_is_refused_by_field(line: bytes, field: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(line, gold=True)
    assert refusal.value.field is not None
    assert refusal.value.field.startswith(field)


@given(
    line=st.binary()
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["id", "agent", "turns", "metrics", "metadata", "gold", "started_at", "source"])
                | st.text(),
                inner,
                max_size=5,
            )
        ),
        max_leaves=8,
    ).map(lambda value: json.dumps(value).encode())
)
def test_no_line_whatever_is_more_than_refused(line: bytes) -> None:
    try:
        call = read(line, gold=True)
    except PostcallError as refusal:
        assert refusal.status in {400, 413}
        assert refusal.message
    else:
        assert call.id


@pytest.mark.shared
@pytest.mark.parametrize("name", ["abcd_sample", "evi", "primock57", "sgd", "star"])
def test_every_line_of_the_labelled_conversations_is_taken(desk: Desk, shared: Path, name: str) -> None:
    folder = shared / "data" / name
    lines = [line for line in (folder / "public.jsonl").read_bytes().splitlines() if line.strip()]
    result = import_file(
        desk.record,
        desk.pk,
        folder / "public.jsonl",
        agent=name,
        gold_as_metrics=True,
        clock=real_time,
        on_progress=lambda _: None,
    )
    assert result.refused == []
    assert desk.count() == result.added == len(lines)
    questions = read_question_file((folder / "metrics.json").read_bytes())
    assert questions
    assert desk.ask(*questions, agent=name) == 2
    labelled = json.loads(lines[0])
    metrics = {metric.name: metric.value for metric in written(desk.read(labelled["id"]))}
    assert metrics == {label: value for label, value in labelled["gold"].items() if value is not None}


def test_progress_is_told_up_to_the_last_byte(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_bytes(b"".join(json.dumps(a_body(f"{n}")).encode() + b"\n" for n in range(600)))
    told: list[int] = []
    import_file(
        desk.record, desk.pk, file, agent="desk", gold_as_metrics=False, clock=real_time, on_progress=told.append
    )
    assert told == sorted(told)
    assert len(told) > 2
    assert told[-1] == file.stat().st_size


def test_imported_calls_wait_behind_those_that_somebody_waits_for(desk: Desk, tmp_path: Path) -> None:
    desk.ask(a_question())
    file = tmp_path / "calls.jsonl"
    file.write_bytes(json.dumps(a_body("imported")).encode())
    import_file(
        desk.record, desk.pk, file, agent="desk", gold_as_metrics=False, clock=desk.clock, on_progress=lambda _: None
    )
    desk.hand_in(a_call("urgent"))
    first, second = desk.claim()
    assert (first.call_pk or 0) > (second.call_pk or 0)
