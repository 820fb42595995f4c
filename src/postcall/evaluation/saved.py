"""Evaluations that were kept: one JSON file each, in the data folder's `evaluations`."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from postcall.errors import NotFound
from postcall.evaluation.report import Report, report_json, wrong_json

FOLDER: Final = "evaluations"
_RUN: Final = re.compile(r"\d{8}T\d{6}Z-[a-z0-9][a-z0-9._-]{0,100}")
_NAME_LENGTH: Final = 60


class SavedTurn(Struct):
    """A turn of a transcript on which an answer was wrong."""

    role: str
    text: str


class SavedEvidence(Struct):
    """A quote that an answer named."""

    turn: int
    quote: str


class WrongAnswer(Struct):
    """An answer that is not right."""

    call: str
    gold: str | int | bool | None
    value: str | int | bool | None
    status: str
    confidence: float | None
    reasoning: str
    evidence: list[SavedEvidence]


class SavedInvented(Struct):
    """Values given where gold is null."""

    count: int
    n: int
    rate: float | None


class SavedBin(Struct):
    """See `calibration.Bin`."""

    above: float
    upto: float
    n: int
    confidence: float
    accuracy: float


class SavedCalibration(Struct):
    """See `calibration.Calibration`."""

    n: int
    expected_error: float
    brier: float
    bins: list[SavedBin]


class SavedConfusion(Struct):
    """See `scoring.Confusion`."""

    labels: list[str | bool]
    counts: list[list[int]]


class SavedShare(Struct):
    """A comparison that is told beside."""

    accuracy: float | None


class SavedMetric(Struct):
    """See `report.metric_json`."""

    identifier: str
    type: str
    compare: str
    noise: str | None
    n: int
    coverage: float | None
    accuracy: float | None
    accuracy_when_answered: float | None
    balanced_accuracy: float | None
    macro_f1: float | None
    invented: SavedInvented
    evidence_share: float | None
    mean_overlap: float | None
    also: dict[str, SavedShare]
    intervals: dict[str, tuple[float, float]]
    statuses: dict[str, int]
    calibration: SavedCalibration | None
    confusion: SavedConfusion | None
    prompt: str = ""
    wrong: list[WrongAnswer] = field(default_factory=list)


class SavedFault(Struct):
    """A call that could not be analysed."""

    call: str
    reason: str


class SavedReport(Struct):
    """See `report.report_json`; with the wrong answers and the transcripts on which they are."""

    name: str
    source: str
    analyser: str
    model: str | None
    made_at: datetime
    calls: int
    failed: list[SavedFault]
    ms_per_call: float | None
    ms_percentiles: dict[str, float | None]
    elapsed_s: float
    requests: int
    tokens: int
    notes: list[str]
    metrics: list[SavedMetric]
    transcripts: dict[str, list[SavedTurn]] = field(default_factory=dict)

    def metric(self, identifier: str) -> SavedMetric:
        """The figures of one question, or NotFound."""
        for metric in self.metrics:
            if metric.identifier == identifier:
                return metric
        raise NotFound(f"this evaluation has no question {identifier!r}")


_REPORT = msgspec.json.Decoder(SavedReport)


def to_saved(report: Report) -> SavedReport:
    """The report in the shape in which it is kept and shown."""
    content = report_json(report)
    for metric, score in zip(content["metrics"], report.metrics, strict=True):
        metric["prompt"] = score.question.prompt
        metric["wrong"] = [wrong_json(case) for case in score.wrong]
    wanted = {case.call_id for score in report.metrics for case in score.wrong}
    content["transcripts"] = {
        each.call.id: [{"role": turn.role, "text": turn.text} for turn in each.call.transcript]
        for each in report.answered
        if each.call.id in wanted
    }
    return _REPORT.decode(msgspec.json.encode(content))


def save_report(data: Path, report: SavedReport) -> str:
    """Keep a report, which holds transcripts: only its owner may read it. Returns the name of the run."""
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    run = f"{report.made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{_slug(report.name)}"
    for number in range(1, 1000):
        name = run if number == 1 else f"{run}.{number}"
        try:
            descriptor = os.open(folder / f"{name}.json", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as out:
            out.write(msgspec.json.encode(report))
        return name
    raise FileExistsError(folder / f"{run}.json")


def list_reports(data: Path) -> list[str]:
    """The names of the runs that were kept, the newest first."""
    folder = data / FOLDER
    names = [file.stem for file in folder.glob("*.json")] if folder.is_dir() else []
    return sorted((name for name in names if _RUN.fullmatch(name)), reverse=True)


def read_report(data: Path, run: str) -> SavedReport:
    """A report that was kept; NotFound where there is none of this name, or it cannot be read any more."""
    if not _RUN.fullmatch(run):
        raise NotFound(f"there is no evaluation {run!r}")
    try:
        return _REPORT.decode((data / FOLDER / f"{run}.json").read_bytes())
    except FileNotFoundError:
        raise NotFound(f"there is no evaluation {run!r}") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotFound(f"the file of the evaluation {run!r} cannot be read: {error}") from None


def public_json(report: SavedReport) -> dict[str, Any]:
    """What `--json` and the page's JSON hold: all but transcripts and single answers."""
    content: dict[str, Any] = msgspec.to_builtins(report, builtin_types=(datetime,))
    del content["transcripts"]
    for metric in content["metrics"]:
        del metric["prompt"], metric["wrong"]
    return content


def _slug(name: str) -> str:
    tidy = re.sub(r"[^a-z0-9_-]+", "-", name.casefold()).strip("-_")
    return tidy[:_NAME_LENGTH] or "run"
