"""Several measures in one question: `shortest, longest and average duration`, `calls and median latency by day`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from postcall.analyst.reading.cues import MEASURES
from postcall.analyst.reading.scene import Scene
from postcall.analyst.reading.words import Place
from postcall.domain.analysis import Mention
from postcall.domain.queries import Measure, MeasureKind

_JOINED = re.compile(r"(?:^|\s)(?:and|plus|as well as|together with|along with)(?:\s|$)|[,/&+;]", re.IGNORECASE)
"""One of these stands between two that are both wanted."""
_TERSE = re.compile(r"^(?:min|max|avg|mean|median|p\d\d)$")
"""Such words may also follow one another: `latency min max avg`."""
_LINK_WORDS = (
    "and plus as well with along together the a an its their our also how long is are was were what of in call calls "
    "value on per"
)
_LINKS = frozenset(_LINK_WORDS.split())
_TOTAL = re.compile(r"\b(?:total|sum)\b(?! (?:number|calls|volume))")
_CALLS = re.compile(
    r"\b(?:(?:total )?(?:number|count|amount) of (?:all )?(?:calls|conversations|chats)|"
    r"how many (?:calls|conversations|chats)|call (?:count|volume))\b"
)


@dataclass(frozen=True, slots=True)
class _Said:
    """A word for a measure, and where it stands."""

    kind: MeasureKind
    start: int
    end: int


def settle_several(scene: Scene) -> Scene:
    """With the first of several measures as the one that is asked for; none of them is what ranks calls or groups."""
    said = _said(scene)
    if len(said) < 2:
        return scene
    own = [each for each in said if each.kind is not MeasureKind.CONVERSATIONS]
    last = own[-1]
    cues = scene.cues
    return replace(
        scene,
        cues=replace(
            cues,
            measure=own[0].kind,
            measure_at=Place(last.start, last.end, (), ()),
            top=None if _within(cues.top, said) else cues.top,
            rising=False if _within(cues.top, said) or cues.top is None else cues.rising,
            longest=None,
            total=False,
            listing=False,
            count=None,
        ),
    )


def said_measures(scene: Scene, first: Measure) -> tuple[Measure, ...]:
    """All of them in the order said, each with a name of its own; empty where the question names one alone.

    `first` is what the reading makes of the first one. A measure is of the number that stands behind it before the next
    one, or else of the same as the others.
    """
    said = _said(scene)
    if len(said) < 2:
        return ()
    numbers = [
        each
        for each in scene.mentions
        if scene.type_of(each) == "number"
        and not each.has_value
        and not any(it.start < each.end and each.start < it.end for it in said)
    ]
    found: list[Measure] = []
    for at, each in enumerate(said):
        if each.kind is MeasureKind.CONVERSATIONS:
            found.append(Measure(each.kind, name="calls"))
            continue
        until = said[at + 1].start if at + 1 < len(said) else None
        own = _first_between(numbers, each.end, until) or _first_between(numbers, each.end, None)
        of = own.name if own is not None else first.of
        found.append(Measure(each.kind, of=of, name=each.kind.value))
    used: dict[str, int] = {}
    for at, measure in enumerate(found):
        used[measure.name] = used.get(measure.name, 0) + 1
        if used[measure.name] > 1:
            found[at] = replace(measure, name=f"{measure.name}_{used[measure.name]}")
    return tuple(found)


def _first_between(numbers: list[Mention], since: int, until: int | None) -> Mention | None:
    return next((each for each in numbers if each.start >= since and (until is None or each.end <= until)), None)


def _within(place: Place | None, said: list[_Said]) -> bool:
    return place is not None and any(each.start < place.end and place.start < each.end for each in said)


def _said(scene: Scene) -> list[_Said]:
    """The measures that stand side by side; fewer than two where only one is wanted."""
    found = sorted(_every(scene), key=lambda each: (each.start, -each.end))
    chain: list[_Said] = []
    for each in found:
        if not chain:
            chain.append(each)
        elif each.start < chain[-1].end:
            continue
        elif _are_joined(scene, chain[-1], each):
            chain.append(each)
        elif len(chain) < 2 and each.kind is chain[-1].kind:
            continue  # `how long do calls last on average`
        else:
            break
    twice = len({each.kind for each in chain}) < len(chain)
    of = {each.name for each in scene.mentions if scene.type_of(each) == "number"}
    chain = [] if twice and len(of) < 2 else chain
    measured = [each for each in chain if each.kind is not MeasureKind.CONVERSATIONS]
    return chain if measured else []


def _every(scene: Scene) -> Iterator[_Said]:
    for kind, words in MEASURES:
        if kind is not MeasureKind.DISTINCT:
            for place in scene.wording.each(words):
                yield _Said(kind, place.start, place.end)
    for place in scene.wording.each(_TOTAL):
        yield _Said(MeasureKind.SUM, place.start, place.end)
    for place in scene.wording.each(_CALLS):
        yield _Said(MeasureKind.CONVERSATIONS, place.start, place.end)


def _are_joined(scene: Scene, one: _Said, other: _Said) -> bool:
    """Whether nothing but what they measure and words that link them lies between, and at least one of those."""
    between = scene.question.text[one.end : other.start]
    if _JOINED.search(between) is None:
        words = (scene.question.text[each.start : each.end].lower() for each in (one, other))
        return not between.strip() and all(_TERSE.match(word) for word in words)
    return all(
        word.text in _LINKS or not word.text[0].isalnum() or _is_number(scene, word.start)
        for word in scene.wording.words
        if one.end <= word.start < other.start
    )


def _is_number(scene: Scene, at: int) -> bool:
    return any(each.start <= at < each.end and scene.type_of(each) == "number" for each in scene.mentions)
