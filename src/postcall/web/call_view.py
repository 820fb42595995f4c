"""One call as it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from postcall.domain.answers import Answer, Extraction, ExtractionStatus
from postcall.domain.calls import Call
from postcall.domain.latency import Latency
from postcall.domain.outbound import PlacedCall
from postcall.domain.remarks import Remark
from postcall.domain.views import ExtractionState
from postcall.web import words
from postcall.web.answer_view import AnswersView, TurnView, show_answers, show_turns
from postcall.web.call_address import CallAddress
from postcall.web.call_look import CallLook
from postcall.web.history_view import EventView, show_history
from postcall.web.list_view import other_side
from postcall.web.remark_view import RemarkView, show_remarks
from postcall.web.state_view import UNFINISHED, StateView, show_call_status, show_state
from postcall.web.tones import Badge, Tone
from postcall.web.written_view import MetricView, show_metrics


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known about a call."""

    name: str
    value: str
    href: str = ""
    """Where more about it stands."""


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
class SpokenView:
    """One turn, with what people remarked on it."""

    turn: TurnView
    remarks: tuple[RemarkView, ...]
    remark: str
    """The address at which its form is open."""


@dataclass(frozen=True, slots=True)
class SearchView:
    """What was searched for, and where it stands."""

    words: str
    told: str | None
    """How many turns hold it; None where nothing was searched for."""
    turns: tuple[int, ...]
    """The first of them, to be linked to."""


@dataclass(frozen=True, slots=True)
class CallView:
    """All that the page shows."""

    id: str
    title: str
    call_status: Badge
    main_facts: tuple[Fact, ...]
    """Those to be seen at once."""
    facts: tuple[Fact, ...]
    state: StateView
    unfinished: bool
    failed: bool
    ask_label: str | None
    """What the button that runs the questions says; None where they cannot be run."""
    summary: str | None
    answers: AnswersView
    notes: tuple[str, ...]
    """Of the analyser, on how it came to its answers."""
    spoken: tuple[SpokenView, ...]
    search: SearchView
    latency: tuple[Fact, ...]
    slowest: int | None
    """The turn that was waited for longest."""
    metrics: tuple[MetricView, ...]
    runs: tuple[RunView, ...]
    history: tuple[EventView, ...]
    remarks: tuple[RemarkView, ...]
    """Those that stand at no turn: notes, and what was said of earlier transcripts."""
    questions_asked: bool
    """The agent's version has questions."""


def show_call(look: CallLook, address: CallAddress) -> CallView:
    """The page of a call."""
    file = look.whole.file
    call, found = file.call, file.extraction
    answers = found.findings.answers if found else ()
    state = file.progress.state
    return CallView(
        id=call.id,
        title=f"{other_side(call.details) or 'Unknown caller'}, {words.moment(call.started_at)}",
        call_status=show_call_status(call.details.status),
        main_facts=(*_main_facts(call), *_placed_facts(look.whole.placed)),
        facts=_facts(call),
        state=show_state(file.progress),
        unfinished=state in UNFINISHED,
        failed=state is ExtractionState.FAILED,
        ask_label=_ask_label(state),
        summary=words.visible(found.findings.summary) if found and found.findings.summary else None,
        answers=show_answers(answers, look.whole.questions, file.turns),
        notes=tuple(words.visible(note) for note in found.findings.notes) if found else (),
        spoken=_spoken(look, answers, address),
        search=_search(look),
        latency=_latency(look.latency),
        slowest=look.latency.slowest if look.latency else None,
        metrics=show_metrics(look.writes, file.metrics),
        runs=tuple(show_run(each, is_current=found is not None and each.id == found.id) for each in file.extractions),
        history=show_history(look.history, file.extractions, look.whole.remarks),
        remarks=show_remarks(
            (each for each in look.whole.remarks if each.turn is None or each.revision != call.revision),
            path=address.path,
            revision=call.revision,
        ),
        questions_asked=bool(look.whole.questions),
    )


def _spoken(look: CallLook, answers: Sequence[Answer], address: CallAddress) -> tuple[SpokenView, ...]:
    file = look.whole.file
    turns = show_turns(file.turns, answers, {match.turn: match.spans for match in look.matches})
    remarks: dict[int | None, list[Remark]] = {}
    for remark in look.remarks:
        remarks.setdefault(remark.turn, []).append(remark)
    revision, path, form = file.call.revision, address.path, address.remark  # once, not for each of many turns
    return tuple(
        SpokenView(
            turn,
            show_remarks(remarks[turn.index], path=path, revision=revision) if turn.index in remarks else (),
            f"{form}{turn.index}#turn-{turn.index}",
        )
        for turn in turns
    )


def _search(look: CallLook) -> SearchView:
    turns = tuple(match.turn for match in look.matches)
    if not look.words.strip():
        return SearchView("", None, ())
    told = f"In {words.count(len(turns), 'turn')}" if turns else "In no turn"
    if len(turns) > _LINKED_TURNS:
        told += f", of which these are the first {_LINKED_TURNS}"
    return SearchView(words.visible(look.words), f"{told}{':' if turns else '.'}", turns[:_LINKED_TURNS])


_LINKED_TURNS = 20


def _latency(latency: Latency | None) -> tuple[Fact, ...]:
    if latency is None:
        return ()
    measured = words.count(latency.measured, "turn")
    if latency.measured < latency.turns:
        measured += f" of {latency.turns:,}"
    return (
        Fact("Mean", f"{latency.mean_s:.2f} s"),
        Fact("Median", f"{latency.p50_s:.2f} s"),
        Fact("95 of 100 within", f"{latency.p95_s:.2f} s"),
        Fact("Longest", f"{latency.max_s:.2f} s"),
        Fact("Measured at", measured),
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
        Fact("Version of the questions", str(run.version) if run.version > 0 else words.version(run.version)),
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


def _main_facts(call: Call) -> tuple[Fact, ...]:
    details = call.details
    return _known(
        {
            "Agent": f"{call.agent_slug}, {words.version(call.version)}",
            "Duration": words.duration(call.duration_s) if call.duration_s is not None else None,
            "Way": f"{details.channel}, {details.direction}",
            "Ended by": words.spelled(details.disconnection_reason) if details.disconnection_reason else None,
            "Handed off to": _handoff(call),
        }
    )


def _facts(call: Call) -> tuple[Fact, ...]:
    details = call.details
    started = f"{words.moment(call.started_at)} UTC"
    if call.started_at_is_intake:
        started += " (when it was taken in; no start was given)"
    return _known(
        {
            "Started": started,
            "Duration": words.duration(call.duration_s),
            "Agent": f"{call.agent_slug}, {words.version(call.version)}",
            "Way": f"{details.channel}, {details.direction}",
            "From": details.from_number,
            "To": details.to_number,
            "Language": details.language,
            "Environment": details.environment.value,
            "Variant": details.variant,
            "Ended by": words.spelled(details.disconnection_reason) if details.disconnection_reason else None,
            "Handed off to": _handoff(call),
            "Revision": f"{call.revision} of the transcript" if call.revision > 1 else None,
            "Taken in": f"{words.moment(call.created_at)} UTC",
            "Id": call.id,
            **{f"metadata: {name}": _metadata(value) for name, value in details.metadata.items()},
        }
    )


def _placed_facts(placed: PlacedCall | None) -> tuple[Fact, ...]:
    if placed is None:
        return ()
    campaign = (
        (Fact("Campaign", words.visible(placed.campaign_name or ""), f"/campaigns/{placed.campaign_id}"),)
        if placed.campaign_id
        else ()
    )
    again = str(placed.attempt + 1) if placed.attempt else None
    return (*campaign, *_known({"Attempt": again, "Why it failed": placed.failure}))


def _known(facts: Mapping[str, str | None]) -> tuple[Fact, ...]:
    return tuple(Fact(words.visible(name), words.visible(value)) for name, value in facts.items() if value)


def _handoff(call: Call) -> str | None:
    handoff = call.details.handoff
    if handoff is None:
        return None
    return f"{handoff.destination} ({handoff.reason})" if handoff.reason else handoff.destination


def _metadata(value: object) -> str:
    if value is None or isinstance(value, bool | int | float | str):
        return words.scalar(value)
    return words.shorten(msgspec.json.encode(value).decode(), 200)


def _ask_label(state: ExtractionState) -> str | None:
    if state is ExtractionState.FAILED:
        return "Run it again"
    if state is ExtractionState.FINISHED:
        return "Ask again"
    return None
