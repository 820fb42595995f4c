"""Two more invented agents with names of other habits: a car rental, and an insurer's line for claims.

The rental writes upper case with short forms and codes; the insurer writes German nouns, some flags that are good when
they are false, and choices that share words with each other.
"""

from __future__ import annotations

from random import Random

from tests.analyst.other_data import CALLS, Business, a_business_call, a_flag, a_number, a_text, answers_of
from tests.builders import a_question

from postcall.domain.answers import Answer
from postcall.domain.calls import IncomingCall, MetricValue

_STATIONS = ("Munich Airport", "Munich Central", "Hamburg Airport", "Zürich HB")
_CLASSES = ("economy", "compact", "SUV", "luxury SUV", "minivan")
_FUEL = ("full", "half full", "empty")
_ISSUES = ("flat tyre", "battery dead", "keys lost", "dirty car", "no issue")
_TOPICS = ("new reservation", "change reservation", "cancel reservation", "roadside help", "invoice", "lost property")
_RENTAL_CLOSINGS = ("user: Thanks, bye.", "user: The shuttle bus never came.", "user: I want the child seat, please.")
RENTAL_METRICS = (
    a_text("PU_STATION", "Station at which the car is picked up.", *_STATIONS),
    a_text("VEH_CLASS", "The class of the vehicle.", *_CLASSES),
    a_number("RENTAL_DAYS", "For how many days the car is rented."),
    a_number("DEPOSIT_AMT", "The deposit, in euros."),
    a_number("TXT_SENT_CNT", "How many text messages were sent during the call."),
    a_flag("FULL_COVER", "The customer took the full insurance cover."),
    a_flag("LATE_RETURN", "The car comes back late."),
    a_flag("NO_SHOW", "The customer did not turn up for the car."),
    a_flag("UPGRADE_OK", "The customer accepted an upgrade."),
    a_flag("ADDL_DRIVER", "An additional driver was added."),
    a_flag("CALLER_ABUSIVE", "The caller insulted the agent."),
    a_flag("MISSED_CB", "A callback was missed."),
    a_flag("WRONG_NUMBER", "The caller wanted another company."),
    a_text("TANK", "How much fuel was left.", *_FUEL),
)
RENTAL_QUESTIONS = (
    a_question("topic", "What was the call about?", "ENUM", choices=_TOPICS),
    a_question("car_issue", "What was wrong with the car?", "ENUM", choices=_ISSUES),
    a_question("issue_resolved", "Was the issue resolved on the call?"),
    a_question("price_objection", "Did the caller say that the price was too high?"),
    a_question("loyalty_years", "For how many years has the caller been a customer?", "INTEGER"),
    a_question("service_score", "How did the caller rate the service, from 1 to 10?", "INTEGER"),
)
_KINDS = ("Wasserschaden", "Sturmschaden", "Einbruch", "Autounfall", "Glasbruch")
_STATES = ("open", "under review", "approved", "rejected", "paid out")
_FAULTS = ("long wait", "wrong information", "agent interrupted", "misunderstanding", "nothing")
_DISTRESS = ("calm", "slightly upset", "very upset")
_NEXT = ("send photos", "send invoice", "wait for adjuster", "call garage", "nothing")
_CLAIMS_CLOSINGS = ("user: Thank you.", "user: Your hotline is a maze.", "user: My neighbour saw it all.")
CLAIMS_METRICS = (
    a_text("Schadenart", "Kind of damage.", *_KINDS),
    a_number("Schadenhoehe", "Estimated damage in euros."),
    a_number("Selbstbeteiligung", "Deductible in euros."),
    a_text("claim.state", "Where the claim stands.", *_STATES),
    a_flag("policeReport", "A police report exists."),
    a_flag("isTotalLoss", "The car is a total loss."),
    a_flag("thirdPartyHurt", "Somebody else was injured."),
    a_flag("Gutachter_bestellt", "An adjuster was ordered."),
    a_number("photosUploaded", "Photos that the caller uploaded."),
    a_number("daysSinceEvent", "Days between the damage and the call."),
    a_text("Bundesland", "The federal state.", "Bayern", "Hessen", "Nordrhein-Westfalen", "Baden-Württemberg"),
    a_text("Versicherungsart", "The kind of policy.", "Hausrat", "Kfz", "Haftpflicht"),
    a_flag("policyLapsed", "The policy was no longer in force."),
)
CLAIMS_QUESTIONS = (
    a_question("what_went_wrong", "What went wrong in the call, if anything?", "ENUM", choices=_FAULTS),
    a_question("distress", "How upset was the caller?", "ENUM", choices=_DISTRESS),
    a_question("next_step", "What does the caller have to do next?", "ENUM", choices=_NEXT),
    a_question("fraud_suspected", "Did anything suggest fraud?"),
    a_question("threatened_lawyer", "Did the caller threaten to go to a lawyer?"),
    a_question("garage_named", "Which garage did the caller name?", "STRING"),
    a_question("effort", "How easy was it for the caller, from 1 (hard) to 7 (easy)?", "INTEGER"),
)


def a_car_rental() -> Business:
    """The car rental's agent."""
    random = Random(4711)
    made = tuple(_rental_call(random, index) for index in range(CALLS))
    return Business("rental", RENTAL_METRICS, RENTAL_QUESTIONS, made)


def an_insurer() -> Business:
    """The insurer's agent for claims."""
    random = Random(815)
    made = tuple(_claims_call(random, index) for index in range(CALLS))
    return Business("claims-line", CLAIMS_METRICS, CLAIMS_QUESTIONS, made)


def _rental_call(random: Random, index: int) -> tuple[IncomingCall, tuple[Answer, ...]]:
    topic = random.choice(_TOPICS)
    metrics: dict[str, MetricValue] = {
        "PU_STATION": random.choices(_STATIONS, (6, 4, 3, 2))[0],
        "VEH_CLASS": random.choices(_CLASSES, (5, 4, 3, 1, 2))[0],
        "RENTAL_DAYS": random.randint(1, 21),
        "DEPOSIT_AMT": random.choice((200, 300, 500, 1000)),
        "TXT_SENT_CNT": random.randint(0, 3),
        "FULL_COVER": random.random() < 0.35,
        "LATE_RETURN": random.random() < 0.1,
        "NO_SHOW": random.random() < 0.07,
        "UPGRADE_OK": random.random() < 0.2,
        "ADDL_DRIVER": random.random() < 0.25,
        "CALLER_ABUSIVE": random.random() < 0.05,
        "MISSED_CB": random.random() < 0.08,
        "WRONG_NUMBER": random.random() < 0.04,
        "TANK": random.choice(_FUEL),
    }
    lines = ("agent: Car rental, hello.", f"user: It is about this: {topic}.", random.choice(_RENTAL_CLOSINGS))
    call = a_business_call(
        random, "rental", f"rental-{index:03}", lines, metrics, language=random.choice(("en", "en", "de"))
    )
    return call, answers_of(
        random,
        RENTAL_QUESTIONS,
        topic,
        random.choices(_ISSUES, (2, 2, 1, 2, 6))[0],
        random.random() < 0.7,
        random.random() < 0.25,
        random.randint(0, 12),
        random.randint(1, 10),
    )


def _claims_call(random: Random, index: int) -> tuple[IncomingCall, tuple[Answer, ...]]:
    kind = random.choices(_KINDS, (4, 3, 2, 6, 2))[0]
    metrics: dict[str, MetricValue] = {
        "Schadenart": kind,
        "Schadenhoehe": random.randint(80, 20_000),
        "Selbstbeteiligung": random.choice((0, 150, 300, 500)),
        "claim.state": random.choices(_STATES, (5, 4, 4, 2, 3))[0],
        "policeReport": kind in {"Einbruch", "Autounfall"} and random.random() < 0.6,
        "isTotalLoss": kind == "Autounfall" and random.random() < 0.15,
        "thirdPartyHurt": random.random() < 0.08,
        "Gutachter_bestellt": random.random() < 0.3,
        "photosUploaded": random.randint(0, 8),
        "daysSinceEvent": random.randint(0, 30),
        "Bundesland": random.choice(("Bayern", "Hessen", "Nordrhein-Westfalen", "Baden-Württemberg")),
        "Versicherungsart": "Kfz" if kind == "Autounfall" else random.choice(("Hausrat", "Haftpflicht")),
        "policyLapsed": random.random() < 0.06,
    }
    lines = ("agent: Claims, hello.", f"user: I have to report this: {kind}.", random.choice(_CLAIMS_CLOSINGS))
    call = a_business_call(
        random, "claims-line", f"claim-{index:03}", lines, metrics, language=random.choice(("de", "en"))
    )
    return call, answers_of(
        random,
        CLAIMS_QUESTIONS,
        random.choices(_FAULTS, (3, 2, 1, 2, 8))[0],
        random.choices(_DISTRESS, (5, 4, 2))[0],
        random.choice(_NEXT),
        random.random() < 0.07,
        random.random() < 0.12,
        random.choice(("Autohaus Süd", "Karo-Glas", "Meister Lampe")) if random.random() < 0.2 else None,
        random.randint(1, 7),
    )
