"""Two invented agents that name things their own way, a bank and a parcel service, so that no one habit is read alone.

The bank writes camelCase, partly in German, with flags and amounts; the parcel service writes kebab-case with prefixes.
Both ask a few questions after the call, some of which stay unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from tests.builders import a_call, a_question, an_answer

from postcall.domain.answers import Answer, AnswerStatus, AnswerValue
from postcall.domain.calls import IncomingCall, MetricValue
from postcall.domain.metrics import MetricType
from postcall.domain.questions import DispositionMetric
from postcall.storage.metric_definitions import NewMetric

OTHER_NOW = datetime(2026, 9, 10, 14, 0, tzinfo=UTC)
"""A Thursday, 16:00 in Berlin."""
CALLS = 300
_DAYS = 40


@dataclass(frozen=True, slots=True)
class Business:
    """An agent, what its code writes, what is asked, and its calls with the right answers."""

    agent: str
    metrics: tuple[NewMetric, ...]
    questions: tuple[DispositionMetric, ...]
    calls: tuple[tuple[IncomingCall, tuple[Answer, ...]], ...]


def a_flag(name: str, says: str) -> NewMetric:
    """A metric that is true or false, and what it says."""
    return NewMetric(name, MetricType.BOOLEAN, (), says)


def a_number(name: str, says: str) -> NewMetric:
    """A number that code writes."""
    return NewMetric(name, MetricType.FLOAT, (), says)


def a_text(name: str, says: str, *values: str) -> NewMetric:
    """A text that code writes, with the values that are expected."""
    return NewMetric(name, MetricType.STRING, values, says)


_BANK_REASONS = ("lost card", "blocked account", "transfer", "balance", "mortgage inquiry", "fraud", "other")
_BANK_COMPLAINTS = ("card not arrived", "fees", "app not working", "rude staff", "no complaint")
_PRODUCTS = ("Savings Account", "Mortgage", "Credit Card", "Checking Account")
_BRANCHES = ("München", "Köln", "Berlin", "Frankfurt am Main")
BANK_METRICS = (
    a_flag("authPassed", "The caller was identified."),
    a_flag("cardBlocked", "A card was blocked during the call."),
    a_flag("isVip", "A premium customer."),
    a_flag("escalatedToSupervisor", "The call was escalated to a supervisor."),
    a_number("accountBalanceEur", "The balance that was read out, in euros."),
    a_number("transferAmount", "How much was transferred, in euros."),
    a_number("pinAttempts", "How often the caller tried a PIN."),
    a_number("queueWaitSec", "Seconds in the queue before the agent answered."),
    a_text("branchCity", "The customer's branch.", *_BRANCHES),
    a_text("productInterest", "The product that the caller was interested in.", *_PRODUCTS),
    a_text("kundenTyp", "Private or business customer.", "Privatkunde", "Geschäftskunde"),
    a_text("identificationMethod", "How the caller was identified.", "PIN", "voice print", "security questions"),
)
BANK_QUESTIONS = (
    a_question("reason_for_call", "Why did the customer call?", "ENUM", choices=_BANK_REASONS),
    a_question("complaint_topic", "What did the customer complain about?", "ENUM", choices=_BANK_COMPLAINTS),
    a_question("would_recommend", "Would the customer recommend the bank to a friend?"),
    a_question("csat", "How satisfied was the customer, from 1 to 5?", "INTEGER"),
    a_question("callback_agreed", "Was a callback agreed?"),
    a_question("competitor_named", "Which other bank did the customer name?", "STRING"),
)
_STATUSES = ("out for delivery", "delivered", "returned to sender", "held at customs", "lost")
_DAMAGE = ("crushed box", "water damage", "missing items")
_MOODS = ("angry", "worried", "calm", "friendly")
PARCEL_METRICS = (
    a_text("dlv-status", "Where the parcel is.", *_STATUSES),
    a_number("dlv-attempts", "How often delivery was tried."),
    a_number("dlv-delay-hours", "Hours by which the parcel is late."),
    a_flag("dlv-neighbour", "The parcel was left with a neighbour."),
    a_flag("redelivery-booked", "A second delivery was booked."),
    a_number("pkg-weight-kg", "The parcel's weight in kilograms."),
    a_text("pkg-size", "The parcel's size class.", "S", "M", "L", "XL"),
    a_flag("pkg-express", "Express shipping was paid for."),
    a_flag("claim-filed", "A claim for compensation was filed."),
    a_number("claim-amount", "Compensation claimed, in euros."),
    a_text("cust-type", "Who called.", "shop", "private person", "Wiederverkäufer"),
    a_text("depot", "The depot in charge.", "Leipzig", "Hamburg-Süd", "Nürnberg", "Köln West"),
    a_flag("sms-opt-in", "The caller wants text messages about the parcel."),
)
PARCEL_QUESTIONS = (
    a_question("caller_mood", "In which mood was the caller?", "ENUM", choices=_MOODS),
    a_question("wants_refund", "Did the caller ask for a refund?"),
    a_question("damage_reported", "Did the caller report damage?"),
    a_question("damage_kind", "Which damage was reported?", "ENUM", choices=_DAMAGE),
    a_question("courier_rating", "How did the caller rate the courier, from 1 to 10?", "INTEGER"),
    a_question("promised_callback", "Did the agent promise to call back?"),
    a_question("contact_reason", "What was the reason for the contact?", "ENUM", choices=(
        "where is my parcel", "missed delivery", "change address", "damage", "customs question", "complaint",
    )),
)  # fmt: skip


def a_bank() -> Business:
    """The bank's agent."""
    random = Random(20260910)
    made = tuple(_bank_call(random, index) for index in range(CALLS))
    return Business("bankline", BANK_METRICS, BANK_QUESTIONS, made)


def a_parcel_service() -> Business:
    """The parcel service's agent."""
    random = Random(1912)
    made = tuple(_parcel_call(random, index) for index in range(CALLS))
    return Business("parcels", PARCEL_METRICS, PARCEL_QUESTIONS, made)


def _bank_call(random: Random, index: int) -> tuple[IncomingCall, tuple[Answer, ...]]:
    reason = random.choices(_BANK_REASONS, (6, 5, 8, 7, 3, 3, 2))[0]
    passed = random.random() < 0.8
    metrics: dict[str, MetricValue] = {
        "authPassed": passed,
        "identificationMethod": random.choices(("PIN", "voice print", "security questions"), (5, 3, 2))[0],
        "pinAttempts": random.randint(1, 2 if passed else 4),
        "queueWaitSec": random.randint(0, 240),
        "branchCity": random.choices(_BRANCHES, (5, 3, 6, 2))[0],
        "kundenTyp": random.choices(("Privatkunde", "Geschäftskunde"), (4, 1))[0],
        "isVip": random.random() < 0.12,
        "escalatedToSupervisor": random.random() < 0.09,
        "cardBlocked": reason in {"lost card", "fraud"} and random.random() < 0.85,
    }
    if reason == "transfer":
        metrics["transferAmount"] = random.randint(10, 4000)
    if reason == "balance" and passed:
        metrics["accountBalanceEur"] = round(random.uniform(-300, 9000), 2)
    if random.random() < 0.4:
        metrics["productInterest"] = random.choice(_PRODUCTS)
    lines = ("agent: Good day, this is the bank.", f"user: It is about {reason}.", _closing(random))
    call = a_business_call(
        random, "bankline", f"bank-{index:03}", lines, metrics, language=random.choice(("de", "de", "en"))
    )
    return call, answers_of(
        random,
        BANK_QUESTIONS,
        reason,
        random.choices(_BANK_COMPLAINTS, (2, 3, 2, 1, 8))[0],
        random.random() < 0.6,
        random.randint(1, 5),
        random.random() < 0.2,
        random.choice(("Sparkasse", "N26", "ING")) if random.random() < 0.15 else None,
    )


def _parcel_call(random: Random, index: int) -> tuple[IncomingCall, tuple[Answer, ...]]:
    status = random.choices(_STATUSES, (6, 5, 2, 2, 1))[0]
    damaged = random.random() < 0.15
    claimed = (damaged or status == "lost") and random.random() < 0.6
    metrics: dict[str, MetricValue] = {
        "dlv-status": status,
        "dlv-attempts": random.randint(0, 3),
        "dlv-delay-hours": random.choice((0, 0, 4, 12, 24, 48, 96)),
        "dlv-neighbour": status == "delivered" and random.random() < 0.3,
        "redelivery-booked": random.random() < 0.25,
        "pkg-weight-kg": round(random.uniform(0.2, 30), 1),
        "pkg-size": random.choice(("S", "M", "L", "XL")),
        "pkg-express": random.random() < 0.2,
        "claim-filed": claimed,
        "cust-type": random.choices(("shop", "private person", "Wiederverkäufer"), (2, 6, 1))[0],
        "depot": random.choice(("Leipzig", "Hamburg-Süd", "Nürnberg", "Köln West")),
        "sms-opt-in": random.random() < 0.5,
    }
    if claimed:
        metrics["claim-amount"] = random.randint(10, 600)
    reason = "damage" if damaged else random.choice(
        ("where is my parcel", "missed delivery", "change address", "customs question", "complaint")
    )  # fmt: skip
    lines = ("agent: Parcels, hello.", f"user: I call because of this: {reason}.", _closing(random))
    call = a_business_call(random, "parcels", f"parcel-{index:03}", lines, metrics, language="en")
    return call, answers_of(
        random,
        PARCEL_QUESTIONS,
        random.choice(_MOODS),
        random.random() < 0.2,
        damaged,
        random.choice(_DAMAGE) if damaged else None,
        random.randint(1, 10),
        random.random() < 0.3,
        reason,
    )


def _closing(random: Random) -> str:
    return random.choice(
        ("user: Thank you, goodbye.", "user: The tracking page is broken.", "user: I will go to the ombudsman.")
    )


def a_business_call(
    random: Random, agent: str, call_id: str, lines: Sequence[str], metrics: dict[str, MetricValue], *, language: str
) -> IncomingCall:
    """A call of the last weeks, at any time and of any length."""
    start = OTHER_NOW - timedelta(minutes=random.randint(10, _DAYS * 24 * 60))
    duration = random.randint(20, 600)
    return a_call(
        call_id,
        *lines,
        metrics=dict(metrics),
        agent=agent,
        started_at=start,
        ended_at=start + timedelta(seconds=duration),
        duration_s=float(duration),
        language=language,
    )


def answers_of(
    random: Random, questions: Sequence[DispositionMetric], *values: AnswerValue
) -> tuple[Answer, ...]:  # fmt: skip
    """The right answer to each question; one of ten stays unknown."""
    return tuple(
        _answer(question, None if random.random() < 0.1 else value)
        for question, value in zip(questions, values, strict=True)
    )


def _answer(question: DispositionMetric, value: AnswerValue) -> Answer:
    status = AnswerStatus.UNKNOWN if value is None else AnswerStatus.OK
    return an_answer(question.identifier, value, type=question.type.value, status=status.value)
