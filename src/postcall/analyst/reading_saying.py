"""A reading in one sentence, and which words were taken for what."""

from __future__ import annotations

from postcall.analyst.reading_queries import two_buckets
from postcall.analyst.reading_scene import Scene
from postcall.domain.analysis import Mention, QuestionKind, Understood
from postcall.domain.queries import Bucket, Denominator, Measure, MeasureKind, Query
from postcall.reporting.filter_words import filters_in_words, name_in_words, value_in_words

_KINDS = {
    MeasureKind.COUNT: "number of values of",
    MeasureKind.SUM: "sum of",
    MeasureKind.AVERAGE: "average of",
    MeasureKind.MIN: "least",
    MeasureKind.MAX: "greatest",
    MeasureKind.P50: "median of",
    MeasureKind.P90: "90th percentile of",
    MeasureKind.P95: "95th percentile of",
    MeasureKind.P99: "99th percentile of",
    MeasureKind.DISTINCT: "number of different values of",
}
_OF = {
    Denominator.CALLS: "of all calls that match",
    Denominator.ANSWERED: "of those with a value",
    Denominator.ASKED: "of those in which it was asked",
}


def say(kind: QuestionKind, query: Query, *, periods: str = "") -> str:
    """`Share of calls where BOOKED is yes, by channel, of calls where language is es, 1 to 30 June 2026.`"""
    parts = [", ".join(_measure(measure) for measure in query.measures) or "calls"]
    if query.group_by:
        parts.append(
            "by " + " and ".join(name if name in set(Bucket) else name_in_words(name) for name in query.group_by)
        )
    if query.filters.parts:
        parts.append(f"where {filters_in_words(query.filters)}")
    if query.text is not None:
        parts.append(f"in which {query.text} is said")
    if query.having:
        parts.append("of rows that are large enough" if len(query.having) > 1 else _having(query))
    if query.order:
        parts.append("the most first" if query.order[0].descending else "the least first")
    if query.limit is not None:
        parts.append(f"up to {query.limit}")
    if kind is QuestionKind.THEMES:
        parts[0] = "what is said in calls"
    parts.append(periods or ("at any time" if query.since is None and query.until is None else ""))
    sentence = ", ".join(part for part in parts if part)
    return sentence[0].upper() + sentence[1:] + "."


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
    scene: Scene, kind: QuestionKind, queries: tuple[Query, ...], *, calls: Query | None = None
) -> Understood:
    """The reading, with what it is in words."""
    shown = queries[0] if queries else calls
    periods = scene.times.periods
    words = (
        " compared with ".join(each.says for each in periods)
        if two_buckets(periods)
        else ", ".join(each.says for each in periods)
    )
    says = say(kind, shown, periods=words) if shown is not None else ""
    return Understood(kind=kind, queries=queries, calls=calls, says=says)


def _mention(mention: Mention) -> str:
    name = name_in_words(mention.name)
    if mention.has_value:
        return f"{name} is {'not ' if mention.negated else ''}{value_in_words(mention.value)}"
    return f"no {name}" if mention.negated else name


def _having(query: Query) -> str:
    each = query.having[0]
    return f"with {each.column} {each.op.value} {each.value if each.value is not None else each.values}"


def _measure(measure: Measure) -> str:
    if measure.kind is MeasureKind.CONVERSATIONS:
        return "number of calls"
    name = name_in_words(measure.of or "")
    if measure.kind is MeasureKind.RATE:
        of = f", {_OF[measure.denominator]}" if measure.denominator else ""
        return f"share of calls where {name} is {value_in_words(measure.value)}{of}"
    if measure.kind is MeasureKind.SHARE:
        return f"share of calls with a {name}"
    return f"{_KINDS[measure.kind]} {name}"
