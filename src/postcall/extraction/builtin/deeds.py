"""What a caller wants done with a thing: book it, look for it, change it, cancel it, hear how it stands.

Choices such as `hotel_book` and `hotel_search` differ in the deed alone, and the words for a deed are said once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from postcall.extraction.builtin.acts import negated
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.text import stem
from postcall.extraction.builtin.wishes import WANTS_DONE, requested_transaction


class Deed(Enum):
    """One kind of wish."""

    BOOK = "book"
    SEARCH = "search"
    CHANGE = "change"
    CANCEL = "cancel"
    STATUS = "status"
    ASK = "ask for something else"


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words.split())


_WORDS = {
    Deed.BOOK: _stems(
        "book booking reserve reservation schedule scheduling appointment purchase buy order ordering new place "
        "enroll register signup reservar cita rezerwacja zakup"
    ),
    Deed.SEARCH: _stems(
        "search find lookup browse inquiry enquiry info information question availability quote pricing explore "
        "pytanie consulta"
    ),
    Deed.CHANGE: _stems(
        "change modify modification reschedule update edit amend switch move rebook upgrade downgrade cambio zmiana"
    ),
    Deed.CANCEL: _stems("cancel cancellation terminate termination close unsubscribe anular cancelar odwołanie"),
    Deed.STATUS: _stems("status track tracking progress eta check"),
    Deed.ASK: _stems("request service support complaint repair report dispute refund return feedback"),
}
_CUES = (
    (
        Deed.CANCEL,
        re.compile(
            r"\b(?:cancel|call off|terminate|unsubscribe|get rid of|end|stop|close|anular|cancelar|"
            r"odwołać)\s+(?:my|the|"
            r"our|an?|this|that|mi|la|el)?\b",
            re.IGNORECASE,
        ),
    ),
    (
        Deed.CHANGE,
        re.compile(
            r"\b(?:change|modify|reschedule|update|amend|edit|switch|push back|move|cambiar|zmienić|"
            r"przełożyć)\s+(?:the "
            r"(?:\w+ )?(?:of|for|on) )?(?:my|our|an? existing|an? \w+ (?:i|we)|the \w+ (?:i|we|of|on|for)|mi|it to)\b|"
            r"\b(?:i|we)(?:'ve| have)? (?:already )?(?:booked|reserved|ordered|"
            r"scheduled)\b[^.?!]{0,60}\b(?:change|move|"
            r"different|instead|switch)|\b(?:reschedul\w+|different (?:day|time|date) for my)",
            re.IGNORECASE,
        ),
    ),
    (
        Deed.STATUS,
        re.compile(
            r"\b(?:where(?:'s| is| are) (?:my|the|our)|status|track(?:ing)? (?:my|the|a|number)|when (?:will|is|"
            r"does|are) "
            r"(?:my|the|it|our)\b[^.?!]{0,30}\b(?:arriv\w*|com\w+|get here|be here|here|deliver\w*|ready|ship\w*)|"
            r"how (?:long|far|much longer)\b[^.?!]{0,30}\b(?:until|till|before|away|my|wait)|check(?:ing)? (?:on|"
            r"up on) "
            r"(?:my|the|a|an)|still waiting|hasn'?t (?:arrived|come|shown)|dónde está mi|gdzie jest)\b",
            re.IGNORECASE,
        ),
    ),
    (Deed.BOOK, WANTS_DONE),
    (
        Deed.SEARCH,
        re.compile(
            r"\b(?:look(?:ing)? (?:for|up|into)|find(?: me)?|search(?:ing)?|recommend\w*|suggest\w*|info(?:rmation)?|"
            r"rating|options?|compare|what (?:kind|about|are|is|do you have)|which|do you have|are there|is there|"
            r"tell me "
            r"about|"
            r"can you (?:tell|show|give)|wondering|how much|show me|busco|szukam)\b",
            re.IGNORECASE,
        ),
    ),
)
EARLY = 5
"""Turns of the caller in which they say what they want."""


def deed_of(words: Iterable[str]) -> Deed | None:
    """The deed that the words of a choice name; the last named one, since things come first (`ride_change`)."""
    found: Deed | None = None
    for word in words:
        found = next((deed for deed, known in _WORDS.items() if word in known), found)
    return found


def wanted(reading: Reading) -> Deed | None:
    """What the caller first says they want done; else, a transaction that came about; else None."""
    for turn in reading.user_turns[:EARLY]:
        for sentence in turn.sentences:
            for deed, cue in _CUES:
                match = cue.search(sentence.text)
                if match and not negated(sentence.text, before=match.start()):
                    return _asked_to_book(reading) if deed is Deed.SEARCH else deed
    return Deed.BOOK if requested_transaction(reading) is not None else None


def _asked_to_book(reading: Reading) -> Deed:
    """Looking for something in order to book it counts as booking only where a booking is then asked for."""
    return Deed.BOOK if requested_transaction(reading) is not None else Deed.SEARCH
