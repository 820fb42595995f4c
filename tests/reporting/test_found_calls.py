"""Calls that a search found, told to the index in whichever way is quicker: it makes no difference to what is found."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.reporting.dialect import Parameters
from postcall.reporting.found_calls import Found

FEW = [3, 900_000, 17]
MANY = list(range(1_500, 4_000))
SPREAD = [*range(1, 1_502), 900_000]
EVERY_OTHER = list(range(10_001, 1, -2))
_MOST = 20_000


def asked(found: list[int]) -> tuple[set[int], str]:
    """The keys of a table that are found, and the condition by which."""
    parameters = Parameters()
    condition = Found(found).condition(parameters)
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE calls AS SELECT unnest(range(0, {_MOST})) AS pk")
        database.execute("INSERT INTO calls VALUES (900000), (9000000000)")
        rows = database.execute(f"SELECT pk FROM calls WHERE {condition} AND pk >= 0", parameters.values).fetchall()
    return {row[0] for row in rows}, condition


@pytest.mark.parametrize(
    ("found", "marked"),
    [([], False), (FEW, False), (MANY, True), (SPREAD, False), (EVERY_OTHER, True)],
    ids=["none", "few", "many", "far apart", "every other"],
)
def test_exactly_the_calls_that_were_found_are_counted(found: list[int], marked: bool) -> None:
    keys, condition = asked(found)
    assert keys == set(found) and ("get_bit" in condition) == marked


@given(st.sets(st.integers(0, _MOST - 1), min_size=1_001, max_size=1_100))
def test_no_call_more_or_less_is_counted_by_bits(found: set[int]) -> None:
    keys, condition = asked(sorted(found, reverse=True))
    assert keys == found and "get_bit" in condition
