"""Vary the hand-written conversations into as many sample calls as are wanted."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

from postcall.demo import clinic
from postcall.demo.conversations import Conversation, read_conversations
from postcall.demo.people import Person, choose_person, invent_people
from postcall.demo.slots import Slots, choose_slots, choose_ways, fill, fill_value
from postcall.demo.speech import as_recognised
from postcall.demo.timing import choose_starts, time_turns
from postcall.domain.answers import AnswerValue
from postcall.domain.calls import (
    CallDetails,
    Channel,
    Direction,
    Environment,
    Handoff,
    IncomingCall,
    MetricValue,
    MetricWrite,
)
from postcall.errors import BadInput

VARIANT_B_SINCE = timedelta(days=14)
"""For so long before the end most calls go to variant b, which fails more bookings and answers later."""
_VARIANT_B_SHARE = 0.7
_VARIANT_B_SLOWER_S = 0.45
_FORGOTTEN = 0.04
"""The share of metric writes that never happen, as with any code that somebody has to remember to call."""


@dataclass(frozen=True, slots=True)
class _Moment:
    """What a call's start decides about it."""

    at: datetime
    local: datetime
    variant: str


def generate_calls(*, seed: int, count: int, end: datetime) -> Iterator[IncomingCall]:
    """Sample calls of the 60 days before `end`, newest first.

    The same seed, count and end give the same calls, ids included. `end` must be aware. Ids are `demo-…` and rise with
    time; the metadata says `sample: true` and which hand-written conversation was varied.
    """
    for call, _ in with_gold(seed=seed, count=count, end=end):
        yield call


def with_gold(*, seed: int, count: int, end: datetime) -> Iterator[tuple[IncomingCall, dict[str, AnswerValue]]]:
    """The same calls, each with the right answers to CLINIC_QUESTIONS.

    None means that the transcript has no answer; a question that people could disagree about is missing. Dates are ISO
    8601 on the clinic's clock, without offset. Empty for a call that nobody would extract: not completed, or no word by
    the caller.
    """
    if end.tzinfo is None:
        raise BadInput("the end of the sample calls must say its time zone", field="end")
    end = end.astimezone(UTC)
    choose = _Chooser(read_conversations())
    people = invent_people(Random(f"people {seed}"))
    busy_from: dict[str, datetime] = {}
    for place, start in enumerate(choose_starts(Random(f"starts {seed} {count}"), count=count, end=end)):
        rng = Random(f"call {seed} {place}")
        moment = _moment(start, end, rng)
        conversation = choose(moment, rng)

        def is_free(person: Person, start: datetime = start) -> bool:
            return person.number not in busy_from or start + timedelta(hours=1) < busy_from[person.number]

        person = choose_person(people, rng, spanish=conversation.spanish_people, is_free=is_free)
        busy_from[person.number] = start
        yield _vary(conversation, person, moment, rng, call_id=f"demo-{seed}-{count - place:05d}")


def _moment(start: datetime, end: datetime, rng: Random) -> _Moment:
    is_new = end - start < VARIANT_B_SINCE
    variant = "b" if is_new and rng.random() < _VARIANT_B_SHARE else "a"
    return _Moment(at=start, local=start.astimezone(clinic.CLINIC_ZONE), variant=variant)


class _Chooser:
    """Chooses conversations by their weights, among those that can happen at that moment."""

    def __init__(self, conversations: tuple[Conversation, ...]) -> None:
        self._conversations = conversations
        self._by_kind: dict[tuple[bool, bool, str], tuple[list[Conversation], list[float]]] = {}

    def __call__(self, moment: _Moment, rng: Random) -> Conversation:
        is_open = clinic.is_open(moment.local.date(), moment.local.time())
        is_morning = is_open and moment.local.hour < 12 and moment.local.weekday() < 5
        kind = (is_open, is_morning, moment.variant)
        if kind not in self._by_kind:
            self._by_kind[kind] = self._weigh(*kind)
        possible, weights = self._by_kind[kind]
        return possible[bisect(weights, rng.random() * weights[-1])]

    def _weigh(self, is_open: bool, is_morning: bool, variant: str) -> tuple[list[Conversation], list[float]]:
        fits = {"any": True, "open": is_open, "closed": not is_open, "morning": is_morning}
        weighed = [
            (conversation, conversation.weight_b if variant == "b" else conversation.weight)
            for conversation in self._conversations
            if fits[conversation.when]
        ]
        possible = [(conversation, weight) for conversation, weight in weighed if weight > 0]
        return [conversation for conversation, _ in possible], list(accumulate(weight for _, weight in possible))


def _vary(
    conversation: Conversation, person: Person, moment: _Moment, rng: Random, *, call_id: str
) -> tuple[IncomingCall, dict[str, AnswerValue]]:
    slots = choose_slots(conversation, person, moment.local.date(), rng)
    words = [(role, fill(choose_ways(text, rng), slots)) for role, text in conversation.turns]
    if conversation.channel is Channel.VOICE:
        words = as_recognised(words, rng, language=conversation.language)
    slower = _VARIANT_B_SLOWER_S if moment.variant == "b" else 0.0
    turns, duration_s = time_turns(words, rng, channel=conversation.channel, slower=slower)
    values = [(name, fill_value(value, slots)) for name, value in conversation.metrics]
    call = IncomingCall(
        id=call_id,
        details=_details(conversation, person, moment, duration_s),
        turns=turns,
        metrics=tuple(_write_metrics(values, moment.at, duration_s, rng)),
    )
    return call, _fill_gold(conversation, slots)


def _details(conversation: Conversation, person: Person, moment: _Moment, duration_s: float) -> CallDetails:
    caller, called = person.number, clinic.CLINIC_NUMBER
    if conversation.direction is Direction.OUTBOUND:
        caller, called = called, caller
    return CallDetails(
        agent=clinic.DEMO_AGENT_SLUG,
        channel=conversation.channel,
        direction=conversation.direction,
        from_number=None if conversation.channel is Channel.WEBCHAT else caller,
        to_number=None if conversation.channel is Channel.WEBCHAT else called,
        started_at=moment.at,
        ended_at=moment.at + timedelta(seconds=duration_s),
        duration_s=duration_s,
        status=conversation.status,
        language=conversation.language,
        environment=Environment.LIVE,
        variant=moment.variant,
        disconnection_reason=conversation.ended,
        handoff=Handoff(*conversation.handoff) if conversation.handoff else None,
        metadata={"sample": True, "conversation": conversation.key},
    )


def _write_metrics(
    values: list[tuple[str, MetricValue]], start: datetime, duration_s: float, rng: Random
) -> Iterator[MetricWrite]:
    """The writes in order, spread over the call."""
    for place, (name, value) in enumerate(values, start=1):
        if rng.random() >= _FORGOTTEN:
            after = duration_s * place / (len(values) + 1)
            yield MetricWrite(name=name, value=value, at=start + timedelta(seconds=round(after, 2)))


def _fill_gold(conversation: Conversation, slots: Slots) -> dict[str, AnswerValue]:
    gold: dict[str, AnswerValue] = {}
    for identifier, right in conversation.gold.items():
        value = None if right is None else fill_value(right, slots)
        if isinstance(value, float):
            raise BadInput(f"no question has {value} for an answer", field=f"{conversation.key}.gold.{identifier}")
        gold[identifier] = value
    return gold
