"""What each thing that is named is for: to group by, to be measured or compared, or to say which calls count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from postcall.analyst.reading.compared import set_against_others, take_compared
from postcall.analyst.reading.filters import clock_filter, filter_of, join_filters, place_numbers
from postcall.analyst.reading.mentions import VAGUE, asks_itself
from postcall.analyst.reading.numbers import Compared
from postcall.analyst.reading.reasons import holds_reasons, reasons_for, reasons_for_calling
from postcall.analyst.reading.scene import Scene, read_clocks
from postcall.analyst.reading.subject import next_to, take_subject
from postcall.analyst.reading.words import Place
from postcall.domain.analysis import Mention
from postcall.domain.queries import All, Bucket, Filter

_AMOUNTS = frozenset(
    {"field.duration", "field.latency", "field.turns", "field.user_turns", "field.agent_turns", "field.cost"}
)
"""Numbers of which hardly two calls have the same: nothing to group by."""
_DAY, _FEW_WEEKS, _YEAR = timedelta(days=1, hours=1), timedelta(days=31, hours=1), timedelta(days=400)
_WEAK = 0.6
_RATE_WORDS = 4
"""So many words may name what a rate is of."""
_WHICH = re.compile(r"\b(?:which|what|whose)\b")
_HAVING = re.compile(r"\b(?:with|without|have|has|had|having|gave|give|no|named|recorded|known)\b")
_WHERE_TO = re.compile(
    r"^(?:to )?(?:where|who|whom|which (?:person|people|team|place|number|department|destination)s?)\b"
)
_WITH_MOST = re.compile(
    r"\b(?:with|that (?:has|have|had)|having) (?:the |our )?"
    r"(?:most|fewest|least|longest|shortest|slowest|fastest|highest|lowest|largest|smallest|biggest|best|worst)\b"
)
_WHY = re.compile(r"\bwhy\b|\breasons?\b|\bcauses?\b")
_REASON = re.compile(r"\b(?:call(?:ing|s|ed)? (?:us )?(?:about|for)|want|contact|reasons?|topics?|ring)\b")


@dataclass(frozen=True, slots=True)
class Roles:
    """What is to be asked of which calls."""

    groups: tuple[str, ...]
    subject: Mention | None
    """What is measured, or whose share is wanted."""
    filters: All
    having: tuple[Compared, ...]
    lost: tuple[Compared, ...]
    """Comparisons of nothing that is known."""
    sides: tuple[Filter, ...] = ()
    """Kinds of calls that are compared with each other, where no name groups them, as parts of the day."""
    told: tuple[Mention, ...] = ()
    """Those that became filters."""
    weak: tuple[Mention, ...] = ()
    """Names of which only one word of several stands there, and that nothing asks for: they narrow nothing down."""


def give_roles(scene: Scene) -> Roles:
    """To each mention one."""
    filters, having, lost, used = place_numbers(scene)
    free = [mention for mention in scene.mentions if mention not in used]
    compared = take_compared(scene, free)
    if scene.cues.doubts and not compared.sides and compared.group is None:
        compared = set_against_others(scene, free, clocks=read_clocks(scene))
    named = {compared.group} if compared.group is not None else set()
    grouped, free = _take_groups(scene, compared.free, counted=bool(having))
    grouping = named | {each.name for each in grouped}
    subject, free = take_subject(
        scene, free, grouping, having=bool(having or filters), apart=bool(grouping or compared.sides)
    )
    groups = [*named, *(each.name for each in grouped)]
    if subject is None and not groups and (scene.cues.trend or len(scene.times.periods) > 1):
        groups.extend(_spread_over(scene, free))
    if (not groups or subject is None) and scene.cues.trend and not scene.cues.spread and not list(_time_groups(scene)):
        groups.extend(_usual_bucket(scene))
    if compared.only is not None:
        filters.append(compared.only)
    free = [each for each in free if each.has_value or each.name not in groups]
    weak = [each for each in free if _is_weak(scene, each)]
    free = [each for each in free if each not in weak]
    filters.extend(part for part in join_filters(free, scene) if part not in filters)
    clocks = () if by_weekday(scene) else read_clocks(scene)
    sides = compared.sides
    if sides:
        clocks = ()
    if len(clocks) > 1 and scene.cues.compare and not by_hour(scene):
        sides = tuple(part for clock in clocks if (part := clock_filter([clock])) is not None)
    elif (clock := clock_filter(clocks)) is not None:
        filters.append(clock)
    return Roles(
        groups=tuple(dict.fromkeys([*_time_groups(scene), *groups])),
        subject=subject,
        filters=All(tuple(filters)),
        having=tuple(having),
        lost=tuple(lost),
        sides=sides,
        told=tuple(free),
        weak=tuple(weak),
    )


def _is_weak(scene: Scene, mention: Mention) -> bool:
    if mention.has_value or mention.negated or scene.type_of(mention) != "text" or mention.score >= _WEAK:
        return False
    beside = [each for each in scene.mentions if each is not mention and each.score >= VAGUE]
    return bool(beside) and mention.name.startswith("metric.")


def _spread_over(scene: Scene, free: Sequence[Mention]) -> Iterable[str]:
    """The name whose values a trend or a comparison is of: `did sentiment change`, `outcomes of March and April`."""
    told = [each for each in free if not each.negated and not each.has_value and scene.type_of(each) == "text"]
    if len(told) == 1 and filter_of(told[0], scene) is not None and not scene.wording.has(_HAVING):
        yield told[0].name


def _usual_bucket(scene: Scene) -> Iterable[str]:
    """The stretches to draw a trend in where none are named: days of a few weeks, weeks of more, months of years.

    Two periods that are compared are no trend.
    """
    periods = scene.times.periods
    if len(periods) > 1:
        return
    since, until = (periods[0].since, periods[0].until or scene.question.now) if periods else (None, None)
    if since is None or until is None:
        yield Bucket.WEEK.value
    elif until - since > _DAY:
        yield (
            Bucket.DAY if until - since <= _FEW_WEEKS else Bucket.WEEK if until - since <= _YEAR else Bucket.MONTH
        ).value
    else:
        yield Bucket.HOUR.value


def by_hour(scene: Scene) -> bool:
    """Whether the hours of the day are the groups."""
    return scene.times.by_hour_of_day or scene.cues.hours


def by_weekday(scene: Scene) -> bool:
    """Whether the days of the week are."""
    return scene.times.by_weekday or (scene.cues.weekdays and not _names_weekday(scene))


def _names_weekday(scene: Scene) -> bool:
    return any("weekday" in each.name and each.name != "field.weekday" for each in scene.mentions)


def _time_groups(scene: Scene) -> Iterable[str]:
    if by_hour(scene):
        yield "field.hour"
    elif by_weekday(scene):
        yield "field.weekday"
    elif scene.cues.busiest is not None:
        yield scene.cues.busiest.value
    elif (bucket := scene.times.bucket or scene.cues.typical or scene.cues.and_by) is not None:
        yield bucket.value


def _take_groups(scene: Scene, free: list[Mention], *, counted: bool) -> tuple[list[Mention], list[Mention]]:
    """What calls are grouped by: `by call reason`, `per channel`, `which channel`, `top intents`."""
    cues = scene.cues
    taken: list[Mention] = []
    free, every = [each for each in free if each.name not in _AMOUNTS], free
    for place in cues.each:
        if _ranks_by(scene, place, free):
            # `top 3 services by booking rate`, `slowest channel by p95 latency`
            taken.extend(_ranked_before(scene, place, free))
            continue
        # `by language and channel`
        found = next_to(scene, place.end, [each for each in free if each not in taken])
        while found is not None:
            taken.append(found)
            rest = [each for each in free if each not in taken]
            found = next_to(scene, found.end, rest, links={"and", ",", "the", "by"}, least=1)
    for place in cues.each:
        taken.extend(_reasons_after(scene, place, free))
    taken.extend(_grouped_too(scene, free, taken))
    if cues.how_are and not taken:
        moods = [each for each in free if each.has_value and scene.type_of(each) == "text"][:1]
        free = [each for each in free if each not in moods]
        every = [each for each in every if each not in moods]
        taken.extend(replace(each, value=None, has_value=False, values=(), others=()) for each in moods)
    if not taken and cues.count is None and cues.rate is None and cues.measure is None:
        taken.extend([each for each in free if ranks_itself(scene, each)][:1])
    wants_one = cues.top is not None or cues.measure is not None or cues.rate is not None or cues.count is not None
    if wants_one and not taken and not cues.coverage:
        for place in scene.wording.each(_WHICH):
            found = _last_of_compound(scene, next_to(scene, place.end, free), free)
            if found is not None and not found.has_value and found.name not in {each.name for each in taken}:
                taken.append(found)
                break
    if (cues.top is not None or asks_reasons(scene)) and not taken and not _time_groups_of(scene):
        found = _ranked(scene, free)
        if found is not None:
            taken.append(found)
    if not taken and (most := scene.wording.find(_WITH_MOST)) is not None:
        # `the two destinations with the longest average call`
        texts = [each for each in free if not each.has_value and scene.type_of(each) == "text"]
        taken.extend([each for each in texts if each.end <= most.start and not scene.between(each.end, most.start)][:1])
    # A value after `by` is no group, unless only its name is meant.
    taken = [each for each in taken if not each.has_value or _is_flag(scene, each)]
    taken = [each for each in taken if not _doubles_bucket(scene, each)]
    if (counted or scene.cues.spread or scene.cues.inventory) and not taken:
        taken = [each for each in free if not each.has_value and not each.negated][:1]
    return taken, [each for each in every if each not in taken]


def _ranks_by(scene: Scene, place: Place, free: Sequence[Mention]) -> bool:
    """Whether what follows is the number that things are ranked by, and no group."""
    cues = scene.cues
    if cues.top is None and cues.longest is None and scene.limit is None:
        return False
    if cues.measure_at is not None and cues.measure_at.start >= place.end:
        return not scene.between(place.end, cues.measure_at.start)
    if cues.rate is None or cues.rate.start < place.end:
        return False
    told = [each for each in free if place.end <= each.start and each.end <= cues.rate.start]
    return len(told) == 1 and len(scene.between(place.end, cues.rate.start)) <= _RATE_WORDS


def _ranked_before(scene: Scene, place: Place, free: Sequence[Mention]) -> Iterable[Mention]:
    texts = [each for each in free if not each.has_value and scene.type_of(each) == "text" and each.end <= place.start]
    yield from texts[-1:]


def ranks_itself(scene: Scene, mention: Mention) -> bool:
    """Whether it is asked how calls fall on its values: `how do calls end`."""
    told = not mention.has_value and not mention.negated and scene.type_of(mention) == "text"
    return told and asks_itself(mention, scene.wording)


def _reasons_after(scene: Scene, place: Place, free: Sequence[Mention]) -> Iterable[Mention]:
    """`by reason`, where no name is called just so."""
    first = next((word for word in scene.wording.words if word.start >= place.end), None)
    if first is None or not _WHY.search(first.text) or any(each.start <= first.start < each.end for each in free):
        return
    names = reasons_for([each for each in free if each.has_value], scene.terms) or reasons_for_calling(scene.terms)
    if names:
        yield Mention(first.start, first.end, names[0], score=0.5)


def _grouped_too(scene: Scene, free: Sequence[Mention], taken: Sequence[Mention]) -> Iterable[Mention]:
    """`outcome` of `outcome by intent`: what has no other use before what it is told for."""
    cues = scene.cues
    if not taken or cues.count is not None or cues.rate is not None or cues.measure is not None or cues.listing:
        return
    first = min(each.start for each in taken)
    told = [each for each in free if each not in taken and each.end <= first]
    if len(told) == 1 and not told[0].has_value and not told[0].negated and scene.type_of(told[0]) == "text":
        yield told[0]


def _last_of_compound(scene: Scene, found: Mention | None, free: list[Mention]) -> Mention | None:
    """`versions` of `agent versions`; the word before it is used up."""
    if found is None or found.has_value:
        return found
    for each in free:
        if each.start > found.end and not each.has_value and scene.question.text[found.end : each.start] == " ":
            free.remove(found)
            return each
    return found


def _time_groups_of(scene: Scene) -> list[str]:
    return list(_time_groups(scene))


def _is_flag(scene: Scene, mention: Mention) -> bool:
    return scene.type_of(mention) == "boolean" and mention.value is True and not mention.negated


def _doubles_bucket(scene: Scene, mention: Mention) -> bool:
    return mention.name in {"field.hour", "field.weekday", "field.started_at", "field.id"} and bool(
        _time_groups_of(scene)
    )


def _ranked(scene: Scene, free: Sequence[Mention]) -> Mention | None:
    """Whose values are ranked."""
    joined, terms = scene.wording, scene.terms
    for each in free:
        if each.name in {"field.handoff", "field.handoff_destination"} and joined.has(_WHERE_TO):
            return replace(each, name="field.handoff_destination", value=None, has_value=False)
        if each.name == "field.handoff" and joined.has(_WHY) and "field.handoff_reason" in terms:
            return replace(each, name="field.handoff_reason", value=None, has_value=False)
    named = [each for each in free if not each.has_value and not each.negated]
    if scene.cues.measure is not None or scene.cues.rate is not None:
        named = [each for each in named if scene.type_of(each) == "text"]
    texts = [each for each in named if scene.type_of(each) != "boolean"]
    why = scene.cues.reasons is not None or joined.has(_WHY)
    if scene.cues.about and (calling := reasons_for_calling(terms)):
        return Mention(0, 0, calling[0], score=0.5)
    if why:
        own = [each for each in texts if holds_reasons(each.name, terms)]
        if own:
            return own[0]
        reasons = reasons_for([each for each in free if each.has_value or each not in texts], terms)
        if reasons:
            return Mention(0, 0, reasons[0], score=0.5)
    if texts or named:
        return (texts or named)[0]
    reasons = reasons_for_calling(terms) if why or joined.has(_REASON) else ()
    # A call's reason is no reason for itself: `reasons for cancelling`, where to cancel is one of them.
    itself = {it.name for each in free for it in (each, *each.others) if it.has_value}
    reasons = tuple(name for name in reasons if name not in itself)
    return Mention(0, 0, reasons[0], score=0.5) if reasons else None


def asks_reasons(scene: Scene) -> bool:
    """Whether reasons are asked for that no name in the question is said to hold: `reasons for asking for a human`."""
    cues = scene.cues
    if cues.about and cues.count is None and scene.said is None:
        return True
    if cues.reasons is None or cues.listing or cues.count is not None or cues.measure is not None:
        return False
    place = cues.reasons
    return not any(each.start <= place.start and place.end <= each.end for each in scene.mentions)
