"""The words in a name, how they are joined, and which of them mean the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from postcall.domain.folding import plain

_SPLIT: Final = re.compile(r"[^\W_]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Style(StrEnum):
    """How a name joins its words."""

    UPPER_SNAKE = "UPPER_SNAKE"
    LOWER_SNAKE = "lower_snake"
    CAMEL = "camelCase"
    KEBAB = "kebab-case"
    SPACED = "separate words"
    MIXED = "a mixture"


def split_name(name: str) -> list[str]:
    """The words of a name in lower case: `HandoffReason`, `HANDOFF-REASON` and `handoff reason` are alike."""
    return [plain(part) for part in _parts(name)]


def style_of(text: str) -> Style:
    """How the text joins its words; one word alone goes with the snakes of its case."""
    if any(char.isspace() for char in text.strip()):
        return Style.SPACED
    letters = [char for char in text if char.isalpha()]
    dashed, scored = "-" in text, "_" in text
    upper, lower = any(map(str.isupper, letters)), any(map(str.islower, letters))
    if dashed and not scored and not upper:
        return Style.KEBAB
    if dashed or not set(text) <= {"_", *(char for char in text if char.isalnum())}:
        return Style.MIXED
    if not lower:
        return Style.UPPER_SNAKE
    if not upper:
        return Style.LOWER_SNAKE
    return Style.MIXED if scored else Style.CAMEL


def in_style(text: str, style: Style) -> str:
    """The same words, joined like this; the text itself where it has none."""
    found = [part.lower() for part in _parts(text)]
    if not found:
        return text
    match style:
        case Style.UPPER_SNAKE:
            return "_".join(found).upper()
        case Style.KEBAB:
            return "-".join(found)
        case Style.SPACED:
            return " ".join(found).capitalize()
        case Style.CAMEL:
            return found[0] + "".join(word.capitalize() for word in found[1:])
        case _:
            return "_".join(found)


def _parts(name: str) -> list[str]:
    return [part for run in _SPLIT.findall(name) for part in _HUMP.split(run) if part]


_FAMILIES: Final = {
    "handoff": "handoff handoffs handover handovers handedoff",
    "transfer": "transfer transfers transferred transferring",
    "escalation": "escalation escalations escalate escalated escalating",
    "appointment": "appointment appointments appt appts",
    "booking": "booking bookings",
    "reservation": "reservation reservations",
    "booked": "book booked reserve reserved",
    "cancellation": "cancel cancels cancelled canceled cancelling canceling cancellation cancellations",
    "reschedule": "reschedule rescheduled rescheduling",
    "resolution": "resolve resolved resolution solved solve",
    "outcome": "outcome outcomes result results disposition dispositions",
    "reason": "reason reasons cause causes",
    "sentiment": "sentiment sentiments mood moods",
    "verification": "verify verified verification authenticate authenticated authentication auth",
    "payment": "payment payments pay paid",
    "refund": "refund refunds refunded reimbursement reimbursements reimbursed",
    "complaint": "complaint complaints complain complained grievance grievances",
    "customer": "customer customers caller callers client clients",
    "category": "category categories kind kinds type types",
    "language": "language languages lang",
    "count": "count counts number numbers num",
    "duration": "duration length",
    "problem": "problem problems issue issues",
    "success": "success successful succeeded",
    "callback": "callback callbacks",
    "confirmation": "confirm confirmed confirmation",
}
_FAMILY_OF: Final = {word: family for family, words in _FAMILIES.items() for word in words.split()}
_ONE_THING: Final = (("handoff", "transfer", "escalation"), ("appointment", "booking", "reservation", "booked"))
_THING_OF: Final = {family: families[0] for families in _ONE_THING for family in families}
TOPICS: Final = (("handoff", "transfer", "escalation"), ("appointment", "booking", "reservation"))
"""Nouns of which an agent should use one: each group names one thing, which reports list under its first word."""
_OTHER_TRANSFERS: Final = frozenset({"amount", "bank", "money", "fund", "funds", "balance", "wire", "data", "file"})


def family_of(word: str) -> str:
    """What a word's forms share: `cancelled` and `cancellation` are one; unknown words lose a plural."""
    if word in _FAMILY_OF:
        return _FAMILY_OF[word]
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def meaning(words: Sequence[str]) -> frozenset[str]:
    """What a name says, whatever its words, their forms and order."""
    joined = (
        " ".join(words).replace("hand off", "handoff").replace("hand over", "handover").replace("call back", "callback")
    )
    families = (family_of(word) for word in joined.split())
    return frozenset(_THING_OF.get(family, family) for family in families)


def topic_words(words: Sequence[str]) -> list[tuple[int, str]]:
    """Which group of TOPICS a name's words belong to, and by which of its families; money is not handed off."""
    found = []
    for word in words:
        family = _FAMILY_OF.get(word, "")
        for group, families in enumerate(TOPICS):
            if family in families and not (family == "transfer" and _OTHER_TRANSFERS & set(words)):
                found.append((group, family))
    return found
