"""Stretches that are named from where one stands: today, last week, the past 30 days, last Tuesday."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from postcall.analyst.times.calendar import (
    DAY,
    Stretch,
    Today,
    Unit,
    at,
    before,
    completed,
    current,
    days,
    just_before,
    latest_weekday,
    part_of_day,
    so_far,
    trailing,
    weekday_in,
    whole,
)
from postcall.analyst.times.rules import AsFarBack, Meaning, Rule, rule

RELATIVE: list[Rule] = []
_DATE = r"(?:last|yesterday|today|tomorrow|this|<DAY>|<MONTH>|<WEEKDAY>|the <DAY>|<YEAR>|<YEAR>-\S*)"
"""What `before` may stand in front of."""
_MOST = 3660
"""Days, weeks, ... back: who asks for more asks for all."""


@rule(RELATIVE, r"(?<=until )now|(?<=to )now")
@rule(RELATIVE, r"today(?: so far)?|(?:the )?current day")
def _today(_match: re.Match[str], today: Today) -> Meaning:
    return current(Unit.DAY, today)


@rule(RELATIVE, r"(?P<two>(?:the )?day before )?yesterday")
def _yesterday(match: re.Match[str], today: Today) -> Meaning:
    day = today.date - (2 * DAY if match["two"] else DAY)
    return days(day, day)


@rule(RELATIVE, r"tomorrow")
def _tomorrow(_match: re.Match[str], today: Today) -> Meaning:
    return days(today.date + DAY, today.date + DAY)


@rule(RELATIVE, r"(?:so far |earlier )?this (?P<part>morning|afternoon|evening)|tonight(?P<part2>)")
def _this_morning(match: re.Match[str], today: Today) -> Meaning:
    first, after = {"morning": (0, 720), "afternoon": (720, 1080)}.get(match["part"] or "", (1080, 1440))
    stretch = part_of_day(current(Unit.DAY, today), first, after)
    ended = stretch.until is not None and stretch.until <= today.now
    return replace(stretch, going_on=not ended and stretch.since is not None and stretch.since <= today.now)


@rule(RELATIVE, r"last night")
def _last_night(_match: re.Match[str], today: Today) -> Meaning:
    return Stretch(at(today.date - DAY, 1080), min(at(today.date, 360), today.now))


@rule(
    RELATIVE, r"(?:so far )?(?:the |in )*(?:this|current|present|ongoing|running) (?P<unit><UNIT>)(?: so far| to date)?"
)
@rule(RELATIVE, r"(?P<unit><LONG>) to date")
def _present(match: re.Match[str], today: Today) -> Meaning:
    if match["unit"] == "hour":
        return Stretch(today.now.replace(minute=0, second=0, microsecond=0), today.now, Unit.HOUR, going_on=True)
    return current(Unit(match["unit"]), today)


@rule(RELATIVE, r"ytd|mtd|qtd|wtd")
def _to_date(match: re.Match[str], today: Today) -> Meaning:
    return current({"y": Unit.YEAR, "m": Unit.MONTH, "q": Unit.QUARTER, "w": Unit.WEEK}[match[0][0]], today)


@rule(RELATIVE, r"(?:the )?last (?P<whole>(?:full|whole|complete|calendar) )?(?P<unit><UNIT>)(?! of(?! (?:calls|all)))")
def _last(match: re.Match[str], today: Today) -> Meaning:
    unit = Unit(match["unit"])
    if unit is Unit.HOUR:
        return trailing(unit, 1, today)
    if unit is Unit.DAY and not match["whole"]:
        return trailing(Unit.HOUR, 24, today)
    return completed(unit, 1, today)


@rule(RELATIVE, r"(?<!the )last (?P<unit><LONG>)s(?= [a-z])")
def _lasts(match: re.Match[str], today: Today) -> Meaning:
    # `last weeks numbers`, without the apostrophe.
    return completed(Unit(match["unit"]), 1, today)


@rule(RELATIVE, r"(?:the )?(?:last|past|previous) fortnight")
def _fortnight(_match: re.Match[str], today: Today) -> Meaning:
    return trailing(Unit.DAY, 14, today)


@rule(RELATIVE, r"(?:the )?past (?P<unit><UNIT>)")
def _past(match: re.Match[str], today: Today) -> Meaning:
    unit = Unit(match["unit"])
    return trailing(Unit.HOUR, 24, today) if unit is Unit.DAY else trailing(unit, 1, today)


@rule(
    RELATIVE,
    r"(?:the |these |those )?(?:last|past|recent|latest)(?: a)?"
    r"(?: (?P<whole>full|whole|complete|calendar))? (?P<number>\d{1,4})(?: of)?"
    r"(?: -)?(?: (?P<whole2>full|whole|complete|calendar))? (?P<unit><UNIT>)s?",
)
def _last_so_many(match: re.Match[str], today: Today) -> Meaning:
    unit, number = Unit(match["unit"]), int(match["number"])
    if not 1 <= number <= _MOST:
        return None
    if (match["whole"] or match["whole2"]) and unit is not Unit.HOUR:
        return completed(unit, number, today)
    return trailing(unit, number, today)


@rule(RELATIVE, r"(?:the )?(?:last|past) (?P<number>\d{1,4}) minutes(?! of)")
def _last_minutes(match: re.Match[str], today: Today) -> Meaning:
    return Stretch(today.now - timedelta(minutes=int(match["number"])), today.now, Unit.HOUR, going_on=True)


@rule(RELATIVE, r"(?:the )?(?:previous|preceding|prior|before) (?P<number>\d{1,4}) (?P<unit><LONG>)s?")
@rule(
    RELATIVE, r"(?:the )?(?P<number>\d{1,4}) (?P<unit><LONG>)s? before(?: that)?(?! (?:last|yesterday|<DAY>|<MONTH>))"
)
def _so_many_before(match: re.Match[str], _today_is: Today) -> Meaning:
    number = int(match["number"])
    return AsFarBack(Unit(match["unit"]), number) if 1 <= number <= _MOST else None


@rule(RELATIVE, r"(?:the )?(?P<unit><LONG>) before last")
def _before_last(match: re.Match[str], today: Today) -> Meaning:
    unit = Unit(match["unit"])
    return whole(unit, before(unit, today.date, 2))


@rule(RELATIVE, r"(?:the )?(?:next|coming|upcoming) (?P<unit>week|month|quarter|year)")
def _next(match: re.Match[str], today: Today) -> Meaning:
    unit = Unit(match["unit"])
    return whole(unit, before(unit, today.date, -1))


@rule(RELATIVE, r"(?:exactly )?(?P<number>\d{1,4}|a|an) (?P<unit><UNIT>)s? ago")
def _ago(match: re.Match[str], today: Today) -> Meaning:
    number = int(match["number"]) if match["number"].isdigit() else 1
    unit = Unit(match["unit"])
    if number > _MOST:
        return None
    if unit is Unit.HOUR:
        moment = today.now - timedelta(hours=number)
        return Stretch(moment, moment + timedelta(hours=1), unit)
    return whole(unit, before(unit, today.date, number))


@rule(RELATIVE, r"(?P<number>\d{1,4}|a|an) (?P<unit><LONG>)s? ago (?:today|to the day)|today a (?P<one><LONG>) ago")
def _ago_today(match: re.Match[str], today: Today) -> Meaning:
    number = int(match["number"]) if (match["number"] or "").isdigit() else 1
    day = before(Unit(match["unit"] or match["one"]), today.date, number)
    return days(day, day) if number <= _MOST else None


@rule(RELATIVE, r"(?P<number>\d{1,2}) (?P<day><WEEKDAY>)s ago")
def _weekdays_ago(match: re.Match[str], today: Today) -> Meaning:
    day = latest_weekday(match["day"], today, not_today=True) - timedelta(weeks=int(match["number"]) - 1)
    return days(day, day)


@rule(
    RELATIVE,
    r"(?:since|after) (?P<hour>1[0-2]|0?[1-9])(?::(?P<minute>[0-5]\d))?(?: oclock)? "
    r"this (?P<part>morning|afternoon|evening)",
)
def _since_this_morning(match: re.Match[str], today: Today) -> Meaning:
    hour = int(match["hour"]) % 12 + (0 if match["part"] == "morning" else 12)
    moment = at(today.date, hour * 60 + int(match["minute"] or 0))
    return Stretch(moment, max(at(today.date + DAY), moment), Unit.DAY, going_on=moment <= today.now)


@rule(RELATIVE, r"(?:the )?(?:very )?(?:beginning|start|first day) of (?:the|this) (?P<unit><LONG>)")
def _beginning(match: re.Match[str], today: Today) -> Meaning:
    first = whole(Unit(match["unit"]), today.date).since
    assert first is not None
    return days(first.date(), first.date())


@rule(RELATIVE, r"(?P<near>last|this|past|previous|next) (?P<day><WEEKDAY>)|(?P<alone><WEEKDAY>)")
def _weekday(match: re.Match[str], today: Today) -> Meaning:
    near, name = match["near"], match["day"] or match["alone"]
    if near in ("this", "next"):
        return weekday_in(whole(Unit.WEEK, today.date + (7 * DAY if near == "next" else 0 * DAY)), name)
    day = latest_weekday(name, today, not_today=near is not None)
    return replace(days(day, day), going_on=day == today.date, weekly=True)


@rule(RELATIVE, r"(?P<day><WEEKDAY>) (?:of |in )?(?:the )?(?P<near>this|last|past|previous) week")
@rule(RELATIVE, r"(?P<near>this|last|past|previous) week (?:on )?(?P<day><WEEKDAY>)")
def _weekday_of_week(match: re.Match[str], today: Today) -> Meaning:
    back = 0 if match["near"] == "this" else 7
    return weekday_in(whole(Unit.WEEK, today.date - timedelta(days=back)), match["day"])


@rule(RELATIVE, r"(?P<near>the|this|last|past|previous) weekend(?P<earlier> before last)?(?! (?:of|around|after) )")
def _weekend(match: re.Match[str], today: Today) -> Meaning:
    saturday = latest_weekday("saturday", today)
    inside = today.date <= saturday + DAY
    if match["near"] == "this" and not inside:
        saturday += timedelta(days=7)
    elif match["near"] in ("last", "past", "previous") and inside:
        saturday -= timedelta(days=7)
    if match["earlier"]:
        saturday -= timedelta(days=7)
    return days(saturday, saturday + DAY)


@rule(RELATIVE, rf"(?:the )?(?<!this )(?<!last )(?P<unit><LONG>) (?:before|earlier)(?: that)?(?! {_DATE})")
@rule(RELATIVE, r"(?:the )?(?:previous|preceding) (?P<unit><LONG>)")
@rule(RELATIVE, r"a (?P<unit><LONG>) earlier")
def _one_earlier(match: re.Match[str], _today_is: Today) -> Meaning:
    return AsFarBack(Unit(match["unit"]))


@rule(
    RELATIVE,
    r"(?:in |at )?(?:the )?same (?P<what><UNIT>|days|weeks|months|period|time|dates|point|<WEEKDAY>)s? "
    r"(?:in |of )?(?:the )?(?:last|previous|past|preceding) (?P<unit><LONG>)",
)
@rule(
    RELATIVE,
    r"(?:the )?same (?P<what><UNIT>|days|weeks|months|period|time|dates) a (?P<unit><LONG>) (?:ago|earlier|before)",
)
def _same_earlier(match: re.Match[str], _today_is: Today) -> Meaning:
    return AsFarBack(Unit(match["unit"]), own=True, days=match["what"] not in ("time", "point", "period", "hour"))


@rule(RELATIVE, r"(?:the )?(?:1|period|time) before(?: that)?|(?:the )?(?:previous|preceding) (?:1|period)")
def _previous(_match: re.Match[str], _today_is: Today) -> Meaning:
    return AsFarBack(Unit.DAY, number=0)


@rule(
    RELATIVE,
    r"(?:of |for |over )?all time|ever|since the (?:very )?(?:beginning|start)(?! of)"
    r"|(?:the )?(?:whole|entire) history",
)
def _all_time(_match: re.Match[str], _today_is: Today) -> Meaning:
    return Stretch(None, None)


def resolve(named: AsFarBack, earlier: Stretch | None, today: Today) -> Stretch | None:
    """The stretch that lies so far back from the one named before it."""
    if earlier is None:
        return _alone(named, today)
    if earlier.since is None or earlier.until is None:
        return None
    if named.own:
        return so_far(earlier, named.unit, today, days_only=named.days)
    if named.number == 0:
        return just_before(earlier)
    end = earlier.since
    first = before(named.unit, end.date(), named.number)
    return Stretch(at(first, end.hour * 60 + end.minute), end, named.unit)


def _alone(named: AsFarBack, today: Today) -> Stretch | None:
    """`the previous week` alone is the last one."""
    if named.own or named.number == 0:
        return None
    return completed(named.unit, 1, today) if named.number == 1 else trailing(named.unit, named.number, today)
