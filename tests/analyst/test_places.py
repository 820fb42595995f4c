"""How many questions are under way: nobody takes every place, and the server keeps some breath for calls."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from postcall.analyst.places import Places
from postcall.errors import AnalystBusy, TooManyQuestions
from postcall.storage.analyst_threads import Owner

ANN, BOB, EVE = Owner(1, "person:ann@example.org"), Owner(1, "key:bob"), Owner(2, "key:eve")


def test_one_asker_leaves_places_to_the_others() -> None:
    places = Places(most=3, most_of_one=2)
    with places.take(ANN), places.take(ANN):
        with pytest.raises(TooManyQuestions, match="2 of your questions"), places.take(ANN):
            pass
        with places.take(BOB):
            pass


def test_a_full_server_says_when_to_ask_again() -> None:
    places = Places(most=2, most_of_one=2)
    with places.take(ANN), places.take(BOB):
        with pytest.raises(AnalystBusy, match="2 questions are being answered") as busy:
            places.check(EVE)
        assert busy.value.status == 503 and busy.value.retry and busy.value.retry_after_s


def test_a_question_that_has_ended_leaves_its_place_however_it_ended() -> None:
    places = Places(most=2, most_of_one=1)
    with ExitStack() as held:
        held.enter_context(places.take(ANN))
    with pytest.raises(ZeroDivisionError), places.take(ANN):
        raise ZeroDivisionError
    places.check(ANN)
