"""What somebody takes out of a reading, or puts into it, and what is asked then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from postcall.domain.analysis import QuestionKind, Understood
from postcall.domain.queries import All, Bucket, Condition, Measure, MeasureKind, Operator, Order, Query
from postcall.errors import BadInput
from postcall.web.analyst_changing import said_of, shape_of
from postcall.web.analyst_reading import change_reading, show_reading

NOW = datetime(2026, 6, 17, 12, tzinfo=UTC)
CALLS = Measure(MeasureKind.CONVERSATIONS, name="calls")
VOICE = Condition("field.channel", Operator.EQ, "voice")
BOOKED = Condition("metric.BOOKED", Operator.EQ, value=True)
QUERY = Query(
    (CALLS,),
    since=datetime(2026, 6, 8, tzinfo=UTC),
    until=datetime(2026, 6, 15, tzinfo=UTC),
    group_by=("field.language",),
    filters=All((VOICE, BOOKED)),
    order=(Order("calls", descending=True),),
    limit=5,
)
TOP = Understood(QuestionKind.TOP, (QUERY,), says="Languages", taken=((0, 3, "how many"),), left=("please",))
KINDS = {"BOOKED": "boolean"}


def drop(understood: Understood, part: str) -> Understood:
    return change_reading(understood, [("drop", part)], kinds=KINDS, now=NOW)


def change(understood: Understood, *pairs: tuple[str, str]) -> Understood:
    return change_reading(understood, [("change", "yes"), *pairs], kinds=KINDS, now=NOW)


def test_each_part_of_a_reading_has_a_chip() -> None:
    chips = show_reading(TOP, "", NOW, kinds=KINDS).chips
    assert [each.drop for each in chips] == ["period", "filter-0", "filter-1", "group-0", "limit"]
    assert [each.text for each in chips] == [
        "8 to 14 June 2026",
        "channel is voice",
        "BOOKED is yes",
        "by language",
        "the first 5",
    ]


def test_a_part_that_is_taken_away_is_gone_from_the_query_and_from_its_words() -> None:
    without_voice = drop(TOP, "filter-0")
    assert without_voice.queries == (replace(QUERY, filters=All((BOOKED,))),)
    assert "voice" not in without_voice.says and "BOOKED" in without_voice.says
    assert without_voice.taken == () and without_voice.left == ()
    assert drop(TOP, "period").queries == (replace(QUERY, since=None, until=None),)
    assert drop(TOP, "limit").queries == (replace(QUERY, limit=None),)


def test_without_its_groups_a_question_is_a_count_that_no_order_refers_to() -> None:
    found = drop(TOP, "group-0")
    assert found.kind is QuestionKind.COUNT
    assert found.queries == (replace(QUERY, group_by=(), order=(), limit=None),)


def test_a_query_that_compares_with_the_period_before_cannot_without_a_period() -> None:
    compared = replace(TOP, queries=(replace(QUERY, compare=True),))
    assert not drop(compared, "period").queries[0].compare


def test_a_period_and_a_grouping_are_chosen() -> None:
    found = change(TOP, ("period", "yesterday"), ("group", "day"), ("group", "field.channel"))
    [query] = found.queries
    assert (query.since, query.until) == (datetime(2026, 6, 16, tzinfo=UTC), datetime(2026, 6, 17, tzinfo=UTC))
    assert query.group_by == (Bucket.DAY.value, "field.channel") and found.kind is QuestionKind.TREND
    assert query.filters == QUERY.filters


def test_days_of_ones_own_are_those_of_the_readings_time_zone() -> None:
    berlin = replace(TOP, queries=(replace(QUERY, time_zone="Europe/Berlin"),))
    found = change(berlin, ("period", "custom"), ("since", "2026-06-01"), ("until", "2026-06-03"))
    assert found.queries[0].since == datetime(2026, 5, 31, 22, tzinfo=UTC)
    assert found.queries[0].until == datetime(2026, 6, 2, 22, tzinfo=UTC)


def test_filters_are_changed_added_and_left_out() -> None:
    rows = [("field.channel", "eq", "sms"), ("", "eq", ""), ("metric.BOOKED", "eq", "no"), ("", "eq", "")]
    pairs = [each for name, op, value in rows for each in (("f_name", name), ("f_op", op), ("f_value", value))]
    found = change(TOP, *pairs, ("group", "field.language"))
    assert found.queries[0].filters == All(
        (Condition("field.channel", Operator.EQ, "sms"), Condition("metric.BOOKED", Operator.EQ, value=False))
    )
    assert found.queries[0].order == QUERY.order and found.queries[0].limit == 5


def test_what_is_compared_stays_and_what_both_sides_share_goes() -> None:
    other = replace(QUERY, since=datetime(2026, 6, 1, tzinfo=UTC), until=QUERY.since)
    two = Understood(QuestionKind.COMPARISON, (QUERY, other))
    assert [each.drop for each in show_reading(two, "", NOW).chips] == ["filter-0", "filter-1", "group-0", "limit"]
    found = drop(two, "filter-1")
    assert [each.filters for each in found.queries] == [All((VOICE,)), All((VOICE,))]
    assert [(each.since, each.until) for each in found.queries] == [(each.since, each.until) for each in two.queries]
    assert found.kind is QuestionKind.COMPARISON


def test_a_filter_of_one_side_is_none_that_both_share() -> None:
    two = Understood(QuestionKind.COMPARISON, (QUERY, replace(QUERY, filters=All((VOICE,)))))
    shape = shape_of(two)
    assert shape is not None and shape.filters == (VOICE,)
    assert drop(two, "filter-0").queries[0].filters == All((BOOKED,))


def test_a_search_without_its_words_is_a_list() -> None:
    search = Understood(QuestionKind.SEARCH, (), calls=Query((), text="refund", filters=All((VOICE,))))
    found = drop(search, "text")
    assert found.kind is QuestionKind.LIST and found.calls == Query((), filters=All((VOICE,)))
    assert said_of(found, NOW).startswith("Calls") and "refund" not in found.says
    assert show_reading(search, "", NOW, kinds=KINDS).change is not None


@pytest.mark.parametrize("part", ["filter-9", "filter-x", "group-1", "all", "filter--1", ""])
def test_a_part_that_is_not_there_is_refused(part: str) -> None:
    with pytest.raises(BadInput):
        change_reading(TOP, [("drop", part or "nothing")], kinds=KINDS, now=NOW)


@pytest.mark.parametrize(
    "pairs",
    [
        [("period", "never")],
        [("period", "custom"), ("since", "soon")],
        [("period", "custom"), ("since", "2026-06-03"), ("until", "2026-06-01")],
        [("f_name", "metric.BOOKED"), ("f_op", "eq"), ("f_value", "")],
        [("f_name", "metric.BOOKED")],
    ],
    ids=["no period", "no day", "the wrong way round", "no value", "half a filter"],
)
def test_a_change_that_cannot_be_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(BadInput):
        change(TOP, *pairs)


def test_a_reading_of_nothing_has_nothing_to_change() -> None:
    nothing = Understood(QuestionKind.LIST, ())
    assert show_reading(nothing, "", NOW, kinds=KINDS).chips == ()
    with pytest.raises(BadInput):
        drop(nothing, "period")
