"""How the clinic says days, times and appointments, and how it understands them."""

import re
from datetime import date, datetime, timedelta

from functions.clinic_data import Visit, treatment_named

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DIAS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MESES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip


def say_visit(visit: Visit, language: str) -> str:
    """`a cleaning on Tuesday, March 3 at 9:00 AM with Bea`."""
    treatment = treatment_named(visit.treatment)
    if language.startswith("es"):
        return f"{treatment.spanish} {say_time(visit.starts, language)} con {visit.by}"
    return f"{treatment.spoken} on {say_time(visit.starts, language)} with {visit.by}"


def say_time(moment: datetime, language: str) -> str:
    """`Tuesday, March 3 at 9:00 AM`."""
    if language.startswith("es"):
        day = f"el {DIAS[moment.weekday()]} {moment.day} de {MESES[moment.month - 1]}"
        return f"{day} a las {moment.hour}:{moment.minute:02}"
    clock = f"{moment.hour % 12 or 12}:{moment.minute:02} {'AM' if moment.hour < 12 else 'PM'}"
    return f"{moment.strftime('%A, %B')} {moment.day} at {clock}"


def say_choices(visits: list[Visit], language: str) -> str:
    """The free times with their numbers, for a prompt."""
    return "; ".join(f"{number}) {say_time(visit.starts, language)}" for number, visit in enumerate(visits, start=1))


def read_day(said: str, today: date) -> date | None:
    """The day that is meant: an ISO date, a weekday, today, tomorrow; None where it is not clear."""
    text = said.strip().lower()
    if text in {"any", "today", "hoy", "as soon as possible"}:
        return today
    if text in {"tomorrow", "mañana"}:
        return today + timedelta(days=1)
    for names in (WEEKDAYS, DIAS):
        for number, name in enumerate(names):
            if name in text:
                return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    if found := re.search(r"\d{4}-\d{2}-\d{2}", text):
        return read_date(found[0])
    return None


def read_date(said: str) -> date | None:
    """A date as `1988-04-12`; None where it is none."""
    try:
        return date.fromisoformat(said.strip())
    except ValueError:
        return None
