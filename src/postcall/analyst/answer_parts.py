"""What an answer is made of, gathered on the way, and how its sentences and items become lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from postcall.domain.analysis import Asked, Citation

ITEM = "- "
"""A sentence that begins so is an item of a list, on a line of its own."""
NEW_LINE = "\n"
"""A sentence that begins so begins a line."""


@dataclass(slots=True)
class Parts:
    """What an answer is made of."""

    sentences: list[str] = field(default_factory=list)
    """In the order in which they are read; see `write_lines`."""
    asked: list[Asked] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    """Ids of those of `asked` that are the answer."""
    calls: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    of: int = 0
    read: int | None = None
    """Calls that were read, where not all were."""
    not_covered: list[str] = field(default_factory=list)


def write_lines(sentences: Iterable[str]) -> str:
    """Sentences behind each other; items each on a line, and what follows a list on one of its own."""
    lines: list[str] = []
    for sentence in sentences:
        if sentence.startswith((ITEM, NEW_LINE)) or not lines or lines[-1].startswith(ITEM):
            lines.append(sentence.removeprefix(NEW_LINE))
        else:
            lines[-1] += f" {sentence}"
    return "\n".join(lines)
