"""What the slots of a conversation stand for in one call.

| slot | such as |
|---|---|
| name, first, last, spelled | Nina Petrov, Nina, Petrov, P-E-T-R-O-V |
| phone, digits, last4, email, email_spoken, born | 860-555-0142, eight six oh …, 0142, nina.petrov@example.com |
| daughter, son, dentist, insurer, refused | Ava, Felix, Dr. Wilk, Cigna, Humana (not accepted) |
| price.cleaning, dollars.cleaning | $129, 129 |
| service, service_es, price, dollars | for the key under `service_key` in a conversation's `sets` |
| d.rel, d.on, d.full, d.date, d.weekday, d.iso | next Tuesday, Tuesday, Tuesday, December 1st, December 1st, Tuesday, 2026-12-01 |
| d.es, d.es_rel, d.es_weekday | el martes 1 de diciembre, el próximo martes, martes |
| t.clock, t.next_clock, t.say, t.iso, t.es | 9:30 AM, 10 AM, nine thirty, 09:30:00, las nueve y media de la mañana |

`d` and `t` are the names that the conversation gives its dates and times.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from postcall.demo import clinic
from postcall.demo.clinic import is_holiday
from postcall.demo.conversations import Conversation, DatePattern, Scalar

SLOT = re.compile(r"\{([a-z0-9_.]+)\}")
WAYS = re.compile(r"\[\[([^\[\]]*)\]\]")

_DIGITS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = "January February March April May June July August September October November December".split()
_DIAS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MESES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
_HOURS = "one two three four five six seven eight nine ten eleven twelve".split()
_HORAS = "una dos tres cuatro cinco seis siete ocho nueve diez once doce".split()
_PARTS = {
    "morning": [time(hour, minute) for hour in (8, 9, 10, 11) for minute in (0, 30)],
    "afternoon": [time(hour, minute) for hour in (13, 14, 15, 16) for minute in (0, 30)][:-1],
}


@dataclass(frozen=True, slots=True)
class Person:
    """A caller, who keeps name and number from call to call."""

    first: str
    last: str
    number: str
    """As E.164."""
    born: date
    spanish: bool


def fill(text: str, slots: Mapping[str, str | int]) -> str:
    """Put the values in; KeyError for a slot that nothing stands for."""
    return SLOT.sub(lambda found: str(slots[found[1]]), text)


def fill_value(value: Scalar, slots: Mapping[str, str | int]) -> Scalar:
    """Fill a metric or a gold answer; one that is a slot and nothing else keeps the slot's type."""
    if not isinstance(value, str):
        return value
    whole = SLOT.fullmatch(value)
    return slots[whole[1]] if whole else fill(value, slots)


def choose_ways(text: str, rng: Random) -> str:
    """Choose one of each `[[one|another]]`."""
    return WAYS.sub(lambda found: rng.choice(found[1].split("|")), text) if "[[" in text else text


def choose_slots(conversation: Conversation, person: Person, today: date, rng: Random) -> dict[str, str | int]:
    """Everything that varies in one call; `today` is the call's own day at the clinic."""
    chosen = rng.choice(conversation.sets) if conversation.sets else {}
    slots: dict[str, str | int] = {
        "dentist": rng.choice(clinic.DENTISTS),
        "insurer": rng.choice(clinic.INSURERS),
        "refused": rng.choice(clinic.INSURERS_REFUSED),
        "daughter": rng.choice(clinic.DAUGHTERS),
        "son": rng.choice(clinic.SONS),
    }
    slots |= _PRICES
    slots |= _person_slots(str(chosen.get("first", person.first)), str(chosen.get("last", person.last)), person)
    if "service_key" in chosen:
        slots |= _service_slots(clinic.SERVICES[str(chosen["service_key"])])
    slots |= chosen
    for name, day in _choose_dates(conversation.dates, today, rng).items():
        slots |= _date_slots(name, day, today)
    for name, at in _choose_times(conversation.times, rng).items():
        slots |= _time_slots(name, at)
    return slots


_PRICES: dict[str, str | int] = {
    f"{form}.{key}": f"${service.dollars:,}" if form == "price" else service.dollars
    for key, service in clinic.SERVICES.items()
    for form in ("price", "dollars")
}


def _person_slots(first: str, last: str, person: Person) -> dict[str, str | int]:
    area, middle, end = person.number[2:5], person.number[5:8], person.number[8:]
    local_part = _ascii(f"{first}.{last}").lower()
    return {
        "first": first,
        "last": last,
        "name": f"{first} {last}",
        "spelled": "-".join(last.upper()),
        "phone": f"{area}-{middle}-{end}",
        "digits": ", ".join(" ".join(_DIGITS[int(digit)] for digit in part) for part in (area, middle, end)),
        "last4": end,
        "email": f"{local_part}@example.com",
        "email_spoken": f"{local_part.replace('.', ' dot ')} at example dot com",
        "born": f"{_MONTHS[person.born.month - 1]} {_ordinal(person.born.day)}, {person.born.year}",
        "born_es": f"{person.born.day} de {_MESES[person.born.month - 1]} de {person.born.year}",
    }


def _service_slots(service: clinic.Service) -> dict[str, str | int]:
    return {
        "service": service.spoken,
        "service_es": service.spanish,
        "price": f"${service.dollars:,}",
        "dollars": service.dollars,
    }


def _choose_dates(patterns: Mapping[str, DatePattern], today: date, rng: Random) -> dict[str, date]:
    days: dict[str, date] = {}
    for name, pattern in patterns.items():
        days[name] = _choose_date(pattern, days[pattern.after] if pattern.after else today, rng)
    return days


def _choose_date(pattern: DatePattern, base: date, rng: Random) -> date:
    days = [base + timedelta(days=offset) for offset in range(pattern.first, pattern.last + 1)]
    allowed = [day for day in days if _suits(pattern, day)]
    if allowed:
        return rng.choice(allowed)
    # "Tomorrow" on a Saturday: go on in the same direction to the next day that suits.
    step = timedelta(days=1 if pattern.last >= 0 else -1)
    day = days[-1] if pattern.last >= 0 else days[0]
    while not _suits(pattern, day):
        day += step
    return day


def _suits(pattern: DatePattern, day: date) -> bool:
    if pattern.weekday is not None:
        return day.weekday() == pattern.weekday and not is_holiday(day)
    return day.weekday() < 5 and not is_holiday(day)


def _choose_times(parts: Mapping[str, str], rng: Random) -> dict[str, time]:
    """Times of one part of the day differ and grow in the order in which the conversation names them."""
    times: dict[str, time] = {}
    for part in dict.fromkeys(parts.values()):
        names = [name for name, its_part in parts.items() if its_part == part]
        times |= dict(zip(names, sorted(rng.sample(_PARTS[part], len(names))), strict=True))
    return times


def _date_slots(name: str, day: date, today: date) -> dict[str, str | int]:
    weekday, dia = _WEEKDAYS[day.weekday()], _DIAS[day.weekday()]
    month_day = f"{_MONTHS[day.month - 1]} {_ordinal(day.day)}"
    return {
        f"{name}.rel": relative_day(day, today),
        f"{name}.es_rel": relative_day_spanish(day, today),
        f"{name}.weekday": weekday,
        f"{name}.date": month_day,
        f"{name}.slashes": f"{day.month}/{day.day}",
        f"{name}.full": f"{weekday}, {month_day}",
        f"{name}.es": f"el {dia} {day.day} de {_MESES[day.month - 1]}",
        f"{name}.es_weekday": dia,
        f"{name}.iso": day.isoformat(),
    }


def relative_day(day: date, today: date) -> str:
    """How a caller names the day, always so that only one day can be meant.

    "Next Tuesday" is said only when the nearest Tuesday lies in the next week: people disagree about the others.
    """
    distance = (day - today).days
    weekday = _WEEKDAYS[day.weekday()]
    named = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(distance)
    if named:
        return named
    weeks = (day - timedelta(days=day.weekday()) - (today - timedelta(days=today.weekday()))).days // 7
    if weeks == 0 and distance > 0:
        return f"this {weekday}"
    if weeks == 1 and distance <= 3:
        return f"this coming {weekday}"
    if weeks == 1:
        return f"next {weekday}" if distance <= 7 else f"{weekday} of next week"
    if -7 < distance < 0:
        return f"last {weekday}"
    return f"{weekday}, {_MONTHS[day.month - 1]} {_ordinal(day.day)}"


def relative_day_spanish(day: date, today: date) -> str:
    """The same in Spanish."""
    distance = (day - today).days
    dia = _DIAS[day.weekday()]
    named = {-1: "ayer", 0: "hoy", 1: "mañana"}.get(distance)
    if named:
        return named
    if 1 < distance < 7:
        return f"este {dia}"
    return f"el {dia} {day.day} de {_MESES[day.month - 1]}"


def clock(at: time) -> str:
    """9:30 AM."""
    half = "AM" if at.hour < 12 else "PM"
    hour = (at.hour - 1) % 12 + 1
    return f"{hour}:{at.minute:02d} {half}" if at.minute else f"{hour} {half}"


def _time_slots(name: str, at: time) -> dict[str, str | int]:
    hour = (at.hour - 1) % 12 + 1
    parte = "de la mañana" if at.hour < 12 else "de la tarde"
    hora = ("la " if hour == 1 else "las ") + _HORAS[hour - 1] + (" y media" if at.minute else "")
    return {
        f"{name}.clock": clock(at),
        f"{name}.next_clock": clock((datetime.combine(date.min, at) + timedelta(minutes=30)).time()),
        f"{name}.say": f"{_HOURS[hour - 1]} " + ("thirty" if at.minute else "o'clock"),
        f"{name}.es": f"{hora} {parte}",
        f"{name}.iso": at.isoformat(),
    }


def _ordinal(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
