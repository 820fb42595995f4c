"""How differences are told: which way they go, and what stands last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from tests.analyst.answers import CALLS, query

from postcall.analyst.differences.contrasts import Contrast, ContrastKind
from postcall.analyst.differences.finding import Differences, Side
from postcall.analyst.differences.words import Add, difference_sentences, left_uncovered, telling_queries
from postcall.analyst.telling.share_words import sampled_share_in_words, share_in_words
from postcall.domain.analysis import Asked
from postcall.domain.queries import GroupValue, Interval, Number, Query, Result, Row

NOW, BEFORE = Side("calls of this week", query(CALLS)), Side("calls of last week", query(CALLS))


def asked_of(calls: int, rows: int = 1, *, agent: str = "a") -> Asked:
    asked: Query = query(CALLS, agent=agent)
    groups = tuple(Row((f"value {number}",), (Number(1.0, 1),)) for number in range(rows))
    return Asked(asked, Result(asked, groups, (), calls, 0))


def a_share(name: str, value: GroupValue, one: int, other: int, n: int = 40, *, rows: int = 1) -> Contrast:
    numbers = Number(one / n, n, one), Number(other / n, n, other)
    asked = asked_of(n, rows, agent=f"{name} one"), asked_of(n, rows, agent=f"{name} other")
    difference = (one - other) / n
    return Contrast(
        name, ContrastKind.SHARE, value, *numbers, difference, difference, 0.001, adjusted=0.002, asked=asked
    )


def an_average(name: str, one: float, other: float) -> Contrast:
    numbers = Number(one, 40), Number(other, 40)
    asked = asked_of(40, agent="averages one"), asked_of(40, agent="averages other")
    return Contrast(name, ContrastKind.AVERAGE, None, *numbers, one - other, 2.0, 0.0001, adjusted=0.0002, asked=asked)


def differ(
    *found: Contrast, change: bool = False, apart: tuple[Contrast, ...] = (), volume_p: float | None = None
) -> Differences:
    return Differences(
        asked_of(40, agent="one"),
        asked_of(40, agent="other"),
        tuple(found),
        separating=apart,
        change=change,
        volume_p=volume_p,
    )


@pytest.fixture
def add() -> Iterator[Add]:
    ids, known = count(1), dict[Query, Asked]()

    def named(asked: Asked) -> Asked:
        return known.setdefault(asked.query, replace(asked, id=f"q{next(ids)}") if asked.query not in known else asked)

    yield named


def test_a_change_says_which_way_it_went(add: Add) -> None:
    rose, fell = a_share("metric.A", "yes", 30, 10), a_share("metric.B", "no", 10, 30)
    said = difference_sentences(differ(rose, fell, change=True), NOW, BEFORE, add)
    assert said[0] == (
        "What changed by more than chance from the 40 [q2] calls of last week to the 40 [q1] calls of this week, "
        "the largest first:"
    )
    assert said[1] == "- A is yes in 75 % (30 of 40), up from 25 % (10 of 40), p = 0.002 [q3] [q4]."
    assert said[2] == "- B is no in 25 % (10 of 40), down from 75 % (30 of 40), p = 0.002 [q5] [q6]."


def test_where_nothing_changed_it_says_so_and_how_many_calls_there_were(add: Add) -> None:
    said = difference_sentences(differ(change=True, volume_p=0.5), NOW, BEFORE, add)
    assert said == [
        "Nothing that is recorded changed by more than chance from the 40 [q2] calls of last week "
        "to the 40 [q1] calls of this week.",
        "The number of calls differs by no more than chance (p = 0.5) [q1] [q2].",
    ]


def test_how_long_calls_take_comes_last_since_it_comes_of_how_they_go(add: Add) -> None:
    reason, length = a_share("metric.A", "yes", 30, 10), an_average("field.duration", 31.98, 65.01)
    said = difference_sentences(differ(length, reason), NOW, BEFORE, add)
    assert said[1].startswith("- A is yes")
    assert said[2] == (
        "\nThey differ in length too: duration is on average 32 s (40 calls) against 1 min 05 s (40 calls), "
        "p < 0.001 [q5] [q6]."
    )


def test_where_only_the_length_differs_nothing_else_is_claimed(add: Add) -> None:
    said = difference_sentences(differ(an_average("field.turns", 6.86, 10.2)), NOW, BEFORE, add)
    assert said[0].startswith("Nothing that is recorded, but their length, sets the 40 [q1]")
    assert said[1].startswith("\nIn length: turns is on average 6.86 (40 calls) against 10.20 (40 calls)")


def test_a_change_of_length_is_a_change_like_others(add: Add) -> None:
    said = difference_sentences(differ(an_average("field.duration", 32, 54), change=True), NOW, BEFORE, add)
    assert said[1].startswith("- Duration is on average 32 s (40 calls), down from 54 s (40 calls)")


def test_what_all_but_says_the_side_is_told_with_its_numbers(add: Add) -> None:
    apart = a_share("metric.STATE", "out", 40, 1), replace(a_share("metric.X", "a", 0, 40), kind=ContrastKind.KNOWN)
    said = difference_sentences(differ(apart=apart), NOW, BEFORE, add)
    assert said[-2] == (
        "\nAll but the same split, and so not counted as a reason: "
        "STATE is out in 100 % (40 of 40) against 3 % (1 of 40) [q3] [q4]."
    )
    assert said[-1] == "Only recorded of the other calls: X."


def test_a_name_with_endless_values_is_not_drawn(add: Add) -> None:
    endless, short = a_share("metric.A", "yes", 39, 1, rows=300), a_share("metric.B", "yes", 30, 10, rows=3)
    assert telling_queries(differ(endless, short)) == short.asked
    assert telling_queries(differ(endless)) == ()


def test_calls_on_both_sides_are_told_with_their_number(add: Add) -> None:
    both = replace(differ(), both=asked_of(1, agent="both"))
    assert left_uncovered(both, add) == ["1 [q1] call is on both sides, and the tests take them for different ones"]


@pytest.mark.parametrize(
    ("count_", "n", "says"),
    [
        (7, 13, "54 % (7 of 13)"),
        (29, 40, "73 % (29 of 40)"),
        (0, 628, "0 % (0 of 628)"),
        (80, 628, "12.7 % (80 of 628)"),
        (1_999, 2_000, "over 99.9 % (1,999 of 2,000)"),
        (1, 9_000, "under 0.1 % (1 of 9,000)"),
    ],
    ids=["few", "half-up", "none", "many", "nearly-all", "hardly-any"],
)
def test_a_share_has_no_more_digits_than_its_calls_bear(count_: int, n: int, says: str) -> None:
    assert share_in_words(Number(count_ / n, n, count_)) == says


def test_an_interval_stands_beside_the_share_of_a_sample() -> None:
    share = Number(7 / 13, 13, 7, Interval(0.291, 0.768))
    assert sampled_share_in_words(share) == "54 % (7 of 13; 95 % interval 29 % to 77 %)"
