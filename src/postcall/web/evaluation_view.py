"""Evaluations as they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from postcall.domain.answers import Answer, AnswerStatus, AnswerValue, Evidence
from postcall.domain.calls import Role, Transcript, Turn
from postcall.domain.questions import QuestionType
from postcall.evaluation.saved import SavedConfusion, SavedMetric, SavedReport, WrongAnswer
from postcall.evaluation.table import HEADERS, MetricRow, percent, show_metric, show_speed
from postcall.web import words
from postcall.web.answer_view import AnswersView, TurnView, show_answers, show_turns
from postcall.web.list_view import call_path

PATH = "/evaluation"
PER_PAGE = 20
"""Wrong answers on one page: each brings a transcript."""
NO_VALUE = "no value"
_NONE = "there is none"


@dataclass(frozen=True, slots=True)
class RunRow:
    """An evaluation in the list."""

    name: str
    href: str
    made_at: str
    analyser: str
    calls: str
    questions: str


@dataclass(frozen=True, slots=True)
class LinkedRow:
    """A question in the table, and where its wrong answers are."""

    row: MetricRow
    href: str
    wrong: str


@dataclass(frozen=True, slots=True)
class RunView:
    """One evaluation."""

    name: str
    href: str
    made_at: str
    analyser: str
    source: str
    speed: str
    headers: tuple[tuple[str, str], ...]
    rows: tuple[LinkedRow, ...]
    notes: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]
    """Call and reason of each that failed."""


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """How often it came, and whether that is right: `hit`, `miss` or `zero`."""

    count: str
    kind: str


@dataclass(frozen=True, slots=True)
class MatrixView:
    """A confusion matrix: a row for each value in gold, a column for each given."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[MatrixCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class WrongView:
    """A wrong answer beside its transcript."""

    call: str
    href: str | None
    """The call's page, where it is stored."""
    gold: str
    given: str
    answers: AnswersView
    turns: tuple[TurnView, ...]


@dataclass(frozen=True, slots=True)
class BinView:
    """A stretch of confidence."""

    stretch: str
    n: str
    confidence: str
    accuracy: str


@dataclass(frozen=True, slots=True)
class MetricView:
    """One question of an evaluation."""

    identifier: str
    prompt: str
    run: str
    run_href: str
    headers: tuple[tuple[str, str], ...]
    row: MetricRow
    matrix: MatrixView | None
    calibration: str | None
    bins: tuple[BinView, ...]
    wrong: tuple[WrongView, ...]
    wrong_total: str
    page: str
    earlier: str | None
    later: str | None


def show_run_row(run: str, report: SavedReport) -> RunRow:
    """One line of the list."""
    return RunRow(
        name=words.visible(report.name),
        href=run_path(run),
        made_at=words.moment(report.made_at),
        analyser=_analyser(report),
        calls=f"{report.calls:,}",
        questions=f"{len(report.metrics):,}",
    )


def show_report(run: str, report: SavedReport) -> RunView:
    """The page of an evaluation."""
    return RunView(
        name=words.visible(report.name),
        href=run_path(run),
        made_at=words.moment(report.made_at),
        analyser=_analyser(report),
        source="labels that people gave" if report.source == "labels" else "a file of labelled calls",
        speed=show_speed(report),
        headers=HEADERS,
        rows=tuple(
            LinkedRow(
                show_metric(metric),
                metric_path(run, metric.identifier),
                words.count(len(metric.wrong), "wrong", "wrong"),
            )
            for metric in report.metrics
        ),
        notes=tuple(words.visible(note) for note in report.notes),
        faults=tuple((words.visible(fault.call), words.visible(fault.reason)) for fault in report.failed),
    )


def show_question(run: str, report: SavedReport, metric: SavedMetric, *, page: int) -> MetricView:
    """The page of one question: its figures, what is taken for what, and a page of the wrong answers (from 1)."""
    pages = max(1, -(-len(metric.wrong) // PER_PAGE))
    page = min(page, pages)
    href = metric_path(run, metric.identifier)
    shown = metric.wrong[(page - 1) * PER_PAGE : page * PER_PAGE]
    calibration = metric.calibration
    return MetricView(
        identifier=metric.identifier,
        prompt=words.visible(metric.prompt),
        run=words.visible(report.name),
        run_href=run_path(run),
        headers=HEADERS,
        row=show_metric(metric),
        matrix=_matrix(metric.confusion) if metric.confusion else None,
        calibration=None
        if calibration is None
        else f"Over {words.count(calibration.n, 'value')}: expected calibration error "
        f"{calibration.expected_error:.3f}, Brier score {calibration.brier:.3f}.",
        bins=tuple(
            BinView(
                f"{each.above:.1f}–{each.upto:.1f}",
                f"{each.n:,}",
                f"{each.confidence:.2f}",
                f"{percent(each.accuracy)} %",
            )
            for each in (calibration.bins if calibration else ())
        ),
        wrong=tuple(_wrong(report, metric, each) for each in shown),
        wrong_total=words.count(len(metric.wrong), "wrong answer"),
        page=f"Page {page} of {pages}",
        earlier=f"{href}?page={page - 1}" if page > 1 else None,
        later=f"{href}?page={page + 1}" if page < pages else None,
    )


def run_path(run: str) -> str:
    """The address of an evaluation's page."""
    return f"{PATH}/{quote(run, safe='')}"


def metric_path(run: str, identifier: str) -> str:
    """The address of the page of one question."""
    return f"{run_path(run)}/{quote(identifier, safe='')}"


def _analyser(report: SavedReport) -> str:
    return words.visible(f"{report.analyser}: {report.model}" if report.model else report.analyser)


def _matrix(found: SavedConfusion) -> MatrixView:
    labels = [words.scalar(label) for label in found.labels]
    rows = []
    for at, (label, counts) in enumerate(zip([*labels, _NONE], found.counts, strict=True)):
        cells = tuple(_matrix_cell(count, hit=at == column) for column, count in enumerate(counts))
        if label is not _NONE or any(counts):
            rows.append((label, cells))
    return MatrixView((*labels, NO_VALUE), tuple(rows))


def _matrix_cell(count: int, *, hit: bool) -> MatrixCell:
    return MatrixCell(f"{count:,}", "zero" if count == 0 else "hit" if hit else "miss")


def _wrong(report: SavedReport, metric: SavedMetric, wrong: WrongAnswer) -> WrongView:
    turns: Transcript = tuple(Turn(Role(turn.role), turn.text) for turn in report.transcripts.get(wrong.call, []))
    answer = Answer(
        identifier=metric.identifier,
        type=QuestionType(metric.type),
        value=wrong.value,
        status=AnswerStatus(wrong.status),
        confidence=wrong.confidence,
        reasoning=wrong.reasoning,
        evidence=tuple(Evidence(each.turn, each.quote) for each in wrong.evidence),
    )
    return WrongView(
        call=words.visible(wrong.call),
        href=call_path(wrong.call) if report.source == "labels" else None,
        gold=_value(wrong.gold, metric.type, none=_NONE),
        given=_value(wrong.value, metric.type, none=f"{NO_VALUE} ({wrong.status})"),
        answers=show_answers([answer], (), turns),
        turns=show_turns(turns, [answer]),
    )


def _value(value: AnswerValue, kind: str, *, none: str) -> str:
    if value is None:
        return none
    if kind == QuestionType.DATETIME and isinstance(value, str):
        return words.iso_moment(value)
    return words.scalar(value)
