"""Words, stems and sentences: what every other rule reads instead of raw text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MAX_TURN = 20_000
"""Characters of one turn that are read; a longer turn is not speech, and rules must stay fast on it."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?¿¡…;]+(?=\s|$)|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:dr|mr|mrs|ms|st|no|vs|prof|ave|apt|sr|sra|jr|a\.m|p\.m|[a-z]))\.$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words(text: str) -> tuple[str, ...]:
    """The parts of a word list that is written as running text."""
    return tuple(text.split())


STOP = frozenset(
    words(
        """a about above after again against all also am an and any anyone anything are as at away be became
    because been
    before being below between both but by came can cannot come could d did do does doing down during each either
    else etc every few for from further get gets getting give given go goes going gone got had has have having he
    her here hers him his how however i if in into is it its itself just know let like ll made make many may me
    might more most much must my myself near neither no nor not now of off on once one only onto or other our ours
    out over own per please put re really s same say says she should since so some something soon such sure t take
    tell than thank thanks that the their theirs them then there these they thing things this those through to too
    under until up upon us use very via want wanted wants was we well were what whatever when where whether which
    while who whom whose why will with within without would yes yet you your yours yeah ok okay hi hello hey um uh
    oh bye goodbye i'd i'll i'm i've it's that's there's what's let's you're we're they're don't doesn't didn't
    can't couldn't won't wouldn't isn't aren't wasn't weren't haven't hasn't el la los las un una unos unas de del y
    o que en por para con se es lo al mi su me te le yo tu usted"""
    )
)
"""Words too common to be evidence of anything."""

_IRREGULAR = {
    "apartments": "apartment",
    "apartment": "apartment",
    "arrival": "arriv",
    "bought": "buy",
    "broke": "break",
    "broken": "break",
    "children": "child",
    "complaint": "complain",
    "complaints": "complain",
    "complaining": "complain",
    "deliveries": "deliver",
    "delivery": "deliver",
    "department": "department",
    "departments": "department",
    "departure": "depart",
    "doctor's": "doctor",
    "doc": "doctor",
    "dr": "doctor",
    "ate": "eat",
    "flew": "fly",
    "flown": "fly",
    "flies": "fly",
    "flying": "fly",
    "flights": "flight",
    "forgot": "forget",
    "forgotten": "forget",
    "found": "find",
    "gave": "giv",
    "installation": "instal",
    "kept": "keep",
    "left": "leav",
    "lost": "lose",
    "losing": "lose",
    "lose": "lose",
    "loss": "lose",
    "losses": "lose",
    "men": "man",
    "news": "news",
    "paid": "pay",
    "people": "people",
    "refill": "refil",
    "refilling": "refil",
    "renewal": "renew",
    "rental": "rent",
    "rentals": "rent",
    "said": "say",
    "sent": "send",
    "sold": "sell",
    "spoke": "speak",
    "spoken": "speak",
    "statement": "statement",
    "statements": "statement",
    "stole": "steal",
    "stolen": "steal",
    "subscription": "subscrib",
    "subscriptions": "subscrib",
    "taken": "take",
    "taxes": "tax",
    "taxi": "taxi",
    "taxis": "taxi",
    "teeth": "tooth",
    "thought": "think",
    "told": "tell",
    "took": "take",
    "went": "go",
    "women": "woman",
    "woke": "wake",
    "phoned": "phone",
    "tyre": "tir",
    "tyres": "tir",
    "cheque": "check",
    "cheques": "check",
    "colour": "color",
    "colours": "color",
    "favourite": "favorit",
    "centre": "center",
    "programme": "program",
    "cancelled": "cancel",
    "cancelling": "cancel",
    "cancellation": "cancel",
    "cancellations": "cancel",
}
_VOWEL = re.compile(r"[aeiouy]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word where it stands."""

    word: str
    """Lower case, with a straight apostrophe."""
    stem: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch of a turn up to its full stop, question mark or line end."""

    text: str
    start: int
    asks: bool
    """It ends with a question mark; speech recognisers leave them out, so see also `acts.is_question`."""

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def tokenise(text: str) -> tuple[Token, ...]:
    """The words of a text in order; punctuation is no word."""
    found = []
    for match in _WORD.finditer(text[:MAX_TURN]):
        word = match.group().lower().replace("’", "'")
        found.append(Token(word, stem(word), match.start(), match.end()))
    return tuple(found)


def sentences(text: str) -> tuple[Sentence, ...]:
    """Split at sentence ends, but not behind a title such as `Dr.` or an initial."""
    found: list[Sentence] = []
    text = text[:MAX_TURN]
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match.group() == "." and _ABBREVIATION.search(text, max(start, match.start() - 6), match.end()):
            continue
        _add_sentence(found, text, start, match.end(), asks="?" in match.group())
        start = match.end()
    _add_sentence(found, text, start, len(text), asks=False)
    return tuple(found)


def _add_sentence(found: list[Sentence], text: str, start: int, end: int, *, asks: bool) -> None:
    raw = text[start:end]
    stripped = raw.strip()
    if stripped:
        found.append(Sentence(stripped, start + len(raw) - len(raw.lstrip()), asks))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """A light English stem: `bookings`, `booked` and `booking` meet in `book`. It need not be a word."""
    word = word.lower().replace("’", "'")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("'s"):
        return stem(word[:-2]) if len(word) > 3 else word
    if len(word) <= 3 or not word.isalpha():
        return word
    return _finish(_without_suffix(_singular(word)))


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes", "zzes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_suffix(word: str) -> str:
    for suffix, least in (("ation", 4), ("ment", 3), ("ing", 3), ("ed", 3), ("ly", 4)):
        if word.endswith(suffix):
            rest = word[: -len(suffix)]
            if len(rest) >= least and _VOWEL.search(rest) and not (suffix == "ed" and rest.endswith("e")):
                return rest
    return word


def _finish(word: str) -> str:
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    if word.endswith("e") and len(word) > 3:
        return word[:-1]
    if word.endswith("y") and len(word) > 3:
        return word[:-1] + "i"
    return word


def identifier_words(identifier: str) -> tuple[str, ...]:
    """The words in `hotel_book`, `hotelBook`, `hotel-book` or `Hotel book`."""
    return tuple(token.word for token in tokenise(_CAMEL.sub(" ", identifier).replace("_", " ").replace("-", " ")))


def content(text: str) -> tuple[str, ...]:
    """The stems of a text that could be evidence, in order."""
    return tuple(token.stem for token in tokenise(text) if token.word not in STOP)


@lru_cache(maxsize=8_192)
def fold(text: str) -> str:
    """Without case, accents, punctuation and repeated white space: for comparing, never for quoting."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(" " if not char.isalnum() else char for char in plain if not unicodedata.combining(char))
    return " ".join(plain.split())
