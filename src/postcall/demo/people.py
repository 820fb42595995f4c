"""The callers: invented names, each with a number that is kept free for fiction."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from random import Random
from typing import cast

from postcall.demo.clinic import CLINIC_NUMBER

_AREA_CODES = ("860", "203", "475", "959", "401", "413", "914", "845", "508", "617", "774", "978")
"""With 555-01xx behind them, numbers that are kept free for fiction."""
_SPANISH_EVERY = 6


@dataclass(frozen=True, slots=True)
class Person:
    """A caller, who keeps name and number from call to call."""

    first: str
    last: str
    number: str
    """As E.164."""
    born: date
    spanish: bool


@cache
def read_names() -> dict[str, list[str]]:
    """First and last names, in English and Spanish, and those of children."""
    text = (resources.files("postcall.demo") / "data" / "people.json").read_text(encoding="utf-8")
    return cast("dict[str, list[str]]", json.loads(text))


def invent_people(rng: Random) -> list[Person]:
    """1,199 callers, each with a number of their own; every sixth speaks Spanish."""
    numbers = [f"+1{area}55501{end:02d}" for area in _AREA_CODES for end in range(100)]
    return [
        _invent_person(number, rng, spanish=place % _SPANISH_EVERY == 0)
        for place, number in enumerate(numbers)
        if number != CLINIC_NUMBER
    ]


def _invent_person(number: str, rng: Random, *, spanish: bool) -> Person:
    names = read_names()
    return Person(
        first=rng.choice(names["spanish_first" if spanish else "first"]),
        last=rng.choice(names["spanish_last" if spanish else "last"]),
        number=number,
        born=date(1948, 1, 1) + timedelta(days=rng.randrange(55 * 365)),
        spanish=spanish,
    )


def choose_person(people: Sequence[Person], rng: Random, *, spanish: bool, is_free: Callable[[Person], bool]) -> Person:
    """Somebody who speaks the language and is free.

    After 200 tries whoever is next: with tens of thousands of calls an hour everybody is on the line.
    """
    person = people[0]
    for _ in range(200):
        person = rng.choice(people)
        if person.spanish == spanish and is_free(person):
            return person
    return person
