"""How far a hosted call has come, as whoever looks on is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.builders import Desk, a_call
from tests.web.hosted_calls import Played, an_event, play, push_bakery

from postcall.domain.calls import DisconnectionReason
from postcall.domain.conversations import EventKind
from postcall.errors import CallNotFound
from postcall.storage.behind_calls import Standing, read_behind, read_standing
from postcall.storage.conversations import claim_turn


@pytest.fixture
def bakery(desk: Desk) -> Desk:
    push_bakery(desk)
    return desk


def standing(desk: Desk, *, later: timedelta = timedelta()) -> Standing:
    now = desk.clock() + later
    found = desk.record.read(lambda c: read_standing(c, desk.pk, "call-1", now=now))
    assert found is not None
    return found


def test_a_call_that_has_only_begun_stays_as_it_is_until_something_happens_in_it(bakery: Desk) -> None:
    play(bakery, "call-1")
    empty = standing(bakery)
    assert (empty.turn, empty.last_event, empty.last_metric) == (0, None, None)
    assert (empty.live, empty.working, empty.more_to_come) == (True, False, True)
    play(bakery, "call-2", Played("Hi.", "Hello."))
    assert standing(bakery) == empty, "nothing of another call"


def test_a_turn_is_under_way_while_it_is_leased(bakery: Desk) -> None:
    play(bakery, "call-1", Played("Hi.", "Hello."))
    bakery.record.write(lambda c: claim_turn(c, bakery.pk, "call-1", lease="mine", now=bakery.clock()))
    assert standing(bakery).working
    assert not standing(bakery, later=timedelta(minutes=5)).working, "whoever had it is gone"


def test_after_the_end_more_comes_until_end_function_has_finished(bakery: Desk) -> None:
    events = [an_event(bakery.clock(), EventKind.ENDED, reason="user_hangup")]
    play(bakery, "call-1", Played("Bye.", None, events, {"A": 1}), ended=DisconnectionReason.USER_HANGUP)
    ended = standing(bakery)
    assert (ended.live, ended.end_job, ended.more_to_come) == (False, "queued", True)
    assert (ended.turn, ended.last_event, ended.last_metric) == (1, 0, 0)


def test_personal_data_needs_the_right_to_see_it(bakery: Desk) -> None:
    line = an_event(bakery.clock(), EventKind.LOG, level="info", content="card 4111", is_pii=True)
    play(bakery, "call-1", Played(events=[line]))

    def contents(*, with_pii: bool) -> list[object]:
        now = bakery.clock()
        behind = bakery.record.read(lambda c: read_behind(c, bakery.pk, "call-1", with_pii=with_pii, now=now))
        assert behind is not None
        return [event.content["content"] for event in behind.events]

    assert contents(with_pii=True) == ["card 4111"]
    assert contents(with_pii=False) == ["hidden: personal data"]


def test_a_call_from_elsewhere_has_no_standing_and_another_accounts_is_not_there(bakery: Desk) -> None:
    bakery.hand_in(a_call("call-1"))
    now = bakery.clock()
    assert bakery.record.read(lambda c: read_standing(c, bakery.pk, "call-1", now=now)) is None
    other = Desk(bakery.record, bakery.clock, account="other")
    with pytest.raises(CallNotFound):
        other.record.read(lambda c: read_standing(c, other.pk, "call-1", now=now))
