"""What is said on one side more than on the other, and how that is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from scipy import stats
from tests.analyst.answers import CALLS, query

from postcall.analyst.themes.of_sides import SideThemes, compare_themes
from postcall.analyst.themes.reply import Group, Point
from postcall.analyst.themes.sampling import Sample
from postcall.analyst.themes.words import side_theme_sentences, told_side_themes
from postcall.domain.analysis import Asked
from postcall.domain.queries import Result
from postcall.reporting.statistics import rate_interval

N = 40
GROUPS = (Group("No code", ("no code",)), Group("Driving", ("driving",)), Group("Parking", ("parking",)))


def a_sample(side: str, *, of: int) -> Sample:
    ids = tuple(f"{side}-{number}" for number in range(N))
    return Sample(tuple(range(N)), ids, of, of, None, None, by_chance=True)


def read(one: Mapping[str, int], other: Mapping[str, int], *, of: int = 1_000) -> SideThemes:
    """Of forty calls of each side so many say each of these."""
    points = {
        f"{side}-{number}": tuple(Point(label, 1, label) for label, calls in said.items() if number < calls)
        for side, said in (("one", one), ("other", other))
        for number in range(N)
    }
    return compare_themes(GROUPS, points, (a_sample("one", of=of), a_sample("other", of=of)))


def told(found: SideThemes) -> list[str]:
    one, other = (Asked(query(CALLS), Result(query(CALLS), (), (), 1_000, 0), name) for name in ("q1", "q2"))
    return side_theme_sentences(found, one, other, 0)


def test_what_is_said_less_often_is_told_behind_what_is_said_more_often() -> None:
    found = read({"no code": 30, "driving": 2}, {"no code": 2, "driving": 30})
    said = told(found)
    assert said[0].endswith("said more often in these by more than chance:")
    assert said[1].startswith("- “No code”: 75 % (30 of 40; 95 % interval 60 % to 86 %) [s1] against 5 % (2 of 40;")
    assert said[2] == "\nSaid less often in these by more than chance:"
    assert said[3].startswith("- “Driving”: 5 % (2 of 40;")
    assert said[3].endswith("[c4] [c5].")
    assert [each.name for each in told_side_themes(found)] == ["No code", "Driving"]


def test_what_has_ceased_to_be_said_is_told_too() -> None:
    said = told(read({}, {"parking": 20}))
    assert said[0].endswith("said less often in these by more than chance:")
    assert said[1].startswith("- “Parking”: 0 % (0 of 40; 95 % interval 0 % to 9 %) [s1] against 50 % (20 of 40;")


def test_nobody_in_a_sample_may_still_be_some_of_all() -> None:
    [theme] = read({}, {"parking": 20}).themes
    assert theme.one.interval == rate_interval(0, N)
    [theme] = read({}, {"parking": 20}, of=N).themes
    assert theme.one.interval is None


def test_where_both_say_the_same_the_commonest_are_told_without_a_claim() -> None:
    said = told(read({"driving": 12}, {"driving": 10}))
    assert "nothing is said more or less often in these by more than chance; most often:" in said[0]
    assert "p " not in said[1]


def test_the_chances_are_those_of_scipy() -> None:
    counts = {"no code": (30, 2), "driving": (12, 10), "parking": (3, 0)}
    found = read({name: one for name, (one, _) in counts.items()}, {name: other for name, (_, other) in counts.items()})
    tables = {name: [(one, N - one), (other, N - other)] for name, (one, other) in counts.items()}
    plain = [
        stats.fisher_exact(table).pvalue
        if name == "parking"
        else stats.chi2_contingency(table, correction=False).pvalue
        for name, table in tables.items()
    ]
    expected = dict(zip(counts, stats.false_discovery_control(plain), strict=True))
    assert {each.name.lower(): each.adjusted for each in found.themes} == pytest.approx(expected, rel=1e-6)
