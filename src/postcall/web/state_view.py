"""Where a call and its extraction stand, in words."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.domain.calls import CallStatus
from postcall.domain.views import ExtractionState, Progress
from postcall.web import words
from postcall.web.tones import Badge, Tone

UNFINISHED = frozenset(
    {ExtractionState.QUEUED, ExtractionState.RUNNING, ExtractionState.RETRYING, ExtractionState.LIVE}
)
"""A page that shows one of these looks again by itself."""

_BADGES = {
    ExtractionState.FINISHED: Badge("answered", Tone.GOOD),
    ExtractionState.QUEUED: Badge("waiting", Tone.WAITING),
    ExtractionState.RUNNING: Badge("running", Tone.WAITING),
    ExtractionState.RETRYING: Badge("trying again", Tone.WAITING),
    ExtractionState.FAILED: Badge("failed", Tone.BAD),
    ExtractionState.LIVE: Badge("call not over", Tone.WAITING),
    ExtractionState.NONE: Badge("nothing to extract", Tone.QUIET),
}
_BAD_ENDS = frozenset({CallStatus.FAILED, CallStatus.NO_ANSWER, CallStatus.BUSY, CallStatus.CANCELLED})


@dataclass(frozen=True, slots=True)
class StateView:
    """The state of an extraction."""

    badge: Badge
    detail: str | None
    """Why, in a sentence, where the badge does not say it all."""


def show_state(progress: Progress) -> StateView:
    """The badge and the reason."""
    return StateView(_BADGES[progress.state], _detail(progress))


def show_call_status(status: CallStatus) -> Badge:
    """How the call itself ended."""
    if status is CallStatus.COMPLETED:
        return Badge("completed", Tone.GOOD)
    return Badge(words.spelled(status), Tone.BAD if status in _BAD_ENDS else Tone.WAITING)


def _detail(progress: Progress) -> str | None:
    reason = words.visible(progress.reason) if progress.reason else None
    if progress.state is ExtractionState.RETRYING:
        when = (
            f"Next attempt at {words.clock(progress.retry_at)} UTC" if progress.retry_at else "Another attempt follows"
        )
        return f"{when}, because: {reason}" if reason else f"{when}."
    if progress.state is ExtractionState.FINISHED:
        return f"A later run failed: {reason}" if reason else None
    if progress.state in {ExtractionState.FAILED, ExtractionState.NONE}:
        return reason
    return None
