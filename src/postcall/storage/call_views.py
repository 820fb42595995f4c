"""Reading calls: one whole, or a page of many."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.answers import AnswerStatus, Extraction, ExtractionStatus
from postcall.domain.builtin_metrics import ALIASES
from postcall.domain.calls import (
    LIVE,
    Call,
    CallDetails,
    CallStatus,
    Channel,
    Direction,
    DisconnectionReason,
    Environment,
    Handoff,
    StoredMetric,
)
from postcall.domain.views import CallFile, CallFilter, CallPage, CallRow, ExtractionState, Position, Progress
from postcall.errors import CallNotFound
from postcall.storage.agents import find_agent_row
from postcall.storage.builtin_metrics import built_in_is, built_in_metrics
from postcall.storage.call_rows import read_transcript
from postcall.storage.conversations import conversation_state
from postcall.storage.extractions import list_extractions, read_extractions
from postcall.storage.jobs import END_FUNCTION, EXTRACT
from postcall.storage.labels import read_labels
from postcall.storage.metric_events import read_metrics
from postcall.storage.schema import IS_LIVE, Moment, accounts, agents, answers, calls, jobs, metric_events
from postcall.storage.schema import extractions as extraction_rows
from postcall.storage.statements import unindexed

CALL_ROWS = (
    sa.select(
        calls,
        agents.c.id.label("agent_id"),
        agents.c.slug.label("agent_slug"),
        accounts.c.id.label("account"),
    )
    # From the calls to these few: SQLite may else begin at an agent, and look through all its calls for those wanted.
    .join_from(calls, agents, unindexed(calls.c.agent_pk) == agents.c.pk)
    .join(accounts, unindexed(calls.c.account_pk) == accounts.c.pk)
)
"""What `read_call_row` reads."""


def read_call(connection: Connection, account_pk: int, call_id: str) -> CallFile:
    """Everything about one call; CallNotFound also where it belongs to another account."""
    row = connection.execute(CALL_ROWS.where(calls.c.account_pk == account_pk, calls.c.id == call_id)).one_or_none()
    if row is None:
        raise CallNotFound(call_id)
    found = list_extractions(connection, row.pk)
    current = _current(connection, [row])
    return CallFile(
        call=read_call_row(row),
        progress=_progress(connection, [row], current)[row.pk],
        extraction=current.get(row.pk),
        turns=read_transcript(connection, row.pk, row.revision),
        metrics=_with_built_in(row, read_metrics(connection, [row.pk])[row.pk], current.get(row.pk)),
        state=conversation_state(connection, row.pk),
        extractions=tuple(found),
        labels=read_labels(connection, row.pk, revision=row.revision),
    )


def list_calls(
    connection: Connection,
    account_pk: int,
    wanted: CallFilter,
    *,
    agent_pks: Collection[int] | None = None,
    after: Position | None,
    limit: int,
) -> CallPage:
    """A page of the calls that match, the newest start first; with `agent_pks` those of these agents alone."""
    query = CALL_ROWS.where(calls.c.account_pk == account_pk, *_conditions(connection, account_pk, wanted))
    if agent_pks is not None:
        query = query.where(calls.c.agent_pk.in_(agent_pks))
    if after is not None:
        query = query.where(
            sa.tuple_(calls.c.started_at, calls.c.pk)
            < sa.tuple_(sa.literal(after.started_at, Moment), sa.literal(after.pk))
        )
    query = query.order_by(calls.c.started_at.desc(), calls.c.pk.desc()).limit(limit + 1)
    rows = connection.execute(query).all()
    shown = rows[:limit]
    current = _current(connection, shown)
    progress = _progress(connection, shown, current)
    last = shown[-1] if len(rows) > limit else None
    return CallPage(
        rows=tuple(CallRow(read_call_row(row), progress[row.pk], current.get(row.pk)) for row in shown),
        next=Position(last.started_at, last.pk) if last is not None else None,
    )


def read_rows(
    connection: Connection, account_pk: int, call_pks: Sequence[int], *, with_metrics: bool = True
) -> tuple[CallRow, ...]:
    """The calls of these keys in the order given; one that is gone is left out."""
    # By their keys: SQLite would else look through every call of the account.
    mine = unindexed(calls.c.account_pk) == account_pk
    found = connection.execute(CALL_ROWS.where(mine, calls.c.pk.in_(call_pks))).all()
    by_pk = {row.pk: row for row in found}
    rows = [by_pk[pk] for pk in call_pks if pk in by_pk]
    current = _current(connection, rows)
    progress = _progress(connection, rows, current)
    if not with_metrics:
        return tuple(CallRow(read_call_row(row), progress[row.pk], current.get(row.pk)) for row in rows)
    metrics = read_metrics(connection, [row.pk for row in rows])
    return tuple(
        CallRow(
            read_call_row(row),
            progress[row.pk],
            current.get(row.pk),
            _with_built_in(row, metrics[row.pk], current.get(row.pk)),
        )
        for row in rows
    )


def live_rows(connection: Connection, account_pk: int, *, limit: int) -> tuple[CallRow, ...]:
    """The calls that have not ended, the newest start first."""
    pks = connection.execute(
        sa.select(calls.c.pk)
        .where(IS_LIVE, calls.c.account_pk == account_pk)
        .order_by(calls.c.started_at.desc(), calls.c.pk.desc())
        .limit(limit)
    ).scalars()
    return read_rows(connection, account_pk, list(pks))


def failed_calls(connection: Connection, account_pk: int, agent: str | None) -> list[str]:
    """The ids of the calls whose extraction failed for good, the oldest first."""
    wanted = CallFilter(agent=agent, extraction="failed")
    query = sa.select(calls.c.id).where(calls.c.account_pk == account_pk, *_conditions(connection, account_pk, wanted))
    return list(connection.execute(query.order_by(calls.c.started_at, calls.c.pk)).scalars())


def count_calls(connection: Connection, account_pk: int) -> int:
    """How many calls the account has."""
    return int(
        connection.execute(
            sa.select(sa.func.count()).select_from(calls).where(calls.c.account_pk == account_pk)
        ).scalar_one()
    )


def _conditions(connection: Connection, account_pk: int, wanted: CallFilter) -> Iterable[sa.ColumnElement[bool]]:
    if wanted.agent is not None:
        yield calls.c.agent_pk == find_agent_row(connection, account_pk, wanted.agent).pk
    if wanted.since is not None:
        yield calls.c.started_at >= wanted.since
    if wanted.until is not None:
        yield calls.c.started_at < wanted.until
    if wanted.from_number is not None:
        yield calls.c.from_number == wanted.from_number
    if wanted.to_number is not None:
        yield calls.c.to_number == wanted.to_number
    if wanted.status is not None:
        yield calls.c.status == wanted.status
    if wanted.extraction is not None:
        yield _extraction_is(wanted.extraction)
    for name, value in wanted.metrics:
        yield _metric_is(name, value)


def _extraction_is(state: str) -> sa.ColumnElement[bool]:
    of_call = sa.exists().where(jobs.c.call_pk == calls.c.pk, jobs.c.kind == EXTRACT)
    tried = of_call.where(jobs.c.state != "dead")
    if state == "open":
        return tried
    if state == "finished":
        return calls.c.current_extraction_pk.is_not(None)
    ran = sa.exists().where(extraction_rows.c.call_pk == calls.c.pk, extraction_rows.c.revision == calls.c.revision)
    died = of_call.where(jobs.c.state == "dead")
    return sa.and_(calls.c.current_extraction_pk.is_(None), sa.or_(ran, died), ~tried)


def _metric_is(name: str, value: str) -> sa.ColumnElement[bool]:
    """Any write of the metric has this value; where nothing was written, the answer; where none was given, the call."""
    spellings = _spellings(value)
    writes = sa.select(metric_events.c.position).where(
        metric_events.c.call_pk == calls.c.pk,
        metric_events.c.revision == calls.c.revision,
        metric_events.c.name == name,
    )
    answers_of_name = sa.select(answers.c.position).where(
        answers.c.extraction_pk == calls.c.current_extraction_pk,
        answers.c.identifier == name,
        answers.c.status == AnswerStatus.OK,
    )
    answered = answers_of_name.where(sa.type_coerce(answers.c.value, sa.Text).in_(spellings))
    matching = writes.where(
        sa.type_coerce(metric_events.c.value, sa.Text).in_(spellings), metric_events.c.flagged.is_(False)
    )
    found = sa.or_(sa.exists(matching), sa.and_(~sa.exists(writes), sa.exists(answered)))
    own = built_in_is(name, spellings)
    if own is None:
        return found
    return sa.or_(found, sa.and_(own, ~sa.exists(writes), ~sa.exists(answers_of_name)))


def _spellings(value: str) -> list[str]:
    """The JSON that a value given as text may stand for: `5` is the number as well as the string."""
    found = [msgspec.json.encode(value).decode()]
    if value.casefold() in {"true", "false"}:
        found.append(value.casefold())
    for read in (int, float):
        try:
            number = read(value)
        except ValueError:
            continue
        if isinstance(number, float) and (not math.isfinite(number) or (len(found) > 1 and abs(number) >= _EXACT)):
            continue
        found.append(msgspec.json.encode(number).decode())
        if isinstance(number, float) and number.is_integer() and abs(number) < _EXACT:
            found.append(str(int(number)))
    return found


_EXACT = 2**53
"""Up to here a float says exactly which integer it is."""


def _with_built_in(
    row: Row[Any], written: tuple[StoredMetric, ...], extraction: Extraction | None
) -> tuple[StoredMetric, ...]:
    """The metrics that code wrote, then those that postcall itself knows and neither code nor a question gives."""
    given = {metric.name for metric in written} | ALIASES
    if extraction is not None:
        given |= {each.identifier for each in extraction.findings.answers if each.status is AnswerStatus.OK}
    return (*written, *(metric for metric in built_in_metrics(row) if metric.name not in given))


def _current(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, Extraction]:
    """The current extraction by the key of its call."""
    wanted = {row.current_extraction_pk: row.pk for row in rows if row.current_extraction_pk is not None}
    return {wanted[pk]: found for pk, found in read_extractions(connection, list(wanted)).items()}


def _progress(connection: Connection, rows: Sequence[Row[Any]], current: dict[int, Extraction]) -> dict[int, Progress]:
    keys = [row.pk for row in rows]
    jobs_by_call: dict[int, Any] = {
        job.call_pk: job
        for job in connection.execute(
            sa.select(jobs.c.kind, jobs.c.call_pk, jobs.c.state, jobs.c.attempts, jobs.c.run_at, jobs.c.last_error)
            .where(jobs.c.call_pk.in_(keys), jobs.c.kind.in_([EXTRACT, END_FUNCTION]))
            .order_by(jobs.c.pk)
        )
    }
    last_runs: dict[tuple[int, int], Any] = {
        (run.call_pk, run.revision): run
        for run in connection.execute(
            sa.select(
                extraction_rows.c.call_pk,
                extraction_rows.c.revision,
                extraction_rows.c.status,
                extraction_rows.c.failure,
            )
            .where(extraction_rows.c.call_pk.in_(keys))
            .order_by(extraction_rows.c.pk)
        )
    }
    return {
        row.pk: decide_progress(
            CallStatus(row.status),
            has_extraction=row.pk in current,
            job=jobs_by_call.get(row.pk),
            last_run=last_runs.get((row.pk, row.revision)),
        )
        for row in rows
    }


def decide_progress(
    status: CallStatus, *, has_extraction: bool, job: Row[Any] | None, last_run: Row[Any] | None
) -> Progress:
    """What to say of a call, from its youngest open job and its latest run over the current transcript."""
    if status in LIVE:
        return Progress(ExtractionState.LIVE, "the call has not ended")
    if job is not None and job.kind == END_FUNCTION and job.state in {"queued", "running"}:
        return Progress(ExtractionState.QUEUED, "waiting for the agent's end_function")
    if job is not None and job.state == "running":
        return Progress(ExtractionState.RUNNING, "the questions are being asked")
    if job is not None and job.state == "queued":
        if job.last_error is None:
            return Progress(ExtractionState.QUEUED, "waiting for its turn")
        return Progress(ExtractionState.RETRYING, job.last_error, retry_at=job.run_at)
    if job is not None and job.state == "dead" and not has_extraction:
        return Progress(ExtractionState.FAILED, job.last_error)
    failure = last_run.failure if last_run is not None and last_run.status == ExtractionStatus.FAILED else None
    if has_extraction:
        return Progress(ExtractionState.FINISHED, failure)
    if failure is not None:
        return Progress(ExtractionState.FAILED, failure)
    if status is not CallStatus.COMPLETED:
        return Progress(ExtractionState.NONE, f"the call was not completed ({status})")
    return Progress(ExtractionState.NONE, "the user said nothing")


def read_call_row(row: Row[Any]) -> Call:
    """The call in a row of CALL_ROWS."""
    handoff = Handoff(row.handoff_destination, row.handoff_reason) if row.handoff_destination is not None else None
    return Call(
        id=row.id,
        account=row.account,
        agent_id=row.agent_id,
        agent_slug=row.agent_slug,
        version=row.version,
        details=CallDetails(
            agent=row.agent_slug,
            channel=Channel(row.channel),
            direction=Direction(row.direction),
            from_number=row.from_number,
            to_number=row.to_number,
            started_at=row.started_at,
            ended_at=row.ended_at,
            duration_s=row.duration_s,
            status=CallStatus(row.status),
            language=row.language,
            environment=Environment(row.environment),
            variant=row.variant,
            disconnection_reason=DisconnectionReason(row.disconnection_reason) if row.disconnection_reason else None,
            handoff=handoff,
            metadata=row.metadata or {},
        ),
        started_at=row.started_at,
        started_at_is_intake=row.started_at_is_intake,
        duration_s=row.duration_s,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
