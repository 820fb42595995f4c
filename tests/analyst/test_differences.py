"""What is said to differ between some calls and others."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from tests.aside import run_aside
from tests.builders import NOON, Desk, StepClock, a_call
from tests.reporting.counter import Counter, a_query, where

from postcall.analyst.differences.contrasts import Contrast, ContrastKind, contrast_means, set_apart
from postcall.analyst.differences.finding import Differences, Side, find_differences, split_by
from postcall.domain.analysis import KnownTerm, NameKind
from postcall.domain.calls import Channel, DisconnectionReason
from postcall.domain.queries import All, Condition, GroupValue, Interval, MeasureKind, Number, Query, Result
from postcall.errors import BadInput
from postcall.reporting.fields import FIELDS
from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.storage.database import Record, open_record

FIELD_TERMS = tuple(KnownTerm(f"field.{each.name}", NameKind.FIELD, each.kind.value) for each in FIELDS.values())
METRIC_TERMS = tuple(
    KnownTerm(f"metric.{name}", NameKind.METRIC, kind)
    for name, kind in (
        ("PASSED", "boolean"),
        ("RESULT", "text"),
        ("TRIES", "number"),
        ("NOISY", "boolean"),
        ("CALLER", "text"),
        ("COIN", "text"),
        ("CALL_DURATION", "number"),
    )
)
FAILED, PASSED = where("metric.PASSED", "eq", False), where("metric.PASSED", "eq", True)
CALLS = 240


class Tallied(Reports):
    """Reports that remember what they were asked."""

    def __init__(self, record: Record, index: Index) -> None:
        super().__init__(record, index)
        self.asked: list[Query] = []

    async def run(self, account_pk: int, query: Query) -> Result:
        """As ever."""
        self.asked.append(query)
        return await super().run(account_pk, query)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Counter]:
    """Calls of which a third fails: these by web chat more often, after more tries, and always with RESULT failed."""
    folder = tmp_path_factory.mktemp("differences")
    (folder / "postcall.db").write_bytes(migrated_file.read_bytes())
    clock, record = StepClock(), open_record(f"sqlite:///{folder / 'postcall.db'}")
    desk = Desk(record, clock)
    for number, (metrics, channel, duration_s) in enumerate(planted()):
        desk.hand_in(
            a_call(
                f"call-{number}",
                metrics=metrics,
                channel=channel,
                disconnection_reason=DisconnectionReason.USER_HANGUP,
                started_at=NOON - timedelta(minutes=61 * number + 1),
                duration_s=duration_s,
            )
        )
    index = Index(record, folder / "index.duckdb", clock=clock)
    with Tallied(record, index) as reports:
        yield Counter(desk, index, reports)
    record.close()


def planted() -> Iterator[tuple[dict[str, Any], Channel, float]]:
    """Metrics, channel and duration of each call, the same ones every time."""
    chance = random.Random(7)
    for number in range(CALLS):
        failed = number % 3 == 0
        metrics: dict[str, Any] = {
            "PASSED": not failed,
            "RESULT": "failed" if failed else "passed",
            "TRIES": chance.choice([2, 3, 4]) if failed else chance.choice([1, 1, 2]),
            "CALLER": f"caller {number}",
            "COIN": chance.choice(["heads", "tails"]),
        }
        if chance.random() < (0.5 if failed else 0.1):
            metrics["NOISY"] = True
        channel = Channel.WEBCHAT if chance.random() < (0.7 if failed else 0.2) else Channel.VOICE
        yield metrics, channel, chance.gauss(200, 40)


def compare(counter: Counter, one: Query, other: Query) -> Differences:
    sides = Side("one", one), Side("other", other)
    return run_aside(find_differences(counter.reports, counter.desk.pk, *sides, FIELD_TERMS + METRIC_TERMS))


def halves(failing: Condition = FAILED, passing: Condition = PASSED) -> tuple[Query, Query]:
    return split_by(a_query(), All((failing,)), All((passing,)))


def named(found: Differences, name: str, value: object = None) -> Contrast:
    [contrast] = [each for each in found.found if each.name == name and each.value == value]
    return contrast


def test_what_was_planted_is_found_and_chance_is_not(counter: Counter) -> None:
    found = compare(counter, *halves())
    assert {each.name for each in found.sure} == {"field.channel", "metric.TRIES", "metric.NOISY"}
    assert found.one.result.calls == CALLS // 3
    assert found.other.result.calls == CALLS - CALLS // 3
    assert found.both is None


def test_the_largest_comes_first_and_what_may_be_chance_last(counter: Counter) -> None:
    found = compare(counter, *halves()).found
    assert found[0].name == "metric.TRIES"
    assert found[0].size == "large"
    sure = [each.sure for each in found]
    assert sure == sorted(sure, reverse=True)
    effects = [abs(each.effect) for each in found if each.sure]
    assert effects == sorted(effects, reverse=True)


def test_shares_and_averages_are_those_that_reports_say(counter: Counter) -> None:
    found = compare(counter, *halves())
    share = named(found, "field.channel", "webchat")
    for number, condition in ((share.one, FAILED), (share.other, PASSED)):
        told = counter.number("rate", "field.channel", condition, value="webchat")
        assert (number.value, number.count, number.n) == (told.value, told.count, told.n)
        assert number.interval == told.interval
    tries = named(found, "metric.TRIES")
    assert tries.kind is ContrastKind.AVERAGE
    assert tries.one.value == counter.number("average", "metric.TRIES", FAILED).value
    assert tries.difference == pytest.approx((tries.one.value or 0) - (tries.other.value or 0))


def test_scipy_finds_the_same_in_the_calls_themselves(counter: Counter) -> None:
    """From what was handed in, by no query and no function of ours."""
    found = compare(counter, *halves())
    sides = [[each for each in planted() if each[0]["PASSED"] is passed] for passed in (False, True)]
    tables = {
        ("field.channel", "webchat"): [sum(each[1] is Channel.WEBCHAT for each in side) for side in sides],
        ("metric.NOISY", None): [sum("NOISY" in each[0] for each in side) for side in sides],
    }
    for (name, value), counts in tables.items():
        mine = named(found, name, value)
        table = [(count, len(side) - count) for count, side in zip(counts, sides, strict=True)]
        assert [mine.one.count, mine.other.count] == counts
        assert mine.p_value == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-6)
    averages = {
        "metric.TRIES": [[each[0]["TRIES"] for each in side] for side in sides],
        "field.duration": [[each[2] for each in side] for side in sides],
    }
    for name, (one, other) in averages.items():
        mine = named(found, name)
        assert mine.p_value == pytest.approx(stats.ttest_ind(one, other, equal_var=False).pvalue, rel=1e-3)
        pooled = np.sqrt(
            ((len(one) - 1) * np.var(one, ddof=1) + (len(other) - 1) * np.var(other, ddof=1))
            / (len(one) + len(other) - 2)
        )
        assert mine.effect == pytest.approx((np.mean(one) - np.mean(other)) / pooled, rel=1e-3)
    adjusted = stats.false_discovery_control([each.p_value for each in found.found])
    assert [each.adjusted for each in found.found] == pytest.approx(list(adjusted))


def test_a_side_is_asked_for_all_its_averages_at_once(counter: Counter) -> None:
    assert isinstance(counter.reports, Tallied)
    asked = counter.reports.asked
    asked.clear()
    compare(counter, *halves())
    averages = [each for each in asked if any(of.kind is MeasureKind.AVERAGE for of in each.measures)]
    assert len(averages) == 2
    assert all(len(each.measures) >= 3 for each in averages)


def test_an_average_that_cannot_be_asked_for_costs_only_itself(counter: Counter) -> None:
    terms = (KnownTerm("metric.NOBODY_COUNTED", NameKind.METRIC, "number"), *METRIC_TERMS)
    one, other = halves()
    found = run_aside(find_differences(counter.reports, counter.desk.pk, Side("one", one), Side("other", other), terms))
    assert [each.name for each in found.left_out] == ["metric.NOBODY_COUNTED"]
    assert named(found, "metric.TRIES").sure


def test_the_numbers_of_callees_are_no_dimension(counter: Counter) -> None:
    assert "field.to_number" not in {each.name for each in compare(counter, *halves()).found}


def test_a_flag_is_compared_once_by_whether_it_was_written(counter: Counter) -> None:
    found = compare(counter, *halves())
    [noisy] = [each for each in found.found if each.name == "metric.NOISY"]
    assert noisy.kind is ContrastKind.KNOWN
    assert noisy.one.count == counter.count(FAILED, where("metric.NOISY", "eq", True))


def test_two_values_that_make_up_the_whole_are_compared_once(counter: Counter) -> None:
    found = compare(counter, *halves())
    assert [each.value for each in found.found if each.name == "field.channel"] == ["webchat"]
    assert len([each for each in found.found if each.name == "metric.COIN"]) == 1


def test_what_says_the_same_as_the_split_is_set_apart(counter: Counter) -> None:
    found = compare(counter, *halves())
    assert {each.name for each in found.separating} == {"metric.RESULT"}
    assert "metric.PASSED" not in {each.name for each in (*found.found, *found.separating)}


def a_contrast(kind: ContrastKind, value: GroupValue, count: int, other: int, *, alone: bool = False) -> Contrast:
    """Of fifty calls on each side."""
    numbers = Number(count / 50, 50, count), Number(other / 50, 50, other)
    return Contrast("metric.WHY", kind, value, *numbers, (count - other) / 50, 1.0, 0.01, alone=alone)


def test_the_reasons_that_only_the_asked_about_side_has_are_findings() -> None:
    known = a_contrast(ContrastKind.KNOWN, None, 50, 0, alone=True)
    reason = a_contrast(ContrastKind.SHARE, "no slot", 30, 0, alone=True)
    assert set_apart([known, reason]) == ([reason], [])


def test_the_side_under_another_name_is_no_reason() -> None:
    known = a_contrast(ContrastKind.KNOWN, None, 50, 0, alone=True)
    spanish = a_contrast(ContrastKind.SHARE, "es", 49, 0, alone=True)
    assert set_apart([known, spanish]) == ([], [known, spanish])


def test_what_only_the_other_side_has_came_of_its_being_there() -> None:
    known = a_contrast(ContrastKind.KNOWN, None, 0, 20)
    service = a_contrast(ContrastKind.SHARE, "cleaning", 0, 12)
    assert set_apart([known, service]) == ([], [known])


@pytest.mark.parametrize(("count", "other"), [(43, 0), (7, 50), (48, 2)], ids=["none", "all", "nearly"])
def test_a_mirror_of_the_side_is_no_finding_and_neither_are_its_other_values(count: int, other: int) -> None:
    mirror = a_contrast(ContrastKind.SHARE, "failed", count, other)
    fine = a_contrast(ContrastKind.SHARE, "fine", 50 - count, 45 - other if other < 45 else 0)
    assert set_apart([mirror, fine])[0] == []
    assert mirror in set_apart([mirror, fine])[1]


@pytest.mark.parametrize(("value", "count", "other"), [("no slot", 40, 1), (True, 35, 0), ("sms", 0, 20)], ids=str)
def test_a_large_difference_is_no_mirror(value: GroupValue, count: int, other: int) -> None:
    often = a_contrast(ContrastKind.SHARE, value, count, other)
    assert set_apart([often]) == ([often], [])


def test_a_yes_that_the_first_side_never_has_came_of_the_other() -> None:
    booked = a_contrast(ContrastKind.SHARE, True, 0, 20)
    assert set_apart([booked]) == ([], [booked])


def test_a_few_values_that_are_all_the_same_prove_nothing() -> None:
    few = Number(10.0, 5, interval=Interval(10.0, 10.0))
    many = Number(4.0, 200, interval=Interval(3.8, 4.2))
    assert list(contrast_means("metric.PAIN", few, many)) == []


def test_values_that_are_all_the_same_may_vary_as_the_others_do() -> None:
    """Ten calls with one error each, by chance: a deviation of nothing would make that all but certain."""
    few, many = Number(1.0, 10, interval=Interval(1.0, 1.0)), Number(1.43, 49, interval=Interval(1.28, 1.58))
    [found] = contrast_means("metric.ERRORS", few, many)
    assert 0.01 < found.p_value < 0.05


def test_each_p_value_is_adjusted_for_all_that_was_compared(counter: Counter) -> None:
    found = compare(counter, *halves())
    assert found.compared == len(found.found) > 5
    assert all(each.adjusted >= each.p_value for each in found.found)


def test_chance_is_hardly_ever_called_significant(counter: Counter) -> None:
    """Calls split by a coin differ in nothing: of all these comparisons few may say otherwise."""
    chance = random.Random(3)
    sure = 0
    for _ in range(3):
        ids = [f"call-{number}" for number in range(CALLS)]
        chance.shuffle(ids)
        one, other = where("field.id", "in", ids[: CALLS // 2]), where("field.id", "in", ids[CALLS // 2 :])
        sure += len(compare(counter, *halves(one, other)).sure)
    assert sure <= 1


def test_every_number_names_the_queries_that_it_comes_from(counter: Counter) -> None:
    for each in compare(counter, *halves()).found:
        assert each.asked is not None
        for asked, number in zip(each.asked, (each.one, each.other), strict=True):
            assert counter.ask(asked.query).rows == asked.result.rows
            kind = asked.query.measures[0].kind
            assert (kind is MeasureKind.AVERAGE) == (each.kind is ContrastKind.AVERAGE)
            if kind is MeasureKind.AVERAGE:
                assert asked.result.rows[0].numbers[0] == number


def test_two_periods_are_compared_and_their_volume_too(counter: Counter) -> None:
    span = timedelta(minutes=61 * 80)
    one = a_query(since=NOON - span, until=NOON)
    other = a_query(since=NOON - 2 * span, until=NOON - span)
    found = compare(counter, one, other)
    assert (found.one.result.calls, found.other.result.calls) == (80, 80)
    assert found.volume_p == pytest.approx(1.0)
    assert "metric.RESULT" in {each.name for each in found.found}
    assert compare(counter, one, a_query(since=NOON - 3 * span, until=NOON - span)).volume_p is None


def test_calls_on_both_sides_are_counted(counter: Counter) -> None:
    found = compare(counter, *halves(FAILED, where("field.id", "exists")))
    assert found.both is not None
    assert found.both.result.calls == CALLS // 3


def test_a_name_that_these_calls_do_not_know_is_left_out_by_name(counter: Counter) -> None:
    terms = (KnownTerm("metric.NOBODY_WROTE", NameKind.METRIC, "text"), *FIELD_TERMS)
    one, other = halves()
    found = run_aside(find_differences(counter.reports, counter.desk.pk, Side("one", one), Side("other", other), terms))
    assert [each.name for each in found.left_out] == ["metric.NOBODY_WROTE"]
    assert found.found


def test_a_side_without_calls_compares_nothing(counter: Counter) -> None:
    found = compare(counter, *halves(where("field.id", "eq", "nobody"), PASSED))
    assert found.one.result.calls == 0
    assert not found.found


def test_the_names_of_agents_that_may_not_be_seen_are_not_known(counter: Counter) -> None:
    one, other = (replace(each, among=frozenset()) for each in halves())
    with pytest.raises(BadInput, match=r"metric\.PASSED"):
        compare(counter, one, other)
