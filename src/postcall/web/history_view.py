"""What happened to a call, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.domain.answers import Extraction
from postcall.domain.call_history import Event, Happening
from postcall.domain.remarks import Remark
from postcall.web import words
from postcall.web.remark_view import name_remark
from postcall.web.tones import Badge, Tone

_BADGES = {
    Event.STARTED: Badge("started", Tone.QUIET),
    Event.METRIC: Badge("metric", Tone.QUIET),
    Event.HANDOFF: Badge("handed off", Tone.WAITING),
    Event.ENDED: Badge("ended", Tone.QUIET),
    Event.TAKEN_IN: Badge("taken in", Tone.QUIET),
    Event.EXTRACTED: Badge("answered", Tone.GOOD),
    Event.FAILED: Badge("failed", Tone.BAD),
    Event.RETRY: Badge("next attempt", Tone.WAITING),
    Event.LABELLED: Badge("labelled", Tone.QUIET),
    Event.REMARKED: Badge("remarked", Tone.QUIET),
}
_MISFIT = Badge("metric, a misfit", Tone.BAD)


@dataclass(frozen=True, slots=True)
class EventView:
    """One line."""

    day: str | None
    """Said where it is not that of the line before."""
    time: str
    iso: str | None
    badge: Badge
    text: str
    href: str | None
    """The place on the page that tells more."""


def show_history(
    history: Sequence[Happening], runs: Sequence[Extraction], remarks: Sequence[Remark]
) -> tuple[EventView, ...]:
    """The lines in their order."""
    by_run = {run.id: run for run in runs}
    by_remark = {remark.id: remark for remark in remarks}
    shown, day = [], None
    for happening in history:
        of_line = None if happening.at is None else words.moment(happening.at).partition(",")[0]
        shown.append(_show(happening, None if of_line == day else of_line, by_run, by_remark))
        day = of_line or day
    return tuple(shown)


def _show(
    happening: Happening, day: str | None, runs: Mapping[str, Extraction], remarks: Mapping[str, Remark]
) -> EventView:
    text, href = _tell(happening, runs, remarks)
    at = happening.at
    return EventView(
        day=day,
        time="time not known" if at is None else words.clock(at),
        iso=None if at is None else at.isoformat(),
        badge=_BADGES[happening.event] if happening.fits else _MISFIT,
        text=words.visible(text),
        href=href,
    )


def _tell(
    happening: Happening, runs: Mapping[str, Extraction], remarks: Mapping[str, Remark]
) -> tuple[str, str | None]:
    detail = happening.detail or ""
    run, remark = runs.get(happening.of or ""), remarks.get(happening.of or "")
    match happening.event:
        case Event.METRIC:
            return f"{detail} = {words.scalar(happening.value)}", "#metrics"
        case Event.HANDOFF:
            return f"to {detail}", None
        case Event.ENDED:
            return words.spelled(detail), None
        case Event.EXTRACTED | Event.FAILED if run is not None:
            by = run.findings.model or f"the {run.findings.analyser} analyser"
            return f"by {by}" + (f": {detail}" if detail else ""), f"#run-{run.id}"
        case Event.REMARKED if remark is not None:
            said = name_remark(remark.kind, remark.reason)
            return (said, "#notes") if remark.turn is None else (f"turn {remark.turn}: {said}", f"#turn-{remark.turn}")
        case Event.LABELLED:
            return detail, "#answers"
    return detail, None
