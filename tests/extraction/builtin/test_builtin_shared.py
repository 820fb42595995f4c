"""The figures that the built-in analyser promises, on the labelled conversations beside the checkout."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Answer
from postcall.domain.calls import Role, Transcript, Turn
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.extraction.builtin import analyse

SHARED = Path(os.environ.get("POSTCALL_SHARED", Path(__file__).parents[3].parent / "shared")) / "data"
pytestmark = pytest.mark.shared


@cache
def scored(source: str) -> tuple[tuple[DispositionMetric, Any, Answer, Transcript], ...]:
    """Every question of every call that has a label: the question, the label, the answer and the call."""
    return tuple(_score(source))


def _score(source: str) -> Iterator[tuple[DispositionMetric, Any, Answer, Transcript]]:
    config = VersionConfig(
        questions=tuple(
            DispositionMetric(
                each["identifier"],
                each["dispositionMetricPrompt"],
                QuestionType(each["dispositionMetricType"]),
                tuple(each.get("choices", ())),
            )
            for each in json.loads((SHARED / source / "metrics.json").read_text())
        )
    )
    for line in (SHARED / source / "public.jsonl").read_text().splitlines():
        call = json.loads(line)
        turns = tuple(Turn(Role(each["role"]), each["text"]) for each in call["turns"])
        start = datetime.fromisoformat(call.get("reference_date") or call["started_at"] or "2020-06-01")
        start = start if start.tzinfo else start.replace(tzinfo=UTC)
        findings = analyse(turns, config, reference=start)
        for metric, answer in zip(config.questions, findings.answers, strict=True):
            if metric.identifier in call["gold"]:
                yield metric, call["gold"][metric.identifier], answer, turns


def accuracy(source: str, identifier: str) -> float:
    right = [answer.value == gold for metric, gold, answer, _ in scored(source) if metric.identifier == identifier]
    return float(sum(right) / len(right))


@pytest.mark.parametrize(
    ("source", "identifier", "least"),
    [
        ("star", "call_reason", 0.72),
        ("sgd", "call_reason", 0.86),
        ("star", "request_fulfilled", 0.85),
        ("sgd", "booking_confirmed", 0.90),
        ("sgd", "transaction_requested", 0.90),
        ("evi", "date_of_birth", 0.85),
        ("evi", "call_language", 0.95),
    ],
)
def test_answers_are_as_true_as_promised(source: str, identifier: str, least: float) -> None:
    assert accuracy(source, identifier) >= least


def test_values_are_hardly_ever_invented() -> None:
    kinds = (QuestionType.STRING, QuestionType.DATETIME, QuestionType.INTEGER)
    empty = [
        answer
        for source in ("star", "sgd")
        for metric, gold, answer, _ in scored(source)
        if gold is None and metric.type in kinds
    ]
    assert sum(answer.value is not None for answer in empty) / len(empty) <= 0.03


@pytest.mark.parametrize("source", ["star", "sgd", "evi", "primock57"])
def test_every_quote_stands_in_its_turn(source: str) -> None:
    for _, _, answer, turns in scored(source):
        assert all(each.quote and each.quote in turns[each.turn].text for each in answer.evidence)
        assert answer.evidence or answer.confidence is None or answer.confidence <= 0.5
