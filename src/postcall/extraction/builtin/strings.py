"""STRING: which kind of value a question asks for, and the rule that finds that kind."""

from __future__ import annotations

import re
from collections.abc import Callable

from postcall.domain.answers import Answer
from postcall.domain.calls import Role
from postcall.extraction.builtin.datetimes import BIRTH, answer_datetime, answer_time
from postcall.extraction.builtin.details import (
    answer_address,
    answer_email,
    answer_number,
    answer_phone,
    answer_postcode,
    answer_username,
)
from postcall.extraction.builtin.free_text import answer_asked, answer_free_text, answer_money
from postcall.extraction.builtin.named_things import answer_named_thing, asks_named_thing
from postcall.extraction.builtin.people import answer_caller_name, answer_other_name
from postcall.extraction.builtin.places import answer_booked_name, answer_place
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.units import answer_unit, asks_unit

_I = re.IGNORECASE
_FREE = re.compile(
    r"\b(?:summar\w+|describe|description|explain|in (?:one|a|two|your own|your) (?:sentences?|words|few)|"
    r"overview|outline|notes?|main points?|"
    r"what happened|reasons?|why|what (?:is|was) the (?:\w+ )?(?:problem|issue|complaint|concern|question|request|"
    r"topic|purpose)|what did the "
    r"(?:caller|customer|user|client|patient) (?:want|need|ask|complain|request|say)|calling about|next steps?|"
    r"action items?|follow[- ]?ups?|"
    r"feedback|sentence|complaint|concern|resumen|motivo|powód)\b",
    _I,
)
_TIME = re.compile(r"\bHH:MM\b|\bwhat time\b|\bat (?:what|which) time\b|\bwhich time\b|\b\w*_?time\b(?! zone)", _I)
_DATE = re.compile(r"\bYYYY-MM-DD\b|\b(?:what|which|on which|on what|for which) (?:date|day)\b|\bdate\b", _I)
_KINDS: tuple[tuple[re.Pattern[str], Callable[[Question, Reading], Answer]], ...] = (
    (re.compile(r"\be-?mail\b|\bcorreo\b", _I), answer_email),
    (
        re.compile(
            r"(?<!on the )(?<!over the )(?<!by )\b(?:phone|telephone|mobile|cell(?:phone)?|call-?back|contact|teléfono|"
            r"telefon\w*)\b(?:.{0,20}\b(?:number|"
            r"no)\b)?",
            _I,
        ),
        answer_phone,
    ),
    (re.compile(r"\b(?:post ?-?code|zip|zip ?-?code|postal code|código postal|kod pocztowy)\b", _I), answer_postcode),
    (re.compile(r"\b(?:user ?-?name|login|handle|user id)\b", _I), answer_username),
    (
        re.compile(
            r"\b(?:account|order|reference|confirmation|booking|reservation|policy|member(?:ship)?|tracking|ticket|"
            r"case|"
            r"invoice|customer|claim|"
            r"serial|model|card|flight|licen[cs]e|registration|plate|routing|social security|passport|patient|claim|"
            r"loyalty|frequent flyer|po|"
            r"purchase order|meter|vehicle|room|extension|pin|cuenta|pedido|zamówieni\w+|konta)\s+(?:number|no\.?|id|#|"
            r"code|num|identifier|"
            r"reference|plate)\b|\bnumber of the (?:account|order|policy|case|ticket)\b|\bnúmero de (?:cuenta|pedido|"
            r"orden)\b|\bnumer (?:konta|"
            r"zamówienia)\b|\b(?:vin|ssn|imei|pin)\b|\b(?:id|code|identifier|number)\b",
            _I,
        ),
        answer_number,
    ),
    (re.compile(r"\b(?:address|street|dirección|adres)\b", _I), answer_address),
)
_DESTINATION = re.compile(
    r"\b(?:destination|where (?:to|is|was|does|did|are)|city|town|location|place|origin|departure (?:city|station|"
    r"airport)|country|state|region|"
    r"neighbou?rhood|area|going to|pick[- ]?up (?:point|location|place)|drop[- ]?off|airport|station|destino|"
    r"ciudad|miasto)\b",
    _I,
)
_MONEY = re.compile(
    r"\b(?:amount|price|cost|how much|total|fee|balance|budget|quote|dollars?|refund(?:ed)? amount|deposit|precio|"
    r"cuánto)\b",
    _I,
)
_NAME = re.compile(r"\b(?:names?|nombre|imię|nazwisko|who|whom|called|surname|first and last)\b", _I)
_BOOKED = re.compile(
    r"\b(?:with (?:which|whom|who|what)|name of the (?!caller|customer|user|client|patient|person|member|policy|"
    r"account|prospect|lead|tenant|applicant|guest|passenger|agent|representative)|booked_with|which "
    r"(?:restaurant|hotel|doctor|"
    r"dentist|venue|provider|stylist|therapist|agent|movie|film|event|property|apartment|salon|airline|store|"
    r"branch|shop|clinic|location)|"
    r"(?:restaurant|hotel|doctor|venue|provider|practitioner|property|event|movie|film|salon|airline|company|"
    r"business|store|employer|bank|"
    r"organi[sz]ation|product) name)\b",
    _I,
)
_OF_USER = re.compile(
    r"\b(?:caller|customer|user|client|patient|guest|passenger|member|prospect|lead|applicant|cliente|paciente|"
    r"usuario)(?:'s|s'|s)?\s+(?:\w+\s+){0,3}?(?:names?|nombre|"
    r"call themsel\w+)|\bnames?\b.{0,40}\b(?:caller|customer|user|client|patient|guest|themsel\w+|prospect|lead|"
    r"member)\b|\bwho (?:is|was) (?:the )?(?:caller|"
    r"calling|customer|patient)|\bfor themsel\w+|^(?:full |first |last )?name\b|\bnombre del (?:cliente|paciente)|"
    r"imię i nazwisko|"
    r"\bwho called\b|\bcaller_?name\b",
    _I,
)
_THIRD = re.compile(
    r"\b(?:agent|assistant|representative|rep|advis[eo]r|operator|receptionist|recipient|payee|beneficiary|host|"
    r"doctor|dr|"
    r"physician|dentist|provider|practitioner|technician|mechanic|stylist|therapist|manager|supervisor|landlord|"
    r"seller|vendor|"
    r"courier|child|son|daughter|kid|baby|spouse|husband|wife|partner|mother|father|parent's child|friend|pet|dog|"
    r"cat|animal|"
    r"colleague|co-?worker|employer|company|business|firm|store|shop|restaurant|hotel|venue|city|town|street|product|"
    r"item|"
    r"brand|make|model|insurer|insurance|bank|school|teacher|emergency contact|referr\w+|other (?:person|party)|"
    r"competitor|"
    r"recommended|file|plan|medication|drug|medicine|movie|film|event|building|project|previous|maiden|middle|user)\b",
    _I,
)
"""Whose name it may be other than the caller's."""
_SPEAKS = re.compile(
    r"\b(?:who|that) (?:is )?(?:calls?|called|calling|speaks?|speaking|talks?|talking|rings?|phones?|contact\w*)\b|"
    r"\bcaller\b|"
    r"\bon the (?:phone|line)\b|\bperson calling\b|\bspeaking (?:to|with)\b",
    _I,
)


_NUMBERED = re.compile(r"\b(?:number|no\.|id|code|address|date|time|amount|price|cost|reason|why|problem|issue)\b", _I)


def _asks_for_callers_name(question: Question, text: str) -> bool:
    """A name is the caller's where the question says so, or says whose it is by a word for a customer of any trade."""
    if not _NAME.search(text):
        return False
    if _SPEAKS.search(question.text) and re.search(r"\bnames?\b", text, _I):
        return True
    if _THIRD.search(text) and _BOOKED.search(question.text):
        return False
    if _OF_USER.search(text):
        return True
    return bool(re.search(r"\bnames?\b|\bcalled\b", text, _I)) and not _THIRD.search(text)


def answer_string(question: Question, reading: Reading) -> Answer:
    """Route a question to the rule for its kind of value; the narrowest kind wins."""
    text = question.core
    if question.has(BIRTH):
        return answer_datetime(question, reading)
    for pattern, rule in _KINDS[:4]:
        if pattern.search(text):
            return rule(question, reading)
    if _asks_for_callers_name(question, text):
        return answer_caller_name(question, reading)
    if asks_named_thing(question) and not _NUMBERED.search(text):
        return answer_named_thing(question, reading)
    if _BOOKED.search(text):
        return answer_booked_name(question, reading)
    if asks_unit(question):
        return answer_unit(question, reading)
    if _KINDS[4][0].search(question.text) or _KINDS[4][0].search(" ".join(question.names)):
        return answer_number(question, reading)
    if _KINDS[5][0].search(text):
        return answer_address(question, reading)
    if re.search(r"HH:MM", question.text) or (_TIME.search(text) and not _FREE.search(text)):
        return answer_time(question, reading)
    if _DATE.search(text) and not _FREE.search(text):
        return answer_datetime(question, reading)
    if _NAME.search(text) and not _FREE.search(question.text):
        return answer_other_name(question, reading)
    if _MONEY.search(question.text) and not _FREE.search(question.text):
        return answer_money(question, reading)
    if _DESTINATION.search(text) and not _FREE.search(question.text):
        return answer_place(question, reading)
    if _FREE.search(text):
        return answer_free_text(question, reading)
    return answer_asked(question, reading, about=question.about or Role.USER)
