"""Having a space learned by another process, which gives its memory back when it ends."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from postcall.errors import InternalFault
from postcall.semantic.words import Said, cut_short

LONGEST_CALL = 20_000
"""Characters of one call that are learned from."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of it."""

    content: bytes
    """For `load_space`."""
    dimensions: int


async def learn_aside(calls: Sequence[Said]) -> Learned:
    """The space of these calls. Raises InternalFault where that process ends badly."""
    from postcall.semantic.space import load_space

    asked = msgspec.json.encode([_shorten(said) for said in calls])
    # One thread each: more would take the processors from those who take calls, and add up in another order.
    environ = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "postcall.semantic.learning"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environ,
    )
    try:
        content, complaint = await process.communicate(asked)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = complaint.decode(errors="replace").strip().splitlines()[-1:]
        raise InternalFault(
            RuntimeError(f"learning from calls ended with {process.returncode}: {' '.join(last)[:300]}")
        )
    return Learned(content, load_space(content).dimensions)


def _shorten(said: Said) -> list[tuple[str, bool]]:
    # Half of a pair, which some callers' systems send, is in no word and cannot be written as JSON.
    return [(text.encode(errors="replace").decode(), caller) for text, caller in cut_short(said, LONGEST_CALL)]
