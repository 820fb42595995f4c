"""What the slots of a conversation stand for in one call.

| slot | such as |
|---|---|
| name, first, last, spelled | Nina Petrov, Nina, Petrov, P-E-T-R-O-V |
| phone, digits, last4 | 860-555-0142, eight six oh …, 0142 |
| email, email_spoken, born, born_es | nina.petrov@example.com, nina dot petrov at …, May 3rd, 1980 |
| daughter, son, dentist, insurer, refused | Ava, Felix, Dr. Wilk, Cigna, Humana (not accepted) |
| price.cleaning, dollars.cleaning | $129, 129 |
| service, service_es, price, dollars | for the service that a conversation's `sets` name under `service_key` |
| d.rel, d.full, d.date, d.weekday | next Tuesday; Tuesday, December 1st; December 1st; Tuesday |
| d.slashes, d.iso | 12/1, 2026-12-01 |
| d.es, d.es_rel | el martes 1 de diciembre, este martes |
| t.clock, t.next_clock, t.say, t.iso | 9:30 AM, 10 AM (half an hour later), nine thirty, 09:30:00 |
| t.es | las nueve y media de la mañana |

`d` and `t` are the names that the conversation gives its dates and times.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeAlias

from postcall.demo import clinic, spoken
from postcall.demo.conversations import Conversation, DatePattern
from postcall.demo.people import Person, read_names
from postcall.domain.calls import MetricValue

Slots: TypeAlias = dict[str, str | int | float]

SLOT = re.compile(r"\{([a-z0-9_.]+)\}")
_SENTENCE_START = re.compile(r"(?:^|(?<=[.?!] ))\{([a-z0-9_.]+)\}")
_WAYS = re.compile(r"\[\[([^\[\]]*)\]\]")
_TIMES = {
    "morning": [time(hour, minute) for hour in (8, 9, 10, 11) for minute in (0, 30)],
    "afternoon": [time(hour, minute) for hour in (13, 14, 15) for minute in (0, 30)] + [time(16)],
    "after_school": [time(15), time(15, 30), time(16)],
}
"""When appointments begin; the last leaves time before the clinic closes on a Friday, at five."""
_PRICES: Slots = {f"price.{key}": f"${service.dollars:,}" for key, service in clinic.SERVICES.items()}
_PRICES |= {f"dollars.{key}": service.dollars for key, service in clinic.SERVICES.items()}


def choose_ways(text: str, rng: Random) -> str:
    """Choose one of each `[[one|another]]`."""
    return _WAYS.sub(lambda found: rng.choice(found[1].split("|")), text) if "[[" in text else text


def fill(text: str, slots: Mapping[str, str | int | float]) -> str:
    """Put the values in, with a capital where one begins a sentence; KeyError for a slot that nothing stands for."""
    text = _SENTENCE_START.sub(lambda found: _capital(str(slots[found[1]])), text)
    return SLOT.sub(lambda found: str(slots[found[1]]), text)


def fill_value(value: MetricValue, slots: Mapping[str, str | int | float]) -> MetricValue:
    """Fill a metric or a gold answer; one that is a slot and nothing else keeps the slot's type."""
    if not isinstance(value, str):
        return value
    whole = SLOT.fullmatch(value)
    return slots[whole[1]] if whole else SLOT.sub(lambda found: str(slots[found[1]]), value)


def choose_slots(conversation: Conversation, person: Person, today: date, rng: Random) -> Slots:
    """Everything that varies in one call; `today` is the call's own day at the clinic."""
    chosen = rng.choice(conversation.sets) if conversation.sets else {}
    slots: Slots = {
        "dentist": rng.choice(clinic.DENTISTS),
        "insurer": rng.choice(clinic.INSURERS),
        "refused": rng.choice(clinic.INSURERS_REFUSED),
        "daughter": rng.choice(read_names()["daughters"]),
        "son": rng.choice(read_names()["sons"]),
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


def _person_slots(first: str, last: str, person: Person) -> Slots:
    parts = (person.number[2:5], person.number[5:8], person.number[8:])
    mailbox = _ascii(f"{first}.{last}").lower()
    return {
        "first": first,
        "last": last,
        "name": f"{first} {last}",
        "spelled": "-".join(last.upper()),
        "phone": "-".join(parts),
        "digits": ", ".join(spoken.digits(part) for part in parts),
        "last4": parts[2],
        "email": f"{mailbox}@example.com",
        "email_spoken": f"{mailbox.replace('.', ' dot ')} at example dot com",
        "born": f"{spoken.month_day(person.born)}, {person.born.year}",
        "born_es": f"{spoken.month_day_spanish(person.born)} de {person.born.year}",
    }


def _service_slots(service: clinic.Service) -> Slots:
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
    is_future = pattern.last >= 0
    day = days[-1] if is_future else days[0]
    while not _suits(pattern, day):
        day += timedelta(days=1 if is_future else -1)
    return day


def _suits(pattern: DatePattern, day: date) -> bool:
    is_weekday = day.weekday() < 5 if pattern.weekday is None else day.weekday() == pattern.weekday
    return is_weekday and not clinic.is_holiday(day)


def _choose_times(parts: Mapping[str, str], rng: Random) -> dict[str, time]:
    """Times of one part of the day differ and grow in the order in which the conversation names them."""
    times: dict[str, time] = {}
    for part in dict.fromkeys(parts.values()):
        names = [name for name, its_part in parts.items() if its_part == part]
        times |= dict(zip(names, sorted(rng.sample(_TIMES[part], len(names))), strict=True))
    return times


def _date_slots(name: str, day: date, today: date) -> Slots:
    return {
        f"{name}.rel": spoken.relative_day(day, today),
        f"{name}.full": f"{spoken.weekday(day)}, {spoken.month_day(day)}",
        f"{name}.date": spoken.month_day(day),
        f"{name}.weekday": spoken.weekday(day),
        f"{name}.slashes": f"{day.month}/{day.day}",
        f"{name}.iso": day.isoformat(),
        f"{name}.es": f"el {spoken.weekday_spanish(day)} {spoken.month_day_spanish(day)}",
        f"{name}.es_rel": spoken.relative_day_spanish(day, today),
    }


def _time_slots(name: str, at: time) -> Slots:
    half_an_hour_later = (datetime.combine(date.min, at) + timedelta(minutes=30)).time()
    return {
        f"{name}.clock": spoken.clock(at),
        f"{name}.next_clock": spoken.clock(half_an_hour_later),
        f"{name}.say": spoken.time_in_words(at),
        f"{name}.es": spoken.time_spanish(at),
        f"{name}.iso": at.isoformat(),
    }


def _capital(value: str) -> str:
    return value if "@" in value else value[:1].upper() + value[1:]


def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
