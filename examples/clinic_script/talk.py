"""A request as somebody reads it who is to go on with the conversation."""

from __future__ import annotations

import re

from examples.clinic_script.words import has

from postcall.testing import ModelRequest


class Talk:
    """One request, as somebody reads it who is to go on with the conversation."""

    def __init__(self, request: ModelRequest) -> None:
        self.request = request
        self.heard = request.last_user
        self.result = request.latest_result
        self.spanish = "Speak Spanish" in request.system
        self.told = "\n".join(_told(request))
        said = [message for message in request.messages if message.role == "assistant" and message.content]
        self.asked = said[-1].content if said else ""

    def offers(self, name: str) -> bool:
        """Whether a function is on offer."""
        return name in self.request.tool_names

    def since(self, function: str) -> str:
        """All that the user has said from just before the last call of a function."""
        messages = self.request.messages
        called = [at for at, each in enumerate(messages) if any(call.name == function for call in each.tool_calls)]
        before = [at for at in range(called[-1] if called else 0) if messages[at].role == "user"]
        first = before[-1] if before else 0
        return ". ".join(message.content for message in messages[first:] if message.role == "user")

    def say(self, english: str, spanish: str) -> str:
        """What is said, in the language of the conversation."""
        return spanish if self.spanish else english


def _told(request: ModelRequest) -> list[str]:
    """What the functions of steps have returned in this turn: it stands behind the history, before the prompt."""
    told: list[str] = []
    for message in request.messages[1:]:
        told = [*told, message.content] if message.role == "system" else []
    return [text for text in told if not text.startswith("# Goal")]


ANYTHING_ELSE = ("Is there anything else I can do for you?", "¿Algo más?")

FOLLOW_UPS = (
    ("anything else", ANYTHING_ELSE),
    ("start_booking", ("Shall I look for a time?", "¿Busco una hora?")),
    ("request_callback", ("Shall we call you back?", "¿Le llamamos nosotros?")),
    ("find_appointment", ("What is your full name, and your date of birth?", "¿Su nombre y su fecha de nacimiento?")),
    ("transfer_to_front_desk", ("Shall I put the front desk on the line?", "¿Le paso con recepción?")),
    ("another day", ("Which other day would suit you?", "¿Qué otro día le conviene?")),
)
FOR_THE_AGENT = r"^(Say so|Ask|Offer|Check both|First find|Once|It can be moved|From now on)\b"
SPOKEN = (
    ("Cancelled: ", "I have cancelled "),
    ("Moved: it", "Done, it"),
    ("Kept: ", "Then it stays as it is, "),
    ("Booked: ", "You are booked for "),
    ("Price: ", ""),
    ("Insurance: ", ""),
)


def relay(talk: Talk, content: str) -> str:
    """What a function returned, without what was meant for the agent, and with the question that is to follow."""
    text = content
    for label, spoken in SPOKEN:
        text = text.replace(label, spoken)
    sentences = [each for each in re.split(r"(?<=[.!?]) (?=[A-Z])", text) if each and not re.match(FOR_THE_AGENT, each)]
    follow_up = next((talk.say(*words) for mark, words in FOLLOW_UPS if mark in content), "")
    spoken = " ".join([*sentences, follow_up]).strip()
    return spoken[:1].upper() + spoken[1:]


def from_topics(talk: Talk) -> str | None:
    """What the agent knows about the question, if anything was found for it."""
    if not has(talk.heard, r"\?|^(when|where|what|how|who|do|can|is|are|open|park|cuándo|dónde)\b"):
        return None
    found = re.search(r"faq_description: (.+?)(?=\nfaq_|\n\n|\Z)", talk.request.system, re.DOTALL)
    return " ".join(found[1].split()) if found else None
