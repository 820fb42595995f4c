"""Calls to an invented bicycle workshop, to learn from: as many as wanted, all different, each with its answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from tests.builders import a_question, some_turns

from postcall.domain.answers import AnswerValue
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric
from postcall.extraction.learning.features import read_features
from postcall.extraction.learning.lessons import Lesson, prepare_lessons
from postcall.extraction.learning.trial import Trial, try_head

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

WISHES: Mapping[str, Sequence[str]] = {
    "puncture": (
        "my back tyre is flat",
        "there is a nail in my tyre",
        "the tube will not hold air",
        "I have a flat again",
    ),
    "brakes": (
        "the front brake squeals",
        "my brakes hardly grip",
        "the brake lever is loose",
        "the pads are worn down",
    ),
    "sale": (
        "do you sell used bikes",
        "I want to buy a city bike",
        "what does a new bike cost",
        "is the blue bike sold",
    ),
    "rental": (
        "could we rent four bikes",
        "do you lend cargo bikes",
        "I need a bike for two days",
        "is renting possible",
    ),
}
OPENINGS = ("Hello", "Hi there", "Good morning", "Yes, hello", "Hey")
CHAT = (
    "it is raining here", "my daughter uses it too", "I ride to work", "it is a red one", "I live around the corner",
    "a friend told me about you", "I was there last year", "it is rather old", "I am in a bit of a hurry",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
YES = ("that is settled then, see you {day}", "I have put you down for {day}", "we expect you on {day}")
NO = ("I am afraid we are full until {day}", "sorry, nobody is free before {day}", "that will not work, not even {day}")

REASON = a_question("reason", "What is the call about?", "ENUM", choices=tuple(WISHES))
SETTLED = a_question("settled", "Was a day settled?")


@dataclass(frozen=True, slots=True)
class WorkshopCall:
    """A call and what is true of it."""

    id: str
    transcript: Transcript
    reason: str
    settled: bool


def workshop_calls(count: int, *, seed: int = 1, reasons: Sequence[str] = tuple(WISHES)) -> list[WorkshopCall]:
    """So many calls, the same for the same seed."""
    random = Random(seed)
    return [_make_call(f"ride-{seed}-{number}", random, reasons) for number in range(count)]


def _make_call(call_id: str, random: Random, reasons: Sequence[str]) -> WorkshopCall:
    reason, settled = random.choice(reasons), random.random() < 0.5
    day = random.choice(DAYS)
    ending = random.choice(YES if settled else NO).format(day=day)
    transcript = some_turns(
        "agent: Pedal and Chain, what can we do for you?",
        f"user: {random.choice(OPENINGS)}, {random.choice(WISHES[reason])}, and {random.choice(CHAT)}.",
        f"agent: Thank you. Anything else? Your number ends in {random.randrange(10_000)}?",
        f"user: Right, {random.choice(CHAT)}, {random.choice(CHAT)}. Would {day} do?",
        f"agent: One moment, {ending}.",
        f"user: {random.choice(OPENINGS)}, {random.choice(('goodbye', 'bye now', 'thank you'))}.",
    )
    return WorkshopCall(call_id, transcript, reason, settled)


def lessons_about(
    question: DispositionMetric, calls: Sequence[WorkshopCall], *, origin: str = "label"
) -> tuple[Lesson, ...]:
    """The true answers, prepared to learn from."""
    return prepare_lessons(
        [Lesson(call.id, read_features(call.transcript), getattr(call, question.identifier), origin) for call in calls]
    )


def learn_about(
    question: DispositionMetric, calls: Sequence[WorkshopCall], *, rules: Mapping[str, AnswerValue] | None = None
) -> Trial:
    """Try a head on true answers; the rules know nothing unless told."""
    return try_head(question, lessons_about(question, calls), rules or {}, now=NOW)
