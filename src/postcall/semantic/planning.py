"""Which space is searched, and what is to be done so that it holds every call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from postcall.semantic.embedding import BUILT_IN
from postcall.storage.call_vectors import SpaceRow

LEAST: Final = 20
"""Calls that something can be learned from; fewer are compared by their words."""
SETTLED: Final = timedelta(minutes=1)
"""How old those are: what is learned while an account is being filled would be learned again at once."""
REST: Final = timedelta(minutes=10)
"""How long nothing is tried after it was given up."""
OVERLAP: Final = timedelta(minutes=1)
"""What changed so recently is looked at again: of two writes the earlier may be seen the later, and clocks differ."""
_GROWN = 4
"""So many times the calls, and others are spoken of: the space is learned anew."""
_MANY = 20_000
"""From so many calls on a sample tells as much as ever, and all are read again for a new space."""
_GROWN_MANY = 10
_SEARCHABLE = 200
"""Vectors in a space that is not complete, from which on it finds more than comparing words would."""


@dataclass(frozen=True, slots=True)
class Make:
    """There is no space yet that does: make one."""


@dataclass(frozen=True, slots=True)
class Fill:
    """Read in the calls that it lacks."""

    space: SpaceRow


@dataclass(frozen=True, slots=True)
class Drop:
    """Another has taken its place."""

    space: SpaceRow


Step: TypeAlias = Make | Fill | Drop


def next_step(spaces: Sequence[SpaceRow], model: str) -> Step:
    """What an account's spaces, the newest first, need most. `Fill` where they are as they should be."""
    mine = [space for space in spaces if space.model == model]
    if not mine:
        return Make()
    newest = mine[0]
    if not newest.ready:
        return Fill(newest)
    others = [space for space in spaces if space.pk != newest.pk]
    if others:
        return Drop(others[0])
    return Make() if _outgrown(newest) else Fill(newest)


def space_to_search(spaces: Sequence[SpaceRow], model: str) -> SpaceRow | None:
    """Of those that a question can be put to: that of the settings, else the built-in one; None where none does."""
    for known in (model, BUILT_IN):
        ready = [space for space in spaces if space.model == known and space.ready]
        if ready:
            return ready[0]
    begun = [space for space in spaces if space.model in {model, BUILT_IN} and space.progress.made >= _SEARCHABLE]
    return begun[0] if begun else None


def _outgrown(space: SpaceRow) -> bool:
    if space.model != BUILT_IN:
        return False
    grown = max(space.progress.grown, 1)
    return space.progress.made >= grown * (_GROWN if grown < _MANY else _GROWN_MANY)
