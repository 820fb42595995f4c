"""Names and types of columns, and what has become of calls: for whatever names, values and calls there are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.builders import NOON

from postcall.domain.calls import MetricValue
from postcall.domain.exports import ColumnType
from postcall.exporting.columns import cell_of, kind_of, name_columns, type_of
from postcall.exporting.known import Known, Verdict, compare
from postcall.exporting.progress import read_watermark, write_watermark
from postcall.storage.changes import Mark

VALUES = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=5))
HELD = {ColumnType.BOOLEAN: bool, ColumnType.INTEGER: int, ColumnType.FLOAT: float, ColumnType.STRING: str}
NAMES = st.text(alphabet="aAbB.m2", min_size=1, max_size=4) | st.sampled_from(["metric.a", "status", "metric.a.2"])
KNOWN = st.dictionaries(
    st.integers(0, 9), st.builds(Known, st.just(0), st.sampled_from("xy"), st.sampled_from("abc")), max_size=8
).map(lambda by_pk: [each._replace(pk=pk) for pk, each in sorted(by_pk.items())])


@given(st.lists(VALUES, min_size=1))
def test_a_column_holds_every_value_of_its_name_unchanged(values: list[MetricValue]) -> None:
    kinds = 0
    for value in values:
        kinds |= kind_of(value)
    type_ = type_of(kinds)
    for value in values:
        cell = cell_of(value, type_)
        assert type(cell) is HELD[type_]
        assert cell == value or type_ is ColumnType.STRING
        if type_ is ColumnType.INTEGER:
            assert isinstance(cell, int)
            assert -(2**63) <= cell < 2**63


@given(st.lists(st.sets(NAMES, max_size=6), min_size=1, max_size=4))
def test_no_two_columns_are_one_to_any_reader_and_each_stays(batches: list[set[str]]) -> None:
    before = name_columns({}, taken=["call_id", "status"])
    for names in batches:
        columns = name_columns(dict.fromkeys(names, 1), taken=["call_id", "status"], before=before)
        called = [column.name.casefold() for column in columns]
        assert len({*called, "call_id", "status"}) == len(called) + 2
        assert [column.name for column in columns[: len(before)]] == [column.name for column in before]
        assert names <= {column.metric for column in columns}
        before = columns


@given(KNOWN, KNOWN)
def test_comparing_leads_from_what_was_to_what_is(before: list[Known], now: list[Known]) -> None:
    verdicts = list(compare(before, now))
    copy = {each.id + str(each.pk): each for each in before}
    for verdict, each in verdicts:
        if verdict is Verdict.GONE:
            del copy[each.id + str(each.pk)]
    for verdict, each in verdicts:
        if verdict is not Verdict.GONE:
            assert (copy.get(each.id + str(each.pk)) == each) == (verdict is Verdict.SAME)
            copy[each.id + str(each.pk)] = each
    assert sorted(copy.values()) == now


def test_a_watermark_is_read_as_it_was_written() -> None:
    for mark in (Mark(0), Mark(5, 7, NOON), Mark(2**40, 3)):
        assert read_watermark(write_watermark(mark)) == mark
