"""Whether a value is what its entity asks for: one check for each type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Final, TypeAlias

from postcall.domain.clocks import find_times
from postcall.domain.folding import plain
from postcall.domain.numbers import digitised
from postcall.domain.questions import QuestionType
from postcall.domain.values import Fit, coerce, says_nothing
from postcall.runtime.projects.model import Entity, EntityType
from postcall.runtime.texts.entity_dates import read_day
from postcall.runtime.texts.entity_numbers import read_digits, read_number
from postcall.runtime.texts.entity_phones import read_phone
from postcall.runtime.texts.expressions import compiled

_ZIP: Final = r"\d{5}(?:-?\d{4})?"
_POSTCODE: Final = r"(?:GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The value as it is kept."""

    value: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refused:
    """Why it cannot be kept, to stand behind the value in a sentence."""

    reason: str


Check: TypeAlias = Callable[[Entity, str, datetime, str], Accepted | Refused]


def options_of(entity: Entity) -> list[str]:
    """The choices of an enum."""
    options = entity.config.get("options")
    return [str(option) for option in options if option is not None] if isinstance(options, list) else []


def _numeric(entity: Entity, said: str, _: datetime, language: str) -> Accepted | Refused:
    number = read_number(said, language)
    if number is None:
        return Refused("is no number")
    if not entity.config.get("has_decimal") and number != number.to_integral_value():
        return Refused("must be a whole number")
    if entity.config.get("has_range"):
        low, high = (read_number(str(entity.config.get(end, "")), "en") for end in ("min", "max"))
        if (low is not None and number < low) or (high is not None and number > high):
            bounds = [f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else ""]
            return Refused(f"must be {' and '.join(filter(None, bounds))}")
    written = said if said.isascii() and said.isdigit() else f"{number:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return Accepted(written)


def _alphanumeric(entity: Entity, said: str, _: datetime, __: str) -> Accepted | Refused:
    candidates = _spellings(said)
    kind = re.sub(r"[^a-z]+", " ", str(entity.config.get("validation_type") or "").lower())
    wanted = str(entity.config.get("regular_expression") or "")
    if entity.config.get("enabled", True) and "zip" in kind:
        return _first_match(candidates, _ZIP, "is no US zip code")
    if entity.config.get("enabled", True) and ("uk" in kind or "post" in kind):
        return _first_match([each.upper() for each in candidates], _POSTCODE, "is no UK postcode")
    if entity.config.get("enabled", True) and wanted:
        return _first_match(candidates, wanted, "does not have the form that is asked for")
    if not any(char.isalnum() for char in said):
        return Refused("has neither letters nor digits")
    return Accepted(candidates[-1] if _is_spelled(said) else said)


def _enum(entity: Entity, said: str, now: datetime, _: str) -> Accepted | Refused:
    options = options_of(entity)
    if not options:
        return Accepted(said)
    coerced = coerce(said, QuestionType.ENUM, options, reference=now)
    if coerced.fit is Fit.VALUE:
        return Accepted(str(coerced.value))
    within = [each for each in options if re.search(rf"(?<!\w){re.escape(plain(each))}(?!\w)", plain(said))]
    if len(within) == 1 and not re.search(r"\b(?:not?|never|neither|nor|don'?t)\b", plain(said)):
        return Accepted(within[0])
    return Refused(f"is none of: {', '.join(options)}")


def _date(entity: Entity, said: str, now: datetime, language: str) -> Accepted | Refused:
    day = read_day(said, now, language)
    if isinstance(day, str):
        return Refused(f"is no clear date ({day})")
    return Accepted(_as_described(entity, said) or day.isoformat(), {"date": day.isoformat()})


def _time(entity: Entity, said: str, _: datetime, __: str) -> Accepted | Refused:
    spelled = digitised(" ".join(plain(said).split()))
    mentions = find_times(spelled)[0] or find_times(f"at {spelled}")[0]
    if len(mentions) != 1 or not mentions[0].options:
        return Refused("is no clear time of day")
    options = mentions[0].options
    start, end = (_clock(entity.config.get(name)) for name in ("start_time", "end_time"))
    if entity.config.get("enabled", True) and (start or end):
        options = tuple(each for each in options if _between(each, start or time(0), end or time(23, 59, 59)))
        if not options:
            return Refused(f"must be between {start or time(0):%H:%M} and {end or time(23, 59):%H:%M}")
    if len(options) > 1:
        return Refused("could be in the morning or in the afternoon")
    return Accepted(f"{options[0]:%H:%M}")


def _phone(entity: Entity, said: str, _: datetime, language: str) -> Accepted | Refused:
    codes = entity.config.get("country_codes")
    countries = [str(code) for code in codes] if isinstance(codes, list) else []
    phone = read_phone(said, countries if entity.config.get("enabled", True) else [], language)
    if isinstance(phone, str):
        return Refused(phone)
    return Accepted(phone.written, {"e164": phone.e164, "country": phone.country, "assigned": phone.assigned})


def _address(_: Entity, said: str, __: datetime, ___: str) -> Accepted | Refused:
    if says_nothing(said) or sum(char.isalnum() for char in said) < 3:
        return Refused("is no address")
    return Accepted(said)


def _free_text(_: Entity, said: str, __: datetime, ___: str) -> Accepted | Refused:
    return Accepted(said)


def _name(_: Entity, said: str, __: datetime, ___: str) -> Accepted | Refused:
    if says_nothing(said) or not any(char.isalpha() for char in said) or any(char.isdigit() for char in said):
        return Refused("is no name")
    return Accepted(" ".join(said.rstrip(".!?,").split()))


CHECKS: Final[Mapping[EntityType, Check]] = {
    EntityType.NUMERIC: _numeric,
    EntityType.ALPHANUMERIC: _alphanumeric,
    EntityType.ENUM: _enum,
    EntityType.DATE: _date,
    EntityType.PHONE_NUMBER: _phone,
    EntityType.TIME: _time,
    EntityType.ADDRESS: _address,
    EntityType.FREE_TEXT: _free_text,
    EntityType.NAME: _name,
}


def _spellings(said: str) -> list[str]:
    """Ways to write what was said: as it is, without its spaces, spoken digits as digits; the likeliest first."""
    trimmed = said.rstrip(".!?,")
    together = re.sub(r"[\s,]+", "", trimmed)
    dictated = read_digits(trimmed)
    spoken = re.sub(r"[^A-Za-z0-9-]+", "", dictated)
    forms = [said, trimmed, together, together.upper(), dictated, spoken, spoken.upper()]
    return list(dict.fromkeys(form for form in forms if form))


def _is_spelled(said: str) -> bool:
    """Whether it was said sign by sign: `A B one two`."""
    pieces = read_digits(said).split()
    return len(pieces) > 1 and all(len(piece) == 1 or piece.isdigit() for piece in pieces)


def _first_match(candidates: list[str], pattern: str, otherwise: str) -> Accepted | Refused:
    expression = compiled(pattern)
    if expression is None:
        return Accepted(candidates[0])  # a project with a broken expression still collects the value
    try:
        fitting = [each for each in candidates if expression.fullmatch(each)]
    except TimeoutError:
        return Accepted(candidates[0])
    return Accepted(fitting[0]) if fitting else Refused(otherwise)


def _as_described(entity: Entity, said: str) -> str | None:
    """The date as it was given, where the description asks for that form: `MM/DD/YYYY`."""
    for form in re.findall(r"\b[DMY]{1,4}[-/. ][DMY]{1,4}[-/. ][DMY]{1,4}\b", entity.description):
        pattern = re.escape(form).replace("YYYY", r"\d{4}")
        if re.fullmatch(re.sub(r"Y+|M+|D+", lambda found: rf"\d{{{len(found.group())}}}", pattern), said):
            return said
    return None


def _clock(written: object) -> time | None:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", str(written or "").strip())
    return time(int(found[1]) % 24, int(found[2]) % 60) if found else None


def _between(at: time, start: time, end: time) -> bool:
    return start <= at <= end if start <= end else at >= start or at <= end
