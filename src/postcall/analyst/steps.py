"""What is told while a question is answered, and what is remembered of those before it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from postcall.domain.analysis import Analysis, Asked, Question, Understood
from postcall.domain.keys import Principal


class StepKind(StrEnum):
    """What has been done."""

    READING = "reading"
    """The names that the question may mean are looked up."""
    UNDERSTOOD = "understood"
    """`understood` says how the question was read."""
    UNCLEAR = "unclear"
    """The question can mean several things: `choices`, one of which may be given to `Analyst.ask` as its reading."""
    ASKING = "asking"
    """A query is on its way to the reports."""
    ASKED = "asked"
    """`asked` is a query with its result."""
    CALLS = "calls"
    """The calls behind a number are looked up."""
    CONVERSATIONS = "conversations"
    """Transcripts are read, `done` of `of`."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing on the way to the answer, shown as it happens."""

    kind: StepKind
    says: str
    """In a sentence."""
    understood: Understood | None = None
    choices: tuple[Understood, ...] = ()
    asked: Asked | None = None
    done: int | None = None
    of: int | None = None


class Threads(Protocol):
    """Where questions and answers are kept, each with whoever asked; nobody reads another's."""

    async def before(self, who: Principal, thread: str) -> Understood | None:
        """How the latest question of this thread was read; None where none was. ThreadNotFound for a stranger's."""

    async def keep(self, who: Principal, question: Question, understood: Understood | None, analysis: Analysis) -> str:
        """Add a question with its answer to `question.thread`, or to a new one; the thread's id."""
