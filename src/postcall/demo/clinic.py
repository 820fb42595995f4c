"""The invented dental clinic that the sample calls are about: its hours, staff and prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo

DEMO_AGENT_SLUG = "harbor-lane-dental"
DEMO_AGENT_NAME = "Harbor Lane Dental"

CLINIC_ZONE = ZoneInfo("America/New_York")
"""The clinic's clock: opening hours, spoken dates and gold dates are in it."""
CLINIC_NUMBER = "+18605550100"

OPENING_HOURS: dict[int, tuple[time, time]] = {
    0: (time(8), time(18)),
    1: (time(8), time(18)),
    2: (time(8), time(18)),
    3: (time(8), time(18)),
    4: (time(8), time(17)),
    5: (time(8), time(13)),
}
"""By weekday, Monday is 0; closed on Sunday."""


def is_holiday(day: date) -> bool:
    """Whether the clinic is closed although it is a weekday."""
    is_thanksgiving = day.month == 11 and day.weekday() == 3 and 22 <= day.day <= 28
    return is_thanksgiving or (day.month, day.day) in {(1, 1), (7, 4), (12, 24), (12, 25)}


def is_open(day: date, at: time) -> bool:
    """Whether somebody is at the front desk."""
    hours = OPENING_HOURS.get(day.weekday())
    return hours is not None and not is_holiday(day) and hours[0] <= at < hours[1]


@dataclass(frozen=True, slots=True)
class Service:
    """Something the clinic does, with its one price."""

    spoken: str
    spanish: str
    dollars: int


SERVICES: dict[str, Service] = {
    "cleaning": Service("a cleaning", "una limpieza", 129),
    "exam": Service("a check-up", "una revisión", 95),
    "kids": Service("a children's check-up", "una revisión infantil", 85),
    "filling": Service("a filling", "un empaste", 185),
    "crown": Service("a crown", "una corona", 1150),
    "root_canal": Service("a root canal", "una endodoncia", 890),
    "extraction": Service("an extraction", "una extracción", 220),
    "whitening": Service("whitening", "un blanqueamiento", 349),
    "night_guard": Service("a night guard", "una férula", 420),
    "emergency": Service("an emergency exam", "una consulta de urgencia", 75),
    "aligners": Service("clear aligners", "alineadores", 3900),
    "late_fee": Service("the late cancellation fee", "el cargo por cancelación tardía", 50),
}

DENTISTS = ("Dr. Okafor", "Dr. Ferrer", "Dr. Wilk")
"""General dentists; Dr. Lindqvist sees the children."""
INSURERS = ("Delta Dental", "Cigna", "MetLife", "Aetna", "Guardian")
"""Whose plans the clinic takes."""
INSURERS_REFUSED = ("Humana", "Ameritas", "DentaQuest")
