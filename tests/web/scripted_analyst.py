"""An analyst who says what a test has it say, over real reports and the real threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from typing import Any

from postcall.analyst.steps import Step, StepKind
from postcall.analyst.threads import RecordThreads
from postcall.domain.analysis import Analysis, Asked, Basis, Citation, Question, QuestionKind, Understood
from postcall.domain.keys import Principal
from postcall.domain.queries import Measure, MeasureKind, Query
from postcall.reporting.reports import Reports
from postcall.services import Services

BY_CHANNEL = Query(measures=(Measure(MeasureKind.CONVERSATIONS, name="calls"),), group_by=("field.channel",))


@dataclass
class ScriptedAnalyst:
    """Counts calls by channel, whatever it is asked; one with the word `slowly` waits for `go`, or to be stopped."""

    services: Services
    reports: Reports
    more: dict[str, Any] = field(default_factory=dict)
    """Parts of the answer."""
    choices: tuple[Understood, ...] = ()
    tells_so_far: bool = False
    """Once it is stopped it answers with what there is."""
    go: threading.Event = field(default_factory=threading.Event)
    stopped: int = 0

    async def ask(
        self,
        who: Principal,
        question: Question,
        *,
        reading: Understood | None = None,
        stop: asyncio.Event | None = None,
    ) -> AsyncGenerator[Step | Analysis, None]:
        """As the real one."""
        yield Step(StepKind.READING, "Looking up names")
        if "slowly" in question.text:
            try:
                while not self.go.is_set() and not (stop is not None and stop.is_set()):
                    await asyncio.sleep(0.02)
            except asyncio.CancelledError:
                self.stopped += 1
                raise
            if stop is not None and stop.is_set() and not self.tells_so_far:
                self.stopped += 1
                return
        if self.choices and reading is None:
            yield Step(StepKind.UNCLEAR, "Which one?", choices=self.choices)
            back = Analysis("Which one?", None, "", asks_back=True, readings=("This one",), choices=self.choices)
            yield replace(back, thread=await RecordThreads(self.services).keep(who, question, None, back))
            return
        queries = reading.queries if reading else (replace(BY_CHANNEL, among=who.agents),)
        understood = reading or Understood(
            QuestionKind.TOP, queries, says="Calls by channel", taken=((0, 3, "how many"),), left=("please",)
        )
        yield Step(StepKind.UNDERSTOOD, understood.says, understood=understood)
        result = await self.reports.run(who.account_pk, queries[0])
        analysis = Analysis(
            answer=f"There were {result.calls} [q1] calls.",
            kind=QuestionKind.TOP,
            understood=understood.says,
            asked=(Asked(queries[0], result, "q1"),),
            calls=("first",),
            citations=(Citation("first", 0, "Hello."),),
            basis=Basis(result.calls),
            not_covered=("Nothing of last year.",),
            usage={"requests": 1, "most_requests": 20, "seconds": 0.2},
        )
        analysis = replace(analysis, **self.more)
        thread = await RecordThreads(self.services).keep(who, question, understood, analysis)
        yield replace(analysis, thread=thread)
