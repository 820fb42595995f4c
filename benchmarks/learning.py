"""What heads learn from 300 labelled calls, on the calls that are left; and what eight of them cost a call."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from benchmarks.figures import Figure
from postcall.api.question_format import read_question_file
from postcall.domain.agents import VersionConfig
from postcall.domain.answers import AnswerValue
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric
from postcall.extraction.builtin import analyse
from postcall.extraction.cascade import ask_heads
from postcall.extraction.learning.calibration import calibration_curve, expected_error
from postcall.extraction.learning.digest import question_digest
from postcall.extraction.learning.features import read_features
from postcall.extraction.learning.head import Head, Prediction, predict
from postcall.extraction.learning.lessons import Lesson, prepare_lessons
from postcall.extraction.learning.trial import try_head
from postcall.intake.line_format import read_line

SHARED = Path(os.environ.get("POSTCALL_SHARED", Path(__file__).parent.parent.parent / "shared"))
LABELS = 300
SEEDS = 10
QUESTIONS = {
    ("star", "call_reason"): "98 %",
    ("star", "request_fulfilled"): "93 %",
    ("sgd", "call_reason"): "95 %",
    ("sgd", "booking_confirmed"): "90 %",
}
AT_LEAST = 0.8
"""The confidence from which answers are counted as sure."""
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Labelled:
    lesson: Lesson
    transcript: Transcript
    rules: AnswerValue


def measure() -> list[Figure]:
    """Accuracy, calibration and time; nothing where the labelled calls are not there."""
    if not (SHARED / "data").is_dir():
        print(f"  skipped: there are no labelled conversations in {SHARED / 'data'}")
        return []
    found: list[Figure] = []
    heads: list[tuple[DispositionMetric, Head]] = []
    for (name, identifier), aim in QUESTIONS.items():
        question = _question(name, identifier)
        calls = list(_calls(name, question))
        figures, head = _measure_question(f"{name} {identifier}", question, calls, aim)
        found += figures
        heads.append((question, head))
    return [*found, *_measure_time(heads)]


def _question(name: str, identifier: str) -> DispositionMetric:
    questions = read_question_file((SHARED / "data" / name / "metrics.json").read_bytes())
    return next(question for question in questions if question.identifier == identifier)


def _calls(name: str, question: DispositionMetric) -> Iterator[_Labelled]:
    """The calls whose answer is known, with what the rules say of them."""
    config = VersionConfig(questions=(question,))
    for line in (SHARED / "data" / name / "public.jsonl").read_bytes().splitlines():
        gold: dict[str, Any] = json.loads(line)["gold"]
        if gold.get(question.identifier) is None:
            continue
        call = read_line(line, agent=name, gold_as_metrics=False, seen={})
        [ruled] = analyse(call.turns, config, reference=call.details.started_at or _NOW).answers
        lesson = Lesson(call.id or "", read_features(call.turns), gold[question.identifier], "label")
        yield _Labelled(lesson, call.turns, ruled.value)


def _measure_question(
    what: str, question: DispositionMetric, calls: Sequence[_Labelled], aim: str
) -> tuple[list[Figure], Head]:
    accuracies, errors, ruled, pooled = [], [], [], []
    for seed in range(SEEDS):
        shuffled = Random(seed).sample(list(calls), len(calls))
        count = min(LABELS, len(shuffled) * 4 // 5)
        head = _learn(question, shuffled[:count])
        predicted = [(predict(head, call.lesson.features), call) for call in shuffled[count:]]
        right = [_is_right(prediction, call) for prediction, call in predicted]
        sure = [
            (each.confidence, ok) for (each, _), ok in zip(predicted, right, strict=True) if each and not each.is_rest
        ]
        accuracies.append(statistics.mean(right))
        errors.append(_error(sure))
        ruled.append(statistics.mean(call.rules == call.lesson.value for _, call in predicted))
        pooled += sure
    answered = [ok for confidence, ok in pooled if confidence >= AT_LEAST]
    tested = SEEDS * (len(calls) - count)
    mean, rules = 100 * statistics.mean(accuracies), 100 * statistics.mean(ruled)
    return [
        Figure(f"{what}: learned from {count}, right", mean, "%", "the rules on the same calls", mean / rules, aim),
        Figure(f"{what}: least of {SEEDS} draws", 100 * min(accuracies), "%"),
        Figure(f"{what}: calibration error, draws together", _error(pooled), "", aim="0.05"),
        Figure(f"{what}: calibration error, mean of the draws", statistics.mean(errors), ""),
        Figure(f"{what}: confidence at least {AT_LEAST}", 100 * len(answered) / tested, "% of calls"),
        Figure(f"{what}: of those right", 100 * statistics.mean(answered), "%"),
    ], head


def _learn(question: DispositionMetric, calls: Sequence[_Labelled]) -> Head:
    head = try_head(question, prepare_lessons([call.lesson for call in calls]), {}, now=_NOW).head
    if head is None:
        raise RuntimeError(f"{question.identifier} was not learned")
    return head


def _is_right(prediction: Prediction | None, call: _Labelled) -> bool:
    """A call that the head leaves alone counts as wrong."""
    return prediction is not None and not prediction.is_rest and prediction.value == call.lesson.value


def _error(answers: Sequence[tuple[float, bool]]) -> float:
    return expected_error(
        calibration_curve(np.array([each for each, _ in answers]), np.array([ok for _, ok in answers]))
    )


def _measure_time(heads: Sequence[tuple[DispositionMetric, Head]]) -> list[Figure]:
    """Eight heads on twenty turns, reading them included: the four above, twice."""
    doubled = [(replace(question, identifier=f"{question.identifier}_{number}"), head)
               for number in range(2) for question, head in heads]  # fmt: skip
    questions = [question for question, _ in doubled]
    shelf = {question_digest(question): replace(head, familiar=0.0) for question, head in doubled}
    lines = (SHARED / "data" / "sgd" / "public.jsonl").read_bytes().splitlines()
    turns = [read_line(line, agent="sgd", gold_as_metrics=False, seen={}).turns for line in lines]
    took = []
    for transcript in (call[:20] for call in turns if len(call) >= 20):
        begun = time.perf_counter()
        ask_heads(transcript, questions, shelf, min_confidence=0.5)
        took.append((time.perf_counter() - begun) * 1000)
    return [
        Figure("eight heads on a call of twenty turns, median", statistics.median(took), "ms", aim="10 ms"),
        Figure("eight heads on a call of twenty turns, 95th percentile", statistics.quantiles(took, n=20)[18], "ms"),
    ]
