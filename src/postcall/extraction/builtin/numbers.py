"""Numbers as people write and say them: `3,000`, `$22.50`, `twenty-five`, `nineteen ninety`, `the third`,
`double five`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from postcall.extraction.builtin.text import words

_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "cero": 0, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "siete": 7, "ocho": 8, "nueve": 9,
    "dwa": 2, "dwie": 2, "trzy": 3, "cztery": 4, "pięć": 5, "sześć": 6, "siedem": 7, "osiem": 8, "dziewięć": 9,
}  # fmt: skip
_TEENS = {
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "diez": 10, "doce": 12, "trece": 13, "catorce": 14, "quince": 15,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
    "veinte": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "cien": 100, "mil": 1_000}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
_MULTIPLES = {"double": 2, "triple": 3, "treble": 3}
_NO_NUMBER_AFTER = frozenset(
    words(
        """this that the which another other any each no every last first next some only right wrong loved good
    better best
    new old same either these those cheaper earlier later bigger smaller nice great"""
    )
)
"""Words behind which `one` stands for a thing and not for a count."""
_NUMBER_WORDS = {**_UNITS, **_TEENS, **_TENS, **_SCALES, **_ORDINALS, **_MULTIPLES}
_ANY = re.compile(r"\b(?:" + "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True)) + r")\b", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+|\d+(?:st|nd|rd|th)?")
_GAP = re.compile(r"[\s,-]{0,3}(?:and\s+)?")
_DIGITS = re.compile(
    r"(?P<money>[$€£¥]\s?)?(?<![\w.])(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<ordinal>st|nd|rd|th)?"
    r"(?P<scale>\s?(?:k|million|thousand))?(?![\w])(?P<after>\s?(?:dollars?|bucks|usd|eur|euros?|pounds?|gbp|quid|"
    r"pesos?|złot\w+|zł|%|percent|credits?))?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Digitised:
    """A text with its number words written as digits, and the way back to the original."""

    text: str
    original: str
    edits: tuple[tuple[int, int, int, int], ...]
    """(start, end) here and (start, end) in the original, of each replaced stretch, in order."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from `start` to `end` stand in the original; a replaced stretch is taken whole."""
        return self._back(start, last=False), self._back(end, last=True)

    def _back(self, position: int, *, last: bool) -> int:
        shift = 0
        for start, end, first, stop in self.edits:
            if position < start or (position == start and not last):
                break
            if position < end or (position == end and last):
                return stop if last and position > start else first
            shift = stop - end
        return position + shift


@dataclass(frozen=True, slots=True)
class Number:
    """One number as it stands in a text."""

    value: float
    start: int
    end: int
    money: bool
    ordinal: bool
    percent: bool

    @property
    def whole(self) -> int | None:
        """As an int, where it is one."""
        return int(self.value) if self.value == int(self.value) else None


@lru_cache(maxsize=16_384)
def digitise(text: str) -> Digitised:
    """Write number words as digits: `the twentieth, nineteen ninety` becomes `the 20th, 1990`."""
    if not _ANY.search(text):
        return Digitised(text, text, ())
    words = [(match.group().lower(), match.start(), match.end()) for match in _WORDS.finditer(text)]
    pieces: list[str] = []
    edits: list[tuple[int, int, int, int]] = []
    done = length = 0
    index = 0
    while index < len(words):
        parsed = _number_at(words, index, text)
        if parsed is None:
            index += 1
            continue
        written, after = parsed
        start, end = words[index][1], words[after - 1][2]
        pieces += [text[done:start], written]
        length += start - done
        edits.append((length, length + len(written), start, end))
        length += len(written)
        done, index = end, after
    return Digitised("".join(pieces) + text[done:], text, tuple(edits))


def _number_at(words: list[tuple[str, int, int]], index: int, text: str) -> tuple[str, int] | None:
    """The digits for the number words that begin at `index`, and where they end."""
    word = words[index][0]
    before = words[index - 1][0] if index else ""
    if word in _MULTIPLES and index + 1 < len(words):
        digit = words[index + 1][0]
        unit = str(_UNITS[digit]) if digit in _UNITS else digit if digit.isdigit() and len(digit) == 1 else None
        return (" ".join([unit] * _MULTIPLES[word]), index + 2) if unit is not None else None
    if word in ("one", "uno") and before in _NO_NUMBER_AFTER:
        return None
    if word == "second" and not _second_is_ordinal(words, index):
        return None
    if word in _ORDINALS:
        return _ordinal(_ORDINALS[word]), index + 1
    value, after, ordinal = _cardinal(words, index, text)
    if value is None:
        return None
    return (_ordinal(value) if ordinal else str(value)), after


def _second_is_ordinal(words: list[tuple[str, int, int]], index: int) -> bool:
    before = words[index - 1][0] if index else ""
    after = words[index + 1][0] if index + 1 < len(words) else ""
    return before in ("the", "on") or after == "of"


def _cardinal(words: list[tuple[str, int, int]], index: int, text: str) -> tuple[int | None, int, bool]:
    small, after, ordinal = _below_hundred(words, index, text)
    if small is None:
        if words[index][0] not in ("hundred", "thousand", "cien", "mil") or (
            index and words[index - 1][0] in ("few", "several")
        ):
            return None, index, False
        small, after = _SCALES[words[index][0]], index + 1
    if ordinal:
        return small, after, True
    if small in (17, 18, 19, 20, 21):  # a year: nineteen ninety, twenty oh five
        rest, end, _ = _below_hundred(words, after, text) if _joined(words, after, text) else (None, after, False)
        if rest is not None and rest >= 10:
            return small * 100 + rest, end, False
        if after + 1 < len(words) and words[after][0] in ("oh", "o") and words[after + 1][0] in _UNITS:
            return small * 100 + _UNITS[words[after + 1][0]], after + 2, False
    return (*_scaled(words, small, after, text), False)


def _scaled(words: list[tuple[str, int, int]], small: int, after: int, text: str) -> tuple[int, int]:
    total, current = 0, small
    while after < len(words) and words[after][0] in _SCALES and _joined(words, after, text):
        scale = _SCALES[words[after][0]]
        after += 1
        current *= scale
        if scale >= 1_000:
            total, current = total + current, 0
        if not _joined(words, after, text):
            break
        skip = after + 1 if after < len(words) and words[after][0] == "and" else after
        rest, end, _ = _below_hundred(words, skip, text) if skip < len(words) else (None, after, False)
        if rest is None:
            break
        current += rest
        after = end
    return total + current, after


def _below_hundred(words: list[tuple[str, int, int]], index: int, text: str) -> tuple[int | None, int, bool]:
    if index >= len(words):
        return None, index, False
    word = words[index][0]
    if word in _TENS:
        if index + 1 < len(words) and _joined(words, index + 1, text):
            following = words[index + 1][0]
            if 0 < _UNITS.get(following, 0) < 10:
                return _TENS[word] + _UNITS[following], index + 2, False
            if 0 < _ORDINALS.get(following, 0) < 10:
                return _TENS[word] + _ORDINALS[following], index + 2, True
        return _TENS[word], index + 1, False
    value = _UNITS.get(word, _TEENS.get(word))
    return value, index + 1, False


def _joined(words: list[tuple[str, int, int]], index: int, text: str) -> bool:
    """Nothing but a space, hyphen or comma parts the word from the one before."""
    if index >= len(words):
        return False
    return bool(re.fullmatch(r"[\s-]{1,3}", text[words[index - 1][2] : words[index][1]]))


def _ordinal(value: int) -> str:
    suffix = "th" if value % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{suffix}"


@lru_cache(maxsize=16_384)
def find_numbers(text: str) -> tuple[Number, ...]:
    """Every number of a text, whether in digits or in words, with its place in the original."""
    digits = digitise(text)
    found = []
    for match in _DIGITS.finditer(digits.text):
        value = float(match["number"].replace(",", ""))
        scale = (match["scale"] or "").strip().lower()
        value *= {"k": 1e3, "thousand": 1e3, "million": 1e6}.get(scale, 1)
        after = (match["after"] or "").strip().lower()
        percent = after in ("%", "percent")
        start, end = digits.span(match.start(), match.end())
        found.append(
            Number(
                value, start, end, bool(match["money"]) or bool(after and not percent), bool(match["ordinal"]), percent
            )
        )
    return tuple(found)
