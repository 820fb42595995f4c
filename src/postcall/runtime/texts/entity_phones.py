"""Telephone numbers that callers give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from postcall.domain.folding import plain
from postcall.domain.numbers import digits_in

if TYPE_CHECKING:  # half a megabyte of numbering plans, for conversations that ask for a number
    from phonenumbers import PhoneNumber

_EXTENSION = re.compile(r"\b(?:ext(?:ension)?\.?|x)\s*\d{1,6}\s*$")
_GROUPS = re.compile(r"[().,/-]")


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number."""

    written: str
    """Digits as they were given: with `+` and the country's code where that was said, else without."""
    e164: str
    country: str
    """ISO 3166, as far as the number tells."""
    assigned: bool
    """False for a number that has the right form but that nobody can have, such as many with 555."""


def read_phone(said: str, countries: Sequence[str], language: str) -> Phone | str:
    """The number, or why it is none. `countries` are the only ones allowed (`US`, `GB`, `+49`); none: all are."""
    import phonenumbers

    spelled = _EXTENSION.sub("", plain(said))
    digits = "".join(digits_in(_GROUPS.sub(" ", spelled)))
    if not digits:
        return "is no telephone number"
    international = spelled.lstrip(" (").startswith(("+", "plus ")) or digits.startswith("00")
    allowed = [region for code in countries for region in _regions(code)]
    for region in allowed or [_region_of(language)]:
        try:
            number = phonenumbers.parse(f"+{digits.removeprefix('00')}" if international else digits, region)
        except phonenumbers.NumberParseException:
            continue
        if not phonenumbers.is_possible_number(number):
            continue
        calling_codes = {phonenumbers.country_code_for_region(each) for each in allowed}
        if allowed and number.country_code not in calling_codes:
            continue
        return _as_phone(number, digits, international=international, region=region)
    where = f" of {' or '.join(dict.fromkeys(countries))}" if countries else ""
    return f"is no complete telephone number{where}"


def _as_phone(number: PhoneNumber, digits: str, *, international: bool, region: str) -> Phone:
    import phonenumbers

    return Phone(
        written=f"+{digits.removeprefix('00')}" if international else digits,
        e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        country=phonenumbers.region_code_for_number(number) or region,
        assigned=phonenumbers.is_valid_number(number),
    )


def _regions(code: str) -> list[str]:
    import phonenumbers

    wanted = code.strip().upper().lstrip("+")
    if wanted.isdigit():
        return list(phonenumbers.region_codes_for_country_code(int(wanted)))[:1]
    return ["GB"] if wanted == "UK" else [wanted] if wanted in phonenumbers.SUPPORTED_REGIONS else []


def _region_of(language: str) -> str:
    region = language.replace("_", "-").rpartition("-")[2].upper()
    return region if len(region) == 2 and region != language.upper() else "US"
