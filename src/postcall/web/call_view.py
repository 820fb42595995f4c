"""One call as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postcall.domain.answers import Extraction, ExtractionStatus
from postcall.domain.calls import Call, StoredMetric
from postcall.domain.questions import DispositionMetric
from postcall.domain.views import CallFile, ExtractionState
from postcall.web import words
from postcall.web.answer_view import AnswersView, TurnView, show_answers, show_turns
from postcall.web.list_view import call_path, other_side
from postcall.web.state_view import UNFINISHED, StateView, show_call_status, show_state
from postcall.web.tones import Badge, Tone


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known about a call."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class MetricView:
    """A real-time metric."""

    name: str
    value: str
    writes: tuple[str, ...]
    """All values in the order written, where there was more than one."""
    source: str
    at: str
    flagged: bool


@dataclass(frozen=True, slots=True)
class RunView:
    """One run of the questions, in the history."""

    id: str
    badge: Badge
    title: str
    facts: tuple[Fact, ...]
    failure: str | None
    notes: tuple[str, ...]
    answers: tuple[tuple[str, str, str], ...]
    """Identifier, value and status of each."""
    is_current: bool


@dataclass(frozen=True, slots=True)
class CallView:
    """All that the page shows."""

    id: str
    href: str
    title: str
    call_status: Badge
    facts: tuple[Fact, ...]
    state: StateView
    unfinished: bool
    failed: bool
    ask_label: str | None
    """What the button that runs the questions says; None where they cannot be run."""
    summary: str | None
    answers: AnswersView
    notes: tuple[str, ...]
    turns: tuple[TurnView, ...]
    metrics: tuple[MetricView, ...]
    runs: tuple[RunView, ...]
    questions_asked: bool
    """The agent's version has questions."""


def show_call(file: CallFile, questions: Sequence[DispositionMetric]) -> CallView:
    """The page of a call; `questions` are those of the version that its current extraction used."""
    call, found = file.call, file.extraction
    answers = found.findings.answers if found else ()
    state = file.progress.state
    return CallView(
        id=call.id,
        href=call_path(call.id),
        title=f"{other_side(call.details) or 'Unknown caller'}, {words.moment(call.started_at)}",
        call_status=show_call_status(call.details.status),
        facts=_facts(call),
        state=show_state(file.progress),
        unfinished=state in UNFINISHED,
        failed=state is ExtractionState.FAILED,
        ask_label=_ask_label(state),
        summary=words.visible(found.findings.summary) if found and found.findings.summary else None,
        answers=show_answers(answers, questions, file.turns),
        notes=tuple(words.visible(note) for note in found.findings.notes) if found else (),
        turns=show_turns(file.turns, answers),
        metrics=tuple(show_metric(metric) for metric in file.metrics),
        runs=tuple(show_run(each, is_current=found is not None and each.id == found.id) for each in file.extractions),
        questions_asked=bool(questions),
    )


def show_metric(metric: StoredMetric) -> MetricView:
    """One row of the table of metrics."""
    return MetricView(
        name=words.visible(metric.name),
        value=words.scalar(metric.value),
        writes=tuple(words.scalar(value) for value in metric.values) if len(metric.values) > 1 else (),
        source="during the call" if metric.source == "live" else "sent with the call",
        at=f"{words.moment(metric.at)}:{metric.at:%S}",
        flagged=metric.flagged,
    )


def show_run(run: Extraction, *, is_current: bool) -> RunView:
    """One run: how it ended, by what, and what it cost."""
    finished = run.status is ExtractionStatus.FINISHED
    return RunView(
        id=run.id,
        badge=Badge("finished", Tone.GOOD) if finished else Badge("failed", Tone.BAD),
        title=f"{words.moment(run.finished_at)} by {analyser_name(run)}",
        facts=tuple(_run_facts(run)),
        failure=words.visible(run.failure) if run.failure else None,
        notes=tuple(words.visible(note) for note in run.findings.notes),
        answers=tuple(
            (answer.identifier, words.answer_value(answer), answer.status.value) for answer in run.findings.answers
        ),
        is_current=is_current,
    )


def analyser_name(run: Extraction) -> str:
    """Who answered."""
    return run.findings.model or f"the {run.findings.analyser} analyser"


def _run_facts(run: Extraction) -> Sequence[Fact]:
    usage = run.findings.usage
    facts = [
        Fact("Analyser", run.findings.analyser),
        Fact("Model", run.findings.model or words.NONE),
        Fact("Version of the questions", str(run.version)),
        Fact("Revision of the transcript", str(run.revision)),
        Fact("Took", f"{(run.finished_at - run.started_at).total_seconds():.1f} s"),
    ]
    if usage.requests:
        facts.append(Fact("Requests", f"{usage.requests:,}"))
        facts.append(
            Fact(
                "Tokens",
                f"{usage.prompt_tokens:,} read ({usage.cached_tokens:,} from the cache), "
                f"{usage.completion_tokens:,} written",
            )
        )
    if usage.cost is not None:
        facts.append(Fact("Cost", f"{usage.cost:.6f}"))
    if run.failure_code:
        facts.append(Fact("Code of the failure", run.failure_code))
    facts.append(Fact("Id", run.id))
    return facts


def _facts(call: Call) -> tuple[Fact, ...]:
    details = call.details
    started = f"{words.moment(call.started_at)} UTC"
    if call.started_at_is_intake:
        started += " (when it was taken in; no start was given)"
    known: Mapping[str, str | None] = {
        "Started": started,
        "Duration": words.duration(call.duration_s),
        "Agent": f"{call.agent_slug}, version {call.version}",
        "Way": f"{details.channel}, {details.direction}",
        "From": details.from_number,
        "To": details.to_number,
        "Language": details.language,
        "Environment": details.environment.value,
        "Variant": details.variant,
        "Ended by": words.spelled(details.disconnection_reason) if details.disconnection_reason else None,
        "Handed off to": _handoff(call),
        "Revision": f"{call.revision} of the transcript" if call.revision > 1 else None,
        "Id": call.id,
        **{f"metadata: {name}": _metadata(value) for name, value in details.metadata.items()},
    }
    return tuple(Fact(words.visible(name), words.visible(value)) for name, value in known.items() if value)


def _handoff(call: Call) -> str | None:
    handoff = call.details.handoff
    if handoff is None:
        return None
    return f"{handoff.destination} ({handoff.reason})" if handoff.reason else handoff.destination


def _metadata(value: object) -> str:
    if value is None or isinstance(value, bool | int | float | str):
        return words.scalar(value)
    return words.shorten(str(value), 200)


def _ask_label(state: ExtractionState) -> str | None:
    if state is ExtractionState.FAILED:
        return "Run it again"
    if state is ExtractionState.FINISHED:
        return "Ask again"
    return None
