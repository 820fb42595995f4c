"""E-mail addresses, telephone numbers, postcodes, and the numbers of accounts, orders and the like."""

from __future__ import annotations

import re
from dataclasses import dataclass

from postcall.extraction.builtin.numbers import digitise
from postcall.extraction.builtin.spelling import spelled_out

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_SPOKEN_EMAIL = re.compile(
    r"(?P<user>[\w+-]+(?:\s?(?:\.|\bdot\b|\bpunto\b|\bunderscore\b|\bdash\b|_)\s?[\w+-]+){0,5})\s+(?:at|arroba|@|"
    r"małpa)\s+"
    r"(?P<host>[\w-]+(?:\s?(?:\.|\bdot\b|\bpunto\b|\bkropka\b)\s?[\w-]+){1,3})",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?<![\w$€£.])(?:\+\s?\d{1,3}[\s.-]?)?(?:\(\d{2,4}\)[\s.-]?)?\d{2,4}(?:[\s.-]{1,2}\d{2,4}){1,4}(?![\w%]|"
    r"[.,]\d)|(?<![\w$€£.])\+?\d{9,15}(?!\w)"
)
_DIGIT_RUN = re.compile(r"(?<![\w$€£.:/-])\d(?:[\s-]?\d){2,24}(?![\w:/%]|[.,]\d)")
_CODE = re.compile(
    r"(?<![\w@.])(?=[\w-]{4,24}(?![\w@]))(?=[A-Za-z-]*\d)(?=[\d-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+){0,4}(?![\w@])"
)
_POSTCODES = (
    re.compile(r"(?<![A-Z0-9])(?P<out>[A-Z]{1,2}\d[A-Z0-9]?)(?P<in>\d[A-Z]{2})(?![A-Z0-9])"),
    re.compile(r"(?<![A-Z0-9])(?P<out>[A-Z]\d[A-Z])(?P<in>\d[A-Z]\d)(?![A-Z0-9])"),
)
_WRITTEN_POSTCODE = re.compile(r"\b(?:[A-Za-z]{1,2}\d[A-Za-z\d]?\s?\d[A-Za-z]{2}|[A-Za-z]\d[A-Za-z]\s?\d[A-Za-z]\d)\b")
_FIVE = re.compile(r"(?<!\d)(?:\d[\s–-]{0,3}){4}\d(?!\d)(?:-\d{4})?")
_LOOKALIKE = {"O": "0", "I": "1", "S": "5", "B": "8", "Z": "2"}
_LOOKS_LETTER = {value: key for key, value in _LOOKALIKE.items()}


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where its words stand."""

    value: str
    start: int
    end: int
    certain: float


def find_emails(text: str) -> tuple[Found, ...]:
    """Written addresses, else spoken ones such as `ana dot k at mail dot com`."""
    found = tuple(
        Found(match.group().rstrip("."), match.start(), match.start() + len(match.group().rstrip(".")), 1.0)
        for match in _EMAIL.finditer(text)
    )
    return found or tuple(
        Found(f"{_joined(match['user'])}@{_joined(match['host'])}".lower(), match.start(), match.end(), 0.7)
        for match in _SPOKEN_EMAIL.finditer(text)
        if re.search(r"\b(?:dot|punto|kropka)\b|\.", match["host"])
    )


def _joined(words: str) -> str:
    words = re.sub(r"\s*(?:\b(?:dot|punto|kropka)\b|\.)\s*", ".", words, flags=re.IGNORECASE)
    words = re.sub(r"\s*\bunderscore\b\s*", "_", words, flags=re.IGNORECASE)
    return re.sub(r"\s*\bdash\b\s*", "-", words, flags=re.IGNORECASE).replace(" ", "")


def find_phones(text: str) -> tuple[Found, ...]:
    """Numbers of 7 to 15 digits, as written; digit words are read as digits."""
    digits = digitise(text)
    found: list[Found] = []
    for pattern in (_PHONE, _DIGIT_RUN):
        for match in pattern.finditer(digits.text):
            count = sum(char.isdigit() for char in match.group())
            start, end = digits.span(match.start(), match.end())
            if 7 <= count <= 15 and all(end <= other.start or start >= other.end for other in found):
                found.append(Found(match.group().strip(), start, end, 0.9))
    return tuple(found)


def find_numbers_of_things(text: str, *, least: int = 3) -> tuple[Found, ...]:
    """Runs of digits (spaces between them removed) and codes of letters and digits, for account and order numbers."""
    digits = digitise(text)
    found: list[Found] = []
    for pattern in (_CODE, _DIGIT_RUN):
        for match in pattern.finditer(digits.text):
            value = re.sub(r"[\s-]", "", match.group()) if pattern is _DIGIT_RUN else match.group()
            start, end = digits.span(match.start(), match.end())
            if (
                len(value) >= least
                and not _is_ordinal_or_time(value)
                and all(end <= other.start or start >= other.end for other in found)
            ):
                found.append(Found(value, start, end, min(1.0, 0.4 + 0.1 * len(value))))
    return tuple(sorted(found, key=lambda each: each.start))


def _is_ordinal_or_time(value: str) -> bool:
    return (
        re.fullmatch(r"\d+(?:st|nd|rd|th|am|pm|h|k|min|mins|hrs?|gb|mb|mbps|years?|yo|x|ish|s)", value, re.IGNORECASE)
        is not None
    )


def find_postcodes(text: str, *, expected: bool) -> tuple[Found, ...]:
    """British and Canadian postcodes and five-digit codes; with `expected`, also said letter by letter."""
    found = [
        Found(_spaced(re.sub(r"\s", "", match.group()).upper()), match.start(), match.end(), 1.0)
        for match in _WRITTEN_POSTCODE.finditer(text)
    ]
    if not expected:
        return tuple(found)
    digits = digitise(text)
    for match in _FIVE.finditer(digits.text):
        value = re.sub(r"\D", "", match.group())
        start, end = digits.span(match.start(), match.end())
        value = f"{value[:2]}-{value[2:]}" if re.search(r"\d{2}\s?[–-]\s?\d{3}", match.group()) else value
        found.append(Found(value, start, end, 0.9))
    if not found:
        compact = spelled_out(text)
        spelled = _as_postcode(compact)
        if spelled:
            found.append(Found(spelled, 0, len(text), 0.7))
    return tuple(found)


def _as_postcode(compact: str) -> str | None:
    """A British postcode out of letters and digits, with O/0 and the like set right by position."""
    if 5 <= len(compact) <= 8:
        for pattern in _POSTCODES:
            match = pattern.fullmatch(compact)
            if match:
                return _spaced(compact)
        inward = _digit(compact[-3]) + "".join(map(_letter, compact[-2:]))
        for cut in (2, 1):
            outward = "".join(map(_letter, compact[:cut])) + "".join(
                _digit(char) if place == 0 else char for place, char in enumerate(compact[cut:-3])
            )
            if _POSTCODES[0].fullmatch(outward + inward):
                return _spaced(outward + inward)
    return None


def _digit(char: str) -> str:
    return _LOOKALIKE.get(char, char)


def _letter(char: str) -> str:
    return _LOOKS_LETTER.get(char, char)


def _spaced(compact: str) -> str:
    return f"{compact[:-3]} {compact[-3:]}"
