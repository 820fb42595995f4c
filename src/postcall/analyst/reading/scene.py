"""All that is found in a question before it is decided what it asks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from postcall.analyst.names.mentions import find_mentions
from postcall.analyst.reading.cues import Cues, find_cues
from postcall.analyst.reading.mentions import settle_mentions, with_numbers
from postcall.analyst.reading.numbers import Compared, find_compared, find_limit
from postcall.analyst.reading.search import Said, find_said
from postcall.analyst.reading.words import Place, Word, Wording, is_idle
from postcall.analyst.times.finding import find_times
from postcall.domain.analysis import Clock, KnownTerm, Mention, Question, TimeWords
from postcall.reporting.periods import read_zone

_LETTERS = re.compile(r"[^\W\d_]{2,}")
_ADVERBS = re.compile(
    r"(?i)\b(?:usually|normally|generally|currently|actually|really|basically|just|ever|mostly|even|lately|recently|please)\b"
)
_STEM = 4
"""So many letters of a word tell whether it is another form of one."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A question, and what stands where in it."""

    question: Question
    wording: Wording
    times: TimeWords
    said: Said | None
    numbers: tuple[Compared, ...]
    limit: int | None
    limit_at: Place | None
    mentions: tuple[Mention, ...]
    """Those to go by, without those that only say what others are about. In the order of the words."""
    cues: Cues
    terms: Mapping[str, KnownTerm]

    def type_of(self, mention: Mention) -> str:
        """`boolean`, `number`, `text` or `time`; text where the name is not known."""
        term = self.terms.get(mention.name)
        return term.type if term else "text"

    def between(self, first: int, second: int) -> list[str]:
        """The words that lie between two places."""
        return self.wording.between(first, second).split()


def survey(question: Question, terms: Sequence[KnownTerm]) -> Scene:
    """What the question holds of time, names, values, numbers and words that were said."""
    text = question.text
    times = _without_names(find_times(text, now=question.now, zone=read_zone(question.time_zone)), text, terms)
    known = {
        word.lower() for term in terms for part in (term.name, *term.values) for word in _LETTERS.findall(str(part))
    }
    wording = Wording(text, known=known)
    timed = time_spans(times)
    said = find_said(text, wording, times=timed)
    searched = said.spans if said else ()
    numbers = find_compared(wording, skip=[*timed, *searched])
    limit = find_limit(wording)
    bucket: list[tuple[int, int]] = [times.bucket_span] if times.bucket_span else []
    spans = [*(it for it in timed if it not in bucket), *searched, *((each.start, each.end) for each in numbers)]
    cues = find_cues(wording)
    if cues.difference_at is not None and len(times.periods) > 1:
        spans.append((cues.difference_at.start, cues.difference_at.end))
    # `how do calls usually end`: such words part others that belong together.
    mentions = find_mentions(_ADVERBS.sub(lambda found: " " * len(found[0]), text), terms, skip=spans)
    if any(_is_wider(each, bucket) for each in mentions):
        times = replace(times, by_weekday=False, by_hour_of_day=False, bucket=None, bucket_span=None)
    else:
        mentions = tuple(
            each for each in mentions if not any(start < each.end and each.start < end for start, end in bucket)
        )
    named = {term.name: term for term in terms}
    settled = settle_mentions(mentions, wording, named)
    used = [*spans, *([(limit[1].start, limit[1].end)] if limit else [])]
    return Scene(
        question=question,
        wording=wording,
        times=times,
        said=said,
        numbers=numbers,
        limit=limit[0] if limit else None,
        limit_at=limit[1] if limit else None,
        mentions=with_numbers(settled, wording, named, taken=used),
        cues=cues,
        terms=named,
    )


def _without_names(times: TimeWords, text: str, terms: Sequence[KnownTerm]) -> TimeWords:
    """Without parts of the day that are what a number is called: `average number of nights`."""
    numbers = {term.name.partition(".")[2].lower() for term in terms if term.type == "number"}
    clocks = tuple(each for each in times.clocks if text[each.start : each.end].lower() not in numbers)
    return replace(times, clocks=clocks)


def void_measure(scene: Scene) -> Scene:
    """Without the measure of `how many calls had an average latency above 2 seconds`: it belongs to the condition."""
    at = scene.cues.measure_at
    if at is None or scene.cues.count is None or not scene.numbers or scene.cues.count.start > at.start:
        return scene
    named = [each for each in scene.mentions if scene.type_of(each) == "number" and each.start >= at.start]
    if not any(
        each.start <= number.start and len(scene.between(each.end, number.start)) <= 2
        for each in named
        for number in scene.numbers
    ):
        return scene
    return replace(scene, cues=replace(scene.cues, measure=None, measure_at=None))


def _is_wider(mention: Mention, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether the words of time are part of a name: `weekdays booked`."""
    return mention.name.startswith("metric.") and any(
        mention.start <= start and end <= mention.end and (mention.start, mention.end) != (start, end)
        for start, end in spans
    )


def time_spans(times: TimeWords) -> tuple[tuple[int, int], ...]:
    """Which parts of the question speak of time."""
    spans = [(each.start, each.end) for each in times.periods] + [(each.start, each.end) for each in times.clocks]
    return tuple(sorted([*spans, *([times.bucket_span] if times.bucket_span else [])]))


def read_clocks(scene: Scene) -> tuple[Clock, ...]:
    """The parts of the day and the week; `the morning (8 to 12)` is the one in brackets."""
    kept: list[Clock] = []
    for clock in sorted(scene.times.clocks, key=lambda each: each.start):
        if kept and scene.question.text[kept[-1].end : clock.start].strip() in {"(", ":", ","} and not clock.weekdays:
            kept.pop()
        kept.append(clock)
    return tuple(kept)


def taken_spans(scene: Scene) -> list[tuple[int, int]]:
    """Which parts of the question were understood."""
    taken = list(time_spans(scene.times))
    taken.extend((each.start, each.end) for each in scene.mentions)
    taken.extend((each.start, each.end) for each in scene.numbers)
    taken.extend(scene.said.spans if scene.said else ())
    taken.extend([(scene.cues.reasons.start, scene.cues.reasons.end)] if scene.cues.reasons else [])
    taken.extend([(scene.limit_at.start, scene.limit_at.end)] if scene.limit_at else [])
    return taken


def left_words(scene: Scene) -> tuple[str, ...]:
    """The words that may matter, and that nothing was made of."""
    return tuple(word.text for word in left_places(scene))


def left_places(scene: Scene) -> tuple[Word, ...]:
    """The same, each with its place."""
    taken = taken_spans(scene)
    # `here in Tokyo`, asked there, says nothing more.
    place = scene.question.time_zone.lower().replace("_", " ").split("/")[-1].split()
    # What only says of which name a value is, or names the values one by one, is understood with it.
    told = [text for each in scene.mentions for text in (each.name.partition(".")[2], *map(str, each.values))]
    valued = {part.lower() for text in told for part in _LETTERS.findall(text.replace("_", " "))}
    return tuple(
        word
        for word in scene.wording.words
        if word.text[0].isalpha()
        and len(word.text) > 1
        and not is_idle(word.text.removesuffix("'s"))
        and word.text not in place
        and not (len(word.text) >= _STEM and any(part[:_STEM] == word.text[:_STEM] for part in valued))
        and all(word.end <= start or end <= word.start for start, end in taken)
    )
