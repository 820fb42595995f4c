"""The table of an evaluation, cell by cell: the same in a terminal and on a page."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.evaluation.saved import SavedMetric, SavedReport

NOTHING = "–"
"""Where a figure does not apply, or there is nothing to count."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure, and how far chance could have moved it."""

    value: str
    interval: str = ""
    """`67.9–76.3`; empty where there is none."""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One question."""

    identifier: str
    type: str
    n: str
    cells: tuple[Cell, ...]
    """In the order of HEADERS."""
    remarks: tuple[str, ...]


HEADERS = (
    ("accuracy", "right ÷ labels; no value is right only where the label says that there is none"),
    ("when answered", "right ÷ values given"),
    ("coverage", "values given ÷ labels"),
    ("by class", "BOOLEAN: balanced accuracy; ENUM: macro-F1 (F1)"),
    ("invented", "values given where the label says that there is none ÷ such labels"),
    ("evidenced", "values whose quotes all stand in the transcript ÷ values given"),
    ("ECE", "expected calibration error of the confidences of values given"),
)
"""The columns of figures, and what each is. Shares are in per cent with their 95 % bootstrap intervals."""


def show_metric(metric: SavedMetric) -> MetricRow:
    """One row."""
    return MetricRow(
        identifier=metric.identifier,
        type=metric.type,
        n=f"{metric.n:,}",
        cells=(
            _cell(metric, "accuracy", metric.accuracy),
            _cell(metric, "accuracy_when_answered", metric.accuracy_when_answered),
            _cell(metric, "coverage", metric.coverage),
            _by_class(metric),
            _invented(metric),
            _cell(metric, "evidence_share", metric.evidence_share),
            Cell(f"{metric.calibration.expected_error:.3f}" if metric.calibration else NOTHING),
        ),
        remarks=_remarks(metric),
    )


def show_speed(report: SavedReport) -> str:
    """`398 calls, 12.3 ms a call (median 11.0, 95 % within 20.1, at most 40.2)`."""
    text = f"{report.calls:,} {'call' if report.calls == 1 else 'calls'}"
    p50, p95, most = (report.ms_percentiles.get(name) for name in ("p50", "p95", "max"))
    if report.ms_per_call is None or p50 is None or p95 is None or most is None:
        return text
    return (
        f"{text}, {report.ms_per_call:,.1f} ms a call (median {p50:,.1f}, 95 % within {p95:,.1f}, at most {most:,.1f})"
    )


def percent(share: float | None) -> str:
    """`72.1`, or a dash."""
    return NOTHING if share is None else f"{100 * share:.1f}"


def _cell(metric: SavedMetric, name: str, share: float | None) -> Cell:
    found = metric.intervals.get(name)
    if share is None or found is None:
        return Cell(percent(share))
    return Cell(percent(share), f"{percent(found[0])}–{percent(found[1])}")


def _by_class(metric: SavedMetric) -> Cell:
    if metric.balanced_accuracy is not None:
        return _cell(metric, "balanced_accuracy", metric.balanced_accuracy)
    found = _cell(metric, "macro_f1", metric.macro_f1)
    return found if metric.macro_f1 is None else Cell(f"{found.value} F1", found.interval)


def _invented(metric: SavedMetric) -> Cell:
    if not metric.invented.n:
        return Cell(NOTHING)
    share = _cell(metric, "invented_rate", metric.invented.rate)
    return Cell(f"{share.value} ({metric.invented.count:,} of {metric.invented.n:,})", share.interval)


def _remarks(metric: SavedMetric) -> tuple[str, ...]:
    remarks = []
    if metric.compare != "exact":
        remarks.append(f"compared by {metric.compare}")
    remarks += [f"by {name} {percent(share.accuracy)}" for name, share in metric.also.items()]
    if metric.mean_overlap is not None:
        remarks.append(f"mean overlap {metric.mean_overlap:.2f}")
    remarks += [f"{count:,} {status}" for status in ("invalid", "error") if (count := metric.statuses.get(status, 0))]
    if metric.noise:
        remarks.append(f"noise of the labels: {metric.noise}")
    return tuple(remarks)
