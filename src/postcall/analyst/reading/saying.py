"""A reading in one sentence, and which words were taken for what."""

from __future__ import annotations

from postcall.analyst.reading.queries import two_buckets
from postcall.analyst.reading.scene import Scene
from postcall.analyst.reading.sentences import say, when
from postcall.domain.analysis import Mention, QuestionKind, Understood
from postcall.domain.queries import Query
from postcall.reporting.filter_words import name_in_words, value_in_words


def taken_words(scene: Scene) -> tuple[tuple[int, int, str], ...]:
    """Start, end and meaning of what was understood."""
    taken = [(each.start, each.end, each.says) for each in scene.times.periods]
    taken.extend((each.start, each.end, "part of the day or week") for each in scene.times.clocks)
    if scene.times.bucket_span is not None and scene.times.bucket is not None:
        taken.append((*scene.times.bucket_span, f"by {scene.times.bucket.value}"))
    taken.extend((each.start, each.end, _mention(each)) for each in scene.mentions)
    taken.extend(
        (each.start, each.end, f"{each.op.value} {', '.join(f'{it:g}' for it in each.values)}")
        for each in scene.numbers
    )
    taken.extend(
        (start, end, f"said: {scene.said.text}")
        for start, end in (scene.said.spans if scene.said else ())
        if scene.said
    )
    return tuple(sorted(set(taken)))


def understood(
    scene: Scene,
    kind: QuestionKind,
    queries: tuple[Query, ...],
    *,
    calls: Query | None = None,
    periods: str | None = None,
    more: str = "",
) -> Understood:
    """The reading, with what it is in words; `more` is a sentence behind them."""
    words = periods if periods is not None else _periods(scene)
    says = say(kind, queries, calls, periods=words)
    return Understood(kind=kind, queries=queries, calls=calls, says=f"{says} {more}".strip())


def _periods(scene: Scene) -> str:
    said = [each.says for each in scene.times.periods]
    if two_buckets(scene.times.periods):
        return f"{when(said[0])} compared with {said[1]}"
    return ", ".join(when(each) for each in said)


def _mention(mention: Mention) -> str:
    name = name_in_words(mention.name)
    if mention.has_value:
        return f"{name} is {'not ' if mention.negated else ''}{value_in_words(mention.value)}"
    return f"no {name}" if mention.negated else name
