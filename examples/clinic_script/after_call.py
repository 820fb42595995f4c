"""Questions about a finished call, answered from the transcript in the request and from nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise

from examples.clinic_script.words import INSURERS, MONTHS, has

from postcall.testing import Answered, ModelRequest, ScriptedReply

DONE = r"booked for|have cancelled|it is now|dollars|in network|we are (at|open)|is open|park|on its way|queda apuntada"
PLEASED = r"thank|thanks|great|wonderful|perfect|lovely|gracias"
ANNOYED = r"ridiculous|unacceptable|angry|terrible service|annoy|useless|waste of"
NOT_UNDERSTOOD = r"did not quite get that|no le he entendido"


def answer_after_call(request: ModelRequest) -> ScriptedReply:
    """The queries of the agent's own `post_call_extraction`."""
    lines = re.findall(r"^(Caller|Agent): (.*)$", request.text.partition("Transcript:\n")[2], re.MULTILINE)
    caller = " ".join(text for who, text in lines if who == "Caller")
    agent = " ".join(text for who, text in lines if who == "Agent")
    missed = next((said for (_, said), (_, reply) in pairwise(lines) if has(reply, NOT_UNDERSTOOD)), None)
    pleased = has(re.sub(r"no,? (thanks|thank you)", "", caller, flags=re.IGNORECASE), PLEASED)
    sentiment = "negative" if has(caller, ANNOYED) else "positive" if pleased else "neutral"
    return {
        "CALLER_SENTIMENT": sentiment,
        "RESOLVED": has(agent, DONE),
        "UNANSWERED_QUESTION": missed,
        "FOLLOW_UP_NEEDED": has(agent, r"will call back|it is noted"),
    }


def answer_about_call(name: str, request: ModelRequest) -> object:
    """What postcall asks of a finished call, by the identifier of the question."""
    turns = [
        (int(number), who, json.loads(f'"{text}"'))
        for number, who, text in re.findall(r'^\[(\d+)\] (agent|user): "(.*)"$', request.text, re.MULTILINE)
    ]
    match name:
        case "call_reason":
            return first_found(turns, "user", CALL_REASONS, otherwise="other")
        case "appointment_booked":
            booked = list(find(turns, "agent", r"booked for|it is now|queda apuntada"))
            return Answered(bool(booked), booked[-1:])
        case "appointment_date":
            return appointment_date(turns, request.text)
        case "asked_for_human":
            asked = list(find(turns, "user", r"\b(person|human|someone real|receptionist|front desk|persona)\b"))
            return Answered(bool(asked), asked[:1])
        case "insurance_provider":
            named = [(insurer, quote) for insurer in INSURERS for quote in find(turns, "user", insurer)]
            return Answered(named[0][1][1], [named[0][1]]) if named else Answered(None)
        case "summary":
            opening = next((text for _, who, text in turns if who == "user"), "")
            return f"The caller said: “{opening}”." if opening else "The caller said nothing."
    return None


CALL_REASONS = {
    "emergency": r"swollen|swelling|bleeding|knocked|unbearable|terrible pain",
    "cancel": r"cancel|call off",
    "reschedule": r"reschedul|move my|postpone|change my",
    "book_appointment": r"\bbook\b|appointment|schedule|una cita",
    "price_question": r"how much|price|cost",
    "insurance_question": r"insurance|in network|" + "|".join(INSURERS),
    "billing": r"\bbill\b|invoice|refund",
    "general_information": r"open|where|park|address",
}


def find(turns: Sequence[tuple[int, str, str]], who: str, pattern: str) -> Iterator[tuple[int, str]]:
    """Turns and words in which a pattern occurs."""
    for number, speaker, text in turns:
        if speaker == who and (found := re.search(pattern, text, re.IGNORECASE)):
            yield number, found[0]


def first_found(
    turns: Sequence[tuple[int, str, str]], who: str, patterns: dict[str, str], *, otherwise: str
) -> Answered:
    """The choice whose words come first in the call; of those in one turn, the one listed first."""
    found = [(quote, choice) for choice, pattern in patterns.items() for quote in find(turns, who, pattern)]
    if not found:
        return Answered(otherwise)
    quote, choice = min(found, key=lambda each: each[0][0])
    return Answered(choice, [quote])


def appointment_date(turns: Sequence[tuple[int, str, str]], text: str) -> Answered:
    """The date that the agent confirmed last, in the year in which it is still to come."""
    spoken = r"\w+day, (\w+) (\d+) at (\d+):(\d+) ([AP])M"
    said = list(find(turns, "agent", rf"(?:booked for|it is now)[^.]*?{spoken}"))
    began = re.search(r"began on \w+ (\d{4}-\d{2}-\d{2})", text)
    parts = re.search(spoken, said[-1][1]) if said else None
    if parts is None or began is None:
        return Answered(None)
    month, day, hour, minute, half = parts.groups()
    start = date.fromisoformat(began[1])
    at = datetime(
        start.year, MONTHS.index(month[:3].lower()) + 1, int(day), int(hour) % 12 + 12 * (half == "P"), int(minute)
    )
    if at.date() < start:
        at = at.replace(year=start.year + 1)
    return Answered(at.isoformat(), said[-1:])
