"""What each thing that is named is for: to group by, to be measured or compared, or to say which calls count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from postcall.analyst.reading_filters import clock_filter, join_filters, number_in_words, place_numbers, says_unknown
from postcall.analyst.reading_numbers import Compared
from postcall.analyst.reading_scene import Scene, read_clocks
from postcall.analyst.reading_words import Place
from postcall.domain.analysis import Mention
from postcall.domain.queries import All, Filter, MeasureKind

_AMOUNTS = frozenset(
    {"field.duration", "field.latency", "field.turns", "field.user_turns", "field.agent_turns", "field.cost"}
)
"""Numbers of which hardly two calls have the same: nothing to group by."""
_WHICH = re.compile(r"\b(?:which|what|whose)\b")
_LINK_WORDS = (
    "the a an of our their its all call calls caller caller's callers different each every hour per "
    "by time kind kinds type number most "
    "common frequent top main are is were was 's do does did main for"
)
_LINKS = frozenset(_LINK_WORDS.split())
_BOUNDARY = re.compile(
    r"\b(?:is|are|was|were|gets?|got|has|have|had|end(?:s|ed)?|c[ao]mes?|asks?|asked|gave|gives?|goes|"
    r"went|go|results?|leads?|led|turned|"
    r"becomes?|became|where|that|who|which|could|can|did|do|contain|include|fail|failed|seem|seemed|"
    r"sound|wait|waited|hung|hang|stay|stayed)\b"
)
_CIRCUMSTANCE = re.compile(
    r"\b(?:when|where|for|among|amongst|if|in|on|from|of|with|who|whose|at|during|while|via|by|that|out of|"
    r"from)\b"
)
_POSSESSED = re.compile(r"^(?:rate|share|percentage|proportion|ratio|portion|fraction|quota)")
_WHERE_TO = re.compile(
    r"^(?:to )?(?:where|who|whom|which (?:person|people|team|place|number|department|destination)s?)\b"
)
_WHY = re.compile(r"\bwhy\b|\breasons?\b|\bcauses?\b")
_REASON = re.compile(r"\b(?:call(?:ing|s|ed)? (?:us )?(?:about|for)|want|contact|reasons?|topics?|ring)\b")
_REASON_NAMES = re.compile(r"(?i)(?:^|[._])(?:call_?reason|reason|intent|topic|subject|purpose)s?$")


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
    clocks: tuple[Filter, ...] = ()
    """Parts of the day that are compared with each other."""
    told: tuple[Mention, ...] = ()
    """Those that became filters."""


def give_roles(scene: Scene) -> Roles:
    """To each mention one."""
    filters, having, lost, used = place_numbers(scene)
    free = [mention for mention in scene.mentions if mention not in used]
    compared, free = _take_compared(scene, free)
    grouped, free = _take_groups(scene, free, counted=bool(having))
    subject, free = _take_subject(
        scene, free, {name for name, _ in compared} | {each.name for each in grouped}, having=bool(having or filters)
    )
    groups = [*(name for name, _ in compared), *(each.name for each in grouped)]
    filters.extend(part for _, part in compared if part is not None)
    free = [each for each in free if each.has_value or each.name not in groups]
    filters.extend(part for part in join_filters(free, scene) if part not in filters)
    clocks = () if by_weekday(scene) else read_clocks(scene)
    parts: tuple[Filter, ...] = ()
    if len(clocks) > 1 and scene.cues.compare and not by_hour(scene):
        parts = tuple(part for clock in clocks if (part := clock_filter([clock])) is not None)
    elif (clock := clock_filter(clocks)) is not None:
        filters.append(clock)
    return Roles(
        groups=tuple(dict.fromkeys([*_time_groups(scene), *groups])),
        subject=subject,
        filters=All(tuple(filters)),
        having=tuple(having),
        lost=tuple(lost),
        clocks=parts,
        told=tuple(free),
    )


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
    elif scene.times.bucket is not None:
        yield scene.times.bucket.value


def _take_compared(scene: Scene, free: list[Mention]) -> tuple[list[tuple[str, Filter | None]], list[Mention]]:
    """What is compared with each other: `English vs Spanish`, `new patients vs everyone else`, `variant a or b`."""
    cues = scene.cues
    if not cues.compare or len(scene.times.periods) > 1:
        return [], free
    taken: list[tuple[str, Filter | None]] = []
    for place in cues.versus:
        before = [each for each in free if each.end <= place.start and _near(scene, each.end, place.start)]
        after = [each for each in free if each.start >= place.end and _near(scene, place.end, each.start)]
        if before and after and before[-1].name == after[0].name and before[-1].has_value:
            name = before[-1].name
            sides = [each for each in free if each.name == name and each.has_value and not each.negated]
            taken.append((name, next(iter(join_filters(sides, scene)), None)))
            return taken, [each for each in free if each.name != name]
        if cues.others and before and (before[-1].has_value or scene.type_of(before[-1]) == "boolean"):
            return [(before[-1].name, None)], [each for each in free if each != before[-1]]
    return taken, free


def _near(scene: Scene, first: int, second: int) -> bool:
    return len(scene.between(first, second)) <= 2


def _take_groups(scene: Scene, free: list[Mention], *, counted: bool) -> tuple[list[Mention], list[Mention]]:
    """What calls are grouped by: `by call reason`, `per channel`, `which channel`, `top intents`."""
    cues, taken = scene.cues, []
    free, every = [each for each in free if each.name not in _AMOUNTS], free
    for place in cues.each:
        # `by language and channel`
        found = _next_to(scene, place.end, [each for each in free if each not in taken])
        while found is not None:
            taken.append(found)
            rest = [each for each in free if each not in taken]
            found = _next_to(scene, found.end, rest, links={"and", ",", "the", "by"}, least=1)
    wants_one = cues.top is not None or cues.measure is not None or cues.rate is not None or cues.count is not None
    if wants_one and not taken and not cues.coverage:
        for place in scene.wording.each(_WHICH):
            found = _last_of_compound(scene, _next_to(scene, place.end, free), free)
            if found is not None and not found.has_value and found.name not in {each.name for each in taken}:
                taken.append(found)
                break
    if cues.top is not None and not taken and not _time_groups_of(scene):
        found = _ranked(scene, free)
        if found is not None:
            taken.append(found)
    # A value after `by` is no group, unless only its name is meant.
    taken = [each for each in taken if not each.has_value or _is_flag(scene, each)]
    taken = [each for each in taken if not _doubles_bucket(scene, each)]
    if (counted or scene.cues.spread) and not taken:
        taken = [each for each in free if not each.has_value and not each.negated][:1]
    return taken, [each for each in every if each not in taken]


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
    if texts or named:
        return (texts or named)[0]
    if joined.has(_REASON):
        reasons = sorted((name for name in terms if _REASON_NAMES.search(name)), key=lambda name: (len(name), name))
        reasons = [name for name in reasons if name.startswith("metric.")] or reasons
        if reasons:
            return Mention(0, 0, reasons[0], score=0.5)
    return None


def _next_to(
    scene: Scene, at: int, free: Sequence[Mention], *, links: Iterable[str] = _LINKS, least: int = 0
) -> Mention | None:
    """The first mention after a place, where nothing but small words lies between."""
    after = [each for each in free if each.start >= at]
    if not after:
        return None
    between = scene.between(at, after[0].start)
    allowed = frozenset(links)
    return after[0] if least <= len(between) <= 4 and all(word in allowed for word in between) else None


def _take_subject(
    scene: Scene, free: list[Mention], groups: set[str], *, having: bool
) -> tuple[Mention | None, list[Mention]]:
    cues = scene.cues
    if cues.rate is not None and cues.measure in {None, MeasureKind.MAX, MeasureKind.MIN, MeasureKind.AVERAGE}:
        found = _predicate(scene, [each for each in free if each.name not in groups])
    elif cues.measure is not None:
        found = _measured(scene, free, cues.measure)
    elif cues.count is not None and not having:
        found = _added_up(scene, free)
    elif cues.compare and cues.count is None and not scene.said:
        flags = [each for each in free if scene.type_of(each) == "boolean" and each.name not in groups]
        flags = [each for each in flags if groups or not _is_plural(scene, each)]
        found = flags[0] if flags and (groups or len(scene.times.periods) > 1) else None
    elif (cues.total and cues.count is None) or cues.longest is not None:
        numbers = [each for each in free if scene.type_of(each) == "number" and not each.has_value]
        found = numbers[0] if numbers else None
    elif groups and cues.count is None and cues.top is None and not scene.said:
        # `fulfilment by call reason`
        flags = [each for each in free if scene.type_of(each) == "boolean"]
        first = scene.cues.each[0].start if scene.cues.each else 0
        flags = [each for each in flags if each.end <= first and not _is_plural(scene, each)]
        found = flags[0] if flags else None
    else:
        found = None
    return found, [each for each in free if each != found and not _repeats(each, found)]


def _added_up(scene: Scene, free: Sequence[Mention]) -> Mention | None:
    """What stands where calls would: a number (`how many turns`) or a field of calls (`how many languages`)."""
    assert scene.cues.count is not None
    links = {"how", "many", "much", "number", "of", "the", "all", "our", "total"}
    found = _next_to(scene, scene.cues.count.start, free, links=links)
    if found is None or found.has_value:
        return None
    fits = scene.type_of(found) == "number" or found.name.startswith("field.")
    return found if fits and scene.type_of(found) != "boolean" else None


def _repeats(mention: Mention, subject: Mention | None) -> bool:
    """Whether it says again what is measured: `failed bookings` beside `failed with no slot`."""
    return (
        subject is not None
        and mention.name == subject.name
        and (not mention.has_value or not subject.has_value or mention.value == subject.value)
    )


def _is_plural(scene: Scene, mention: Mention) -> bool:
    return scene.wording.between(mention.start, mention.end).endswith("s")


def _measured(scene: Scene, free: Sequence[Mention], kind: MeasureKind) -> Mention | None:
    """The number that an average and the like is of: the first after the word for it, or else the last before."""
    at = scene.cues.measure_at.end if scene.cues.measure_at else 0
    wanted = {"text", "number", "time"} if kind is MeasureKind.DISTINCT else {"number"}
    fitting = [each for each in free if scene.type_of(each) in wanted and not each.has_value]
    after = [each for each in fitting if each.end > at]
    found = after[0] if after else fitting[-1] if fitting else _otherwise(scene, free, wanted)
    if found is not None and kind is MeasureKind.DISTINCT and found.name == "field.from_number":
        # Those of the callers: of calls that were placed, it is one's own number.
        return replace(found, name="field.user_number")
    return found


def _otherwise(scene: Scene, free: Sequence[Mention], wanted: set[str]) -> Mention | None:
    """What the same words may mean too, where that can be measured."""
    for each in free:
        for other in each.others:
            if scene.type_of(other) in wanted and not other.has_value:
                return other
    name = number_in_words(scene)
    return None if name is None or "number" not in wanted else Mention(0, 0, name, score=0.5)


def _predicate(scene: Scene, free: Sequence[Mention]) -> Mention | None:
    """Whose share is wanted, and not of which calls: `booked` in `share of Spanish calls that get booked`."""
    if not free:
        return None
    rate = scene.cues.rate
    assert rate is not None
    before = [each for each in free if each.end <= rate.start]
    word = scene.wording.between(rate.start, rate.end)
    if before and (_POSSESSED.match(word)) and len(scene.between(before[-1].end, rate.start)) <= 1:
        return before[-1]
    after = [each for each in free if each.start >= rate.start]
    if not after:
        return before[-1] if before else free[0]
    if "often" in word or "likely" in word or "frequent" in word or "common" in word or "complete" in word:
        return after[0]
    clauses = [place for place in scene.wording.each(_BOUNDARY) if place.start >= rate.end]
    said = [each for each in after if _follows_verb(each, clauses)]
    population = [each for each in after if each not in said]
    if said and population:
        found = said[-1] if not _circumstance(scene, said) else said[0]
    elif not said and len(after) > 1 and not _circumstance(scene, after[:2]):
        found = after[-1]
    else:
        found = (said or after)[0]
    valued = [each for each in after if each.name == found.name and each.has_value]
    return valued[0] if valued else found


def _follows_verb(mention: Mention, clauses: Sequence[Place]) -> bool:
    return any(place.start <= mention.start for place in clauses)


def _circumstance(scene: Scene, said: Sequence[Mention]) -> bool:
    """Whether the last thing said only tells when: `that were booked in Spanish`."""
    if len(said) < 2:
        return True
    between = " ".join(scene.between(said[0].end, said[-1].start))
    return _CIRCUMSTANCE.search(between) is not None


def value_of(mention: Mention, scene: Scene) -> tuple[object, bool]:
    """The value whose share is wanted, and whether it is of the calls that do not have it."""
    boolean = scene.type_of(mention) == "boolean"
    value = mention.value if mention.has_value else (True if boolean else None)
    if mention.negated and boolean and isinstance(value, bool):
        return (not value), False
    return value, mention.negated or says_unknown(mention, scene)
