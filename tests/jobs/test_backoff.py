"""How long to wait before trying again."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from postcall.jobs.backoff import Backoff

attempts = st.integers(1, 10_000)
seeds = st.integers()


@given(attempt=attempts, seed=seeds)
def test_waits_double_with_jitter_up_to_a_cap(attempt: int, seed: int) -> None:
    whole = min(60.0, 2.0 ** min(attempt - 1, 50))
    wait = Backoff(first_s=1, most_s=60).wait_s(attempt, asked_s=None, random=Random(seed))
    assert whole / 2 <= wait <= whole


@given(attempt=attempts, seed=seeds, asked=st.floats(0, 60))
def test_no_wait_is_shorter_than_what_the_other_side_asked_for(attempt: int, seed: int, asked: float) -> None:
    assert Backoff(most_s=60).wait_s(attempt, asked_s=asked, random=Random(seed)) >= asked


@given(asked=st.floats(allow_nan=False), seed=seeds)
def test_the_other_side_cannot_make_us_wait_for_ever_or_backwards(asked: float, seed: int) -> None:
    assert 0 <= Backoff(most_s=60).wait_s(1, asked_s=asked, random=Random(seed)) <= 86_400 + 60


def test_many_that_failed_together_do_not_come_back_together() -> None:
    random = Random(1)
    waits = [Backoff().wait_s(3, asked_s=None, random=random) for _ in range(200)]
    assert max(waits) - min(waits) > 1.5
    asked = [Backoff().wait_s(3, asked_s=5, random=random) for _ in range(200)]
    assert max(asked) - min(asked) > 0.1
