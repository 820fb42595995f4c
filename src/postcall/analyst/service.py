"""The analyst: a question in words, and step by step the way to its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace

from postcall.analyst.answering import answer_understood
from postcall.analyst.asked_model import AskedModel, open_model
from postcall.analyst.asking import Asking
from postcall.analyst.budget import Budget, Limits, limits_of
from postcall.analyst.names.kept_terms import KeptTerms
from postcall.analyst.planning.concluding import NO_ANSWER
from postcall.analyst.planning.planner import plan_answer
from postcall.analyst.reading.queries import kind_of
from postcall.analyst.reading.question import read_question
from postcall.analyst.steps import Step, StepKind, Threads
from postcall.analyst.themes.reading import Reader
from postcall.domain.analysis import Analysis, AskBack, KnownTerm, Question, QuestionKind, Understood
from postcall.domain.keys import Principal
from postcall.errors import BadInput
from postcall.reporting.reports import Reports
from postcall.services import Services

_BY_RULES = frozenset({QuestionKind.DIFFERENCE, QuestionKind.THEMES})


class Analyst:
    """Answers questions about calls. It counts nothing itself: every number comes from the reports."""

    def __init__(
        self,
        services: Services,
        reports: Reports,
        *,
        threads: Threads | None = None,
        model: AskedModel | None = None,
    ) -> None:
        """`threads`: where questions are remembered; without it each is asked for the first time.

        `model`: what plans answers and reads calls; None: that of the settings, if there is one. It belongs to the
        event loop of the first question.
        """
        self._services = services
        self._reports = reports
        self._threads = threads
        self._model = model
        self._terms = KeptTerms(services.record, reports, clock=services.clock)

    async def ask(
        self,
        who: Principal,
        question: Question,
        *,
        reading: Understood | None = None,
        stop: asyncio.Event | None = None,
    ) -> AsyncGenerator[Step | Analysis, None]:
        """The steps, and at last one Analysis. Raises PostcallErrors: AgentNotFound, ThreadNotFound, ReportsBuilding.

        `reading`: what the question is to be understood as, where its asker put a wrong reading right or chose one;
        what is wrong in it raises BadInput. `stop`: once it is set the answer is made of what there is so far. Whoever
        stops listening stops the work.
        """
        before = None
        if self._threads is not None and question.thread is not None:
            before = await self._threads.before(who, question.thread)
        understood = reading
        model = self._asked_model()
        budget = Budget(model.limits if model is not None else Limits(), clock=time.monotonic)
        asking = Asking(self._services, self._reports, who, agent=question.agent)
        async with aclosing(self._steps(asking, who, question, before, reading, model, budget, stop)) as steps:
            async for each in steps:
                if isinstance(each, Step):
                    understood = each.understood or understood
                    yield each
                    continue
                answered = replace(each, usage=budget.usage(), thread=question.thread)
                if self._threads is not None:
                    answered = replace(answered, thread=await self._threads.keep(who, question, understood, answered))
                yield answered

    async def answer(self, who: Principal, question: Question, *, reading: Understood | None = None) -> Analysis:
        """`ask` without its steps."""
        found: Analysis | None = None
        async for each in self.ask(who, question, reading=reading):
            if isinstance(each, Analysis):
                found = each
        assert found is not None
        return found

    async def _steps(
        self,
        asking: Asking,
        who: Principal,
        question: Question,
        before: Understood | None,
        reading: Understood | None,
        model: AskedModel | None,
        budget: Budget,
        stop: asyncio.Event | None,
    ) -> AsyncGenerator[Step | Analysis, None]:
        """By the model where there is one and no reading is given; by the words where it comes to nothing."""
        await asking.check()
        terms: tuple[KnownTerm, ...] = ()
        if reading is None or reading.kind is QuestionKind.DIFFERENCE:
            yield Step(StepKind.READING, "Looking up the names and values that calls have")
            terms = await self._known(who, question)
        given_up: str | None = None
        plain = None if model is None or reading is not None else read_question(question, terms, before=before)
        if model is not None and reading is None and not _goes_by_words(plain):
            planned = plan_answer(
                self._services,
                self._reports,
                who,
                question,
                chat=model.chat,
                terms=terms,
                budget=budget,
                before=before,
                reader=model.reader,
                stop=stop,
            )
            async with aclosing(planned) as steps:
                async for each in steps:
                    if isinstance(each, Step):
                        yield each
                    elif each.answer == NO_ANSWER:
                        given_up = " ".join((each.answer, *each.not_covered[:1])).rstrip(".")
                    elif _declined(each) and isinstance(plain, Understood) and not plain.left:
                        given_up = each.answer.rstrip(".")
                    elif each.asks_back and isinstance(plain, AskBack) and plain.choices:
                        yield Step(StepKind.UNCLEAR, each.answer, choices=plain.choices)
                        yield replace(
                            each, readings=tuple(choice.says for choice in plain.choices), choices=plain.choices
                        )
                        return
                    else:
                        if each.asked:
                            yield Step(StepKind.UNDERSTOOD, each.understood, understood=_reading_of(each))
                        yield each
                        return
        reader = None if model is None else model.reader
        async with aclosing(self._by_words(asking, question, before, reading, terms, reader, budget, stop)) as steps:
            async for each in steps:
                if isinstance(each, Analysis) and given_up is not None:
                    each = _instead(each, given_up)
                yield each

    async def _by_words(
        self,
        asking: Asking,
        question: Question,
        before: Understood | None,
        reading: Understood | None,
        terms: Sequence[KnownTerm],
        reader: Reader | None,
        budget: Budget,
        stop: asyncio.Event | None,
    ) -> AsyncGenerator[Step | Analysis, None]:
        """What the words of the question say, or the reading that is given instead."""
        understood = reading or read_question(question, terms, before=before)
        if isinstance(understood, AskBack):
            if understood.choices:
                yield Step(StepKind.UNCLEAR, understood.says, choices=understood.choices)
            yield _asked_back(understood)
            return
        yield Step(StepKind.UNDERSTOOD, understood.says, understood=understood)
        try:
            answered = answer_understood(asking, question, understood, terms, reader=reader, budget=budget, stop=stop)
            async with aclosing(answered) as steps:
                async for each in steps:
                    yield each
        except BadInput as refused:
            if reading is not None:
                raise
            yield _refused(understood, refused)

    def _asked_model(self) -> AskedModel | None:
        settings = self._services.settings.model
        if self._model is None and settings is not None:
            self._model = open_model(settings, limits=limits_of(self._services.settings.analyst))
        return self._model

    async def _known(self, who: Principal, question: Question) -> tuple[KnownTerm, ...]:
        """The names that whoever asks may know of."""
        return await self._terms.of(who.account_pk, agents=who.agents, agent=question.agent)


def _goes_by_words(read: Understood | AskBack | None) -> bool:
    """Whether the answer is a comparison of everything, or themes: made by rules, with the model to read the calls."""
    return isinstance(read, Understood) and not read.left and read.kind in _BY_RULES


def _declined(planned: Analysis) -> bool:
    """Whether a model says that the data cannot answer, which it may say of anything."""
    return not planned.shown and not planned.citations and not planned.asks_back


def _instead(answered: Analysis, given_up: str) -> Analysis:
    """What the words alone give, where nothing of a model's answer could be shown."""
    told = replace(answered, not_covered=(f"what the model made of it: {given_up}", *answered.not_covered))
    return told if told.asked or told.asks_back else replace(told, answer=f"{given_up}.\n{told.answer}")


def _asked_back(back: AskBack) -> Analysis:
    return Analysis(
        answer=back.says,
        kind=None,
        understood="",
        asks_back=bool(back.choices),
        readings=tuple(each.says for each in back.choices),
        choices=back.choices,
    )


def _reading_of(analysis: Analysis) -> Understood:
    """What a follow-up goes on from where a model planned: the queries that its answer rests on."""
    shown = [each for each in analysis.asked if each.id in analysis.shown]
    queries = tuple(each.query for each in shown or analysis.asked)
    return Understood(analysis.kind or kind_of(queries[0]), queries, says=analysis.understood)


def _refused(understood: Understood, refused: BadInput) -> Analysis:
    """Of a question whose reading the reports cannot measure: said plainly, and without a number."""
    return Analysis(
        answer=f"The calls cannot tell: {refused.message}.",
        kind=understood.kind,
        understood=understood.says,
    )
