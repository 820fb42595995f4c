"""Calls found without an endpoint: by their words at first, and then in the space that was learned from them."""

from __future__ import annotations

import pytest
from tests.aside import run_aside
from tests.builders import Desk, a_call

from postcall.domain.calls import Environment
from postcall.domain.conversation_filter import ConversationFilter
from postcall.errors import BadInput
from postcall.semantic.catching_up import QueueCatchingUp, catch_up
from postcall.semantic.finding import Similar, find_similar
from postcall.semantic.planning import LEAST
from postcall.services import Services
from postcall.settings import read_settings
from postcall.storage.agents import find_agent_row
from postcall.storage.call_vectors import CallsOf, list_spaces, name_calls


@pytest.fixture
def services(desk: Desk) -> Services:
    return Services(desk.record, read_settings({"POSTCALL_DATA": "/nowhere"}), desk.clock)


def find(services: Services, text: str, wanted: CallsOf | ConversationFilter | None = None) -> Similar:
    return run_aside(find_similar(services, 1, text, wanted or CallsOf(1), limit=5))


def ids(services: Services, found: Similar) -> list[str]:
    named = services.record.read(lambda c: name_calls(c, [hit.call_pk for hit in found.hits]))
    return [named[hit.call_pk].id for hit in found.hits]


def queue(services: Services) -> int:
    chore = QueueCatchingUp(services)
    return services.record.write(lambda c: chore(c, now=services.clock()))


def hand_in_a_shop(desk: Desk, *, each: int) -> None:
    for number in range(each):
        desk.hand_in(
            a_call(f"parcel-{number}", f"user: My parcel {number} is lost.", "user: The courier had the parcel.")
        )
        desk.hand_in(a_call(f"courier-{number}", f"user: The courier {number} was late.", "user: So was the parcel."))
        desk.hand_in(a_call(f"money-{number}", f"user: Invoice {number} was charged twice.", "user: Refund my card."))


def test_a_few_calls_are_compared_by_their_words(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("lost", "user: My parcel is lost."))
    desk.hand_in(a_call("money", "user: I want a refund."))
    found = find(services, "lost parcels")
    assert ids(services, found) == ["lost"]
    assert found.space.learned_from == 0
    assert found.space.says == "built-in; not learned yet; 2 of 2 calls compared by their words"


def test_many_calls_are_learned_from_and_the_reply_says_so(desk: Desk, services: Services) -> None:
    hand_in_a_shop(desk, each=8)
    run_aside(catch_up(services, 1))
    found = find(services, "courier")
    assert {name.partition("-")[0] for name in ids(services, found)} <= {"parcel", "courier"}
    assert found.space.says == "built-in; learned from 24 calls; 24 of 24 calls compared"
    desk.clock.advance(120)
    desk.hand_in(a_call("new", "user: The courier lost the parcel, the courier."))
    behind = find(services, "courier")
    assert (behind.space.covered, behind.space.of) == (24, 25)
    assert queue(services) == 1
    run_aside(catch_up(services, 1))
    assert "new" in ids(services, find(services, "courier"))
    for number in range(80):
        desk.hand_in(a_call(f"more-{number}", f"user: My dog {number} is ill."))
    run_aside(catch_up(services, 1))
    run_aside(catch_up(services, 1))
    [space] = services.record.read(lambda c: list_spaces(c, 1))
    assert space.learned_from == 105  # the account has grown, and nothing is left of the first space


def test_an_account_that_is_being_filled_is_not_learned_from_yet(desk: Desk, services: Services) -> None:
    for number in range(LEAST):
        desk.hand_in(a_call(f"call-{number}"))
    assert queue(services) == 0
    desk.clock.advance(61)
    assert queue(services) == 1


def test_a_filter_of_the_published_interface_keeps_other_calls_out(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("mine", "user: A parcel."))
    desk.hand_in(a_call("elsewhere", "user: A parcel.", agent="bistro"))
    desk.hand_in(a_call("tried", "user: A parcel.", environment=Environment.SANDBOX))
    agent_pk: int = services.record.read(lambda c: find_agent_row(c, 1, "clinic").pk)
    assert ids(services, find(services, "parcel", ConversationFilter(1, agent_pk))) == ["mine"]


def test_what_nobody_knows_finds_nothing_and_nothing_is_refused(desk: Desk, services: Services) -> None:
    desk.hand_in(a_call("one"))
    assert find(services, "zzz 予約 \ud83c").hits == ()
    with pytest.raises(BadInput):
        find(services, " \n ")
