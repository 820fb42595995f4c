"""What is sent to a conversation that waits for it: kept once, told once, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from tests.builders import Desk, a_call

from postcall.domain.calls import CallStatus
from postcall.domain.conversations import CallEvent, EventKind
from postcall.errors import ConversationOver, NotFound
from postcall.storage.calls import find_call_row
from postcall.storage.external_events import keep_given_out, receive_event, say_told, untold_events
from postcall.storage.schema import calls

EVENT = "e" * 32


class Waiting:
    """A live call that has given out an id."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.hand_in(a_call("call-1", status=CallStatus.IN_PROGRESS))
        row = desk.record.read(lambda c: find_call_row(c, desk.pk, "call-1"))
        self.call_pk, self.agent_pk = row.pk, row.agent_pk
        self.give_out(EVENT)

    def give_out(self, event_id: str, **more: Any) -> None:
        value = {"ext_event_id": event_id, "send_to_llm": True, **more}
        told = CallEvent(EventKind.SETTING, self.desk.clock(), 1, {"setting": "external_event", "value": value})
        self.desk.record.write(lambda c: keep_given_out(c, self.call_pk, [told]))

    def send(self, data: str, event_id: str = EVENT, *, agent_pk: int | None = None) -> bool:
        return self.desk.record.write(
            lambda c: receive_event(
                c,
                self.agent_pk if agent_pk is None else agent_pk,
                event_id,
                data,
                content_type="text/plain",
                now=self.desk.clock(),
            )
        )

    def untold(self) -> list[str]:
        return [event.data for event in self.desk.record.read(lambda c: untold_events(c, self.call_pk))]


@pytest.fixture
def waiting(desk: Desk) -> Waiting:
    return Waiting(desk)


def test_what_is_sent_is_told_once(waiting: Waiting) -> None:
    assert waiting.untold() == []
    assert waiting.send("paid")
    assert waiting.untold() == ["paid"]
    waiting.desk.record.write(lambda c: say_told(c, [EVENT], now=waiting.desk.clock()))
    assert waiting.send("paid")
    assert waiting.untold() == []


def test_other_content_for_the_same_id_changes_nothing(waiting: Waiting) -> None:
    assert waiting.send("paid")
    assert not waiting.send("refused")
    waiting.give_out(EVENT)
    assert waiting.untold() == ["paid"]


def test_events_are_told_in_the_order_in_which_they_came(waiting: Waiting) -> None:
    waiting.give_out("a" * 32)
    assert waiting.send("first")
    waiting.desk.clock.advance(1)
    assert waiting.send("second", "a" * 32)
    assert waiting.untold() == ["first", "second"]


def test_an_id_is_good_for_an_hour(waiting: Waiting) -> None:
    waiting.desk.clock.now += timedelta(hours=1)
    with pytest.raises(NotFound, match="has expired"):
        waiting.send("late")
    waiting.desk.clock.now -= timedelta(seconds=1)
    assert waiting.send("in time")
    waiting.desk.clock.now += timedelta(hours=2)
    assert waiting.send("in time")


def test_nobody_sends_to_a_call_that_is_over_or_to_another_agents(waiting: Waiting) -> None:
    with pytest.raises(NotFound):
        waiting.send("x", agent_pk=waiting.agent_pk + 1)
    with pytest.raises(NotFound):
        waiting.send("x", "f" * 32)
    ended = sa.update(calls).values(status=CallStatus.COMPLETED)
    waiting.desk.record.write(lambda c: c.execute(ended))
    with pytest.raises(ConversationOver):
        waiting.send("x")
