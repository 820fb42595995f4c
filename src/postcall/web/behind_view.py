"""A hosted call behind its words, as its own page and the chat show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from postcall.domain.calls import Json
from postcall.domain.conversations import CallEvent, EventKind
from postcall.storage.behind_calls import Standing
from postcall.web import words
from postcall.web.call_look import CallLook
from postcall.web.diagnosis_view import BehindTurn, is_end_function, show_diagnosis
from postcall.web.happening_view import show_event, show_place, show_value
from postcall.web.tones import Badge, Tone
from postcall.web.versions_view import agent_path


@dataclass(frozen=True, slots=True)
class EndView:
    """What became of `end_function`."""

    badge: Badge
    detail: str
    """How long it took, or why it failed."""


@dataclass(frozen=True, slots=True)
class BehindView:
    """All of it."""

    turns: tuple[BehindTurn, ...]
    """The newest first."""
    earlier: int
    """Turns that are left out."""
    place: str
    """Where the conversation stands, or stood at its end."""
    state: tuple[tuple[str, str], ...]
    end: EndView | None
    """None while the call goes on."""
    problems: int
    """How much went wrong in all turns."""
    problem_word: str
    chat: str
    """The address of its chat."""
    live: bool


def show_behind(look: CallLook, *, newest: int | None = None) -> BehindView | None:
    """None for a call that is not hosted. `newest`: show only so many turns."""
    behind, file = look.whole.behind, look.whole.file
    if behind is None:
        return None
    turns = show_diagnosis(behind.events, look.writes, file.turns, look.whole.outbox)
    problems = sum(turn.problems for turn in turns)
    shown = turns if newest is None else turns[-newest:]
    return BehindView(
        turns=tuple(reversed(shown)),
        earlier=len(turns) - len(shown),
        place=_place(behind.events, live=behind.standing.live),
        state=_state(file.state or {}),
        end=_end(behind.events, behind.standing),
        problems=problems,
        problem_word="problem" if problems == 1 else "problems",
        chat=f"{agent_path(file.call.agent_slug)}/chat/{quote(file.call.id, safe='')}",
        live=behind.standing.live,
    )


def _place(events: Sequence[CallEvent], *, live: bool) -> str:
    step = next((event for event in reversed(events) if event.kind is EventKind.STEP), None)
    place = show_place(step.content) if step is not None else "no flow"
    return f"{'In' if live else 'It ended in'} {place}"


def _state(state: dict[str, Json]) -> tuple[tuple[str, str], ...]:
    return tuple((words.visible(name), show_value(value)) for name, value in sorted(state.items()))


def _end(events: Sequence[CallEvent], standing: Standing) -> EndView | None:
    if standing.live:
        return None
    if standing.end_job == "running":
        return EndView(Badge("running", Tone.WAITING), "")
    if standing.end_job == "queued":
        return EndView(Badge("waiting for its turn", Tone.WAITING), "")
    ran = next((event for event in reversed(events) if is_end_function(event)), None)
    if ran is None:
        return EndView(Badge("none", Tone.QUIET), "The project has none.")
    shown = show_event(ran, 0)
    took = f" in {shown.took}" if shown.took else ""
    if shown.badge is not None:
        return EndView(Badge(f"{shown.badge.text}{took}", Tone.BAD), shown.detail)
    return EndView(Badge(f"finished{took}", Tone.GOOD), "")
