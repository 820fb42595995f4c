"""Recordings of calls: the audio, or where somebody else keeps it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.errors import CallNotFound, NotFound
from postcall.storage.calls import find_for_change
from postcall.storage.changes import note_change
from postcall.storage.outbound_schema import recordings
from postcall.storage.schema import accounts, calls
from postcall.storage.statements import upsert


@dataclass(frozen=True, slots=True)
class Recording:
    """What is known of a recording besides its bytes."""

    call_pk: int
    call_id: str
    media_type: str
    url: str | None
    """Where it is, if it is not with us."""
    size: int
    """Bytes; 0 where it is not with us."""
    key: bytes
    """What short-lived addresses of it are signed with; another one with each recording that is handed in."""
    created_at: datetime


def put_recording(
    connection: Connection,
    account_pk: int,
    call_id: str,
    *,
    media_type: str,
    content: bytes | None = None,
    url: str | None = None,
    now: datetime,
) -> Recording:
    """Keep a call's recording, in place of the one that it had; CallNotFound where there is no such call."""
    call = find_for_change(connection, account_pk, call_id)
    if call is None:
        raise CallNotFound(call_id)
    size = len(content) if content is not None else 0
    kept = Recording(call.pk, call.id, media_type, url, size, secrets.token_bytes(32), now)
    values = {
        "call_pk": kept.call_pk,
        "media_type": media_type,
        "content": content,
        "url": url,
        "size": size,
        "key": kept.key,
        "created_at": now,
    }
    upsert(connection, recordings, values, changing=("media_type", "content", "url", "size", "key", "created_at"))
    connection.execute(sa.update(calls).where(calls.c.pk == call.pk).values(updated_at=now))
    note_change(connection, call.pk, now=now)
    return kept


def find_recording(connection: Connection, account_pk: int, call_id: str) -> Recording:
    """The call's recording; NotFound where it has none."""
    return _found(_read(connection, calls.c.account_pk == account_pk, calls.c.id == call_id), call_id)


def recording_by_pk(connection: Connection, call_pk: int) -> Recording | None:
    """The recording of the call of this key."""
    return _read(connection, calls.c.pk == call_pk)


def recording_of(connection: Connection, account: str, call_id: str) -> Recording:
    """The same, in the account of this name."""
    named = sa.select(accounts.c.pk).where(accounts.c.id == account).scalar_subquery()
    return _found(_read(connection, calls.c.account_pk == named, calls.c.id == call_id), call_id)


def _found(recording: Recording | None, call_id: str) -> Recording:
    if recording is None:
        raise NotFound(f"the call {call_id!r} has no recording")
    return recording


def _read(connection: Connection, *of_call: sa.ColumnElement[bool]) -> Recording | None:
    row = connection.execute(
        sa.select(
            recordings.c.call_pk,
            calls.c.id,
            recordings.c.media_type,
            recordings.c.url,
            recordings.c.size,
            recordings.c.key,
            recordings.c.created_at,
        )
        .join_from(recordings, calls, calls.c.pk == recordings.c.call_pk)
        .where(*of_call)
    ).one_or_none()
    return None if row is None else Recording(*row)


def read_piece(connection: Connection, recording: Recording, *, first: int, length: int) -> bytes:
    """Some of its bytes, from the one of this place on; none where another recording has taken its place."""
    found: bytes | None = connection.execute(
        sa.select(sa.func.substr(recordings.c.content, first + 1, length)).where(
            recordings.c.call_pk == recording.call_pk, recordings.c.key == recording.key
        )
    ).scalar_one_or_none()
    return bytes(found) if found else b""
