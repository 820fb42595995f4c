"""Answers against gold: what is right, question by question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from postcall.domain.answers import Answer, AnswerStatus, AnswerValue, Evidence
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.evaluation.calibration import Calibration, calibrate
from postcall.evaluation.comparing import Comparison, Rule, compare, overlap, read_answer
from postcall.evaluation.figures import Figures, Interval, Outcome, interval, reckon, resample
from postcall.evaluation.labelled import Scoring
from postcall.evaluation.running import Answered
from postcall.extraction.evidence import verify_quote

CLASSED = frozenset({QuestionType.BOOLEAN, QuestionType.ENUM})
"""The types whose values are few, so that one can say which is taken for which."""
_SOME_VALUE = "value"


@dataclass(frozen=True, slots=True)
class Case:
    """One label and the answer to it."""

    call_id: str
    gold: AnswerValue
    given: AnswerValue
    """None where the answer has no value, or only says that there is none."""
    status: AnswerStatus
    right: bool
    also: tuple[bool, ...]
    evidenced: bool
    """At least one quote, and every quote stands in the turn that it names."""
    confidence: float | None
    calibrated: bool
    reasoning: str
    evidence: tuple[Evidence, ...]
    overlap: float | None
    """Words in common with gold; None where the question is not compared by them, or gold is null."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often which value was taken for which."""

    labels: tuple[str | bool, ...]
    """The values in gold or given, in the order of the choices."""
    counts: tuple[tuple[int, ...], ...]
    """A row for each label in gold and a last one for null; a column for each given and a last one for no value."""


@dataclass(frozen=True, slots=True)
class MetricScore:
    """How true the answers to one question are."""

    question: DispositionMetric
    rule: Rule
    noise: str | None
    cases: tuple[Case, ...]
    figures: Figures
    intervals: Mapping[str, Interval]
    """By the name of the figure; `also` ones by `also.surname`."""
    invented: int
    null: int
    """Labels that say that there is no value."""
    statuses: Mapping[str, int]
    confusion: Confusion | None
    calibration: Calibration | None
    mean_overlap: float | None

    @property
    def wrong(self) -> tuple[Case, ...]:
        """The cases that are not right."""
        return tuple(case for case in self.cases if not case.right)


def score_metric(
    question: DispositionMetric, scoring: Scoring, answered: Sequence[Answered], *, seed: int = 0
) -> MetricScore:
    """Compare all answers to a question with the labels there are; calls without a label of it do not count."""
    cases = tuple(judge_calls(question, scoring.rule, answered))
    outcomes = [outcome_of(case, question.type) for case in cases]
    beside = len(scoring.rule.also)
    figures = reckon(Counter(outcomes).items(), question.type, beside=beside)
    samples = resample(outcomes, question.type, beside=beside, seed=f"{seed} {question.identifier}")
    overlaps = [case.overlap for case in cases if case.overlap is not None]
    rated = [(case.confidence, case.right) for case in cases if case.given is not None and case.confidence is not None]
    return MetricScore(
        question=question,
        rule=scoring.rule,
        noise=scoring.noise,
        cases=cases,
        figures=figures,
        intervals=dict(_intervals(samples, scoring.rule)),
        invented=sum(case.gold is None and case.given is not None for case in cases),
        null=sum(case.gold is None for case in cases),
        statuses={status: sum(case.status is status for case in cases) for status in AnswerStatus},
        confusion=_confuse(question, cases) if question.type in CLASSED else None,
        calibration=calibrate(rated),
        mean_overlap=sum(overlaps) / len(overlaps) if overlaps else None,
    )


def judge_calls(question: DispositionMetric, rule: Rule, answered: Sequence[Answered]) -> Iterator[Case]:
    """A case for each call that has a label of the question."""
    for each in answered:
        if question.identifier in each.call.gold:
            answer = next((a for a in each.answers if a.identifier == question.identifier), None)
            yield judge(question, rule, each, answer or _no_answer(question, each.fault))


def judge(question: DispositionMetric, rule: Rule, answered: Answered, answer: Answer) -> Case:
    """Whether an answer is right.

    Where gold is null only the answer that there is no value is right; an answer that is `invalid` or an `error` says
    nothing of the kind. Where gold has a value, only a value can be right.
    """
    call = answered.call
    gold = call.gold[question.identifier]
    ok = answer.status is AnswerStatus.OK
    given = read_answer(answer.value, question, reference=call.reference) if ok else None

    def same(comparison: Comparison) -> bool:
        if gold is None or given is None:
            return gold is given and answer.status in {AnswerStatus.OK, AnswerStatus.UNKNOWN}
        return compare(comparison, gold, given, type=question.type, reference=call.reference)

    return Case(
        call_id=call.id,
        gold=gold,
        given=given,
        status=answer.status,
        right=same(rule.comparison),
        also=tuple(same(comparison) for comparison in rule.also),
        evidenced=given is not None and _is_evidenced(answer.evidence, call.transcript),
        confidence=answer.confidence,
        calibrated=answer.calibrated,
        reasoning=answer.reasoning,
        evidence=answer.evidence,
        overlap=_overlap(gold, given) if rule.comparison is Comparison.OVERLAP else None,
    )


def outcome_of(case: Case, kind: QuestionType) -> Outcome:
    """What the figures need to know of a case."""
    classed = kind in CLASSED
    gold = None if case.gold is None else str(case.gold) if classed else _SOME_VALUE
    given = None if case.given is None else str(case.given) if classed else _SOME_VALUE
    return Outcome(gold, given, case.right, case.evidenced, case.also)


def _no_answer(question: DispositionMetric, fault: str | None) -> Answer:
    reason = fault or "The question was not answered."
    return Answer(question.identifier, question.type, None, AnswerStatus.ERROR, None, reason)


def _is_evidenced(evidence: Sequence[Evidence], transcript: Transcript) -> bool:
    return bool(evidence) and all(verify_quote(each.quote, each.turn, transcript) is not None for each in evidence)


def _overlap(gold: AnswerValue, given: AnswerValue) -> float | None:
    if not isinstance(gold, str):
        return None
    return overlap(gold, given) if isinstance(given, str) else 0.0


def _intervals(samples: Sequence[Figures], rule: Rule) -> Iterator[tuple[str, Interval]]:
    names = ("coverage", "accuracy", "accuracy_when_answered", "invented_rate", "evidence_share")
    for name in (*names, "balanced_accuracy", "macro_f1"):
        found = interval(samples, lambda sample, name=name: getattr(sample, name))  # type: ignore[misc]
        if found is not None:
            yield name, found
    for index, comparison in enumerate(rule.also):
        found = interval(samples, lambda sample, index=index: sample.also[index])  # type: ignore[misc]
        if found is not None:
            yield f"also.{comparison}", found


def _confuse(question: DispositionMetric, cases: Sequence[Case]) -> Confusion:
    seen = {value for case in cases for value in (case.gold, case.given) if isinstance(value, str | bool)}
    known: tuple[str | bool, ...] = question.choices or (True, False)
    labels = [each for each in known if each in seen] + sorted(seen.difference(known), key=str)
    places: dict[AnswerValue, int] = {label: index for index, label in enumerate(labels)}
    counts = [[0] * (len(labels) + 1) for _ in range(len(labels) + 1)]
    for case in cases:
        counts[places.get(case.gold, -1)][places.get(case.given, -1)] += 1
    return Confusion(tuple(labels), tuple(tuple(row) for row in counts))
