"""Lists of conversations on either database: filters, words of one side, and walks while calls are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from tests.builders import NOON, Desk, a_call

from postcall.domain.calls import CallStatus, Channel, Environment, Role
from postcall.domain.conversation_filter import ConversationFilter
from postcall.domain.searching import read_search
from postcall.domain.views import Position
from postcall.errors import CallNotFound
from postcall.storage.agents import find_agent_row
from postcall.storage.conversation_list import (
    SaidWhere,
    count_conversations,
    draw_conversations,
    list_conversations,
    signing_key,
)
from postcall.storage.conversation_rows import find_conversation_pk, read_conversations


def everything(desk: Desk, **wanted: Any) -> ConversationFilter:
    agent_pk = desk.record.read(lambda c: find_agent_row(c, desk.pk, "clinic").pk)
    return ConversationFilter(desk.pk, agent_pk, **{"environment": None, **wanted})


def ids(desk: Desk, pks: Sequence[int]) -> list[str]:
    return [each.row.call.id for each in desk.record.read(lambda c: read_conversations(c, desk.pk, pks))]


def found(desk: Desk, said: SaidWhere | None = None, *, offset: int = 0, limit: int = 100, **wanted: Any) -> list[str]:
    conditions = everything(desk, **wanted)
    page = desk.record.read(lambda c: list_conversations(c, conditions, said=said, offset=offset, limit=limit))
    return ids(desk, page.pks)


def said(words: str, role: Role | None = None) -> SaidWhere:
    return SaidWhere(read_search(words), role)


def test_every_condition_narrows_the_list(desk: Desk) -> None:
    desk.hand_in(a_call("plain"))
    desk.hand_in(a_call("sms", channel=Channel.SMS, variant="north"))
    desk.hand_in(a_call("sandbox", environment=Environment.SANDBOX))
    desk.hand_in(a_call("early", started_at=NOON - timedelta(days=2)))
    desk.hand_in(a_call("live", status=CallStatus.IN_PROGRESS))
    desk.hand_in(a_call("other", agent="bistro"))
    assert found(desk) == ["live", "sandbox", "sms", "plain", "early"]
    assert found(desk, environment=Environment.SANDBOX) == ["sandbox"]
    assert found(desk, channels=frozenset({Channel.SMS})) == ["sms"]
    assert found(desk, variant="north") == ["sms"]
    assert found(desk, in_progress=True) == ["live"]
    assert found(desk, in_progress=False, since=NOON - timedelta(days=1)) == ["sandbox", "sms", "plain"]
    assert found(desk, until=NOON - timedelta(hours=1)) == ["early"], "the end is not in it"
    assert found(desk, offset=3, limit=1) == ["plain"]
    assert desk.record.read(lambda c: count_conversations(c, everything(desk))) == 5


def test_a_walk_neither_repeats_nor_skips_while_calls_are_written(desk: Desk) -> None:
    for number in range(9):
        desk.hand_in(a_call(f"old-{number}", started_at=NOON + timedelta(minutes=number // 3)))
    there = found(desk)
    walked: list[str] = []
    after: Position | None = None
    for page_number in range(5):
        page = desk.record.read(partial(list_conversations, wanted=everything(desk), after=after, limit=2))
        walked += ids(desk, page.pks)
        after = page.next
        desk.hand_in(a_call(f"new-{page_number}", started_at=NOON + timedelta(hours=1)))
        desk.hand_in(a_call(f"same-time-{page_number}", started_at=NOON + timedelta(minutes=2)))
    assert after is None
    assert walked == there


def test_words_may_be_looked_for_on_one_side(desk: Desk) -> None:
    desk.hand_in(a_call("asked", "agent: Hello.", "user: A refund for the red card, please."))
    desk.hand_in(a_call("offered", "agent: Would you like a refund?", "user: No, a card."))
    desk.hand_in(a_call("nothing", "agent: Hello.", "user: Bye."))
    assert found(desk, said("refund")) == ["offered", "asked"]
    assert found(desk, said("refund", Role.USER)) == ["asked"]
    assert found(desk, said("refund", Role.AGENT)) == ["offered"]
    assert found(desk, said("refund card", Role.USER)) == ["asked"], "both on that side"
    assert found(desk, said("card -refund", Role.USER)) == ["offered"], "the agent may have said it"
    assert found(desk, said("-refund", Role.USER)) == ["nothing", "offered"]
    assert found(desk, said("-refund")) == ["nothing"]
    assert found(desk, said("!?")) == found(desk, said("!?", Role.USER)) == []
    assert found(desk, said("refund"), offset=1) == ["asked"]
    assert found(desk, said("-refund", Role.USER), offset=1) == ["offered"]


def test_pages_of_a_search_on_one_side_go_on_where_they_were(desk: Desk) -> None:
    for number in range(7):
        word = "yes" if number % 2 else "no"
        desk.hand_in(a_call(f"{number}", f"user: {word}", "agent: yes", started_at=NOON + timedelta(minutes=number)))
    first = desk.record.read(lambda c: list_conversations(c, everything(desk), said=said("yes", Role.USER), limit=2))
    assert (ids(desk, first.pks), first.next is None) == (["5", "3"], False)
    then = desk.record.read(
        lambda c: list_conversations(c, everything(desk), said=said("yes", Role.USER), after=first.next, limit=2)
    )
    assert (ids(desk, then.pks), then.next) == (["1"], None)


def test_a_sample_is_of_what_matches_and_not_always_the_same(desk: Desk) -> None:
    for number in range(12):
        desk.hand_in(a_call(f"{number}", variant="even" if number % 2 == 0 else "odd"))
    even = everything(desk, variant="even")
    draws = {desk.record.read(lambda c: draw_conversations(c, even, limit=3)) for _ in range(30)}
    assert len(draws) > 1, "of 20 equally likely ones"
    assert all(len(set(draw)) == 3 for draw in draws)
    drawn = {each for draw in draws for each in ids(desk, draw)}
    assert drawn == {"0", "2", "4", "6", "8", "10"}
    assert len(desk.record.read(lambda c: draw_conversations(c, even, limit=50))) == 6


def test_a_replaced_transcript_is_shown_and_searched_and_the_old_one_is_not(desk: Desk) -> None:
    desk.hand_in(a_call("call-1", "user: before"))
    desk.hand_in(a_call("call-1", "user: after"), replace=True)
    assert found(desk, said("before")) == found(desk, said("before", Role.USER)) == []
    assert found(desk, said("after", Role.USER)) == ["call-1"]
    pk = desk.record.read(lambda c: find_conversation_pk(c, desk.pk, everything(desk).agent_pk, "call-1"))
    [stored] = desk.record.read(lambda c: read_conversations(c, desk.pk, [pk, 10**9]))
    assert [turn.text for turn in stored.turns] == ["after"]


def test_cursors_of_two_accounts_are_signed_with_different_keys(desk: Desk) -> None:
    other = Desk(desk.record, desk.clock, account="other")
    assert desk.record.read(lambda c: signing_key(c, desk.pk)) == b"", "there is no key of it"
    desk.key()
    other.key()
    first = desk.record.read(lambda c: signing_key(c, desk.pk))
    assert len(first) == 64
    assert first != desk.record.read(lambda c: signing_key(c, other.pk))
    desk.key()
    assert desk.record.read(lambda c: signing_key(c, desk.pk)) == first, "walks go on when keys are made"


def test_a_call_is_found_only_under_its_own_agent(desk: Desk) -> None:
    desk.hand_in(a_call("call-1"))
    mine = everything(desk)
    with pytest.raises(CallNotFound):
        desk.record.read(lambda c: find_conversation_pk(c, desk.pk, mine.agent_pk + 1, "call-1"))
    nowhere = replace(mine, agent_pk=mine.agent_pk + 1)
    assert desk.record.read(lambda c: list_conversations(c, nowhere, limit=5)).pks == ()
