"""What stands along the axis of a tile: its groups in words, also those without a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from postcall.domain.dashboards import is_bucket
from postcall.domain.queries import Bucket, GroupValue, Query
from postcall.reporting.buckets import buckets_between
from postcall.reporting.fields import WEEKDAYS
from postcall.reporting.filter_words import title_of
from postcall.reporting.periods import read_zone
from postcall.reporting.tile_results import group_key
from postcall.web import words

_HOURS = tuple(range(24))


def axis_values(query: Query, place: int, found: Sequence[GroupValue]) -> tuple[GroupValue, ...]:
    """The groups at this place of the query: of time all that there are, otherwise those that were found."""
    group = query.group_by[place]
    if is_bucket(group) and query.since is not None and query.until is not None:
        return buckets_between(Bucket(group), query.since, query.until, read_zone(query.time_zone))
    if group == "field.hour":
        return _HOURS
    if group == "field.weekday":
        return WEEKDAYS
    # True and 1 are equal, and yet two groups.
    return tuple({group_key((value,)): value for value in found}.values())


def is_time(group: str) -> bool:
    """Whether the groups have an order of their own, as days and hours have."""
    return is_bucket(group) or group in {"field.hour", "field.weekday"}


def group_words(group: str, value: GroupValue) -> str:
    """One group as it is read out: `29 Mar 2026`, `14:00`, `Yes`, `billing`, or that there is none."""
    if value is None:
        return "(no value)"
    if group == "field.hour":
        return f"{value}:00"
    if group == "field.version":
        return f"Version {value}"
    if is_bucket(group):
        return _moment(Bucket(group), str(value))
    return words.spelled(value) if isinstance(value, str) and group.startswith("field.") else words.scalar(value)


def axis_words(query: Query, place: int, values: Sequence[GroupValue]) -> tuple[str, ...]:
    """The groups along an axis, as short as they may be and still differ."""
    group = query.group_by[place]
    texts = [group_words(group, value) for value in values]
    if group in {Bucket.DAY, Bucket.WEEK, Bucket.HOUR}:
        years = {str(value)[:4] for value in values}
        if len(years) == 1:
            texts = [text.replace(f" {years.copy().pop()}", "", 1) for text in texts]
    if group == Bucket.HOUR:
        # Where clocks go back, an hour comes twice.
        twice = {text for text, count in Counter(texts).items() if count > 1}
        texts = [
            f"{text} {str(value)[-6:]}" if text in twice else text for text, value in zip(texts, values, strict=True)
        ]
    return tuple(texts)


def axis_title(group: str) -> str:
    """What the groups are."""
    if group == Bucket.WEEK:
        return "Week from"
    return title_of(group)


def _moment(bucket: Bucket, label: str) -> str:
    if bucket is Bucket.HOUR:
        at = datetime.fromisoformat(label)
        return f"{at.day} {at:%b %Y}, {at:%H:%M}"
    day = date.fromisoformat(label)
    return f"{day:%b %Y}" if bucket is Bucket.MONTH else f"{day.day} {day:%b %Y}"
