"""What a question wants measured, or whose share: one of the things that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from postcall.analyst.names.question_words import spelled
from postcall.analyst.reading.filters import UNITS, number_in_words, says_unknown
from postcall.analyst.reading.mentions import asks_itself
from postcall.analyst.reading.scene import Scene
from postcall.analyst.reading.words import Place
from postcall.domain.analysis import Mention
from postcall.domain.queries import MeasureKind

_LINK_WORDS = (
    "the a an of our their its all call calls caller caller's callers different each every hour per "
    "by time kind kinds type number most "
    "common frequent top main are is were was 's do does did main for"
)
LINKS = frozenset(_LINK_WORDS.split())
"""Words that may stand between one that asks for something, and what it asks for."""
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
_HOW_WELL = re.compile(
    r"\b(?:better|worse|improv\w+|how (?:well|good|successful\w*)|more (?:often|likely)|less (?:often|likely))\b"
)
_AMONG = re.compile(r"^(?:calls |callers |ones |people )?(?:among|amongst|out of|within)\b")
_WITH = re.compile(r"\b(?:with|of|from|among|whose)(?: (?:the|an?|our|their|no))*$")
_WHO = re.compile(r"^(?:calls|callers|patients|customers|clients|people|guests|ones)\b")
_RELATIVE = re.compile(r"\b(?:where|who|that|which|when)\b")
_THEY_DID = re.compile(
    r"^(?:was|were|is|are|got|get|had|have|has|did|do|ended|end|went|led)\b(?!.*\b(?:and|or|where|who|that|which|when)\b)"
)
_END = 1_000_000
_STATE = re.compile(r"(?:ment|tion|sion|ance|ness)$")
"""A word for how things stand, and not for calls one by one."""
_SOUNDS = re.compile("[aeiouyäöü]")
_POSSESSED = re.compile(r"^(?:rate|share|percentage|proportion|ratio|portion|fraction|quota)")


def next_to(
    scene: Scene, at: int, free: Sequence[Mention], *, links: Iterable[str] = LINKS, least: int = 0
) -> Mention | None:
    """The first mention after a place, where nothing but small words lies between."""
    after = [each for each in free if each.start >= at]
    if not after:
        return None
    between = scene.between(at, after[0].start)
    allowed = frozenset(links)
    return after[0] if least <= len(between) <= 4 and all(word in allowed for word in between) else None


def take_subject(
    scene: Scene, free: list[Mention], groups: set[str], *, having: bool, apart: bool
) -> tuple[Mention | None, list[Mention]]:
    """What is measured, and what is left.

    `groups` are the names that are grouped by; `apart`: kinds of calls are compared.
    """
    cues = scene.cues
    if cues.rate is not None and cues.measure is None and says_share_of_number(scene, free):
        found = None
    elif cues.rate is not None and cues.measure in {None, MeasureKind.MAX, MeasureKind.MIN, MeasureKind.AVERAGE}:
        found = _predicate(scene, [each for each in free if each.name not in groups])
    elif cues.measure is not None:
        found = _measured(scene, free, cues.measure)
    elif cues.count is not None and not having:
        found = _added_up(scene, free)
    elif _asks_how_well(scene, [each for each in free if each.name not in groups]):
        found = next(each for each in free if is_told(scene, each) and each.name not in groups)
    elif cues.compare and cues.count is None and not scene.said:
        flags = [each for each in free if scene.type_of(each) == "boolean" and each.name not in groups]
        flags = [each for each in flags if apart or not is_plural(scene, each)]
        found = flags[0] if flags and (apart or len(scene.times.periods) > 1) else None
        if found is None and apart:
            found = _only_number(scene, free)
        if found is None and apart:
            found = next((each for each in free if each.has_value and each.name not in groups), None)
    elif (cues.total and cues.count is None) or cues.longest is not None:
        numbers = [each for each in free if scene.type_of(each) == "number" and not each.has_value]
        found = numbers[0] if numbers else None
    elif groups and cues.count is None and cues.top is None and not scene.said:
        # `fulfilment by call reason`
        flags = [each for each in free if scene.type_of(each) == "boolean"]
        first = scene.cues.each[0].start if scene.cues.each else 0
        flags = [each for each in flags if each.end <= first and not is_plural(scene, each)]
        found = flags[0] if flags else _only_number(scene, free)
    else:
        found = _only_number(scene, free)
    return found, [
        each for each in free if each != found and not _repeats(each, found) and not _is_in_name(scene, each, found)
    ]


def _is_in_name(scene: Scene, mention: Mention, subject: Mention | None) -> bool:
    """Whether its words are those of a name that only all words together name, as `payment` of `payment plan`."""
    if subject is None or subject.end:
        return False
    words = set(scene.wording.between(mention.start, mention.end).split())
    return words <= {*spelled(subject.name.partition(".")[2])} or asks_itself(mention, scene.wording)


def _only_number(scene: Scene, free: Sequence[Mention]) -> Mention | None:
    """`latency by channel`: a number that is named without a word for what of it is wanted."""
    cues = scene.cues
    if cues.count is not None or cues.listing or cues.bare or cues.top is not None or scene.said is not None:
        return None
    return next(
        (each for each in free if scene.type_of(each) == "number" and not each.has_value and not each.negated), None
    )


def says_share_of_number(scene: Scene, free: Sequence[Mention]) -> bool:
    """Whether the share is of what is compared with a number: `share of Spanish calls longer than 5 minutes`."""
    if not scene.numbers or scene.cues.rate is None:
        return False
    last = scene.numbers[-1]
    told = [each for each in free if is_told(scene, each)]
    if last.noun in {"calls", "conversations", "chats"} or last.start < scene.cues.rate.start:
        return False
    return all(each.end <= last.start or _only_where(scene, last.end, each) for each in told)


def _only_where(scene: Scene, at: int, mention: Mention) -> bool:
    """Whether it only says of which calls: `in variant b`, and not `ended in a booking`."""
    between = " ".join(scene.between(at, mention.start))
    return _CIRCUMSTANCE.match(between) is not None and _BOUNDARY.search(between) is None


def is_told(scene: Scene, mention: Mention) -> bool:
    """Whether it tells some calls from others: a flag, or one value."""
    return mention.has_value or scene.type_of(mention) == "boolean"


def _asks_how_well(scene: Scene, free: Sequence[Mention]) -> bool:
    """Whether a share is meant without the word: `are we getting better at booking`, `containment in March`."""
    told = [each for each in free if is_told(scene, each)]
    if not told or scene.cues.count is not None or scene.cues.listing or scene.said is not None:
        return False
    if scene.wording.has(_HOW_WELL):
        return True
    word = scene.wording.between(told[0].start, told[0].end)
    return scene.type_of(told[0]) == "boolean" and not scene.cues.bare and _STATE.search(word) is not None


def _added_up(scene: Scene, free: Sequence[Mention]) -> Mention | None:
    """What stands where calls would: a number (`how many turns`) or a field of calls (`how many languages`)."""
    assert scene.cues.count is not None
    links = {"how", "many", "much", "number", "of", "the", "all", "our", "total"}
    found = next_to(scene, scene.cues.count.start, free, links=links)
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


def is_plural(scene: Scene, mention: Mention) -> bool:
    """Whether several are spoken of, as `errors` are; an `NPS` is one, and seconds are a measure."""
    last = scene.wording.between(mention.start, mention.end).rpartition(" ")[2]
    return last.endswith("s") and _SOUNDS.search(last) is not None and last not in UNITS


def _measured(scene: Scene, free: Sequence[Mention], kind: MeasureKind) -> Mention | None:
    """The number that an average and the like is of: the first after the word for it, or else the last before."""
    at = scene.cues.measure_at.end if scene.cues.measure_at else 0
    wanted = {"text", "number", "time"} if kind is MeasureKind.DISTINCT else {"number"}
    fitting = [each for each in free if scene.type_of(each) in wanted and not each.has_value]
    after = [each for each in fitting if each.end > at]
    found = after[0] if after else fitting[-1] if fitting else _otherwise(scene, free, wanted)
    if found is not None and "number" in wanted and asks_itself(found, scene.wording):
        # `how long is the payment plan`, where a name has all of these words
        compound = number_in_words(scene)
        found = Mention(0, 0, compound, score=0.5) if compound is not None else found
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
        return _mostly_told(scene, after)
    clauses = [place for place in scene.wording.each(_BOUNDARY) if place.start >= rate.end]
    said = [each for each in after if _follows_verb(each, clauses)]
    population = [each for each in after if each not in said]
    if said and population and _AMONG.match(" ".join(scene.between(population[-1].end, said[0].start))):
        found = population[-1]
    elif len(said) > 1 and not population and _is_of_them(scene, rate.end, said):
        found = said[-1]
    elif said and population:
        found = said[-1] if not _circumstance(scene, said) else said[0]
    elif not said and len(after) > 1 and not _circumstance(scene, after[:2]):
        found = after[-1]
    else:
        found = (said or after)[0]
    valued = [each for each in after if each.name == found.name and each.has_value]
    return valued[0] if valued else found


def _mostly_told(scene: Scene, after: Sequence[Mention]) -> Mention:
    """What happens often: not of whom it is asked, as in `how often did a caller with Aetna book`."""
    others = [each for each in after if not _is_who(scene, each)] or after
    apart = [each for each in others if not _WITH.search(scene.wording.between(0, each.start))]
    return (apart or others)[0]


def _is_who(scene: Scene, mention: Mention) -> bool:
    """Whether it says whose calls they are: `Spanish` of `Spanish calls`, `new patients`."""
    words = scene.wording.between(mention.start, mention.end).rpartition(" ")[2]
    return _WHO.match(scene.wording.between(mention.end, _END)) is not None or _WHO.match(words) is not None


def _is_of_them(scene: Scene, start: int, said: Sequence[Mention]) -> bool:
    """Whether the first thing said tells of which calls: `where a person was asked for were handed off`."""
    before = " ".join(scene.between(start, said[0].start))
    between = " ".join(scene.between(said[0].end, said[-1].start))
    return _RELATIVE.search(before) is not None and _THEY_DID.match(between) is not None


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
