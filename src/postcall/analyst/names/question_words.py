"""The words of questions, names and values made comparable: `hung up`, `HANGUP` and `hang-up` become one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from postcall.analyst.names.word_sets import NEGATIONS, WHOLE
from postcall.configure.name_words import family_of, split_name
from postcall.domain.folding import plain
from postcall.extraction.builtin.text import STOP, stem

LONGEST: Final = 2_000
"""Characters of a question that are read."""
_WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_APOSTROPHE: Final = re.compile(r"['’](\w?)")
_BREAK: Final = re.compile(r"(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bSt)[.;!?:\n](?:\s|$)|,\s")
_PAIRS: Final = {
    **dict.fromkeys(("hand off", "hand over", "pass on", "pass over", "hands off", "hands over"), "handoff"),
    **dict.fromkeys(("handed off", "handed over", "handing off", "handing over", "handed on"), "handoff"),
    **dict.fromkeys(("hung up", "hang up", "hangs up", "hanging up", "hang ups", "hung down"), "hangup"),
    **dict.fromkeys(("call back", "call backs", "called back", "calls back"), "callback"),
    **dict.fromkeys(("voice mail", "voice mails", "answer phone"), "voicemail"),
    **dict.fromkeys(("web chat", "web chats", "web chatting"), "webchat"),
    **dict.fromkeys(("check in", "checks in", "checking in", "checked in"), "checkin"),
    **dict.fromkeys(("check out", "checks out", "checking out", "checked out"), "checkout"),
    **dict.fromkeys(("follow up", "follow ups", "followed up"), "followup"),
    **dict.fromkeys(("time out", "times out", "time outs", "timed out"), "timeout"),
    **dict.fromkeys(("pick up", "picks up", "picking up", "picked up", "pick ups"), "pickup"),
    **dict.fromkeys(("break down", "breaks down", "broke down", "broken down", "break downs"), "breakdown"),
    **dict.fromkeys(("log in", "logged in", "sign in", "signed in"), "login"),
}
_SINGLE: Final = {
    "handovers": "handoff", "handover": "handoff", "handedoff": "handoff", "hangups": "hangup", "timeouts": "timeout",
    "checkins": "checkin", "checkouts": "checkout", "followups": "followup", "webchats": "webchat",
    "web-chat": "webchat", "verification": "verify", "verifications": "verify", "identification": "identify",
    "completion": "complete", "completions": "complete", "failure": "fail", "failures": "fail", "failed": "fail",
    "fulfillment": "fulfil", "fulfill": "fulfil", "acceptance": "accept", "requests": "request",
    "booking": "book", "bookings": "book", "booked": "book", "reservation": "book", "reservations": "book",
    "reserved": "book", "disconnection": "disconnect", "satisfaction": "satisfied", "annoyance": "annoyed",
    **dict.fromkeys(("angry", "anger", "angrily", "furious", "irate", "irritated", "irritation", "upset"), "annoyed"),
    "confusion": "confused", "abandonment": "abandoned", "abandon": "abandoned", "authentication": "authenticate",
    "authenticated": "authenticate", "auth": "authenticate",
    "containment": "contained", "qualification": "qualified",
    "texting": "texting", "lasts": "lasted", "humans": "human", "persons": "person", "calls": "call",
    "conversation": "call", "conversations": "call", "phones": "phone", "telephones": "phone",
    "quantity": "count", "resolved": "resolve", "resolution": "resolve", "interested": "interest",
    "payments": "payment", "payment": "payment", "paid": "pay", "pay": "pay", "pays": "pay", "types": "type",
    "type": "type", "kinds": "kind", "kind": "kind", "number": "number", "numbers": "number", "num": "number",
    "count": "count", "client": "customer", "length": "length", "lengths": "length", "issue": "problem",
    "transfer": "handoff", "transfers": "handoff", "transferred": "handoff", "transferring": "handoff",
    "escalation": "handoff", "escalations": "handoff", "escalated": "handoff", "escalate": "handoff",
    "handoffs": "handoff", "appts": "appointment", "appt": "appointment", "mood": "sentiment", "moods": "sentiment",
    "ran": "run", "bought": "buy", "sold": "sell", "sent": "send", "broke": "break", "broken": "break",
    "chose": "choose", "chosen": "choose", "forgot": "forget", "lost": "lose", "stolen": "steal",
    "wrote": "write", "written": "write", "injury": "injure", "injuries": "injure", "expiry": "expire",
    "theft": "steal", "thefts": "steal", "suspicion": "suspect", "suspicions": "suspect", "threat": "threaten",
    "threats": "threaten", "decision": "decide", "decisions": "decide", "coverage": "cover", "denial": "deny",
    "denials": "deny", "denied": "deny", "referral": "refer", "referrals": "refer", "agreed": "agree",
    "conversion": "convert", "conversions": "convert", "went": "go", "gone": "go", "goes": "go", "going": "go",
    "parcel": "package", "parcels": "package", "packages": "package",
}  # fmt: skip
_SHORT: Final = {
    "pkg": "package", "dlv": "delivery", "deliv": "delivery", "cust": "customer", "amt": "amount", "qty": "quantity",
    "acct": "account", "msg": "message", "msgs": "messages", "req": "request", "resp": "response",
    "addr": "address", "cnt": "count", "dur": "duration", "dest": "destination", "dept": "department", "resched":
    "reschedule", "cancl": "cancel", "conf": "confirmation", "txn": "transaction", "pmt": "payment", "pymt": "payment",
    "loc": "location", "lang": "language", "num": "number", "nr": "number", "sched": "schedule", "info": "information",
    "veh": "vehicle", "addl": "additional", "addnl": "additional", "txt": "text", "cb": "callback", "bal": "balance",
    "svc": "service", "cxl": "cancel", "canc": "cancel", "rsv": "reservation", "resv": "reservation", "lvl": "level",
    "tel": "telephone", "desc": "description", "prev": "previous", "mgr": "manager", "grp": "group", "cls": "class",
    "insur": "insurance", "ins": "insurance", "avail": "available", "prod": "product",
}  # fmt: skip
"""How names are shortened, and what people say for them."""

_NO_MORE: Final = frozenset({"carrier", "courier", "barrier", "supplier", "cashier", "premier", "soldier", "frontier"})
"""Words that end as a comparative does and are none."""
_ENDINGS: Final = (("at", 5), ("iv", 4))
"""Ends of stems, with the letters that must be left."""
_DEEDS: Final = ("oval", "usal", "osal", "issal", "ersal", "awal")
"""So end nouns that say what was done: `approval`, `refusal`, `withdrawal`."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question, or two that are one."""

    text: str
    """Lower case, as it was written or, where it was misspelled, as it was meant."""
    key: str
    """What its forms share."""
    start: int
    end: int
    part: int
    """Which stretch between commas and full stops it is in."""
    typo: bool = False

    @property
    def negates(self) -> bool:
        """`not`, `without`, `didn't` and the like."""
        return self.text in NEGATIONS or self.text.endswith("n't")

    @property
    def matters(self) -> bool:
        """Whether it says something by itself."""
        return self.text not in STOP


def words_of(text: str) -> list[Word]:
    """The words of a question where they stand."""
    text = text[:LONGEST]
    breaks = [found.start() for found in _BREAK.finditer(text)]
    found = []
    for match in _WORD.finditer(text):
        # Where folding changes the number of characters, the places are those of the text as it was given.
        word = plain(match.group()).replace("’", "'").removesuffix("'s")
        part = sum(place < match.start() for place in breaks)
        found.append(Word(word, key_of(word), match.start(), match.end(), part))
    return join_pairs(found)


def join_pairs(words: list[Word]) -> list[Word]:
    """The same, with `hung up` and the like as one word."""
    joined: list[Word] = []
    for word in words:
        last = joined[-1] if joined else None
        pair = _PAIRS.get(f"{last.text} {word.text}") if last and last.part == word.part else None
        if last and pair:
            joined[-1] = Word(pair, key_of(pair), last.start, word.end, last.part, typo=last.typo or word.typo)
        else:
            joined.append(word)
    return joined


@lru_cache(maxsize=65_536)
def key_of(word: str) -> str:
    """What the forms of a word share; it need not be a word."""
    if word in WHOLE:
        return word
    word = _SHORT.get(word, word).replace("'", "")
    if word.endswith("sses"):
        word = word[:-2]  # so that `class` and `classes` come out alike
    if word in _SINGLE:
        single = _SINGLE[word]
        return single if single in WHOLE else _root(stem(family_of(single)))
    return _root(stem(family_of(_without_more(word))))


def _without_more(word: str) -> str:
    """`angrier` as `angry`."""
    return f"{word[:-3]}y" if word.endswith("ier") and len(word) > 5 and word not in _NO_MORE else word


def _root(stemmed: str) -> str:
    """What is left of a stem where verbs and nouns differ: `frustrated` and `frustration`, `abusive` and `abuse`."""
    for ending, least in _ENDINGS:
        rest = stemmed.removesuffix(ending)
        if rest != stemmed and len(rest) >= least:
            return rest
    deed = stemmed[:-2]
    return stem(deed if deed.endswith("ss") else f"{deed}e") if stemmed.endswith(_DEEDS) else stemmed


@lru_cache(maxsize=65_536)
def keys_of(text: str) -> tuple[str, ...]:
    """The keys of a phrase, name or value, in order."""
    joined: list[str] = []
    for word in spelled(text):
        pair = _PAIRS.get(f"{joined[-1]} {word}") if joined else None
        if pair is None:
            joined.append(word)
        else:
            joined[-1] = pair
    return tuple(map(key_of, joined))


@lru_cache(maxsize=65_536)
def spelled(text: str) -> tuple[str, ...]:
    """The words of a phrase, name or value in lower case."""
    joined = _APOSTROPHE.sub(lambda found: found[1].lower(), text)  # `O'Neil` is one word, and no hump
    return tuple(_SHORT.get(word, word) for word in split_name(joined))
