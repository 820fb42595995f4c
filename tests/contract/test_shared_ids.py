"""A conversation is found by the id that it shares with others, whatever the settings call it: on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import Desk
from tests.runtime.project_builder import a_project

from postcall.domain.calls import CallDetails, CallStatus, Json
from postcall.domain.visibility import HandoffApi, handoff_data, shared_id_of
from postcall.runtime.publishing import push_project
from postcall.storage.agents import find_agent_row, lock_agent
from postcall.storage.api_settings import read_api_settings, write_api_settings
from postcall.storage.conversations import claim_turn, hosted_call, new_lease, open_conversation, store_turn
from postcall.storage.end_runs import finish_end_run
from postcall.storage.shared_ids import READ_AGAIN, find_by_shared_id

BAKERY = "bakery"


class Shop:
    """The bakery, and conversations with a state of their own."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.push()
        self.pk = desk.record.read(lambda c: int(find_agent_row(c, desk.pk, BAKERY).pk))

    def push(self, handoff_api: str | None = None, *, activate: bool = True) -> None:
        files = {} if handoff_api is None else {"agent_settings/experimental_config.json": handoff_api}
        now = self.desk.clock()
        self.desk.record.write(
            lambda c: push_project(c, self.desk.pk, a_project(files), (), now=now, activate=activate)
        )

    def hold(self, call_id: str, state: dict[str, Any], *, began: datetime | None = None) -> None:
        """A call after its first turn."""
        now = self.desk.clock()
        details = CallDetails(agent=BAKERY, status=CallStatus.IN_PROGRESS, started_at=began or now)
        lease = new_lease()

        def work(connection: Any) -> None:
            open_conversation(connection, self.desk.pk, details, call_id=call_id, version=1, snapshot=b"p{}", now=now)
            hosted = claim_turn(connection, self.desk.pk, call_id, lease=lease, now=now)
            store_turn(
                connection,
                hosted,
                (),
                lease=lease,
                turn=1,
                snapshot=b"p{}",
                state=state,
                columns={},
                ending=None,
                now=now,
            )

        self.desk.record.write(work)

    def choose(self, **handoff: Any) -> None:
        """Somebody sets by hand what is told."""

        def work(connection: Any) -> None:
            lock_agent(connection, self.desk.pk, BAKERY)
            settings = read_api_settings(connection, self.pk)
            changed = type(settings)(settings.show_transcripts, settings.response_metrics, HandoffApi(**handoff))
            write_api_settings(connection, self.pk, changed, by="Ada", now=self.desk.clock())

        self.desk.record.write(work)

    def found(self, shared_id: str) -> str | None:
        return self.desk.record.read(lambda c: find_by_shared_id(c, self.pk, shared_id))

    @property
    def handoff(self) -> HandoffApi:
        return self.desk.record.read(lambda c: read_api_settings(c, self.pk)).handoff


@pytest.fixture
def shop(desk: Desk) -> Shop:
    return Shop(desk)


def test_the_built_in_key_is_the_shared_id_until_another_is_named(shop: Shop) -> None:
    shop.hold("one", {"shared_id": "S-1", "ticket": 77})
    assert shop.found("S-1") == "one"
    shop.choose(shared_id_state_key="ticket")
    assert (shop.found("S-1"), shop.found("77")) == (None, "one")
    shop.hold("two", {"shared_id": "S-1", "ticket": 78})
    assert (shop.found("S-1"), shop.found("78")) == (None, "two")
    shop.choose()
    assert shop.found("S-1") == "two"


def test_of_calls_with_one_shared_id_the_newest_is_meant(shop: Shop) -> None:
    shop.hold("old", {"shared_id": "S-1"})
    shop.desk.clock.advance(60)
    shop.hold("new", {"shared_id": "S-1"})
    shop.desk.clock.advance(60)
    shop.hold("other", {"shared_id": "S-2"})
    assert shop.found("S-1") == "new"


def test_what_end_function_leaves_in_the_state_counts(shop: Shop) -> None:
    shop.hold("one", {"shared_id": "S-1"})
    hosted = shop.desk.record.read(lambda c: hosted_call(c, shop.desk.pk, "one"))
    shop.desk.record.write(
        lambda c: finish_end_run(c, hosted, snapshot=b"p{}", state={"shared_id": "S-9"}, shared_id="S-9")
    )
    assert (shop.found("S-1"), shop.found("S-9")) == (None, "one")


def test_a_turn_that_is_stored_while_the_key_changes_is_found_by_the_new_one(shop: Shop) -> None:
    """Both at once, again and again: nobody waits for ever, and no call keeps the id of the old key."""
    lasts = ("ticket", "order") * 4

    def talk(number: int) -> None:
        for turn in range(6):
            shop.hold(f"{number}-{turn}", {"ticket": f"T-{number}-{turn}", "order": f"O-{number}-{turn}"})

    def change() -> None:
        for key in lasts:
            shop.choose(shared_id_state_key=key)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(change), *(pool.submit(talk, number) for number in range(3))]:
            each.result(timeout=60)
    names = [f"{number}-{turn}" for number in range(3) for turn in range(6)]
    assert [shop.found(f"O-{name}") for name in names] == names
    assert {shop.found(f"T-{name}") for name in names} == {None}


def test_calls_of_long_ago_are_not_found_by_a_key_that_was_chosen_since(shop: Shop) -> None:
    for number in range(3):
        shop.hold(f"new-{number}", {"ticket": number})
    shop.hold("old", {"ticket": "T"}, began=shop.desk.clock() - READ_AGAIN - timedelta(seconds=1))
    shop.choose(shared_id_state_key="ticket")
    assert [shop.found(each) for each in ("0", "1", "2", "T")] == ["new-0", "new-1", "new-2", None]


PROJECT_SAYS = '{"handoff_api": {"state_keys": ["stage"], "shared_id_state_key": "ticket"}}'


def test_a_project_says_what_is_told_until_somebody_sets_it_by_hand(shop: Shop) -> None:
    shop.hold("one", {"ticket": "T-1"})
    assert shop.handoff == HandoffApi()
    shop.push(PROJECT_SAYS, activate=False)
    assert shop.handoff == HandoffApi()
    shop.push(PROJECT_SAYS)
    assert shop.handoff == HandoffApi(("stage",), {}, "ticket")
    assert shop.found("T-1") == "one"
    shop.choose(**{"state_keys": ("stage",), "shared_id_state_key": "ticket"})  # other settings were changed
    shop.push()
    assert shop.handoff == HandoffApi()
    shop.choose(state_keys=("orders",))
    shop.push(PROJECT_SAYS)
    assert shop.handoff == HandoffApi(("orders",))
    shop.choose()
    shop.push(PROJECT_SAYS + " ")
    assert shop.handoff == HandoffApi()


JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(state=st.dictionaries(st.sampled_from(["shared_id", "ticket", "x"]), JSON), key=st.none() | st.just("ticket"))
def test_any_state_has_a_short_shared_id_or_none(state: dict[str, Json], key: str | None) -> None:
    settings = HandoffApi(("x", "y"), {"y": "why"}, key)
    found = shared_id_of(settings, state)
    assert found is None or (0 < len(found) <= 300 and found == str(state[key or "shared_id"]).strip())
    assert handoff_data(settings, state) == {"x": state.get("x"), "why": state.get("y")} or state != state
