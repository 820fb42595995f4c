"""STRING questions for contact details and the numbers of accounts, orders and the like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

from postcall.domain.answers import Answer
from postcall.domain.calls import Role
from postcall.extraction.builtin.acts import negated
from postcall.extraction.builtin.identifiers import (
    Found,
    find_emails,
    find_numbers_of_things,
    find_phones,
    find_postcodes,
)
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.spelling import spelled_out
from postcall.extraction.builtin.text import STOP, stem, words
from postcall.extraction.builtin.things import find_addresses
from postcall.extraction.builtin.tracking import asked_by

_I = re.IGNORECASE
_EMAIL_ASKED = re.compile(r"\be-?mail|correo", _I)
_PHONE_ASKED = re.compile(
    r"\b(?:phone|telephone|mobile|cell|contact|call ?back|reach you|number|teléfono|telefon)\b", _I
)
_POST_ASKED = re.compile(r"\b(?:post ?-?code|zip|postal|address|kod)\b", _I)
_ADDRESS_ASKED = re.compile(r"\b(?:address|where do you live|street|dirección|adres)\b", _I)
_USER_ASKED = re.compile(r"\b(?:user ?-?name|login|user id|handle)\b", _I)
_USERNAME = re.compile(r"(?<![\w@.])[a-z][\w.-]{2,30}(?![\w@])", _I)
_GENERIC = frozenset(
    words(
        """number id code what which give gave given caller customer did provide user client patient no
    identifier mention
    say said name for the agent"""
    )
)
_OTHER_NUMBER = re.compile(
    r"\b(?:pin|phone|telephone|mobile|birth|zip|postcode|card|security|cvv|social|routing)\b", _I
)

Rule = Callable[[Utterance, bool], Iterable[Found]]


def answer_email(question: Question, reading: Reading) -> Answer:
    """An e-mail address, written or spoken."""
    return _collect(question, reading, lambda turn, _: find_emails(turn.text), _EMAIL_ASKED, what="e-mail address")


def answer_phone(question: Question, reading: Reading) -> Answer:
    """A telephone number; what the caller answers to another question for digits is not one."""

    def find(turn: Utterance, expected: bool) -> Iterable[Found]:
        if expected or _PHONE_ASKED.search(turn.text) or re.search(r"[+(]|\d[\s.-]\d{3}[\s.-]\d", turn.text):
            return find_phones(turn.text)
        return ()

    return _collect(question, reading, find, _PHONE_ASKED, what="telephone number")


def answer_postcode(question: Question, reading: Reading) -> Answer:
    """A postcode, also spelled over several attempts."""
    return _collect(
        question,
        reading,
        lambda turn, expected: find_postcodes(turn.text, expected=expected or bool(_POST_ASKED.search(turn.text))),
        _POST_ASKED,
        what="postcode",
    )


def answer_username(question: Question, reading: Reading) -> Answer:
    """A user name, in answer to a question for it or behind the word itself."""

    def find(turn: Utterance, expected: bool) -> Iterable[Found]:
        named = re.search(r"\buser ?-?name(?:'s| is|:)?\s+(?P<value>[a-z][\w.-]{2,30})", turn.text, _I)
        if named:
            return (
                Found(
                    named["value"].rstrip("."),
                    named.start("value"),
                    named.start("value") + len(named["value"].rstrip(".")),
                    0.9,
                ),
            )
        words = [
            match
            for match in _USERNAME.finditer(turn.text)
            if any(char.isdigit() or char in "_." for char in match.group()[:-1])
        ]
        if words and (expected or len(turn.tokens) == 1):
            return (Found(words[-1].group(), words[-1].start(), words[-1].end(), 0.8 if expected else 0.5),)
        return ()

    return _collect(question, reading, find, _USER_ASKED, what="user name")


def answer_address(question: Question, reading: Reading) -> Answer:
    """A street address."""

    def find(turn: Utterance, expected: bool) -> Iterable[Found]:
        return [
            Found(thing.value, thing.start, thing.end, 0.9 if expected else 0.5) for thing in find_addresses(turn.text)
        ]

    return _collect(question, reading, find, _ADDRESS_ASKED, what="address")


def answer_number(question: Question, reading: Reading) -> Answer:
    """The number or code of what the question names, such as an order or an account."""
    subject = _subject(question)
    asked = (
        re.compile(r"\b(?:" + "|".join(map(re.escape, subject)) + r")\w*\b", _I)
        if subject
        else re.compile(r"\b(?:number|id|code)\b", _I)
    )
    other = any(_OTHER_NUMBER.search(word) for word in subject)

    def find(turn: Utterance, expected: bool) -> Iterable[Found]:
        named = bool(asked.search(turn.text))
        if expected and _asks_for_another(reading, turn, subject):
            expected = False
        if not expected and not named:
            return ()
        said = _spelled_code(turn) if expected else None
        if said is not None:
            return (said,)
        found = find_numbers_of_things(turn.text)
        if named and not other:
            found = (
                tuple(
                    each for each in found if not _OTHER_NUMBER.search(turn.text[max(0, each.start - 25) : each.start])
                )
                or found
            )
        if not expected:
            found = tuple(each for each in found if asked.search(turn.text[max(0, each.start - 60) : each.start]))
        called = [each for each in found if asked.search(turn.text[max(0, each.start - 25) : each.start])]
        if called:  # `Order ID: 33489` says which it is, whatever else was asked for
            return [replace(each, certain=2.0) for each in called]
        return [each for each in found if not negated(turn.text, before=each.start) or expected]

    return _collect(question, reading, find, asked, what=f"{' '.join(subject[:1])} number".strip(), either=True)


def _asks_for_another(reading: Reading, turn: Utterance, subject: list[str]) -> bool:
    """The agent has just asked for the number of something else, such as the policy's for a question about the
    claim's."""
    before = reading.before(turn.index, Role.AGENT)
    kinds = [match.group(1).lower() for match in _KIND_OF_NUMBER.finditer(before.text)] if before is not None else []
    return bool(kinds) and not any(stem(kind) == stem(word) for kind in kinds for word in subject)


_KIND_OF_NUMBER = re.compile(
    r"\b(account|order|policy|claim|reference|confirmation|booking|member|membership|tracking|ticket|case|invoice|"
    r"customer|phone|telephone|serial|card|patient|flight)"
    r"(?: \w+)? (?:number|no\.?|id|code)\b",
    _I,
)
_SAID_SINGLY = re.compile(r"\b[a-z] as in\b|\b[a-z] for [a-z]{3,}|(?:\b[a-z0-9]\b[\s,.-]+){4,}", _I)


def _spelled_code(turn: Utterance) -> Found | None:
    """A code said letter by letter, such as `H as in hotel, B, 7 7 3 0 2`."""
    if not _SAID_SINGLY.search(turn.text):
        return None
    compact = spelled_out(turn.text)
    mixed = any(char.isdigit() for char in compact) and any(char.isalpha() for char in compact)
    return Found(compact, 0, len(turn.text), 0.7) if mixed and 4 <= len(compact) <= 14 else None


def _subject(question: Question) -> list[str]:
    words = [
        word
        for word in (*question.names, *re.findall(r"[\w-]+", question.text.lower()))
        if word not in _GENERIC and word not in STOP
    ]
    near = re.search(r"(\w+(?: \w+)?)\s+(?:number|id|code|no\.?|identifier|reference)\b", question.text.lower())
    close = [word for word in near.group(1).split() if word not in _GENERIC and word not in STOP] if near else []
    return list(dict.fromkeys([*close[::-1], *(word for word in words if word in question.names)]))[:3]


def _collect(
    question: Question, reading: Reading, find: Rule, asked: re.Pattern[str], *, what: str, either: bool = False
) -> Answer:
    """The value that is said most, by the side asked about; of equals the clearer, then the later.

    With `either`, a question that names no side is answered from both.
    """
    role = question.about or (None if either else Role.USER)
    votes: Counter[str] = Counter()
    weights: dict[str, float] = {}
    where: dict[str, tuple[Utterance, Found]] = {}
    for turn in reading.turns:
        if role is not None and turn.role is not role:
            continue
        expected = turn.by_user and asked_by(reading, turn, asked)
        for found in find(turn, expected):
            key = re.sub(r"[\W_]", "", found.value).lower()
            votes[key] += 1
            weights[key] = weights.get(key, 0.0) + found.certain * (1.5 if expected else 1.0)
            where[key] = (turn, found)
    if not votes:
        return unsaid(question, f"No {what} is given")
    key = max(weights, key=lambda each: (weights[each], where[each][0].index))
    turn, found = where[key]
    side = "agent" if turn.role is Role.AGENT else "caller"
    return ok(
        question,
        found.value,
        confidence=0.55 + 0.15 * min(votes[key], 2) * min(found.certain, 1.0),
        reasoning=f"The {side} gives “{found.value}” as the {what}.",
        evidence=(turn.quote_around(found.start, found.end),),
    )
