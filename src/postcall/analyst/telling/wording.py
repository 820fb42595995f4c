"""The sentences of an answer: the answer itself first. The mark behind a number says which query measured it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from postcall.analyst.telling.call_words import doing_in_words, that_in_words
from postcall.analyst.telling.comparing_words import before_sentence, difference_sentence
from postcall.analyst.telling.group_words import grouped_sentences
from postcall.analyst.telling.measure_phrases import did_what, subject_of
from postcall.analyst.telling.number_words import SHARES, Unit, mark, tell_interval, tell_value, unit_of, write_interval
from postcall.analyst.telling.query_words import scope_in_words
from postcall.domain.analysis import Asked, QuestionKind
from postcall.domain.queries import Denominator, Measure, MeasureKind, Number
from postcall.reporting.filter_words import name_in_words
from postcall.reporting.statistics import rate_interval

_COMPARING = frozenset({None, QuestionKind.COMPARISON, QuestionKind.DIFFERENCE, QuestionKind.TREND})


def answer_sentences(
    asked: Sequence[Asked],
    totals: Mapping[str, Asked],
    now: datetime,
    *,
    kind: QuestionKind | None = None,
    first_call: datetime | None = None,
) -> list[str]:
    """What the queries found; `totals` has, by the id of a query, how many calls there were before it filtered.

    `kind` is what was asked: two counts that were both asked for are told one after the other, and not compared.
    `first_call`: when the first of all calls began, where that is known.
    """
    share = _share_sentence(asked, now) if kind in {None, QuestionKind.RATE} else ""
    if share:
        return [share]
    difference = difference_sentence(asked, now) if kind in _COMPARING or len(asked) == 1 else ""
    if difference:
        return [difference, *_few(asked)]  # it names both numbers
    return [sentence for each in asked for sentence in _sentences(each, totals.get(each.id), now, first_call)]


def count_sentence(asked: Asked, total: Asked | None, now: datetime) -> str:
    """`412 [q1] of all 12,431 calls [q2] from 1 to 31 March 2026 were by web chat.`"""
    count = _count(asked)
    scope = _spaced(scope_in_words(asked.query, now))
    if total is None:
        were = "was" if count == 1 else "were"
        if " since " in scope:
            were = "has been" if count == 1 else "have been"
        return (
            f"There {were} {_calls(count) if count else 'no calls'}{scope}{that_in_words(asked.query)} {mark(asked)}."
        )
    of = _count(total)
    if not of:
        return f"There were no calls{scope} {mark(total)}."
    doing = doing_in_words(asked.query, one=count == 1)
    return f"{f'{count:,}' if count else 'None'} {mark(asked)} of {_all_calls(of)} {mark(total)}{scope} {doing}."


def _sentences(asked: Asked, total: Asked | None, now: datetime, first_call: datetime | None) -> list[str]:
    if asked.query.group_by:
        return grouped_sentences(asked, now, first_call)
    if not asked.result.rows:
        return [_nothing(asked, now)]
    said = []
    for measure, number in zip(asked.query.measures, asked.result.rows[0].numbers, strict=True):
        said.append(_sentence(asked, measure, number, total, now))
        if asked.query.compare:
            said.append(before_sentence(asked, measure, number))
    return [*said, *_few([asked])]


def _sentence(asked: Asked, measure: Measure, number: Number, total: Asked | None, now: datetime) -> str:
    if measure.kind is MeasureKind.CONVERSATIONS:
        return count_sentence(asked, total, now)
    if number.value is None:
        return _nothing(asked, now, measure)
    scope = _spaced(scope_in_words(asked.query, now)) + that_in_words(asked.query)
    value = tell_value(number.value, unit_of(measure))
    if measure.kind in SHARES:
        basis = f"{_calls(number.count or 0)}{_interval(number, Unit.SHARE)}"
        return f"{value} of {_of(asked, measure, number)}{scope} {did_what(measure)} ({basis}) {mark(asked)}."
    subject = subject_of(measure)
    subject = subject[0].upper() + subject[1:]
    if measure.kind in {MeasureKind.COUNT, MeasureKind.DISTINCT}:
        values = (
            f"{'different ' if measure.kind is MeasureKind.DISTINCT else ''}value{'' if number.value == 1 else 's'}"
        )
        there = f"There {'was' if number.value == 1 else 'were'} {value} {values} of {name_in_words(measure.of or '')}"
        return f"{there} in {_all_calls(asked.result.calls)}{scope} {mark(asked)}."
    if number.n == asked.result.calls:
        behind = _interval(number, unit_of(measure)).removeprefix("; ")
        return (
            f"{subject} of {_all_calls(number.n)}{scope} was {value}{f' ({behind})' if behind else ''} {mark(asked)}."
        )
    values = "1 value" if number.n == 1 else f"{number.n:,} values"
    behind = f"from {values} in {asked.result.calls:,} calls{_interval(number, unit_of(measure))}"
    return f"{subject}{f' of calls{scope}' if scope else ''} was {value} ({behind}) {mark(asked)}."


def _of(asked: Asked, measure: Measure, number: Number) -> str:
    """What a share is a share of."""
    if number.n == asked.result.calls:
        return _all_calls(number.n)
    name = name_in_words(measure.of or "")
    asked_it = measure.denominator is Denominator.ASKED
    return f"the {_calls(number.n)} in which {name} {'was asked' if asked_it else 'is known'}"


def _share_sentence(asked: Sequence[Asked], now: datetime) -> str:
    """Of two counts of which one is of all calls: the share that the other is; empty of others."""
    if len(asked) != 2 or any(len(each.query.measures) != 1 or each.query.group_by for each in asked):
        return ""
    some, every = asked
    if not all(each.query.measures[0].kind is MeasureKind.CONVERSATIONS for each in asked):
        return ""
    shared = every.query.filters.parts
    if not set(shared) < set(some.query.filters.parts) and (some.query.text is None or every.query.text is not None):
        return ""
    bare = replace(some.query, filters=every.query.filters, text=every.query.text, measures=every.query.measures)
    if bare != every.query:
        return ""
    count, of = _count(some), _count(every)
    scope = f"{_spaced(scope_in_words(every.query, now))}{that_in_words(every.query)}"
    interval = rate_interval(count, of)
    if interval is None:
        return f"There were no calls{scope} {mark(every)}."
    doing = doing_in_words(replace(some.query, text=None if every.query.text else some.query.text), without=shared)
    share = f"{tell_value(count / of, Unit.SHARE)} of {_all_calls(of)} {mark(every)}{scope} {doing}"
    return f"{share}: {count:,} {mark(some)} ({write_interval(interval, Unit.SHARE)})."


def _few(asked: Sequence[Asked]) -> list[str]:
    """That a share or a size rests on too few calls; a count rests on nothing but itself."""
    small = [
        number.n
        for each in asked
        if not each.query.group_by
        for row in each.result.rows
        for measure, number in zip(each.query.measures, row.numbers, strict=True)
        if number.small and number.n and measure.kind is not MeasureKind.CONVERSATIONS
    ]
    marks = " ".join(mark(each) for each in asked)
    return [f"That rests on only {min(small):,}, which is too few to rely on {marks}."] if small else []


def _nothing(asked: Asked, now: datetime, measure: Measure | None = None) -> str:
    scope = _spaced(scope_in_words(asked.query, now)) + that_in_words(asked.query)
    if measure is None or not asked.result.calls:
        return f"There is nothing to measure: there were no calls{scope} {mark(asked)}."
    name = name_in_words(measure.of or "")
    return f"There is nothing to measure: {name} is not known of any of the calls{scope} {mark(asked)}."


def _interval(number: Number, unit: Unit) -> str:
    interval = number.interval
    if interval is None or interval.low == interval.high:
        return ""
    return f"; {tell_interval(interval, unit)}"


def _count(asked: Asked) -> int:
    return int(asked.result.rows[0].numbers[0].value or 0) if asked.result.rows else 0


def _all_calls(count: int) -> str:
    return "the only call" if count == 1 else f"all {count:,} calls"


def _calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count:,} calls"


def _spaced(words: str) -> str:
    return f" {words}" if words else ""
