"""Putting an analyser to work on labelled calls."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Answer, Extraction, Usage
from postcall.domain.calls import Transcript
from postcall.domain.labels import Label
from postcall.domain.questions import DispositionMetric
from postcall.errors import InternalFault, PostcallError
from postcall.evaluation.labelled import LabelledCall
from postcall.extraction.analysers import Analyser


@dataclass(frozen=True, slots=True)
class Answered:
    """One labelled call with the answers that it got."""

    call: LabelledCall
    answers: tuple[Answer, ...]
    ms: float | None
    """How long the analyser took; None where nobody measured."""
    fault: str | None = None
    """Why it could not be analysed; it then has no answers, and each of its labels counts as missed."""
    usage: Usage = field(default_factory=Usage)


async def answer_calls(
    analyser: Analyser,
    calls: Sequence[LabelledCall],
    questions: Sequence[DispositionMetric],
    *,
    in_flight: int,
    on_progress: Callable[[int], None] = lambda _: None,
) -> tuple[Answered, ...]:
    """Ask every question of every call, `in_flight` calls at once; the results stand in the calls' order.

    A call that the analyser fails on is among them with its fault; the others go on. `on_progress` is told how many
    are done. Times mean what they say only where `in_flight` is no more than the analyser truly does at once.
    """
    config = VersionConfig(questions=tuple(questions))
    slots = asyncio.Semaphore(in_flight)
    done = 0

    async def answer(call: LabelledCall) -> Answered:
        nonlocal done
        async with slots:
            answered = await _answer(analyser, call, config)
        done += 1
        on_progress(done)
        return answered

    return tuple(await asyncio.gather(*(answer(call) for call in calls)))


async def _answer(analyser: Analyser, call: LabelledCall, config: VersionConfig) -> Answered:
    began = time.perf_counter()
    try:
        findings = await analyser.analyse(call.transcript, config, reference=call.reference)
    except PostcallError as failure:
        return Answered(call, (), _ms_since(began), fault=failure.message)
    except Exception as error:  # noqa: BLE001 - a fault of the analyser's, told with its call in the report
        return Answered(call, (), _ms_since(began), fault=InternalFault(error).message)
    return Answered(call, findings.answers, _ms_since(began), usage=findings.usage)


def answered_before(
    call_id: str, transcript: Transcript, started_at: datetime, extraction: Extraction | None, labels: Sequence[Label]
) -> Answered:
    """A call that was extracted when it ended, with what people say of it as gold."""
    gold = {label.identifier: label.value for label in labels}
    call = LabelledCall(call_id, transcript, started_at, gold)
    if extraction is None:
        return Answered(call, (), None, fault="it has no finished extraction of its current transcript")
    took = extraction.finished_at - extraction.started_at
    return Answered(call, extraction.findings.answers, took.total_seconds() * 1000, usage=extraction.findings.usage)


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000
