"""The log of calls, on both databases: every condition as a plain reading of it says, in order, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import NOON, Desk, a_call, a_question, an_answer, silent

from postcall.domain.call_logs import WEB_CALL, Attempts, CallKind, CallLog, LogFilter, SortBy, StatusIs
from postcall.domain.calls import CallStatus, Channel, Direction, DisconnectionReason, Role, Turn
from postcall.domain.outbound import DialState
from postcall.storage.agents import find_agent_row, find_version
from postcall.storage.call_logs import list_logs, logs_by_id, logs_of_series
from postcall.storage.calls import find_call_row
from postcall.storage.outbound_schema import campaigns, outbound_calls
from postcall.storage.recordings import put_recording
from postcall.storage.schema import calls

AGENTS = ("clinic", "bakery", "garage")
CAMPAIGNS = ("c" * 24, "d" * 24)
COUNT = 60


@dataclass(frozen=True)
class Made:
    """A call as it was made, to be judged without a database."""

    id: str
    agent_id: str
    version_id: str
    campaign: str | None
    attempt: int
    queued: bool
    channel: Channel
    direction: Direction
    web_call: bool
    status: CallStatus
    reason: DisconnectionReason | None
    duration_s: float | None
    latency_s: float | None
    from_number: str | None
    to_number: str | None
    started_at: datetime
    updated_at: datetime

    def fits(self, wanted: LogFilter) -> bool:
        """The plain reading of each condition."""
        seconds = self.duration_s or 0.0
        text = wanted.search.lower()
        return (
            (wanted.agents is None or self.agent_id in wanted.agents)
            and (wanted.campaigns is None or self.campaign in wanted.campaigns)
            and (wanted.versions is None or self.version_id in wanted.versions)
            and (wanted.kinds is None or self.kind in wanted.kinds)
            and (
                wanted.statuses is None
                or any(each.status is self.status and each.queued in {None, self.queued} for each in wanted.statuses)
            )
            and (wanted.reasons is None or self.reason in wanted.reasons)
            and (
                wanted.durations is None
                or any(low <= seconds and (high is None or seconds < high) for low, high in wanted.durations)
            )
            and any(text in (part or "").lower() for part in (self.id, self.from_number, self.to_number))
            and (wanted.attempts is Attempts.ALL or (self.attempt > 0) == (wanted.attempts is Attempts.AGAIN))
            and (wanted.since is None or self.started_at >= wanted.since)
            and (wanted.until is None or self.started_at <= wanted.until)
        )

    @property
    def kind(self) -> CallKind:
        if self.channel is not Channel.VOICE:
            return CallKind.WEB_CALL if self.web_call else CallKind.CHAT
        return CallKind.INBOUND if self.direction is Direction.INBOUND else CallKind.OUTBOUND


def _sort_key(sort: SortBy) -> Callable[[Made], Any]:
    return {
        SortBy.STARTED: lambda made: made.started_at,
        SortBy.UPDATED: lambda made: made.updated_at,
        SortBy.DURATION: lambda made: made.duration_s or 0.0,
        SortBy.LATENCY: lambda made: -1.0 if made.latency_s is None else made.latency_s,
    }[sort]


def _add_campaigns(desk: Desk) -> dict[str, int]:
    agent_pk = desk.record.read(lambda c: find_agent_row(c, desk.pk, AGENTS[0]).pk)

    def add(connection: sa.Connection) -> dict[str, int]:
        return {
            each: connection.execute(
                sa.insert(campaigns)
                .values(
                    account_pk=desk.pk, id=each, name="Spring", description="", agent_pk=agent_pk, audience_id="a" * 24,
                    audience_name="", number_ids=[], max_retries=3, retry_delay_s=60, status="running",
                    cancelled_calls=0, created_at=NOON, updated_at=NOON,
                )
                .returning(campaigns.c.pk)
            ).scalar_one()
            for each in CAMPAIGNS
        }  # fmt: skip

    return desk.record.write(add)


def place(desk: Desk, call_id: str, *, campaign: int | None, attempt: int, root: str | None, queued: bool) -> None:
    """Say that a call was placed by us."""

    def add(connection: sa.Connection) -> None:
        connection.execute(
            sa.insert(outbound_calls).values(
                call_pk=find_call_row(connection, desk.pk, call_id).pk,
                campaign_pk=campaign,
                attempt=attempt,
                root_pk=None if root is None else find_call_row(connection, desk.pk, root).pk,
                carrier="simulated",
                state=(DialState.QUEUED if queued else DialState.OVER).value,
                test=False,
                created_at=NOON,
            )
        )

    desk.record.write(add)


def _make(desk: Desk) -> list[Made]:
    chance = Random(23)
    for agent in AGENTS:
        desk.ask(a_question(), agent=agent)
    desk.ask(a_question("happy"), agent=AGENTS[1])
    by_campaign = _add_campaigns(desk)
    made = []
    for number in range(COUNT):
        each = _draw(number, chance)
        agent = AGENTS[number % 3]
        details = {
            name: getattr(each, name)
            for name in ("channel", "direction", "status", "duration_s", "from_number", "to_number", "started_at")
        }
        metadata: dict[str, Any] = dict(WEB_CALL) if each.web_call else chance.choice(({}, {"a": 1, "session": "web"}))
        call = a_call(each.id, agent=agent, disconnection_reason=each.reason, metadata=metadata, **details)
        if each.latency_s is None:
            call = silent(call)
        else:
            call = replace(call, turns=(Turn(Role.AGENT, "Hello.", latency_s=each.latency_s),))
        desk.hand_in(call)
        if each.campaign is not None or each.queued or each.attempt:
            campaign = by_campaign[each.campaign] if each.campaign else None
            place(desk, each.id, campaign=campaign, attempt=each.attempt, root=None, queued=each.queued)
        made.append(each)
    return [_settle(desk, each) for each in made]


def _draw(number: int, chance: Random) -> Made:
    status = chance.choice(list(CallStatus))
    placed = chance.random() < 0.4
    campaign = chance.choice(CAMPAIGNS) if placed and chance.random() < 0.7 else None
    return Made(
        id=f"{chance.choice(('CALL', 'call'))}-{number}%_{chance.randrange(9)}",
        agent_id="",
        version_id="",
        campaign=campaign,
        attempt=chance.choice((0, 0, 1, 2)) if placed else 0,
        queued=placed and status is CallStatus.PENDING and chance.random() < 0.6,
        channel=chance.choice((Channel.VOICE, Channel.VOICE, Channel.WEBCHAT, Channel.SMS)),
        direction=chance.choice(list(Direction)),
        web_call=chance.random() < 0.3,
        status=status,
        reason=chance.choice((None, *DisconnectionReason)),
        duration_s=chance.choice((None, 0.0, 29.9, 30.0, 60.0, 180.0, 299.5, 300.0, 4000.0)),
        latency_s=chance.choice((None, 0.5, 1.25)),
        from_number=chance.choice((None, "+15550100", "+919876543210")),
        to_number=chance.choice((None, "+15550199")),
        started_at=NOON - timedelta(hours=chance.randrange(72)),
        updated_at=NOON + timedelta(minutes=chance.randrange(30)),
    )


def _settle(desk: Desk, made: Made) -> Made:
    """With what only the record knows, and the latest change as it was drawn."""

    def settle(connection: sa.Connection) -> Made:
        row = find_call_row(connection, desk.pk, made.id)
        connection.execute(sa.update(calls).where(calls.c.pk == row.pk).values(updated_at=made.updated_at))
        agent = find_agent_row(connection, desk.pk, AGENTS[int(made.id[5:].partition("%")[0]) % 3])
        return replace(made, agent_id=agent.id, version_id=find_version(connection, row.agent_pk, row.version).id)

    return desk.record.write(settle)


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...] | None]:
    return st.none() | st.lists(values, max_size=3, unique=True).map(tuple)


STATUSES = st.sampled_from(
    [StatusIs(status) for status in CallStatus] + [StatusIs(CallStatus.PENDING, queued=each) for each in (True, False)]
)
DURATIONS = st.sampled_from([(0.0, 30.0), (30.0, 60.0), (60.0, 300.0), (300.0, None), (180.0, 300.0)])
MOMENTS = st.none() | st.integers(0, 72).map(lambda hours: NOON - timedelta(hours=hours))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def _check_filters(desk: Desk, made: list[Made], data: st.DataObject) -> None:
    agents = sorted({each.agent_id for each in made})
    versions = sorted({each.version_id for each in made})
    wanted = LogFilter(
        agents=data.draw(some(st.sampled_from([*agents, "0" * 24]))),
        campaigns=data.draw(some(st.sampled_from([*CAMPAIGNS, "0" * 24]))),
        versions=data.draw(some(st.sampled_from([*versions, "0" * 24]))),
        kinds=data.draw(some(st.sampled_from(CallKind))),
        statuses=data.draw(some(STATUSES)),
        reasons=data.draw(some(st.sampled_from(DisconnectionReason))),
        durations=data.draw(some(DURATIONS)),
        search=data.draw(st.sampled_from(("", "", "call-1", "CALL", "%", "_3", "5550", "+91", "nobody"))),
        attempts=data.draw(st.sampled_from(Attempts)),
        since=data.draw(MOMENTS),
        until=data.draw(MOMENTS),
    )
    # Two or three conditions at a time, or hardly anything would ever fit.
    dropped = data.draw(st.sets(st.sampled_from(FIELDS), min_size=len(FIELDS) - 3))
    not_given: dict[str, Any] = dict.fromkeys(dropped)
    wanted = replace(wanted, **not_given)
    sort, descending = data.draw(st.sampled_from(SortBy)), data.draw(st.booleans())
    offset, limit = data.draw(st.integers(0, 40)), data.draw(st.integers(1, 60))
    page = desk.record.read(
        lambda c: list_logs(c, desk.pk, wanted, sort=sort, descending=descending, offset=offset, limit=limit)
    )
    pks = {each.id: number for number, each in enumerate(made)}
    key = _sort_key(sort)
    fitting = [each for each in made if each.fits(wanted)]
    expected = sorted(fitting, key=lambda each: (key(each), pks[each.id]), reverse=descending)
    assert page.total == len(fitting)
    assert [log.row.call.id for log in page.logs] == [each.id for each in expected[offset : offset + limit]]


FIELDS = ("agents", "campaigns", "versions", "kinds", "statuses", "reasons", "durations", "since", "until")


def test_every_filter_order_and_page_is_as_a_plain_reading_says(desk: Desk) -> None:
    _check_filters(desk, _make(desk))


def logs(desk: Desk, **wanted: Any) -> tuple[CallLog, ...]:
    return desk.record.read(lambda c: list_logs(c, desk.pk, LogFilter(**wanted), limit=100)).logs


def test_an_id_that_is_part_of_another_finds_itself(desk: Desk) -> None:
    for call_id in ("call-1", "call-10"):
        desk.hand_in(a_call(call_id))
    assert [log.row.call.id for log in logs(desk, search="call-1")] == ["call-1"]
    assert {log.row.call.id for log in logs(desk, search="CALL-1")} == {"call-1", "call-10"}
    assert logs(desk, search="call_1") == ()


def test_a_log_has_the_answers_the_version_and_the_waits(desk: Desk) -> None:
    desk.ask(a_question(), a_question("reason", "Why?", "STRING"))
    call = a_call()
    said = (replace(call.turns[0], latency_s=0.5, start_s=1.5), replace(call.turns[1], start_s=3.0))
    desk.hand_in(replace(call, turns=said))
    desk.extract(an_answer())
    [log] = logs(desk)
    assert log.row.extraction is not None
    assert [identifier for identifier, _ in log.asked] == ["booked", "reason"]
    assert log.version_id is not None and len(log.version_id) == 24
    [wait] = log.waits
    assert (wait.turn, wait.seconds, wait.begins_s) == (0, 0.5, 1.5)
    assert log.recording is None and log.placed is None and log.family.retries == 0


def test_the_calls_to_one_person_are_a_series_with_the_first_one_first(desk: Desk) -> None:
    for call_id in ("first", "second", "third", "else"):
        desk.hand_in(a_call(call_id, status="no_answer"))
    place(desk, "first", campaign=None, attempt=0, root=None, queued=False)
    place(desk, "second", campaign=None, attempt=1, root="first", queued=False)
    place(desk, "third", campaign=None, attempt=2, root="first", queued=False)
    for asked in ("first", "third"):
        found = desk.record.read(partial(logs_of_series, account_pk=desk.pk, call_id=asked))
        assert [log.row.call.id for log in found] == ["first", "second", "third"]
        assert [log.family.next_id for log in found] == ["second", "third", None]
        assert [log.family.retries for log in found] == [2, 2, 2]
    assert [log.row.call.id for log in desk.record.read(lambda c: logs_of_series(c, desk.pk, "else"))] == ["else"]
    assert {log.row.call.id for log in logs(desk, attempts=Attempts.FIRST)} == {"first", "else"}


def test_calls_of_another_account_are_in_no_log(desk: Desk) -> None:
    other = Desk(desk.record, desk.clock, account="other")
    other.hand_in(a_call("theirs"))
    desk.hand_in(a_call("ours"))
    assert [log.row.call.id for log in logs(desk)] == ["ours"]
    found = desk.record.read(lambda c: logs_by_id(c, desk.pk, ["theirs", "ours", "nobody", "ours"]))
    assert [log.row.call.id for log in found] == ["ours"]
    their_agent = other.read("theirs").call.agent_id
    assert logs(desk, agents=(their_agent,)) == ()


def test_a_page_behind_the_last_is_empty_and_says_how_many_there_are(desk: Desk) -> None:
    desk.hand_in(a_call())
    page = desk.record.read(lambda c: list_logs(c, desk.pk, LogFilter(), offset=10**9 * 500, limit=500))
    assert (page.logs, page.total) == ((), 1)


def test_a_search_has_pages_and_says_how_many_there_are(desk: Desk) -> None:
    for number in range(5):
        desk.hand_in(a_call(f"lead-{number}"))
    desk.hand_in(a_call("else"))
    pages = [
        desk.record.read(
            partial(list_logs, account_pk=desk.pk, wanted=LogFilter(search="lead"), offset=offset, limit=2)
        )
        for offset in (0, 4, 6)
    ]
    assert [[log.row.call.id for log in page.logs] for page in pages] == [["lead-4", "lead-3"], ["lead-0"], []]
    assert {page.total for page in pages} == {5}


@pytest.mark.parametrize("kept", ["audio", "address"])
def test_a_log_says_where_the_recording_is(desk: Desk, kept: str) -> None:
    desk.hand_in(a_call())
    desk.clock.advance(60)
    content, url = (b"RIFF", None) if kept == "audio" else (None, "https://example.org/a.wav")
    desk.record.write(
        lambda c: put_recording(
            c, desk.pk, "call-1", media_type="audio/wav", content=content, url=url, now=desk.clock()
        )
    )
    [log] = logs(desk)
    assert log.recording is not None and log.recording.url == url
    assert log.row.call.updated_at == desk.clock()
