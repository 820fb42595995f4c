"""An evaluation as it is told: in JSON, in a terminal and on a page alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from postcall.domain.answers import Evidence
from postcall.domain.questions import DispositionMetric
from postcall.evaluation.calibration import Calibration
from postcall.evaluation.figures import percentile
from postcall.evaluation.labelled import Scoring
from postcall.evaluation.running import Answered
from postcall.evaluation.scoring import Case, MetricScore, score_metric

_DIGITS: Final = 4
"""Decimals of a share in JSON: finer than any interval."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is evaluated, on what."""

    name: str
    """Of the run, such as the name of the file of calls."""
    analyser: str
    """`built-in` or `model`; of stored extractions, those that made them."""
    model: str | None = None
    source: str = "file"
    """`file`, or `labels` for stored extractions that people have labelled."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that an evaluation found."""

    subject: Subject
    made_at: datetime
    elapsed_s: float
    answered: tuple[Answered, ...]
    metrics: tuple[MetricScore, ...]
    """In the order of the questions; those without a label are left out."""
    notes: tuple[str, ...]


def make_report(
    subject: Subject,
    answered: Sequence[Answered],
    questions: Sequence[DispositionMetric],
    scoring: Mapping[str, Scoring],
    *,
    made_at: datetime,
    elapsed_s: float,
    notes: Sequence[str] = (),
    seed: int = 0,
) -> Report:
    """Score every question. The same answers, labels and seed give the same figures and intervals."""
    labelled = Counter(identifier for each in answered for identifier in each.call.gold)
    scored = [question for question in questions if labelled[question.identifier]]
    unlabelled = [question.identifier for question in questions if not labelled[question.identifier]]
    more = [f"no call has a label of {', '.join(unlabelled)}"] if unlabelled else []
    return Report(
        subject=subject,
        made_at=made_at,
        elapsed_s=elapsed_s,
        answered=tuple(answered),
        metrics=tuple(
            score_metric(question, scoring.get(question.identifier, Scoring()), answered, seed=seed)
            for question in scored
        ),
        notes=(*notes, *more),
    )


def report_json(report: Report) -> dict[str, Any]:
    """The report without transcripts; shares lie between 0 and 1, intervals are pairs of them."""
    times = [each.ms for each in report.answered if each.ms is not None]
    requests = sum(each.usage.requests for each in report.answered)
    return {
        "name": report.subject.name,
        "source": report.subject.source,
        "analyser": report.subject.analyser,
        "model": report.subject.model,
        "made_at": report.made_at,
        "calls": len(report.answered),
        "failed": [{"call": each.call.id, "reason": each.fault} for each in report.answered if each.fault is not None],
        "ms_per_call": _rounded(sum(times) / len(times), 2) if times else None,
        "ms_percentiles": {
            name: _rounded(percentile(times, share), 2) for name, share in (("p50", 0.5), ("p95", 0.95), ("max", 1.0))
        },
        "elapsed_s": _rounded(report.elapsed_s, 3),
        "requests": requests,
        "tokens": sum(each.usage.prompt_tokens + each.usage.completion_tokens for each in report.answered),
        "notes": list(report.notes),
        "metrics": [metric_json(score) for score in report.metrics],
    }


def metric_json(score: MetricScore) -> dict[str, Any]:
    """The figures of one question. What does not apply to its type, or has nothing to count, is null."""
    figures = score.figures
    return {
        "identifier": score.question.identifier,
        "type": score.question.type,
        "compare": score.rule.comparison,
        "noise": score.noise,
        "n": len(score.cases),
        "coverage": _rounded(figures.coverage),
        "accuracy": _rounded(figures.accuracy),
        "accuracy_when_answered": _rounded(figures.accuracy_when_answered),
        "balanced_accuracy": _rounded(figures.balanced_accuracy),
        "macro_f1": _rounded(figures.macro_f1),
        "invented": {"count": score.invented, "n": score.null, "rate": _rounded(figures.invented_rate)},
        "evidence_share": _rounded(figures.evidence_share),
        "mean_overlap": _rounded(score.mean_overlap),
        "also": {
            comparison.value: {"accuracy": _rounded(share)}
            for comparison, share in zip(score.rule.also, figures.also, strict=True)
        },
        "intervals": {name: [_rounded(edge) for edge in found] for name, found in score.intervals.items()},
        "statuses": dict(score.statuses),
        "calibration": _calibration_json(score.calibration),
        "confusion": {"labels": score.confusion.labels, "counts": score.confusion.counts} if score.confusion else None,
    }


def wrong_json(case: Case) -> dict[str, Any]:
    """An answer that is not right, to be shown beside its transcript."""
    return {
        "call": case.call_id,
        "gold": case.gold,
        "value": case.given,
        "status": case.status,
        "confidence": case.confidence,
        "reasoning": case.reasoning,
        "evidence": [_evidence_json(each) for each in case.evidence],
    }


def _evidence_json(evidence: Evidence) -> dict[str, Any]:
    return {"turn": evidence.turn, "quote": evidence.quote}


def _calibration_json(found: Calibration | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "n": found.n,
        "expected_error": _rounded(found.expected_error),
        "brier": _rounded(found.brier),
        "bins": [
            {
                "above": each.above,
                "upto": each.upto,
                "n": each.n,
                "confidence": _rounded(each.confidence),
                "accuracy": _rounded(each.accuracy),
            }
            for each in found.bins
        ],
    }


def _rounded(number: float | None, digits: int = _DIGITS) -> float | None:
    return None if number is None else round(number, digits)
