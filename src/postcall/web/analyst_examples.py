"""Questions to begin with, made from the names that an account's own calls carry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from postcall.reporting.reports import KnownName

_MOST = 7
_LONGEST = 40
"""Of a name that is put into a sentence."""
_TELLING = {
    "text": r"reason|grund|anliegen|topic|intent|category|outcome",
    "boolean": r"book|resol|success|confirm|complet|verif|sold|paid|erfolg",
    "number": r"rating|score|price|amount|level|count",
}
"""What names tend to hold that say what calls were about and how they went, by the kind of their values."""
_HANDOFF = re.compile(r"(?=.*(hand_?off|transfer|escalat|weiterleit)).*(reason|grund|cause)", re.IGNORECASE)
"""Why callers are given to a person, which most ask for first."""
_IDENTITY = re.compile(r"auth|verif|identif", re.IGNORECASE)
_EDGE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.\s]+")


def make_examples(names: Iterable[KnownName], agents: Sequence[str]) -> tuple[str, ...]:
    """A question of each kind that can be answered here, those about the account's own names first.

    `agents` are slugs. Without any name there are still questions about what every call has.
    """
    known = [each for each in names if spoken(each.name)]
    own = [each for each in known if not each.built_in]
    handoff = next((each for each in known if each.kind == "text" and _HANDOFF.search(each.name)), None)
    identity = next((each for each in own if each.kind == "boolean" and _IDENTITY.search(each.name)), None)
    flag = _first(own, "boolean")
    reason = _first([each for each in own if each is not handoff], "text")
    number = _first(own, "number")
    made = []
    if handoff is not None:
        made.append(f"What are the top {_several(spoken(handoff.name))} this week?")
    if reason is not None:
        made.append(f"What are the top 5 {_several(spoken(reason.name))} this month?")
    if flag is not None:
        made.append(f"What share of calls {_had(spoken(flag.name))} last week?")
    if doubted := identity or flag:
        made.append(_why(spoken(doubted.name)))
    if flag is not None:
        made.append(f"How many calls {_had(spoken(flag.name))} per day in the last 14 days?")
    if number is not None:
        made.append(f"What is the average {spoken(number.name)} by weekday?")
    made.append("How many calls came in this week compared with last week?")
    if len(agents) > 1:
        made.append("Average duration by agent in the last 30 days")
    made += ["Which hour of the day is the busiest?", "Average duration per day in the last 14 days"]
    made.append("Calls where somebody says sorry")
    return tuple(made[:_MOST])


def spoken(name: str) -> str:
    """A name as people say it: `booking confirmed` for `BOOKING_CONFIRMED`; empty where it cannot be said."""
    words = [word for word in _EDGE.split(name) if word]
    if not words or len(name) > _LONGEST or not all(word.isalnum() for word in words):
        return ""
    return " ".join(word.lower() for word in words)


def _had(said: str) -> str:
    """`were booked`, `had booking confirmed`."""
    return f"{'were' if _is_participle(said) else 'had'} {said}"


def _why(said: str) -> str:
    """Why it is not so: `Why is booking not confirmed?` for `booking confirmed`."""
    before, _, last = said.rpartition(" ")
    if not _is_participle(last) or " " in before:
        return f"Why are there calls without {said}?"
    return f"Why is {before} not {last}?" if before else f"Why are calls not {last}?"


def _is_participle(said: str) -> bool:
    return " " not in said and said.endswith(("ed", "paid", "sold"))


def _several(said: str) -> str:
    return f"{said[:-1]}ies" if said.endswith("y") else said if said.endswith("s") else f"{said}s"


def _first(names: Sequence[KnownName], kind: str) -> KnownName | None:
    """The most telling name; of like ones what code writes, which most calls have."""
    fitting = [each for each in names if each.kind == kind]
    telling = [each for each in fitting if re.search(_TELLING[kind], each.name, re.IGNORECASE)] or fitting
    return next((each for each in telling if each.written), telling[0] if telling else None)
