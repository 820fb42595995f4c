"""Two more invented agents, of a hotel chain and of a telephone company's help desk, with other habits of naming.

The hotels write snake_case with units at the end; the help desk shouts, and its questions are abbreviated.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random

from tests.analyst.other_data import CALLS, OTHER_NOW, Business, answers_of
from tests.builders import a_call, a_question

from postcall.domain.answers import Answer, AnswerValue
from postcall.domain.calls import IncomingCall, MetricValue
from postcall.domain.metrics import MetricType
from postcall.storage.metric_definitions import NewMetric

_DAYS = 45
_ROOMS = ("single", "double", "family room", "suite")
_HOUSES = ("Alpenhof", "Seaside Inn", "Grand Plaza")
_SOURCES = ("Booking.com", "Expedia", "direct")
_TIERS = ("none", "silver", "gold", "platinum")
_COMPLAINTS = ("noise", "cleanliness", "wifi", "breakfast", "billing")
_CANCELLED = ("illness", "cheaper elsewhere", "change of plans", "bad reviews")
_STAYS = ("business", "leisure", "wedding", "conference")
_TOPICS = ("new booking", "change booking", "cancel booking", "directions", "complaint")
_FLAG, _NUMBER, _TEXT = MetricType.BOOLEAN, MetricType.FLOAT, MetricType.STRING
HOTEL_METRICS = (
    NewMetric("room_booked", _FLAG, (), "A room was booked during the call."),
    NewMetric("room_type", _TEXT, _ROOMS, "The kind of room that was asked for."),
    NewMetric("nights", _NUMBER, (), "How many nights were asked for."),
    NewMetric("booking_value_eur", _NUMBER, (), "What the booking is worth, in euros."),
    NewMetric("breakfast_included", _FLAG, (), "The booking includes breakfast."),
    NewMetric("loyalty_tier", _TEXT, _TIERS, "The guest's tier in the loyalty programme."),
    NewMetric("property", _TEXT, _HOUSES, "The hotel that the call is about."),
    NewMetric("late_checkout", _FLAG, (), "Late checkout was granted."),
    NewMetric("refund_given", _FLAG, (), "Money was given back."),
    NewMetric("booking_source", _TEXT, _SOURCES, "Where the booking had been made."),
    NewMetric("wait_seconds", _NUMBER, (), "Seconds that the guest waited for the agent."),
)
HOTEL_QUESTIONS = (
    a_question("call_topic", "What was the call about?", "ENUM", choices=_TOPICS),
    a_question("guest_mood", "In which mood was the guest?", "ENUM", choices=("happy", "fine", "upset")),
    a_question("complaint_about", "What did the guest complain about?", "ENUM", choices=_COMPLAINTS),
    a_question("cancellation_reason", "Why was the booking cancelled?", "ENUM", choices=_CANCELLED),
    a_question("stay_purpose", "What is the stay for?", "ENUM", choices=_STAYS),
    a_question("travels_with_pet", "Does the guest bring a pet?"),
    a_question("csat", "How satisfied was the guest, from 1 to 5?", "INTEGER"),
)
_ISSUES = ("no internet", "slow internet", "billing", "roaming", "sim swap", "tv")
_ROUTERS = ("FritzBox 7590", "Speedport 4", "HomeBox 3")
_REGIONS = ("north", "south", "east", "west")
TELECOM_METRICS = (
    NewMetric("TICKET_OPENED", _FLAG, (), "A ticket was opened."),
    NewMetric("ISSUE_FIXED", _FLAG, (), "The issue was fixed while the customer was on the line."),
    NewMetric("ISSUE_TYPE", _TEXT, _ISSUES, "What the customer called about."),
    NewMetric("ROUTER_MODEL", _TEXT, _ROUTERS, "The router that the customer has."),
    NewMetric("REBOOT_TRIED", _FLAG, (), "The router was restarted."),
    NewMetric("TECHNICIAN_SENT", _FLAG, (), "A technician was sent."),
    NewMetric("CONTRACT_TYPE", _TEXT, ("prepaid", "postpaid", "business"), "The customer's kind of contract."),
    NewMetric("MONTHLY_FEE", _NUMBER, (), "What the customer pays a month, in euros."),
    NewMetric("DATA_USED_GB", _NUMBER, (), "Gigabytes used this month."),
    NewMetric("HOLD_TIME_SECONDS", _NUMBER, (), "Seconds on hold."),
    NewMetric("REGION", _TEXT, _REGIONS, "Where the customer lives."),
    NewMetric("ID_CHECK", _TEXT, ("passed", "failed", "skipped"), "How the check of identity went."),
    NewMetric("UPSELL_ACCEPTED", _FLAG, (), "The customer took a larger plan."),
)
TELECOM_QUESTIONS = (
    a_question("churn_risk", "How likely is it that the customer leaves?", "ENUM", choices=("high", "medium", "low")),
    a_question("customer_tone", "How did the customer sound?", "ENUM", choices=("angry", "neutral", "polite")),
    a_question("wants_to_cancel", "Does the customer want to cancel the contract?"),
    a_question(
        "cancel_reason", "Why cancel?", "ENUM", choices=("price", "coverage", "moving house", "competitor offer")
    ),
    a_question("nps", "How likely would the customer recommend us, from 0 to 10?", "INTEGER"),
    a_question("called_before", "Had the customer called about this before?"),
)


def a_hotel_chain() -> Business:
    """The hotel chain's agent."""
    random = Random(1888)
    made = tuple(_hotel_call(random, index) for index in range(CALLS))
    return Business("hotels", HOTEL_METRICS, HOTEL_QUESTIONS, made)


def a_help_desk() -> Business:
    """The telephone company's agent."""
    random = Random(1876)
    made = tuple(_telecom_call(random, index) for index in range(CALLS))
    return Business("helpdesk", TELECOM_METRICS, TELECOM_QUESTIONS, made)


def _hotel_call(random: Random, index: int) -> tuple[IncomingCall, tuple[Answer, ...]]:
    topic = random.choices(_TOPICS, (8, 4, 3, 2, 3))[0]
    booked = topic == "new booking" and random.random() < 0.6
    metrics: dict[str, MetricValue] = {
        "room_booked": booked,
        "property": random.choices(_HOUSES, (5, 3, 2))[0],
        "loyalty_tier": random.choices(_TIERS, (6, 3, 2, 1))[0],
        "wait_seconds": random.randint(0, 90),
        "late_checkout": random.random() < 0.1,
        "refund_given": topic in {"complaint", "cancel booking"} and random.random() < 0.4,
    }
    if topic == "new booking":
        metrics["room_type"] = random.choices(_ROOMS, (3, 6, 2, 1))[0]
        metrics["nights"] = random.randint(1, 14)
    if booked:
        metrics["booking_value_eur"] = random.randint(80, 3000)
        metrics["breakfast_included"] = random.random() < 0.5
    if topic in {"change booking", "cancel booking"}:
        metrics["booking_source"] = random.choice(_SOURCES)
    values: tuple[AnswerValue, ...] = (
        topic,
        random.choices(("happy", "fine", "upset"), (4, 5, 2))[0],
        random.choices(_COMPLAINTS, (4, 3, 2, 1, 2))[0] if topic == "complaint" else None,
        random.choice(_CANCELLED) if topic == "cancel booking" else None,
        random.choices(_STAYS, (4, 6, 1, 2))[0],
        random.random() < 0.15,
        random.randint(1, 5),
    )
    closing = random.choice(("Is there a pool?", "Where can I park the car?", "Thanks, bye."))
    lines = ("agent: Welcome, how can I help?", f"user: It is about a {topic}.", f"user: {closing}")
    return _call(random, "hotels", f"hotel-{index:03}", lines, metrics), answers_of(random, HOTEL_QUESTIONS, *values)


def _telecom_call(random: Random, index: int) -> tuple[IncomingCall, tuple[Answer, ...]]:
    issue = random.choices(_ISSUES, (6, 5, 4, 2, 2, 1))[0]
    fixed = random.random() < 0.55
    metrics: dict[str, MetricValue] = {
        "TICKET_OPENED": not fixed and random.random() < 0.8,
        "ISSUE_FIXED": fixed,
        "ISSUE_TYPE": issue,
        "CONTRACT_TYPE": random.choices(("prepaid", "postpaid", "business"), (2, 5, 1))[0],
        "MONTHLY_FEE": random.choice((10, 20, 35, 50)),
        "HOLD_TIME_SECONDS": random.randint(0, 400),
        "REGION": random.choice(_REGIONS),
        "ID_CHECK": random.choices(("passed", "failed", "skipped"), (7, 2, 1))[0],
        "UPSELL_ACCEPTED": random.random() < 0.07,
    }
    if "internet" in issue:
        metrics["ROUTER_MODEL"] = random.choices(_ROUTERS, (4, 3, 2))[0]
        metrics["REBOOT_TRIED"] = random.random() < 0.7
        metrics["TECHNICIAN_SENT"] = not fixed and random.random() < 0.5
        metrics["DATA_USED_GB"] = round(random.uniform(1, 500), 1)
    leaving = random.random() < 0.15
    values: tuple[AnswerValue, ...] = (
        random.choices(("high", "medium", "low"), (1, 3, 6))[0],
        random.choices(("angry", "neutral", "polite"), (2, 5, 3))[0],
        leaving,
        random.choice(("price", "coverage", "moving house", "competitor offer")) if leaving else None,
        random.randint(0, 10),
        random.random() < 0.3,
    )
    closing = random.choice(("My lawyer will hear of this.", "Great, it works again.", "Fine, thank you."))
    lines = ("agent: Help desk, hello.", f"user: I have a problem with {issue}.", f"user: {closing}")
    call = _call(random, "helpdesk", f"desk-{index:03}", lines, metrics)
    return call, answers_of(random, TELECOM_QUESTIONS, *values)


def _call(
    random: Random, agent: str, call_id: str, lines: tuple[str, ...], metrics: dict[str, MetricValue]
) -> IncomingCall:
    start = OTHER_NOW - timedelta(minutes=random.randint(10, _DAYS * 24 * 60))
    duration = random.randint(15, 900)
    return a_call(
        call_id,
        *lines,
        metrics=dict(metrics),
        agent=agent,
        started_at=start,
        ended_at=start + timedelta(seconds=duration),
        duration_s=float(duration),
        language=random.choice(("en", "en", "de", "fr")),
    )
