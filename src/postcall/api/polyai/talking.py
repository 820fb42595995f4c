"""A turn as text channels give it back: all that was said, and whether it is over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from postcall.runtime.session.outputs import Ended, Listening, Output, Said


@dataclass(frozen=True, slots=True)
class Heard:
    """What a turn came to."""

    text: str
    ended: Ended | None
    listening: Listening | None


async def listen(outputs: AsyncIterator[Output]) -> Heard:
    """Take a turn to its end."""
    said: list[str] = []
    ended: Ended | None = None
    listening: Listening | None = None
    async for output in outputs:
        if isinstance(output, Said) and output.text:
            said.append(output.text)
        elif isinstance(output, Ended):
            ended = output
        elif isinstance(output, Listening):
            listening = output
    return Heard(" ".join(said), ended, listening)
