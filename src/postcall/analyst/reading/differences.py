"""Questions about what differs: which calls are compared with which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from postcall.analyst.reading.queries import CALLS, each_period, two_buckets
from postcall.analyst.reading.roles import Roles
from postcall.analyst.reading.saying import understood
from postcall.analyst.reading.scene import Scene
from postcall.analyst.reading.sentences import when
from postcall.domain.analysis import AskBack, Mention, QuestionKind, Understood
from postcall.domain.queries import All, Bucket, Condition, Filter, Not, Operator, Query
from postcall.reporting.buckets import period_before
from postcall.reporting.periods import read_zone

_WEEK = timedelta(days=7)
_WHOLE = re.compile(r"\bweeks?\b")
_MONTH = re.compile(r"\bmonth\b")
_SINCE_VERSION = re.compile(r"\b(?:since|from|with|after|in) (?:the )?(?:agent )?(?:version|release|v) ?(\d+)\b")
_NEW_VERSION = re.compile(
    r"\b(?:(?:new|last|latest|current|newest|most recent) (?:agent )?(?:version|release)|"
    r"(?:since|with|after) (?:the |our )?(?:version|release|update|deployment|deploy|rollout))\b"
)
_TWO_VERSIONS = re.compile(
    r"\b(?:versions?|releases?|v) ?(\d+) (?:and|to|vs|versus|or|with|against) (?:version |v ?)?(\d+)\b"
)
_VERSION = "field.version"
_WHAT_TO_COMPARE = (
    "Which calls are to be compared with which? Name two periods, or what some calls have and others not."
)


def read_difference(scene: Scene, roles: Roles, base: Query) -> Understood | AskBack:
    """The sizes of the sides: of two periods, of two versions, or of the values of the name that is asked about."""
    if two_buckets(scene.times.periods):
        query = replace(base, measures=(CALLS,))
        return understood(scene, QuestionKind.DIFFERENCE, tuple(each_period(scene, query)))
    versions = _versions(scene)
    if isinstance(versions, str):
        return AskBack(versions)
    if versions is not None:
        return _between_versions(scene, base, *versions)
    named = [each for each in scene.mentions if scene.type_of(each) in {"boolean", "text", "number"}]
    if scene.cues.changed and not roles.groups:
        return _since_before(scene, base)
    if not named and len(scene.times.periods) == 1 and not roles.groups:
        return _since_before(scene, base)
    if not named and not roles.groups:
        return _ask_back(scene, base)
    mention, name = (None, roles.groups[0]) if roles.groups else _side(scene, named)
    about = {name, mention.name} if mention is not None else {name}
    others = [part for part in base.filters.parts if not _is_about(part, about)]
    known = Condition(name, Operator.EXISTS)
    sides = replace(base, measures=(CALLS,), filters=All((*others, known)), group_by=(name,))
    if mention is None and (values := _valued(scene, name)):
        mention = values[0]
    if mention is None or _is_bucket(roles) or name != mention.name or not _is_one_of_several(scene, mention):
        return understood(scene, QuestionKind.DIFFERENCE, (sides,), calls=_whose(sides, mention, others))
    held, values = _held(mention), _valued(scene, name)
    if len(values) == 2 and values[0].value != values[1].value:
        # `how do voice calls differ from web chats`: of three channels, two are named
        pair = tuple(replace(sides, filters=All((*others, _held(each))), group_by=()) for each in values)
        return understood(scene, QuestionKind.DIFFERENCE, pair)
    if len(values) > 1:
        return understood(scene, QuestionKind.DIFFERENCE, (sides,))
    rest = replace(sides, filters=All((*others, known, Not(held))), group_by=())
    those = replace(sides, filters=All((*others, held)), group_by=())
    return understood(scene, QuestionKind.DIFFERENCE, (those, rest), calls=replace(those, measures=()))


def _valued(scene: Scene, name: str) -> list[Mention]:
    """The values of a name that are told from each other."""
    return [each for each in scene.mentions if each.name == name and each.has_value and not each.negated]


def _is_bucket(roles: Roles) -> bool:
    """Whether the sides are stretches of time."""
    return any(group in set(Bucket) for group in roles.groups)


def _is_one_of_several(scene: Scene, mention: Mention) -> bool:
    """Whether it is one value of a name that has more than two: they are compared with all the others."""
    term = scene.terms.get(mention.name)
    return mention.has_value and scene.type_of(mention) == "text" and (term is None or len(term.values) != 2)


def _held(mention: Mention) -> Filter:
    if len(mention.values) > 1:
        return Condition(mention.name, Operator.IN, values=mention.values)
    return Condition(mention.name, Operator.EQ, mention.value)


def _whose(sides: Query, mention: Mention | None, others: Sequence[Filter]) -> Query | None:
    """The calls of the side that the question names; None where it names no side."""
    if mention is None or not mention.has_value or mention.name not in sides.group_by:
        return None
    value = mention.value
    if mention.negated and isinstance(value, bool):
        value = not value
    held = Condition(mention.name, Operator.EQ, value)
    return replace(sides, measures=(), group_by=(), filters=All((*others, held)))


def _side(scene: Scene, named: Sequence[Mention]) -> tuple[Mention, str]:
    """What tells the calls apart, and its name: rather one that is true or false than one that only some have."""
    for each in named:
        if scene.type_of(each) == "boolean" or each.has_value:
            return each, each.name
        flag = next((other.name for other in each.others if scene.type_of(other) == "boolean"), None)
        if flag is not None:
            return each, flag
    return named[0], named[0].name


def _is_about(part: object, names: set[str]) -> bool:
    inner = getattr(part, "part", part)
    return isinstance(inner, Condition) and inner.field in names


def _since_before(scene: Scene, base: Query) -> Understood | AskBack:
    """The period that is named against the one before, as far into it: `this week` is not over yet."""
    if len(scene.times.periods) != 1 or base.since is None:
        return _ask_back(scene, base)
    period = scene.times.periods[0]
    until = base.until or scene.question.now
    words = scene.question.text[period.start : period.end].lower()
    before = stretch_before(base.since, until, words, scene.question.now, read_zone(scene.question.time_zone))
    query = replace(base, measures=(CALLS,))
    queries = (replace(query, until=until), replace(query, since=before[0], until=before[1]))
    return understood(
        scene, QuestionKind.DIFFERENCE, queries, periods=f"{when(period.says)} compared with the same time before"
    )


def stretch_before(
    since: datetime, until: datetime, words: str, now: datetime, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """The stretch to compare with: of a week or month that is not over, as much of the one before.

    Of any other period the days before it, up to the same time of day where it goes on.
    """
    if until < now:
        if _MONTH.search(words):
            return _months_back(since, zone), since
        return period_before(since, until, zone)
    if _MONTH.search(words):
        return _months_back(since, zone), min(_months_back(until, zone), since)
    begin, end = since.astimezone(zone).replace(tzinfo=None), until.astimezone(zone).replace(tzinfo=None)
    step = _WEEK if _WHOLE.search(words) and end - begin <= _WEEK else timedelta(days=(end - begin).days + 1)
    return _moment(begin - step, zone), _moment(end - step, zone)


def _months_back(moment: datetime, zone: ZoneInfo) -> datetime:
    local = moment.astimezone(zone).replace(tzinfo=None)
    last = local.replace(day=1) - timedelta(days=1)
    return _moment(local.replace(year=last.year, month=last.month, day=min(local.day, last.day)), zone)


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)


def _versions(scene: Scene) -> tuple[Filter, Filter] | str | None:
    """The later and the earlier side; in words why there are none; None where no versions are compared."""
    joined = scene.wording.joined
    if (two := _TWO_VERSIONS.search(joined)) is not None:
        low, high = sorted(map(int, two.groups()))
        return Condition(_VERSION, Operator.EQ, high), Condition(_VERSION, Operator.EQ, low)
    if (one := _SINCE_VERSION.search(joined)) is not None:
        since = int(one[1])
        return Condition(_VERSION, Operator.GTE, since), Condition(_VERSION, Operator.LT, since)
    if _NEW_VERSION.search(joined) is None or _VERSION not in scene.terms:
        return None
    known = sorted(value for value in scene.terms[_VERSION].values if isinstance(value, int | float))
    if len(known) < 2:
        which = f"of version {known[0]}" if known else "of no version"
        return f"All calls are {which}: there is no other to compare it with."
    return Condition(_VERSION, Operator.EQ, known[-1]), Condition(_VERSION, Operator.EQ, known[-2])


def _between_versions(scene: Scene, base: Query, later: Filter, earlier: Filter) -> Understood:
    query = replace(
        base, measures=(CALLS,), filters=All(tuple(p for p in base.filters.parts if not _is_about(p, {_VERSION})))
    )
    queries = tuple(replace(query, filters=All((*query.filters.parts, part))) for part in (later, earlier))
    return understood(scene, QuestionKind.DIFFERENCE, queries)


def _ask_back(scene: Scene, base: Query) -> AskBack:
    """With the stretches that people mean most."""
    now, zone = scene.question.now, read_zone(scene.question.time_zone)
    midnight = now.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    choices = []
    for begins, words in (
        (midnight - timedelta(days=midnight.weekday()), "this week"),
        (midnight - timedelta(days=6), "the last 7 days"),
        (midnight.replace(day=1), "this month"),
    ):
        since = _moment(begins, zone)
        before = stretch_before(since, now, words if "7" not in words else "", now, zone)
        query = replace(base, measures=(CALLS,))
        queries = (replace(query, since=since, until=now), replace(query, since=before[0], until=before[1]))
        choices.append(understood(scene, QuestionKind.DIFFERENCE, queries, periods=f"{words} and the same time before"))
    return AskBack(_WHAT_TO_COMPARE, choices=tuple(choices))
