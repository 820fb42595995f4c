"""Guessing a definition from what calls carry."""

from __future__ import annotations

import pytest

from postcall.configure.guessing import guess_metric
from postcall.domain.calls import MetricValue


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([], "boolean"),
        ([True, True, False], "boolean"),
        (["yes", "no", True], "boolean"),
        ([1, 0, 1], "integer"),
        (["1", "2"], "integer"),
        ([1, 2.5], "float"),
        (["2.50", 3], "float"),
        (["booked", True], "string"),
    ],
)
def test_the_narrowest_type_that_every_write_fits_is_guessed(values: list[MetricValue], kind: str) -> None:
    assert guess_metric(values).type == kind


def test_texts_that_come_again_and_again_are_a_fixed_set_the_commonest_first() -> None:
    guess = guess_metric(["left"] * 3 + ["Booked"] * 6 + ["booked"])
    assert guess.expected_values == ("Booked", "left")


def test_texts_that_hardly_ever_repeat_are_free() -> None:
    assert guess_metric(["Ann", "Bob", "Cy", "Ann"]).expected_values == ()
