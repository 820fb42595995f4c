"""Turns as this interface counts them: what the user said, and what the agent said to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from postcall.domain.calls import Role, Transcript, Turn


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn of theirs: at least one of the two sides."""

    user: int | None
    """Index into the transcript, from 0; None where the agent spoke by itself."""
    agent: int | None
    """None where the agent said nothing to it."""

    def side(self, role: Role) -> int | None:
        """The index of what this side said."""
        return self.user if role is Role.USER else self.agent


def exchanges(roles: Iterable[Role]) -> tuple[Exchange, ...]:
    """Each turn of the transcript in one exchange, in order: the agent's goes with the user's just before it.

    Somebody who speaks twice in a row has two, so that none of the words is put together with others.
    """
    found: list[Exchange] = []
    for index, role in enumerate(roles):
        if role is Role.USER:
            found.append(Exchange(index, None))
        elif found and found[-1].agent is None:
            found[-1] = Exchange(found[-1].user, index)
        else:
            found.append(Exchange(None, index))
    return tuple(found)


def silences(pairs: Sequence[Exchange], transcript: Transcript, *, hosted: bool) -> tuple[bool, ...]:
    """Which exchanges were silent: after the greeting the agent spoke, and the user had said nothing.

    Known of hosted calls only: of others, an agent that speaks twice in a row may just have been written down so.
    """
    return tuple(hosted and place > 0 and not _said(transcript, each.user) for place, each in enumerate(pairs))


def _said(transcript: Transcript, index: int | None) -> str:
    return transcript[index].text.strip() if index is not None else ""


def turn_at(transcript: Transcript, index: int | None) -> Turn | None:
    """The turn of one side of an exchange."""
    return transcript[index] if index is not None else None


def said_at(turn: Turn | None, started_at: datetime) -> datetime | None:
    """When a turn began, also where it says so by its distance from the start; None where nobody knows."""
    if turn is None or turn.at is not None or turn.start_s is None:
        return None if turn is None else turn.at
    try:
        return started_at + timedelta(seconds=turn.start_s)
    except OverflowError:  # an offset beyond the calendar tells no time
        return None
