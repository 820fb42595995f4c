"""The way to an answer, as it is shown while it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from postcall.analyst.steps import Step, StepKind
from postcall.web import words

_UNTOLD = frozenset({StepKind.ASKED})
"""What only says that the step before it has come to its end."""


@dataclass(frozen=True, slots=True)
class StepsView:
    """What has been done, and what is being done now."""

    done: tuple[str, ...]
    now: str
    """The last of them; empty before the first."""
    read: int | None
    """Calls that have been read, of `of`; None where none are being read."""
    of: int | None
    progress: str


def show_steps(steps: Sequence[Step]) -> StepsView:
    """Each line once: the progress of reading stays one line."""
    lines = tuple(dict.fromkeys(_line(each) for each in steps if each.kind not in _UNTOLD))
    last = steps[-1] if steps else None
    read, of = (last.done or 0, last.of) if last is not None and last.of is not None else (None, None)
    return StepsView(
        done=lines[:-1],
        now=lines[-1] if lines else "",
        read=read,
        of=of,
        progress="Working on it" if of is None else f"{read:,} of {words.count(of, 'call')} read",
    )


def _line(step: Step) -> str:
    says = words.visible(step.says)
    return f"Understood as: {says}" if step.kind is StepKind.UNDERSTOOD and says else says
