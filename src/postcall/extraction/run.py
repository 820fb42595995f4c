"""One call and its questions in, findings out: who asks the model, when again, and what comes of failures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Answer, AnswerStatus, Findings, Usage
from postcall.domain.calls import Transcript
from postcall.domain.questions import DispositionMetric
from postcall.errors import ContextTooLong, ModelError, ModelReplyUnusable
from postcall.extraction.budget import LEAST_TRANSCRIPT, split_questions, task_tokens, transcript_room
from postcall.extraction.checking import Problem, check_answer, missing, unanswerable, unasked
from postcall.extraction.prompt import build_messages, render_repair, render_task, render_transcript
from postcall.extraction.reply import Said, read_reply
from postcall.extraction.schema import reply_schema
from postcall.extraction.tokens import estimate_tokens
from postcall.extraction.windows import Plan, Window, WindowReading, merge, plan_windows, render_findings
from postcall.llm.client import ModelClient
from postcall.llm.messages import Reply

ANALYSER: Final = "model"
_NO_NOTES: Final[tuple[str, ...]] = ()
Questions = tuple[DispositionMetric, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """What stays the same over all requests about one call."""

    transcript: Transcript
    config: VersionConfig
    reference: datetime
    client: ModelClient

    async def ask(self, block: str, task: str, questions: Questions, *, summary: bool) -> Reply:
        config = self.config
        return await self.client.ask_json(
            build_messages(block, task),
            schema=reply_schema(questions, summary=summary),
            schema_name="call_report",
            reasoning=config.use_reasoning_model,
            model=self.client.model_of_agent(config.agent_model) if config.asks_agent_model else None,
        )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was found out, from one or several requests."""

    summary: str
    answers: Mapping[str, Answer]
    usage: Usage
    model: str


async def extract(
    transcript: Transcript, config: VersionConfig, *, reference: datetime, client: ModelClient, context_tokens: int
) -> Findings:
    """Answer a version's questions about one call, and summarise it.

    An ordinary call takes one request, and a second one about those answers that failed their check. `reference` is
    the call's start, `context_tokens` what the model can read at once. Raises a ModelError where nothing could be found
    out; what fails later costs only the questions concerned, which are stored with the reason.
    """
    if not any(turn.text.strip() for turn in transcript):
        return _nothing_said(config)
    case = _Case(transcript, config, reference, client)
    budget, notes = context_tokens, _NO_NOTES
    while True:
        try:
            return await _extract_within(case, budget, notes=notes)
        except ContextTooLong:
            budget = min(budget, _needed(case, budget)) // 2
            if budget < LEAST_TRANSCRIPT:
                raise
            notes = (f"The model's window is smaller than the {context_tokens} tokens that are configured.",)


def _nothing_said(config: VersionConfig) -> Findings:
    answers = tuple(unanswerable(question, "Nothing was said in this call.") for question in config.questions)
    return Findings(summary="", answers=answers, analyser=ANALYSER, notes=("The transcript is empty.",))


def _needed(case: _Case, budget: int) -> int:
    """The tokens of the largest request that was made within a budget, about."""
    parts = split_questions(case.config.questions, context_tokens=budget)
    plan = plan_windows(case.transcript, room=transcript_room(parts, case.config.summary_prompt, context_tokens=budget))
    spoken = max(sum(map(estimate_tokens, window.lines)) for window in plan.windows)
    return spoken + max(task_tokens(part, case.config.summary_prompt) for part in parts)


async def _extract_within(case: _Case, budget: int, *, notes: tuple[str, ...]) -> Findings:
    parts = split_questions(case.config.questions, context_tokens=budget)
    room = transcript_room(parts, case.config.summary_prompt, context_tokens=budget)
    plan = plan_windows(case.transcript, room=room)
    if len(plan.windows) == 1:
        reading = await _read_window(case, plan.windows[0], parts)
    else:
        reading = await _read_windows(case, plan, parts, room=room)
    return Findings(
        summary=reading.summary,
        answers=tuple(reading.answers[question.identifier] for question in case.config.questions),
        analyser=ANALYSER,
        model=reading.model,
        usage=reading.usage,
        notes=(*notes, *_describe(plan, parts)),
    )


def _describe(plan: Plan, parts: Sequence[Questions]) -> list[str]:
    notes = []
    if len(plan.windows) > 1:
        notes.append(
            f"The transcript was too long to read at once: it was read in {len(plan.windows)} windows and merged."
        )
    if plan.cut_turns:
        turns = ", ".join(map(str, plan.cut_turns[:10]))
        notes.append(f"Of turns too long for the model's window only the beginning and the end were read: {turns}.")
    if len(parts) > 1:
        notes.append(f"The questions were asked in {len(parts)} requests.")
    return notes


async def _read_windows(case: _Case, plan: Plan, parts: Sequence[Questions], *, room: int) -> _Reading:
    """Read all windows at the same time, then settle what they disagree on."""
    outcomes = await asyncio.gather(
        *(_read_window(case, window, parts) for window in plan.windows), return_exceptions=True
    )
    failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:
        raise min(failures, key=_urgency)
    read = [outcome for outcome in outcomes if isinstance(outcome, _Reading)]
    found = [WindowReading(window, one.summary, one.answers) for window, one in zip(plan.windows, read, strict=True)]
    usage = sum((one.usage for one in read), Usage())
    return await _settle(case, found, usage=usage, model=read[-1].model, room=room)


def _urgency(failure: BaseException) -> int:
    """Of several windows' failures, which to raise: our own mistakes, then what smaller windows would cure."""
    if not isinstance(failure, ModelError):
        return 0
    return 1 if isinstance(failure, ContextTooLong) else 2


async def _settle(case: _Case, found: Sequence[WindowReading], *, usage: Usage, model: str, room: int) -> _Reading:
    """One further request, which sees what the windows found: for one summary, and where they disagree."""
    merged = {question.identifier: merge(question, found) for question in case.config.questions}
    answers = {name: answer for name, answer in merged.items() if isinstance(answer, Answer)}
    conflicts = {name: voices for name, voices in merged.items() if not isinstance(voices, Answer)}
    disputed = tuple(question for question in case.config.questions if question.identifier in conflicts)
    block = render_findings(found, conflicts, total=len(case.transcript), room=room)
    task = render_task(disputed, case.config.summary_prompt)
    joined = "\n\n".join(one.summary for one in found if one.summary)
    try:
        reply = await case.ask(block, task, disputed, summary=True)
    except ModelError as failure:
        reason = f"The windows disagree, and the model could not be asked to settle it: {failure.message}"
        settled = {question.identifier: unasked(question, reason) for question in disputed}
        return _Reading(joined, answers | settled, usage, model)
    said = read_reply(reply, disputed)
    settled = {}
    for question in disputed:
        checked = check_answer(question, said.answers.get(question.identifier), case.transcript, case.reference)
        settled[question.identifier] = checked.settles_as if isinstance(checked, Problem) else checked
    return _Reading(said.summary or joined, answers | settled, usage + reply.usage, reply.model)


async def _read_window(case: _Case, window: Window, parts: Sequence[Questions]) -> _Reading:
    """Ask all questions about one window; with several parts, the first asks for the summary as well.

    A part that fails costs its own questions, unless all fail.
    """
    block = render_transcript(window.lines, total=len(case.transcript), reference=case.reference)
    whole: _Reading | None = None
    failed: list[tuple[Questions, ModelError]] = []
    for part in parts:
        wants_summary = whole is None
        try:
            reading = await _read_part(case, block, part, summary=wants_summary)
        except ContextTooLong:
            raise
        except ModelError as error:
            failed.append((part, error))
            continue
        whole = reading if whole is None else _together(whole, reading)
    if whole is None:
        raise failed[0][1]
    for part, failure in failed:
        lost = {question.identifier: unasked(question, failure.message) for question in part}
        whole = replace(whole, answers={**whole.answers, **lost})
    return whole


def _together(one: _Reading, other: _Reading) -> _Reading:
    return _Reading(
        one.summary or other.summary, {**one.answers, **other.answers}, one.usage + other.usage, other.model
    )


async def _read_part(case: _Case, block: str, questions: Questions, *, summary: bool) -> _Reading:
    """Ask, check every answer on its own, and ask once more for those that fail."""
    summary_prompt = case.config.summary_prompt if summary else None
    reply = await case.ask(block, render_task(questions, summary_prompt), questions, summary=summary)
    said = read_reply(reply, questions)
    answers, problems = _check_all(case, said, questions)
    reading = _Reading(said.summary, answers, reply.usage, reply.model)
    if problems or (summary and not questions and not said.summary):
        reading = await _repair(case, block, reading, problems, summary=summary)
    if _is_empty(reading) and (questions or said.fault):
        raise said.fault or ModelReplyUnusable("the model answered none of the questions", retry=True)
    return reading


def _check_all(case: _Case, said: Said, questions: Questions) -> tuple[dict[str, Answer], list[Problem]]:
    answers: dict[str, Answer] = {}
    problems: list[Problem] = []
    for question in questions:
        reply = said.answers.get(question.identifier)
        checked = (
            missing(question, _why_missing(said))
            if reply is None
            else check_answer(question, reply, case.transcript, case.reference)
        )
        if isinstance(checked, Problem):
            problems.append(checked)
        else:
            answers[question.identifier] = checked
    return answers, problems


def _why_missing(said: Said) -> str:
    if said.fault is not None:
        return said.fault.message
    return "the reply was cut off before it" if said.cut_off else "the reply has no answer to it"


async def _repair(
    case: _Case, block: str, reading: _Reading, problems: Sequence[Problem], *, summary: bool
) -> _Reading:
    """Ask once more, those questions only; what fails again is settled as what it is."""
    questions = tuple(problem.question for problem in problems)
    wants_summary = summary and not reading.summary
    faults = {problem.question.identifier: problem.reason for problem in problems}
    task = render_repair(questions, case.config.summary_prompt if wants_summary else None, faults)
    try:
        reply = await case.ask(block, task, questions, summary=wants_summary)
    except ModelError as failure:
        settled = {problem.question.identifier: _unrepaired(problem, failure) for problem in problems}
        if not reading.summary and not reading.answers and _all_missing(settled.values()):
            raise
        return replace(reading, answers={**reading.answers, **settled})
    said = read_reply(reply, questions)
    answers, remaining = _check_all(case, said, questions)
    first = {problem.question.identifier: problem for problem in problems}
    for problem in remaining:
        answers[problem.question.identifier] = _settled(first[problem.question.identifier], problem)
    return _Reading(
        reading.summary or said.summary, {**reading.answers, **answers}, reading.usage + reply.usage, reply.model
    )


def _unrepaired(problem: Problem, failure: ModelError) -> Answer:
    answer = problem.settles_as
    return replace(answer, reasoning=f"{answer.reasoning} It could not be asked again: {failure.message}")


def _settled(first: Problem, second: Problem) -> Answer:
    """A misfit says more about what went wrong than silence does."""
    if second.settles_as.status is AnswerStatus.ERROR:
        return first.settles_as
    return second.settles_as


def _is_empty(reading: _Reading) -> bool:
    return not reading.summary and _all_missing(reading.answers.values())


def _all_missing(answers: Iterable[Answer]) -> bool:
    return all(answer.status is AnswerStatus.ERROR for answer in answers)
