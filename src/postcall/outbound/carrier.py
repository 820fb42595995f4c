"""Whoever puts a call through; each carrier is a module here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from postcall.domain.calls import Transcript
from postcall.domain.outbound import Dialled
from postcall.runtime.hosting.calls import HostedCall


@dataclass(frozen=True, slots=True)
class Placing:
    """A call to be put through."""

    call_id: str
    """A carrier that is asked twice for the same one dials once."""
    to_number: str
    from_number: str | None
    about: str
    """Who is called, in a few words: what the audience knows of them."""


class Carrier(Protocol):
    """One way out of the house."""

    name: str
    """As phone numbers name it."""

    async def dial(self, placing: Placing) -> Dialled:
        """Let it ring until somebody answers or nobody does."""

    async def talk(self, placing: Placing, call: HostedCall, *, said: Transcript) -> None:
        """Carry the conversation of an answered call to its end.

        Asked again for a call that a stopped process left in the middle, it goes on where the transcript (`said`, empty
        at first) ends.
        """
