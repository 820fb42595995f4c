"""What the Conversations API shows of calls: many at once, or one with all that hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import Json, Role, Transcript, Turn
from postcall.domain.conversations import CallEvent
from postcall.domain.remarks import RemarkKind
from postcall.errors import CallNotFound
from postcall.storage.call_events import events_of_call
from postcall.storage.calls import find_call_row
from postcall.storage.hosted_schema import conversations
from postcall.storage.metric_definitions import definitions_by_agent
from postcall.storage.outbound_schema import recordings
from postcall.storage.page_schema import remarks
from postcall.storage.schema import calls, turns
from postcall.storage.valued_calls import ValuedCall, read_valued_calls
from postcall.storage.version_ids import name_versions


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A call with its words."""

    row: ValuedCall
    turns: Transcript
    state: dict[str, Json] | None
    """Of a call that postcall hosts: `conv.state` after its last turn."""


@dataclass(frozen=True, slots=True)
class ConversationFile:
    """The same, and what else is known of a call."""

    stored: StoredConversation
    version_id: str
    """Of the agent's version that took the call."""
    recorded: bool
    note: str
    """What people noted last on the whole call; empty where nobody did."""
    events: tuple[CallEvent, ...] = ()
    """Of a hosted call: what happened besides the words."""


def read_conversations(connection: Connection, account_pk: int, pks: Sequence[int]) -> tuple[StoredConversation, ...]:
    """The calls of these keys in the order given; one that is gone is left out."""
    said, states = read_transcripts(connection, pks), _states(connection, pks)
    return tuple(
        StoredConversation(row, tuple(said.get(row.pk, ())), states.get(row.pk))
        for row in read_valued_calls(connection, account_pk, pks)
    )


def find_conversation_pk(connection: Connection, account_pk: int, agent_pk: int, call_id: str) -> int:
    """The key of a call of this agent; CallNotFound also where it is a call of another."""
    call = find_call_row(connection, account_pk, call_id)
    if call.agent_pk != agent_pk:
        raise CallNotFound(call_id)
    return int(call.pk)


def read_conversation(
    connection: Connection, account_pk: int, agent_pk: int, call_id: str, *, with_pii: bool
) -> ConversationFile:
    """One call of this agent, or CallNotFound. `with_pii`: show log lines marked as personal data."""
    pk = find_conversation_pk(connection, account_pk, agent_pk, call_id)
    [file] = read_conversation_files(connection, account_pk, agent_pk, [pk], words=True)
    return replace(file, events=events_of_call(connection, pk, with_pii=with_pii))


def read_conversation_files(
    connection: Connection, account_pk: int, agent_pk: int, pks: Sequence[int], *, words: bool = False
) -> tuple[ConversationFile, ...]:
    """These calls of an agent in the order given, without events; one that is gone is left out."""
    found = (
        read_conversations(connection, account_pk, pks)
        if words
        else tuple(StoredConversation(row, (), None) for row in read_valued_calls(connection, account_pk, pks))
    )
    versions = name_versions(connection, agent_pk, {each.row.call.version for each in found})
    recorded = set(connection.execute(sa.select(recordings.c.call_pk).where(recordings.c.call_pk.in_(pks))).scalars())
    notes = _last_notes(connection, pks)
    return tuple(
        ConversationFile(
            stored=each,
            version_id=versions[each.row.call.version][0],
            recorded=each.row.pk in recorded,
            note=notes.get(each.row.pk, ""),
        )
        for each in found
    )


def names_kept_back(connection: Connection, agent_pk: int) -> frozenset[str]:
    """The metrics whose definitions keep them out of what interfaces show."""
    definitions = definitions_by_agent(connection, [agent_pk]).get(agent_pk, {})
    return frozenset(name for name, definition in definitions.items() if not definition.in_api)


def remove_notes(connection: Connection, call_pk: int, *, who: str) -> None:
    """Take away what somebody noted on a call; what others noted stays."""
    mine = remarks.c.call_pk == call_pk, remarks.c.kind == RemarkKind.NOTE, remarks.c.who == who
    connection.execute(sa.delete(remarks).where(*mine))


def _last_notes(connection: Connection, pks: Sequence[int]) -> dict[int, str]:
    rows = connection.execute(
        sa.select(remarks.c.call_pk, remarks.c.text)
        .where(remarks.c.call_pk.in_(pks), remarks.c.kind == RemarkKind.NOTE)
        .order_by(remarks.c.pk)
    )
    return {row.call_pk: row.text for row in rows}


def read_transcripts(connection: Connection, pks: Sequence[int]) -> dict[int, list[Turn]]:
    """The turns of the current revision of each of these calls, in order."""
    said: dict[int, list[Turn]] = {}
    for pk, role, text, start_s, at, latency_s in connection.execute(_TURNS, {"pks": list(pks)}).all() if pks else ():
        said.setdefault(pk, []).append(Turn(_ROLES[role], text, start_s, at, latency_s))
    return said


def _states(connection: Connection, pks: Sequence[int]) -> dict[int, dict[str, Json]]:
    rows = connection.execute(_STATES, {"pks": list(pks)}).all() if pks else ()
    return {row.call_pk: row.state for row in rows}


_ROLES = {role.value: role for role in Role}
_TURNS = (
    sa.select(turns.c.call_pk, turns.c.role, turns.c.text, turns.c.start_s, turns.c.at, turns.c.latency_s)
    .join_from(turns, calls, sa.and_(turns.c.call_pk == calls.c.pk, turns.c.revision == calls.c.revision))
    .where(calls.c.pk.in_(sa.bindparam("pks", expanding=True)))
    .order_by(turns.c.call_pk, turns.c.position)
)
_STATES = sa.select(conversations.c.call_pk, conversations.c.state).where(
    conversations.c.call_pk.in_(sa.bindparam("pks", expanding=True))
)
