"""How people say dates and times, in English and Spanish."""

from __future__ import annotations

from datetime import date, time, timedelta

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_HOURS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DIAS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_MESES = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
_HORAS = ("una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce")
_DIGITS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def weekday(day: date) -> str:
    """Tuesday."""
    return _WEEKDAYS[day.weekday()]


def month_day(day: date) -> str:
    """December 1st."""
    return f"{_MONTHS[day.month - 1]} {_ordinal(day.day)}"


def weekday_spanish(day: date) -> str:
    """martes."""
    return _DIAS[day.weekday()]


def month_day_spanish(day: date) -> str:
    """1 de diciembre."""
    return f"{day.day} de {_MESES[day.month - 1]}"


def relative_day(day: date, today: date) -> str:
    """How a caller names the day, always so that only one day can be meant.

    "Next Tuesday" is said only when the nearest Tuesday lies in the next week: people disagree about the others.
    """
    distance = (day - today).days
    if -1 <= distance <= 1:
        return ("yesterday", "today", "tomorrow")[distance + 1]
    weeks = (_monday(day) - _monday(today)).days // 7
    if weeks == 0 and distance > 0:
        return f"this {weekday(day)}"
    if weeks == 1 and distance <= 3:
        return f"this coming {weekday(day)}"
    if weeks == 1:
        return f"next {weekday(day)}" if distance <= 7 else f"{weekday(day)} of next week"
    if -7 < distance < 0:
        return f"last {weekday(day)}"
    return f"{weekday(day)}, {month_day(day)}"


def relative_day_spanish(day: date, today: date) -> str:
    """The same in Spanish."""
    distance = (day - today).days
    if -1 <= distance <= 1:
        return ("ayer", "hoy", "mañana")[distance + 1]
    if 1 < distance < 7:
        return f"este {weekday_spanish(day)}"
    return f"el {weekday_spanish(day)} {month_day_spanish(day)}"


def clock(at: time) -> str:
    """9:30 AM."""
    half = "AM" if at.hour < 12 else "PM"
    return f"{_hour(at)}:{at.minute:02d} {half}" if at.minute else f"{_hour(at)} {half}"


def time_in_words(at: time) -> str:
    """Nine thirty; full and half hours only."""
    return f"{_HOURS[_hour(at) - 1]} " + ("thirty" if at.minute else "o'clock")


def time_spanish(at: time) -> str:
    """Las nueve y media de la mañana; full and half hours only."""
    article = "la" if _hour(at) == 1 else "las"
    half = " y media" if at.minute else ""
    return f"{article} {_HORAS[_hour(at) - 1]}{half} {'de la mañana' if at.hour < 12 else 'de la tarde'}"


def digits(number: str) -> str:
    """Each digit as a word, zero as `oh`."""
    return " ".join(_DIGITS[int(digit)] for digit in number)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _hour(at: time) -> int:
    return (at.hour - 1) % 12 + 1


def _ordinal(number: int) -> str:
    if 10 <= number % 100 <= 20:
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"
