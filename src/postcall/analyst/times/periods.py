"""From the stretches that words name to periods: `since`, `before`, `from … to`, `the week of`, hours of one day."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from postcall.analyst.times.calendar import DAY, Stretch, Today, Unit, at, days, in_year, part_of_day, whole
from postcall.analyst.times.clocks import PARTS, TIME, time_of_day
from postcall.analyst.times.dates import DATES
from postcall.analyst.times.parts import PARTS_OF, other_parts
from postcall.analyst.times.relative import resolve
from postcall.analyst.times.rules import Named, compiled

_HOW = re.compile(
    r"(?:(?<=\s)|^)(?:(?P<how>since|starting(?: from| on| in)?|beginning(?: on| in)|as of|from|after|following"
    r"|later than|older than|before(?: to)?|earlier than|until|up (?:to|until)|through|between|no later than"
    r"|(?:the )?week (?:of|starting|beginning|commencing|from)(?: on)?|(?:the )?weekend (?:of|around|after))(?: on)?"
    r"(?: (?:the )?(?P<edge>very beginning|beginning|start|end) of)?|(?P<in>in|on|during|over|within|for|throughout))"
    r"(?: the)?(?: (?:whole|entire|full) of)? $"
)
_TO = re.compile(r"^ (?P<to>-|to|until|through|thru|up to|and|up until)(?: (?:the )?end of)?(?: including)?(?: the)? $")
_JOINED = re.compile(r"^ (?:and|,|&|and in|and on|plus|or)(?: the)? $")
_COMPARED = re.compile(
    r"\b(?:compare|compared|comparing|comparison|difference|differences|differ|vs|versus|against|each)\b"
)
_CHANGED = re.compile(r"\b(?:change|changed|changes|differently|better|worse|rise|risen|fall|fallen|grow|grown|drop)\b")
_RATED = re.compile(r"\b(?:rates?|shares?|percentages?|percent|how often|averages?|median|mean|p\d\d|typical)\b|%")
"""Of two periods, such a number is wanted of each: it does not add up."""
_TOGETHER = re.compile(r"\b(?:together|combined|altogether|overall|taken as one|both days)\b")
_MORE = re.compile(r"\b(?:more|fewer|less|better|worse|higher|lower|busier|quieter|longer|shorter|most)\b")
"""With these, `on Monday or on Tuesday` asks which."""
_BOTH_SIDES = re.compile(
    r"(?:(?<=\s)|^)(?:(?P<first>before) (?:and|vs|or|against) (?:after|since|from)"
    r"|(?P<after>after|since) (?:and|vs|or|against) before)(?: the)? $"
)
_AT = compiled(r"(?: ?(?:at|around|,))? ?" + TIME.format("1"))
_TIME_FIRST = re.compile(
    r"(?:(?<=\s)|^)(?P<how>since)(?: about)? " + TIME.format("1") + r"(?: (?:on|of|,))?(?: the)? $"
)
_SINCE_TIME = compiled(r"since(?: about)? " + TIME.format("1"))
_PART = re.compile(r"^(?: (?:in|during)(?: the)?)? (?P<part>morning|afternoon|evening)(?!\S)(?! \( )")
_PART_FIRST = re.compile(r"(?:(?<=\s)|^)(?:(?:on|in) )?(?:the )?(?P<part>morning|afternoon|evening) of(?: the)? $")
_IS_SAID = re.compile(
    r"\b(?:(?P<verb>says?|saying)|mentions?|mentioning|words?|phrase|contains?|containing"
    r"|(?:book|reserv|schedul|appointment|slot)\w* for)(?: the)? $"
)
"""What follows is something that people said, or the time that they booked."""
_NO_IN = ("yesterday", "today", "tomorrow", "this ", "last night", "tonight", "ever")
_SINCE = ("since", "starting", "beginning", "as of")


@dataclass(frozen=True, slots=True)
class Found:
    """A period, and the words that name it."""

    start: int
    end: int
    stretch: Stretch
    linked: bool = False
    """Words such as `since` have made it what it is."""
    apart: bool = False
    """It is one of two that are to be compared, however near they lie."""


def periods_in(text: str, named: list[Named], today: Today, *, before: Stretch | None = None) -> list[Found]:
    """The periods that words name, in their order; `before` is one that was spoken of already."""
    found: list[Found] = []
    spoken = [] if before is None else [before]
    asked, at_word = text, 0
    while at_word < len(named):
        halves = _before_and_after(text, named[at_word], today)
        if halves:
            found.extend(halves)
            at_word += 1
            continue
        for start, end, stretch, apart in other_parts(text, named[at_word], today, [*PARTS_OF, *DATES]):
            found.append(Found(start, end, stretch, apart=apart))
            text = text[:start] + "~" * (end - start) + text[end:]
        period, used = _read(text, named, at_word, [*spoken, *(each.stretch for each in found)], today)
        if period is not None:
            found.append(period)
            # What one period has taken, the next does not begin with.
            text = text[: period.start] + "~" * (period.end - period.start) + text[period.end :]
        at_word += used
    return _merged(asked, [*found, *_since_times(text, found, today)])


def _before_and_after(text: str, this: Named, today: Today) -> list[Found]:
    """`before and after April 1`: two periods without a gap; empty of other words."""
    match = _BOTH_SIDES.search(text[: this.start])
    if match is None or not isinstance(this.means, Stretch) or this.means.since is None:
        return []
    since = this.means.since
    sides = (Stretch(None, since), _since(since, today))
    ends = match.end("first") if match["first"] else match.end("after")
    first, second = sides if match["first"] else sides[::-1]
    return [
        Found(match.start(), ends, first, linked=True, apart=True),
        Found(ends + 1, this.end, second, linked=True, apart=True),
    ]


def _read(text: str, named: list[Named], index: int, earlier: list[Stretch], today: Today) -> tuple[Found | None, int]:
    """The period that begins with one named stretch, and how many of them it uses."""
    this = named[index]
    stretch = _stretch(this, earlier, today)
    if stretch is None or _is_said(text, this):
        return None, 1
    period = _with_time(text, Found(this.start, this.end, stretch))
    how = _HOW.search(text[: period.start])
    start = how.start() if how else period.start
    if index + 1 < len(named):
        other = _stretch(named[index + 1], [stretch], today)
        to = _TO.match(text[period.end : named[index + 1].start])
        if other and to and _is_range(text[:start], to["to"], how["how"] if how else None, stretch, other):
            ends = _with_time(text, Found(named[index + 1].start, named[index + 1].end, other))
            ranged = _from_to(period.stretch, ends.stretch, today)
            if ranged is not None:
                return Found(start, ends.end, ranged, linked=True), 2
    if (how is None or not how["how"]) and period.stretch.since is not None:
        if period.stretch.since == period.stretch.until:
            return None, 1  # A moment alone: it has no calls.
        # `came in yesterday`: this `in` is the call's.
        return (period if text[period.start :].startswith(_NO_IN) else replace(period, start=start)), 1
    if how is None or not how["how"]:
        return period, 1
    linked = _linked(how["how"], how["edge"], period, today, text)
    return (replace(linked, start=start) if linked else period), 1


def _is_said(text: str, this: Named) -> bool:
    """Whether it is what people said, and not when they did: `what are they saying this month` is of this month."""
    said = _IS_SAID.search(text[: this.start])
    return said is not None and not (said["verb"] and text[this.start :].startswith((*_NO_IN, "last ", "past ")))


def _stretch(named: Named, earlier: list[Stretch], today: Today) -> Stretch | None:
    if isinstance(named.means, Stretch):
        return named.means
    try:
        return resolve(named.means, earlier[-1] if earlier else None, today)
    except (ValueError, OverflowError):
        return None  # The calendar does not reach so far.


def _is_range(before: str, to: str, how: str | None, first: Stretch, last: Stretch) -> bool:
    """Whether two stretches are the ends of one, rather than two that are compared."""
    if first.since is None or last.until is None:
        return False
    if to in ("and", "to") and _COMPARED.search(before):
        return False
    long = _is_long(first) and _is_long(last)
    if to in ("and", "to") and long and _CHANGED.search(before):
        return False
    return how == "between" if to == "and" else True


def _from_to(first: Stretch, last: Stretch, today: Today) -> Stretch | None:
    """From the beginning of the one to the end of the other; of days without a year, the nearest that fit."""
    since, until = first.since, last.until
    if since is None or until is None:
        return None
    if not last.explicit_year:
        # `from April 1 to April 20`, asked on the 15th: the latest past April 20 lies before the first.
        years = (in_year(last, since.year + later).until for later in (0, 1))
        until = next((each for each in years if each is not None and each > since), until)
    elif until <= since and not first.explicit_year:
        since = in_year(first, since.year - 1).since
    elif until <= since and first.weekly and last.weekly:
        since -= 7 * DAY
    if since is None or until <= since:
        return None
    return Stretch(since, until, Unit.DAY, going_on=last.going_on or until > today.now)


def _linked(how: str, edge: str | None, period: Found, today: Today, text: str) -> Found | None:
    """What `since`, `before` and the like make of a stretch."""
    stretch = period.stretch
    if stretch.since is None or stretch.until is None:
        return period
    how = how.removeprefix("the ")
    if how.startswith("weekend"):
        saturday = whole(Unit.WEEK, stretch.since.date()).since
        assert saturday is not None
        return replace(period, stretch=days(saturday.date() + 5 * DAY, saturday.date() + 6 * DAY), linked=True)
    if how.startswith("week"):
        day = stretch.since.date()
        whole_week = whole(Unit.WEEK, day) if "of" in how else Stretch(at(day), at(day + 7 * DAY), Unit.WEEK)
        return replace(period, stretch=whole_week, linked=True)
    edged = stretch.until if edge == "end" else stretch.since
    if how.startswith(_SINCE):
        return replace(period, stretch=_since(edged, today), linked=True)
    if how == "from":
        onwards = re.match(r" (?:on|onwards?|forward|up)(?!\S)", text[period.end :])
        if not onwards and not edge and stretch.since < stretch.until:
            return replace(period, start=period.start)
        return replace(
            period, stretch=_since(edged, today), end=period.end + (onwards.end() if onwards else 0), linked=True
        )
    if how in ("after", "following", "later than"):
        return replace(period, stretch=_since(stretch.until if edge is None else edged, today), linked=True)
    if how in ("before", "before to", "earlier than", "older than"):
        return replace(period, stretch=Stretch(None, edged), linked=True)
    if how in ("until", "up to", "up until", "through", "no later than"):
        ends = stretch.since if edge in ("beginning", "start", "very beginning") else stretch.until
        return replace(period, stretch=Stretch(None, ends, going_on=stretch.going_on), linked=True)
    return period


def _since(moment: datetime, today: Today) -> Stretch:
    """From then up to now; what is still to come has no length yet."""
    return Stretch(moment, max(at(today.date + DAY), moment), Unit.DAY, going_on=moment <= today.now)


def _with_time(text: str, period: Found) -> Found:
    """A day with a time, or a part of a day, beside it."""
    stretch = period.stretch
    if stretch.since is None or stretch.until is None or stretch.until - stretch.since != timedelta(days=1):
        return period
    after, before = text[period.end :], text[: period.start]
    if part := _PART.match(after):
        return _hours(replace(period, end=period.end + part.end()), *PARTS[part["part"]])
    if part := _PART_FIRST.search(before):
        return _hours(replace(period, start=part.start()), *PARTS[part["part"]])
    how, last = _HOW.search(before), before.split()[-1:]
    opens = (how and how["how"]) or _TO.match(f" {' '.join(last)} ")
    time = _AT.match(after.lstrip(" ")) if opens else None
    if time and (given := time_of_day(time, "1")) and given.sure:
        shift = len(after) - len(after.lstrip(" "))
        return _moment(replace(period, end=period.end + shift + time.end()), given.minute)
    if (first := _TIME_FIRST.search(before)) and (given := time_of_day(first, "1")) and given.sure:
        return _moment(replace(period, start=first.start() + len(first["how"]) + 1), given.minute)
    return period


def _hours(period: Found, first: int, last: int) -> Found:
    stretch = part_of_day(period.stretch, first, last + 1)
    return replace(period, stretch=stretch)


def _moment(period: Found, minute: int) -> Found:
    """A moment has no length; it is where a longer stretch begins or ends."""
    assert period.stretch.since is not None
    moment = period.stretch.since + timedelta(minutes=minute)
    return replace(period, stretch=replace(period.stretch, since=moment, until=moment, unit=Unit.HOUR))


def _since_times(text: str, found: list[Found], today: Today) -> list[Found]:
    """`since noon`, `since 9 am`: of today, or of yesterday where that is still to come."""
    times: list[Found] = []
    for match in _SINCE_TIME.finditer(text):
        given = time_of_day(match, "1")
        free = all(match.end() <= each.start or each.end <= match.start() for each in found)
        if given and given.sure and free and given.minute < 1440:
            moment = at(today.date, given.minute)
            moment = moment if moment <= today.now else moment - DAY
            times.append(Found(match.start(), match.end(), _since(moment, today), linked=True))
    return times


def _are_compared(text: str, first: Found, second: Found) -> bool:
    """Whether both are wanted by themselves."""
    if " or " in text[first.end : second.start] and _MORE.search(text):
        return True
    if _RATED.search(text) and not _TOGETHER.search(text):
        return True
    long = _is_long(first.stretch) and _is_long(second.stretch)
    return bool(_COMPARED.search(text) or (long and _CHANGED.search(text)))


def _is_long(stretch: Stretch) -> bool:
    """Longer than a day, so that it may well be a side of its own: `between 2-8 March and 9-15 March`."""
    if stretch.since is None or stretch.until is None:
        return True
    return stretch.unit not in (Unit.DAY, Unit.HOUR) or stretch.until - stretch.since > DAY


def _merged(text: str, found: list[Found]) -> list[Found]:
    """`March and April` is one period, unless they are compared."""
    merged: list[Found] = []
    for period in sorted(found, key=lambda each: each.start):
        last = merged[-1] if merged else None
        if (
            last
            and not (last.apart or period.apart or _are_compared(text, last, period))
            and _JOINED.match(text[last.end : period.start].rstrip() + " ")
        ):
            ends = {last.stretch.until: last.stretch.since, period.stretch.until: period.stretch.since}
            if last.stretch.until == period.stretch.since or period.stretch.until == last.stretch.since:
                since = min(each for each in ends.values() if each is not None)
                until = max(each for each in ends if each is not None)
                on = last.stretch.going_on or period.stretch.going_on
                merged[-1] = Found(last.start, period.end, Stretch(since, until, Unit.DAY, going_on=on))
                continue
        merged.append(period)
    return merged
