"""`conv.utils.validate_entity`: whether a value is one of its kind, and how it is to be kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from postcall.runtime.conv.entities import NumericType
from postcall.runtime.conv.entity_types import (
    AlphanumericConfig,
    BaseRangeConfig,
    CurrencyConfig,
    DateConfig,
    EnumConfig,
    FreeTextConfig,
    NameConfig,
    NumericConfig,
    PhoneNumberConfig,
    QuantityConfig,
    TimeConfig,
)
from postcall.runtime.conv.plain import as_text


@dataclass
class EntityValidationResponse:
    """What a check came to."""

    is_valid: bool
    message: str
    """Empty where the value is valid, else what is wrong with it."""
    details: dict[str, Any] = field(default_factory=dict)
    """`value`, as it is to be kept, and what else is known of it."""


class Invalid(Exception):
    """The value is none of its kind; the message says why."""


def validate(value: Any, config: Any) -> EntityValidationResponse:
    """Check a value. Raises TypeError for what is no configuration; a value can only be valid or not."""
    check = _check_of(config)
    text = as_text(value).strip()
    if value is None or not text:
        return EntityValidationResponse(False, "there is no value")
    try:
        return EntityValidationResponse(True, "", check(text, config))
    except Invalid as error:
        return EntityValidationResponse(False, str(error))


def _check_of(config: Any) -> Callable[[str, Any], dict[str, Any]]:
    for kind, check in _CHECKS.items():
        if isinstance(config, kind):
            return check
    raise TypeError(f"{type(config).__name__} is no configuration of an entity")


_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")


def _number(text: str, config: BaseRangeConfig) -> dict[str, Any]:
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    if not _NUMBER.fullmatch(plain):
        raise Invalid(f"{text!r} is no number")
    number = float(plain)
    numeric_type = getattr(config, "numeric_type", NumericType.INTEGER)
    if numeric_type == NumericType.INTEGER:
        if not number.is_integer():
            raise Invalid(f"{text} is no whole number")
        number = int(plain.split(".")[0] or "0")
    if config.min_inclusive is not None and number < config.min_inclusive:
        raise Invalid(f"{text} is below {config.min_inclusive:g}")
    if config.max_inclusive is not None and number > config.max_inclusive:
        raise Invalid(f"{text} is above {config.max_inclusive:g}")
    return {"value": number}


_CURRENCY = re.compile(r"(?P<before>[A-Z]{3}|[$€£¥₹])?\s*(?P<number>[+-]?[\d.,]+)\s*(?P<after>[A-Z]{3}|[$€£¥₹])?", re.I)


def _currency(text: str, config: CurrencyConfig) -> dict[str, Any]:
    match = _CURRENCY.fullmatch(text)
    if match is None:
        raise Invalid(f"{text!r} is no amount of money")
    details = _number(match["number"], config)
    currency = match["before"] or match["after"]
    return details if currency is None else {**details, "currency": currency.upper()}


def _name(text: str, config: NameConfig) -> dict[str, Any]:  # noqa: ARG001 - every check has one
    if not any(character.isalpha() for character in text) or any(character.isdigit() for character in text):
        raise Invalid(f"{text!r} is no name")
    return {"value": " ".join(text.split())}


def _free_text(text: str, config: FreeTextConfig) -> dict[str, Any]:  # noqa: ARG001 - the same
    return {"value": text}


def _alphanumeric(text: str, config: AlphanumericConfig) -> dict[str, Any]:
    match = config.get_compiled_regex().fullmatch(text)
    if match is None:
        raise Invalid(f"{text!r} does not have the expected form")
    try:
        value = match[config.capturing_group or 0]
    except IndexError:
        raise Invalid(f"the expression has no group {config.capturing_group}") from None
    if value is None:
        raise Invalid(f"{text!r} does not have the expected form")
    return {"value": value}


_MONTH_FIRST = ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y", "%m/%d/%y")
_DAY_FIRST = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y")
_SPELLED = ("%d %B %Y", "%B %d %Y", "%B %d, %Y", "%d %b %Y", "%b %d %Y", "%b %d, %Y", "%Y/%m/%d", "%Y%m%d")


def _date(text: str, config: DateConfig) -> dict[str, Any]:
    day = _read_date(text, day_first=bool(config.day_first))
    if config.earliest_date_inclusive is not None and day < config.earliest_date_inclusive:
        raise Invalid(f"{day} is before {config.earliest_date_inclusive}")
    if config.latest_date_inclusive is not None and day > config.latest_date_inclusive:
        raise Invalid(f"{day} is after {config.latest_date_inclusive}")
    return {"value": day.isoformat()}


def _read_date(text: str, *, day_first: bool) -> date:
    plain = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text, flags=re.I)
    try:
        return date.fromisoformat(plain)
    except ValueError:
        pass
    numeric = (*_DAY_FIRST, *_MONTH_FIRST) if day_first else (*_MONTH_FIRST, *_DAY_FIRST)
    for pattern in (*numeric, *_SPELLED):
        try:
            return datetime.strptime(plain, pattern).date()
        except ValueError:
            continue
    raise Invalid(f"{text!r} is no date")


_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?(?::\d{2})?\s*(?:(?P<half>[ap])(?:\.?\s*m\.?)?)?", re.I
)


def _time(text: str, config: TimeConfig) -> dict[str, Any]:
    moment = _read_time(text, config)
    if config.earliest_time_inclusive is not None and moment < config.earliest_time_inclusive:
        raise Invalid(f"{moment:%H:%M} is before {config.earliest_time_inclusive:%H:%M}")
    if config.latest_time_inclusive is not None and moment > config.latest_time_inclusive:
        raise Invalid(f"{moment:%H:%M} is after {config.latest_time_inclusive:%H:%M}")
    return {"value": moment.strftime(config.format)}


def _read_time(text: str, config: TimeConfig) -> time:
    match = _TIME.fullmatch(text)
    if match is None:
        try:
            return datetime.strptime(text, config.format).time()
        except ValueError:
            raise Invalid(f"{text!r} is no time of day") from None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"] is not None:
        if not 1 <= hour <= 12:
            raise Invalid(f"{text!r} is no time of day")
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    elif 0 < hour < config.time_pivot and not match["hour"].startswith("0"):
        hour += 12
    if hour > 23 or minute > 59:
        raise Invalid(f"{text!r} is no time of day")
    return time(hour, minute)


def _phone_number(text: str, config: PhoneNumberConfig) -> dict[str, Any]:
    # Late: it takes a while to import, and few projects check numbers.
    import phonenumbers

    regions: list[str | None] = [*sorted(config.regions or ())]
    for region in regions or [None]:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        found = phonenumbers.region_code_for_number(number)
        if phonenumbers.is_valid_number(number) and (not regions or found in regions):
            written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
            return {"value": written, "region": found, "country_code": number.country_code}
    where = f" of {', '.join(sorted(config.regions))}" if config.regions else ""
    raise Invalid(f"{text!r} is no phone number{where}")


def _enum(text: str, config: EnumConfig) -> dict[str, Any]:
    if config.allowed_vals is None:
        return {"value": text}
    for value in sorted(config.allowed_vals):
        if value.casefold() == text.casefold():
            return {"value": value}
    raise Invalid(f"{text!r} is none of {', '.join(sorted(config.allowed_vals))}")


_CHECKS: dict[type, Callable[[str, Any], dict[str, Any]]] = {
    CurrencyConfig: _currency,
    NumericConfig: _number,
    QuantityConfig: _number,
    NameConfig: _name,
    FreeTextConfig: _free_text,
    AlphanumericConfig: _alphanumeric,
    DateConfig: _date,
    TimeConfig: _time,
    PhoneNumberConfig: _phone_number,
    EnumConfig: _enum,
}
"""EmailConfig is an AlphanumericConfig with an expression of its own."""
