"""What a value, a write, a denominator and a call's time mean in every report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.builders import NOON, a_call, a_question, an_answer, silent
from tests.reporting.counter import Counter, a_query, define, where

from postcall.domain.calls import CallStatus, Channel, Environment, Handoff
from postcall.domain.metrics import MetricType
from postcall.domain.queries import All, AnyOf, Coverage, Not, Query
from postcall.intake.call_format import read_metrics_body
from postcall.intake.service import take_metrics

BOOKED = "metric.booked"


def answered(counter: Counter, *statuses: str, value: bool = True) -> None:
    """One extracted call for each status; the last of them `ok` ones say no where `value` is False."""
    for number, status in enumerate(statuses):
        counter.desk.hand_in(a_call(f"call-{number}"))
        counter.desk.extract(an_answer("booked", value, status=status))


# --- which value counts ------------------------------------------------------------------------------------------


def test_what_code_wrote_wins_over_what_was_answered(counter: Counter) -> None:
    counter.desk.ask(a_question())
    counter.write("call-1", {"booked": False})
    counter.desk.extract(an_answer("booked", True))
    counter.desk.hand_in(a_call("call-2"))
    counter.desk.extract(an_answer("booked", True))
    assert counter.groups(BOOKED) == {False: 1, True: 1}
    assert counter.ids(a_query("conversations", None, where(BOOKED, "eq", True))) == ["call-2"]
    assert counter.coverage(BOOKED).have == 2


def test_a_write_counts_where_the_answer_is_unknown(counter: Counter) -> None:
    counter.desk.ask(a_question())
    counter.write("call-1", {"booked": True})
    counter.desk.extract(an_answer("booked", status="unknown"))
    assert counter.coverage(BOOKED) == Coverage(BOOKED, 1, have=1, unknown=0, invalid=0, error=0, not_asked=0)


def test_the_last_write_is_the_value_and_every_write_is_found_and_summed(counter: Counter) -> None:
    counter.write("call-1", {"STEP": ["greeting", "payment", "greeting", "goodbye"], "PRICE": [10, 20]})
    counter.write("call-2", {"STEP": "payment", "PRICE": 30})
    counter.write("call-3", {})
    assert counter.desk.ids(metric=("STEP", "goodbye")) == ["call-1"]
    for value, ids in {"greeting": ["call-1"], "payment": ["call-1", "call-2"], "goodbye": ["call-1"]}.items():
        assert sorted(counter.ids(a_query("count", None, where("metric.STEP", "eq", value)))) == ids
    assert counter.groups("metric.STEP") == {"greeting": 1, "payment": 2, "goodbye": 1, None: 1}
    assert counter.number("count", "metric.STEP").value == 5
    assert counter.number("distinct", "metric.STEP").value == 3
    assert counter.number("sum", "metric.PRICE").value == 60
    assert counter.number("average", "metric.PRICE").value == 20
    assert counter.number("average", "metric.PRICE").n == 3
    assert counter.number("p50", "metric.PRICE").value == 20
    assert counter.number("conversations", "metric.PRICE").value == 2


def test_two_metrics_with_several_writes_cross(small_counter: Counter) -> None:
    small_counter.write("call-1", {"A": ["x", "y", "x"], "B": [1, 2]})
    rows = small_counter.ask(a_query(group_by=("metric.A", "metric.B"))).rows
    assert [(*row.group, row.numbers[0].value) for row in rows] == [
        ("x", 1, 1),
        ("x", 2, 1),
        ("y", 1, 1),
        ("y", 2, 1),
    ]


def test_a_write_without_a_value_is_true(small_counter: Counter) -> None:

    desk = small_counter.desk
    desk.hand_in(silent(a_call(status=CallStatus.IN_PROGRESS)))
    body = b'{"metrics": {"FLAG": null}}'
    desk.record.write(take_metrics(desk.pk, "call-1", read_metrics_body(body), key="a", body=body, now=NOON))
    everyone = where("field.status", "exists")
    assert small_counter.number("rate", "metric.FLAG", everyone).value == 1


def test_a_misfit_gives_way_to_a_write_that_fits(counter: Counter) -> None:

    counter.write("call-1", {"N": ["many", 5]})
    counter.write("call-2", {"N": [5, "many"]})
    counter.write("call-3", {"N": "many"})
    define(counter.desk, "N", MetricType.INTEGER)
    assert counter.groups("metric.N") == {5: 2, None: 1}
    assert counter.coverage("metric.N") == Coverage("metric.N", 3, 2, 0, 1, 0, 0)


def test_what_postcall_knows_gives_way_to_what_code_wrote(counter: Counter) -> None:
    counter.write("call-1", {}, duration_s=60.0)
    counter.write("call-2", {"duration": 7, "CONTAINED": False}, duration_s=60.0)
    counter.write("call-3", {}, duration_s=60.0, handoff=Handoff("desk", "angry"))
    assert counter.groups("metric.duration") == {7: 1, 60: 2}
    assert counter.groups("field.duration") == {60: 3}
    assert counter.groups("metric.CONTAINED") == {True: 1, False: 2}
    assert counter.groups("metric.CALL_COMPLETED") == {True: 3}
    assert counter.groups("metric.HANDOFF_TO") == {"desk": 1, None: 2}
    assert counter.groups("metric.HANDOFF_REASON") == {"angry": 1, None: 2}


def test_calls_of_every_channel_and_status_have_what_postcall_knows(small_counter: Counter) -> None:
    for channel in Channel:
        small_counter.write(channel.value, {}, channel=channel)
    small_counter.desk.hand_in(silent(a_call("unanswered", status=CallStatus.NO_ANSWER)))
    assert small_counter.groups("metric.CONTAINED", "count") == {True: 3, None: 1}


# --- denominators ------------------------------------------------------------------------------------------------


def test_a_rate_names_its_denominator(counter: Counter) -> None:
    counter.desk.ask(a_question())
    answered(counter, "ok", "ok", "unknown", "invalid", "error")
    counter.desk.hand_in(a_call("not-asked"))
    rates = {
        denominator: counter.number("rate", BOOKED, denominator=denominator)
        for denominator in ("calls", "answered", "asked")
    }
    assert {name: (rate.count, rate.n) for name, rate in rates.items()} == {
        "calls": (2, 6),
        "answered": (2, 2),
        "asked": (2, 5),
    }
    assert rates["asked"].value == pytest.approx(0.4)
    assert counter.coverage(BOOKED) == Coverage(BOOKED, 6, have=2, unknown=1, invalid=1, error=1, not_asked=1)


def test_answers_are_a_share_of_those_answered_and_flags_of_all_calls(counter: Counter) -> None:
    counter.desk.ask(a_question())
    answered(counter, "ok", "unknown", "ok")
    counter.write("flagged", {"FLAG": True})
    assert (counter.number("rate", BOOKED).n, counter.number("rate", BOOKED).value) == (2, 1)
    assert (counter.number("rate", "metric.FLAG").n, counter.number("rate", "metric.FLAG").value) == (4, 0.25)
    assert counter.number("rate", "metric.CONTAINED").n == 4
    assert counter.number("rate", "field.channel", value="voice").n == 4
    assert counter.number("share", BOOKED).n == 4
    assert counter.number("share", BOOKED).count == 2


def test_no_answer_at_all_is_no_rate_rather_than_nought(small_counter: Counter) -> None:
    small_counter.desk.ask(a_question())
    answered(small_counter, "unknown")
    number = small_counter.number("rate", BOOKED)
    assert (number.value, number.n, number.interval, number.small) == (None, 0, None, True)
    average = small_counter.number("average", "field.duration", where("field.duration", "gt", 1e9))
    assert (average.value, average.n) == (None, 0)


# --- which calls count -------------------------------------------------------------------------------------------


def test_only_live_calls_are_shown_unless_others_are_asked_for(small_counter: Counter) -> None:
    for environment in Environment:
        small_counter.write(environment.value, {}, environment=environment)
    result = small_counter.ask(a_query())
    assert result.calls == 1
    assert "live" in " ".join(result.notes)
    everything = small_counter.ask(a_query(group_by=("field.environment",)))
    assert (everything.calls, everything.notes) == (3, ())
    assert small_counter.count(where("field.environment", "eq", "sandbox")) == 1
    assert small_counter.ids(a_query("count", None, where("field.environment", "ne", "live"))) != ["live"]
    inside = AnyOf((All((Not(where("field.environment", "eq", "live")),)),))
    assert small_counter.ask(Query(a_query().measures, filters=All((inside,)))).calls == 2


def test_calls_in_progress_are_counted_apart_unless_status_is_asked_for(small_counter: Counter) -> None:
    small_counter.desk.hand_in(silent(a_call("live", status=CallStatus.IN_PROGRESS)))
    small_counter.desk.hand_in(silent(a_call("elsewhere", status=CallStatus.PENDING, channel=Channel.SMS)))
    small_counter.desk.hand_in(silent(a_call("busy", status=CallStatus.BUSY)))
    small_counter.desk.hand_in(a_call("done"))
    result = small_counter.ask(a_query("rate", "field.channel", value="voice"))
    assert (result.calls, result.in_progress, result.rows[0].numbers[0].n) == (2, 2, 2)
    assert small_counter.ask(a_query("count", None, where("field.channel", "eq", "voice"))).in_progress == 1
    assert small_counter.count(where("field.status", "in", ["pending", "in_progress"])) == 2
    assert small_counter.ask(a_query(group_by=("field.status",))).in_progress == 0


def test_the_end_of_a_period_is_not_part_of_it(small_counter: Counter) -> None:
    for minutes in range(4):
        small_counter.write(f"call-{minutes}", {}, started_at=NOON + timedelta(minutes=minutes))
    query = a_query(since=NOON + timedelta(minutes=1), until=NOON + timedelta(minutes=3))
    assert sorted(small_counter.ids(query)) == ["call-1", "call-2"]


def test_a_call_without_a_start_counts_at_the_time_it_was_taken_in(counter: Counter) -> None:
    counter.write("call-1", {}, started_at=None)
    assert counter.groups("day") == {"2026-03-02": 1}
    assert counter.count(where("field.started_at", "eq", NOON.isoformat())) == 1


def test_weeks_begin_on_monday(small_counter: Counter) -> None:
    for day in (1, 2, 8, 9):  # of March 2026: Sunday, Monday, Sunday, Monday
        small_counter.write(f"call-{day}", {}, started_at=datetime(2026, 3, day, 12, tzinfo=UTC))
    assert small_counter.groups("week") == {"2026-02-23": 1, "2026-03-02": 2, "2026-03-09": 1}
    rows = small_counter.ask(a_query(group_by=("field.weekday",))).rows
    assert [(row.group[0], row.numbers[0].value) for row in rows] == [("Monday", 2), ("Sunday", 2)]


def test_buckets_follow_the_clock_on_the_wall(small_counter: Counter) -> None:
    """Both changes of London's clocks, and the calls behind every hour."""
    starts = [datetime(2026, 10, 24, 23, 30, tzinfo=UTC) + timedelta(hours=hour) for hour in range(5)]
    starts += [datetime(2026, 3, 29, 0, 30, tzinfo=UTC) + timedelta(hours=hour) for hour in range(3)]
    for number, start in enumerate(starts):
        small_counter.write(f"call-{number}", {}, started_at=start)
    query = a_query(group_by=("hour",), time_zone="Europe/London")
    rows = small_counter.ask(query).rows
    assert [row.group[0] for row in rows] == [
        "2026-03-29T00:00+00:00",
        "2026-03-29T02:00+01:00",
        "2026-03-29T03:00+01:00",
        "2026-10-25T00:00+01:00",
        "2026-10-25T01:00+01:00",
        "2026-10-25T01:00+00:00",
        "2026-10-25T02:00+00:00",
        "2026-10-25T03:00+00:00",
    ]
    assert [small_counter.ids(query, row.group) for row in rows] == [
        [f"call-{number}"] for number in (5, 6, 7, 0, 1, 2, 3, 4)
    ]
    assert small_counter.groups("day", time_zone="Europe/London") == {"2026-03-29": 3, "2026-10-25": 5}
    assert small_counter.groups("field.hour", time_zone="Europe/London")[1] == 2


def test_moments_without_an_offset_are_in_the_time_zone_of_the_query(small_counter: Counter) -> None:
    small_counter.write("call-1", {}, started_at=datetime(2026, 7, 1, 11, 30, tzinfo=UTC))
    late = where("field.started_at", "gte", "2026-07-01T12:00:00")
    assert small_counter.ask(a_query("count", None, late, time_zone="Europe/London")).calls == 1
    assert small_counter.ask(a_query("count", None, late)).calls == 0


# --- comparison --------------------------------------------------------------------------------------------------


def test_a_period_is_compared_with_the_one_before_of_the_same_length(small_counter: Counter) -> None:
    for hours, booked in ((1, True), (2, True), (3, False), (25, True), (26, False), (27, False), (28, False)):
        small_counter.write(
            f"call-{hours}", {"BOOKED": booked, "PRICE": hours}, started_at=NOON - timedelta(hours=hours)
        )
    period: dict[str, Any] = {"since": NOON - timedelta(days=1), "until": NOON, "compare": True}
    rate = small_counter.number("rate", "metric.BOOKED", **period)
    assert (rate.count, rate.n, rate.previous_n) == (2, 3, 4)
    assert rate.previous == 0.25
    assert rate.change == pytest.approx(2 / 3 - 0.25)
    assert rate.p_value is not None
    count = small_counter.number("conversations", **period)
    assert (count.value, count.previous, count.change, count.p_value) == (3, 4, -1, 1.0)
    assert small_counter.number("average", "metric.PRICE", **period).previous == 26.5
    plain = small_counter.number("conversations", since=period["since"], until=NOON)
    assert (plain.previous, plain.change, plain.p_value) == (None, None, None)


def test_a_day_is_compared_with_the_same_day_of_the_period_before(small_counter: Counter) -> None:
    for day, calls in {1: 1, 2: 2, 3: 3, 4: 4}.items():
        for number in range(calls):
            small_counter.write(f"call-{day}-{number}", {}, started_at=datetime(2026, 3, day, 12, tzinfo=UTC))
    since = datetime(2026, 3, 3, tzinfo=UTC)
    query = a_query(group_by=("day",), since=since, until=since + timedelta(days=2), compare=True)
    rows = small_counter.ask(query).rows
    assert [(row.group[0], row.numbers[0].value, row.numbers[0].previous) for row in rows] == [
        ("2026-03-03", 3, 1),
        ("2026-03-04", 4, 2),
    ]


def test_small_samples_say_so(small_counter: Counter) -> None:
    small_counter.take(29)
    assert small_counter.number("rate", "field.channel", value="voice").small
    small_counter.take(1, first=29)
    number = small_counter.number("rate", "field.channel", value="voice")
    assert not number.small
    assert number.interval is not None
    assert (round(number.interval.low, 3), number.interval.high) == (0.886, 1.0)
