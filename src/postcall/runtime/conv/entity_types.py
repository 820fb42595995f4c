"""How a value is to be checked: one pydantic model for each kind, with the published names and fields.

Loaded only when a project names one of them, since pydantic takes a while to import.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationInfo, field_validator

from postcall.runtime.conv.entities import EntityType, NumericType

__all__ = [
    "AlphanumericConfig",
    "BaseRangeConfig",
    "CurrencyConfig",
    "DateConfig",
    "EmailConfig",
    "EntityConfig",
    "EntityType",
    "EnumConfig",
    "FreeTextConfig",
    "NameConfig",
    "NonNegativeMaxRangeConfig",
    "NumericConfig",
    "NumericType",
    "PhoneNumberConfig",
    "QuantityConfig",
    "TimeConfig",
]

Bound = TypeVar("Bound", float | None, date | None, time | None)
EMAIL = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"


class BaseRangeConfig(BaseModel):
    """A number within bounds, both of which belong to it."""

    min_inclusive: float | None = None
    max_inclusive: float | None = None


class NonNegativeMaxRangeConfig(BaseRangeConfig):
    """A number whose upper bound is not below zero."""

    @field_validator("max_inclusive")
    @classmethod
    def validate_max(cls, v: float | None) -> float | None:
        if v is not None and v < 0:
            raise ValueError("max_inclusive is below zero")
        return v


class NumericConfig(BaseRangeConfig):
    """Any number."""

    entity_type: Literal["numeric"] = "numeric"
    numeric_type: NumericType = NumericType.INTEGER

    @field_validator("max_inclusive")
    @classmethod
    def validate_min_max(cls, v: float | None, values: ValidationInfo) -> float | None:
        return _in_order(v, values.data.get("min_inclusive"), "max_inclusive is below min_inclusive")


class QuantityConfig(NonNegativeMaxRangeConfig):
    """How many."""

    entity_type: Literal["quantity"] = "quantity"
    min_inclusive: int | None = 0
    max_inclusive: int | None = None
    numeric_type: NumericType = NumericType.INTEGER


class CurrencyConfig(NonNegativeMaxRangeConfig):
    """An amount of money."""

    entity_type: Literal["currency"] = "currency"
    min_inclusive: float | None = 0
    max_inclusive: float | None = None
    numeric_type: NumericType = NumericType.FLOAT


class NameConfig(BaseModel):
    """A person's name."""

    entity_type: Literal["name"] = "name"


class FreeTextConfig(BaseModel):
    """Anything that is not empty."""

    entity_type: Literal["free_text"] = "free_text"


class AlphanumericConfig(BaseModel):
    """A text that matches an expression as a whole; with `capturing_group`, that group is the value."""

    custom_regex: str = r"[A-Za-z0-9]+"
    entity_type: Literal["alphanumeric"] = "alphanumeric"
    capturing_group: int | None = None

    @field_validator("custom_regex")
    @classmethod
    def validate_regex(cls, v: str) -> str:
        try:
            re.compile(v)
        except re.error as error:
            raise ValueError(f"custom_regex is no regular expression: {error}") from None
        return v

    @field_validator("capturing_group")
    @classmethod
    def validate_capturing_group(cls, v: int | None) -> int | None:
        if v is not None and v < 0:
            raise ValueError("capturing_group is below zero")
        return v

    def get_compiled_regex(self) -> re.Pattern[str]:
        return re.compile(self.custom_regex)


class DateConfig(BaseModel):
    """A day, within bounds that belong to it."""

    entity_type: Literal["date"] = "date"
    day_first: bool | None = None
    earliest_date_inclusive: date | None = None
    latest_date_inclusive: date | None = None

    @field_validator("earliest_date_inclusive", "latest_date_inclusive", mode="before")
    @classmethod
    def parse_dates(cls, v: Any, values: ValidationInfo) -> Any:  # noqa: ARG003 - the published parameters
        return date.fromisoformat(v.strip()) if isinstance(v, str) else v

    @field_validator("latest_date_inclusive")
    @classmethod
    def validate_dates(cls, v: date | None, values: ValidationInfo) -> date | None:
        return _in_order(v, values.data.get("earliest_date_inclusive"), "the latest date is before the earliest")


class EmailConfig(AlphanumericConfig):
    """An e-mail address."""

    custom_regex: str = EMAIL
    entity_type: Literal["email"] = "email"  # type: ignore[assignment]  # a kind of its own, published as a subclass
    capturing_group: int | None = None


class TimeConfig(BaseModel):
    """A time of day, within bounds that belong to it.

    `time_pivot` is the first hour that is taken to be meant as it stands where nothing says morning or afternoon:
    with 7, "5" is five in the afternoon and "8" eight in the morning.
    """

    entity_type: Literal["time"] = "time"
    format: str = "%H:%M"
    earliest_time_inclusive: time | None = None
    latest_time_inclusive: time | None = None
    time_pivot: int = 0

    @field_validator("earliest_time_inclusive", "latest_time_inclusive", mode="before")
    @classmethod
    def parse_times(cls, v: Any, values: ValidationInfo) -> Any:
        if not isinstance(v, str):
            return v
        try:
            return time.fromisoformat(v.strip())
        except ValueError:
            return datetime.strptime(v.strip(), values.data.get("format") or "%H:%M").time()

    @field_validator("latest_time_inclusive")
    @classmethod
    def validate_times(cls, v: time | None, values: ValidationInfo) -> time | None:
        return _in_order(v, values.data.get("earliest_time_inclusive"), "the latest time is before the earliest")

    @field_validator("time_pivot")
    @classmethod
    def validate_time_pivot(cls, v: int, values: ValidationInfo) -> int:  # noqa: ARG003 - the published parameters
        if not 0 <= v <= 12:
            raise ValueError("time_pivot is not within 0 and 12")
        return v


class PhoneNumberConfig(BaseModel):
    """A phone number of these regions (`US`, `GB` …); without regions, of any, with its country code."""

    entity_type: Literal["phone_number"] = "phone_number"
    regions: set[str] | None = None

    @field_validator("regions")
    @classmethod
    def validate_regions(cls, v: set[str] | None) -> set[str] | None:
        if v is None:
            return None
        from phonenumbers import SUPPORTED_REGIONS

        regions = {region.strip().upper() for region in v}
        unknown = regions - set(SUPPORTED_REGIONS)
        if unknown:
            raise ValueError(f"no regions: {', '.join(sorted(unknown))}")
        return regions


class EnumConfig(BaseModel):
    """One of these values, whatever the case."""

    entity_type: Literal["enum"] = "enum"
    allowed_vals: set[str] | None = None

    @field_validator("allowed_vals")
    @classmethod
    def validate_allowed_vals(cls, v: set[str] | None) -> set[str] | None:
        return None if v is None else {value.strip() for value in v if value.strip()}


EntityConfig: TypeAlias = (
    NumericConfig
    | QuantityConfig
    | CurrencyConfig
    | NameConfig
    | FreeTextConfig
    | AlphanumericConfig
    | DateConfig
    | EmailConfig
    | TimeConfig
    | PhoneNumberConfig
    | EnumConfig
)


def _in_order(high: Bound, low: Any, complaint: str) -> Bound:
    if high is not None and low is not None and high < low:
        raise ValueError(complaint)
    return high
