"""Phone numbers as people write them."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, ValidationResult

from postcall.errors import BadInput

_WRITTEN = re.compile(r"\(?(\+|00)?[ (]*([0-9][0-9 ().\-/]*)")
_DECIMAL = re.compile(r"[0-9]{7,}\.[0-9]+")
"""What a spreadsheet makes of a number: people put no point before its last digit or two alone."""
_DIGITS = range(8, 16)
"""How many an E.164 number has, with its country code."""
_LONG = 11
"""No country's own numbers with an area code are longer, but for those that begin with 0."""


def read_number(text: str, *, region: str | None = None) -> str:
    """The number in E.164 form; BadInput `Invalid phone number` where it is none.

    A number that begins with `+` (or 00) is taken as it stands. Digits alone begin with the country code as well, and
    then have to look like a number of that country, so that one without its code is refused rather than dialled
    abroad. `region`, such as `US`, is where a number without a code is at home.
    """
    written = _WRITTEN.fullmatch(_tidy(text))
    if written is None or _DECIMAL.fullmatch(written[2]):
        raise _no_number(text)
    digits = re.sub(r"[^0-9]", "", written[2])
    if written[1] is None and region is not None:
        at_home = _parse(digits, region)
        if at_home is not None and _is_possible(at_home):
            return _e164(at_home)
    abroad = _parse(f"+{digits}", None) if len(digits) in _DIGITS else None
    if abroad is None or (written[1] is None and not _names_a_country(abroad, digits)):
        raise _no_number(text)
    return _e164(abroad)


def _names_a_country(number: PhoneNumber, digits: str) -> bool:
    return phonenumbers.is_valid_number(number) or (len(digits) >= _LONG and _is_possible(number))


def _is_possible(number: PhoneNumber) -> bool:
    return bool(phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE)


def _e164(number: PhoneNumber) -> str:
    return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def _tidy(text: str) -> str:
    """In plain signs: numbers that were copied from a page hold invisible marks, long dashes and other spaces."""
    if text.isascii():
        return text.strip()
    kept = []
    for char in unicodedata.normalize("NFKC", text):
        kind = unicodedata.category(char)
        if kind != "Cf":
            kept.append("-" if kind == "Pd" else " " if kind == "Zs" else char)
    return "".join(kept).strip()


def _parse(text: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _no_number(text: str) -> BadInput:
    return BadInput("Invalid phone number", field=text[:40])
