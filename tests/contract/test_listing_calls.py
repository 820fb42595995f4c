"""Lists of calls: filters, and pages that hold while calls arrive."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import NOON, Desk, a_call, a_question, an_answer

from postcall.domain.calls import CallStatus
from postcall.domain.views import Position
from postcall.errors import AgentNotFound

on_one_record = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""The examples share a record: each takes an account of its own."""


def walk(desk: Desk, *, limit: int) -> list[str]:
    """Every id, page by page."""
    found: list[str] = []
    after: Position | None = None
    while True:
        page = desk.page(after=after, limit=limit)
        found += [row.call.id for row in page.rows]
        assert len(page.rows) <= limit
        if page.next is None:
            return found
        after = page.next


accounts = iter(range(1_000_000))


def fresh(desk: Desk) -> Desk:
    return Desk(desk.record, desk.clock, account=f"account-{next(accounts)}")


@on_one_record
@given(minutes=st.lists(st.integers(0, 6), max_size=12), limit=st.integers(1, 14))
def test_pages_of_any_size_show_each_call_once_the_newest_first(desk: Desk, minutes: list[int], limit: int) -> None:
    mine = fresh(desk)
    for number, minute in enumerate(minutes):
        mine.hand_in(a_call(f"{number}", started_at=NOON + timedelta(minutes=minute)))
    newest_first = sorted(range(len(minutes)), key=lambda number: (minutes[number], number), reverse=True)
    assert walk(mine, limit=limit) == [f"{number}" for number in newest_first]


@on_one_record
@given(
    before=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    arriving=st.lists(st.integers(0, 5), max_size=8),
    limit=st.integers(1, 4),
)
def test_calls_that_arrive_meanwhile_neither_hide_nor_repeat_others(
    desk: Desk, before: list[int], arriving: list[int], limit: int
) -> None:
    mine = fresh(desk)
    for number, minute in enumerate(before):
        mine.hand_in(a_call(f"{number}", started_at=NOON + timedelta(minutes=minute)))
    seen: list[str] = []
    page = mine.page(limit=limit)
    late = iter(enumerate(arriving))
    while True:
        seen += [row.call.id for row in page.rows]
        if page.next is None:
            break
        for number, minute in [each for each in (next(late, None),) if each]:
            mine.hand_in(a_call(f"late-{number}", started_at=NOON + timedelta(minutes=minute)))
        page = mine.page(after=page.next, limit=limit)
    assert len(seen) == len(set(seen))
    assert {each for each in seen if not each.startswith("late")} == {f"{number}" for number in range(len(before))}


def test_a_list_shows_only_its_own_account(desk: Desk) -> None:
    desk.hand_in(a_call())
    assert fresh(desk).ids() == []


def test_a_full_last_page_is_known_to_be_the_last(desk: Desk) -> None:
    for number in range(4):
        desk.hand_in(a_call(f"{number}"))
    page = desk.page(limit=2)
    assert page.next is not None
    assert desk.page(limit=2, after=page.next).next is None


def test_times_are_of_the_start_from_since_up_to_until(desk: Desk) -> None:
    for hour in range(4):
        desk.hand_in(a_call(f"{hour}", started_at=NOON + timedelta(hours=hour)))
    since, until = NOON + timedelta(hours=1), NOON + timedelta(hours=3)
    assert desk.ids(since=since, until=until) == ["2", "1"]
    assert desk.ids(since=since) == ["3", "2", "1"]
    assert desk.ids(until=until) == ["2", "1", "0"]


def test_calls_are_found_by_agent_numbers_and_status(desk: Desk) -> None:
    desk.hand_in(a_call("a", from_number="+1555", to_number="+1666"))
    desk.hand_in(a_call("b", agent="bank", from_number="+1555"))
    desk.hand_in(a_call("c", status=CallStatus.FAILED))
    assert desk.ids(agent="bank") == ["b"]
    assert desk.ids(agent=desk.read("b").call.agent_id) == ["b"]
    assert desk.ids(from_number="+1555") == ["b", "a"]
    assert desk.ids(from_number="+1555", agent="clinic") == ["a"], "every condition must hold"
    assert desk.ids(to_number="+1666") == ["a"]
    assert desk.ids(status="failed") == ["c"]
    with pytest.raises(AgentNotFound):
        desk.ids(agent="nobody")


def test_a_metric_matches_by_any_of_its_writes(desk: Desk) -> None:
    desk.hand_in(a_call("a", metrics={"STEP": ["asked", "booked"]}))
    desk.hand_in(a_call("b", metrics={"STEP": "asked"}))
    assert desk.ids(metric=("STEP", "asked")) == ["b", "a"]
    assert desk.ids(metric=("STEP", "booked")) == ["a"]
    assert desk.ids(metric=("step", "booked")) == [], "names are case-sensitive"
    assert desk.ids(metric=("STEP", "book")) == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (False, "false"),
        (5, "5"),
        ("5", "5"),
        (5.0, "5"),
        (2.5, "2.5"),
        (-3, "-3"),
        ("", ""),
        ("a=b&c", "a=b&c"),
        ('quote " and \\', 'quote " and \\'),
        ("ñ 🙂", "ñ 🙂"),
        (12345678901234567, "12345678901234567"),
        (2**63 - 1, str(2**63 - 1)),
        (1e300, "1e300"),
    ],
)
def test_a_metrics_value_is_found_by_its_text(desk: Desk, value: object, text: str) -> None:
    desk.hand_in(a_call(metrics={"X": value}))  # type: ignore[dict-item]
    desk.hand_in(a_call("call-2", metrics={"X": "something else"}))
    assert desk.ids(metric=("X", text)) == ["call-1"]


def test_neighbouring_large_numbers_are_not_mixed_up(desk: Desk) -> None:
    desk.hand_in(a_call(metrics={"ACCOUNT": 9007199254740993}))
    assert desk.ids(metric=("ACCOUNT", "9007199254740992")) == []


def test_metrics_of_an_earlier_revision_do_not_match(desk: Desk) -> None:
    desk.hand_in(a_call(metrics={"X": 1}))
    desk.hand_in(a_call(metrics={"X": 2}), replace=True)
    assert desk.ids(metric=("X", "1")) == []
    assert desk.ids(metric=("X", "2")) == ["call-1"]


def test_calls_are_found_by_their_current_answers(desk: Desk) -> None:
    desk.ask(a_question())
    desk.hand_in(a_call())
    assert desk.ids(metric=("booked", "true")) == []
    desk.extract(an_answer(value=True))
    assert desk.ids(metric=("booked", "true")) == ["call-1"]
    assert desk.ids(metric=("booked", "false")) == []


@pytest.mark.parametrize("status", ["unknown", "invalid", "error"])
def test_only_answers_that_count_are_found(desk: Desk, status: str) -> None:
    desk.hand_in(a_call())
    desk.extract(an_answer(status=status))
    assert desk.ids(metric=("booked", "true")) == []
    assert desk.ids(metric=("booked", "null")) == []


def test_a_real_time_write_wins_over_an_answer_of_the_same_name(desk: Desk) -> None:
    desk.hand_in(a_call(metrics={"booked": False}))
    desk.extract(an_answer(value=True))
    assert desk.ids(metric=("booked", "false")) == ["call-1"]
    assert desk.ids(metric=("booked", "true")) == []


def test_two_metrics_must_both_match(desk: Desk) -> None:
    from postcall.domain.views import CallFilter
    from postcall.storage.call_views import list_calls

    desk.hand_in(a_call("a", metrics={"X": 1, "Y": 1}))
    desk.hand_in(a_call("b", metrics={"X": 1}))
    wanted = CallFilter(metrics=(("X", "1"), ("Y", "1")))
    page = desk.record.read(lambda c: list_calls(c, desk.pk, wanted, after=None, limit=10))
    assert [row.call.id for row in page.rows] == ["a"]
