"""Parts of a longer stretch: `the first half of last month`, `the last day of March`, `the first or second half`."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from postcall.analyst.times.calendar import Stretch, Today, Unit, at, before, days, in_year, month_of, whole
from postcall.analyst.times.rules import Meaning, Named, Rule, name_stretches, rule

PARTS_OF: list[Rule] = []
_DAY = timedelta(days=1)
_WHICH = {"first": 1, "1": 1, "second": 2, "2": 2, "third": 3, "3": 3, "fourth": 4, "4": 4}
_OF = (
    r"(?:of|in) (?:(?P<month><MONTH>)(?:(?: ,)?(?: of| in)? (?P<year><YEAR>)| (?:of |in )?(?P<near>this|last) year)?"
    r"|(?:the )?(?P<how>this|current|last|previous|past|the) (?P<unit>week|month|quarter|year)(?! (?:of|before)))"
)
_NTH = r"first|second|third|fourth|[1-4]"
_PART_OF_WHOLE = re.compile(
    rf"^(?:in |on |during )?(?:the )?(?P<which>{_NTH}|last) (?P<part>(?:half|week|day) (?:of|in) .+)$"
)
_LINK = r"(?:,|and|or|vs|versus|against|than|to|compared (?:to|with))(?: (?:in|with|to|during|on))?"
_ONE_BEFORE = re.compile(
    rf"(?:(?<=\s)|^)(?P<one>(?:the )?(?P<which>{_NTH})(?: (?:half|week|day))?) (?P<link>{_LINK})(?: the)? $"
)
_ONE_AFTER = re.compile(
    rf"^ (?P<link>{_LINK}) (?P<one>(?:the )?(?P<which>{_NTH}|last)(?: (?:half|week|day|one))?)(?!\S)(?! of)"
)


def _whole(match: re.Match[str], today: Today) -> Stretch | None:
    """The longer one; as long as it will be, also where it is not over yet."""
    if match["month"]:
        years = {"this": today.date.year, "last": today.date.year - 1}
        return month_of(match["month"], int(match["year"]) if match["year"] else years.get(match["near"] or ""), today)
    unit = Unit(match["unit"])
    back = match["how"] in ("last", "previous", "past")
    return whole(unit, before(unit, today.date, 1) if back else today.date)


def _so_far(stretch: Stretch, today: Today) -> Stretch:
    """What of it is over, where it is not over yet."""
    return replace(
        stretch, going_on=bool(stretch.since and stretch.until and stretch.since <= today.now < stretch.until)
    )


@rule(PARTS_OF, rf"(?:the )?(?P<which>first|second|last|[12]) half {_OF}")
def _half(match: re.Match[str], today: Today) -> Meaning:
    named = _whole(match, today)
    if named is None or named.since is None or named.until is None:
        return None
    length = (named.until - named.since).days
    # A month's first half ends with its 15th, whatever its length; a year's with June.
    middle = named.since + _DAY * (15 if 28 <= length <= 31 else length // 2)
    if length > 364:
        middle = at(named.since.date().replace(month=7))
    first = match["which"] in ("first", "1")
    half = replace(named, until=middle) if first else replace(named, since=middle)
    return _so_far(replace(half, unit=Unit.DAY), today)


@rule(PARTS_OF, rf"(?:on )?(?:the )?(?:very )?(?P<which>first|last|final) day {_OF}")
def _edge_day(match: re.Match[str], today: Today) -> Meaning:
    named = _whole(match, today)
    if named is None or named.since is None or named.until is None:
        return None
    day = named.since.date() if match["which"] == "first" else (named.until - _DAY).date()
    return _so_far(days(day, day), today)


@rule(PARTS_OF, rf"(?:the )?(?P<which>{_NTH}|last|final) week {_OF}")
def _nth_week(match: re.Match[str], today: Today) -> Meaning:
    named = _whole(match, today)
    if named is None or named.since is None or named.until is None or match["unit"] == "week":
        return None
    if match["which"] in ("last", "final"):
        return _so_far(Stretch(named.until - 7 * _DAY, named.until, Unit.WEEK), today)
    first = named.since + 7 * _DAY * (_WHICH[match["which"]] - 1)
    return _so_far(Stretch(first, first + 7 * _DAY, Unit.WEEK), today)


@rule(PARTS_OF, rf"(?:the )?(?P<which>first|last|final) (?P<number>\d{{1,2}}) (?P<part>day|week)s {_OF}")
def _first_days(match: re.Match[str], today: Today) -> Meaning:
    named = _whole(match, today)
    if named is None or named.since is None or named.until is None:
        return None
    length = _DAY * int(match["number"]) * (7 if match["part"] == "week" else 1)
    if match["which"] == "first":
        return _so_far(replace(named, until=min(named.since + length, named.until), unit=Unit.DAY), today)
    return _so_far(replace(named, since=max(named.until - length, named.since), unit=Unit.DAY), today)


def other_parts(text: str, this: Named, today: Today, rules: list[Rule]) -> list[tuple[int, int, Stretch, bool]]:
    """The part beside a named one that leaves out what it is of: `the first` of `the first or the second half of May`.

    Each with its place, and whether both are compared whatever else is asked: `and` may mean both together.
    """
    part = _PART_OF_WHOLE.match(text[this.start : this.end])
    if part is None:
        return []
    found: list[tuple[int, int, Stretch, bool]] = []
    for match, shift in ((_ONE_BEFORE.search(text[: this.start]), 0), (_ONE_AFTER.match(text[this.end :]), this.end)):
        if match is None or match["which"] == part["which"]:
            continue
        named = name_stretches(f"{match['which']} {part['part']}", today, rules)
        if named and isinstance(named[0].means, Stretch):
            stretch = _same_year(named[0].means, this)
            apart = match["link"] not in ("and", ",", "to")
            found.append((match.start("one") + shift, match.end("one") + shift, stretch, apart))
    return found


def _same_year(stretch: Stretch, this: Named) -> Stretch:
    if not isinstance(this.means, Stretch) or this.means.since is None or stretch.since is None:
        return stretch
    near = abs(stretch.since - this.means.since) < timedelta(days=300)
    return stretch if near else in_year(stretch, this.means.since.year)
