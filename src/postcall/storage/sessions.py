"""Who has signed in, and until when. Of a session's token only a digest is stored."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.people import Person, Role
from postcall.storage.keys import digest_secret
from postcall.storage.page_schema import sessions, users
from postcall.storage.schema import accounts
from postcall.storage.statements import lock_row
from postcall.storage.users import Credentials

LIFE = timedelta(days=14)
"""Without a visit, a session ends after this time."""
_EXTENDED_AFTER = timedelta(days=1)
"""A visit moves the end once a day, so that looking at pages costs no writes."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has signed in."""

    person: Person
    expires_at: datetime

    def is_to_be_extended(self, now: datetime) -> bool:
        """Whether this visit should move its end."""
        return self.expires_at - now < LIFE - _EXTENDED_AFTER


def begin_session(connection: Connection, credentials: Credentials, *, now: datetime) -> str | None:
    """Sign a user in; the token, which is nowhere else.

    None where the password that was checked has been changed, or the user removed, since it was read.
    """
    same = sa.select(users.c.pk).where(users.c.pk == credentials.user_pk, users.c.password == credentials.password)
    if connection.execute(lock_row(connection, same)).first() is None:
        return None
    token = secrets.token_urlsafe(32)
    connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= now))
    connection.execute(
        sa.insert(sessions).values(
            digest=digest_secret(token), user_pk=credentials.user_pk, created_at=now, expires_at=now + LIFE
        )
    )
    _note_visit(connection, credentials.user_pk, now)
    return token


_SESSION = (
    sa.select(
        users.c.account_pk,
        accounts.c.id.label("account"),
        users.c.name,
        users.c.email,
        users.c.role,
        sessions.c.expires_at,
    )
    .join_from(sessions, users)
    .join(accounts, accounts.c.pk == users.c.account_pk)
    .where(sessions.c.digest == sa.bindparam("digest"))
)


def find_session(connection: Connection, token: str, *, now: datetime) -> Session | None:
    """Whom this token stands for; None where it is unknown or has ended."""
    row = connection.execute(_SESSION, {"digest": digest_secret(token)}).one_or_none()
    if row is None or row.expires_at <= now:
        return None
    return Session(Person(row.account_pk, row.account, row.name, row.email, Role(row.role)), row.expires_at)


def extend_session(connection: Connection, token: str, *, now: datetime) -> None:
    """Move the end of a session that has not ended yet."""
    user_pk = connection.execute(
        sa.update(sessions)
        .where(sessions.c.digest == digest_secret(token), sessions.c.expires_at > now)
        .values(expires_at=now + LIFE)
        .returning(sessions.c.user_pk)
    ).scalar_one_or_none()
    if user_pk is not None:
        _note_visit(connection, user_pk, now)


def end_session(connection: Connection, token: str) -> None:
    """From its commit on the token opens nothing."""
    connection.execute(sa.delete(sessions).where(sessions.c.digest == digest_secret(token)))


def _note_visit(connection: Connection, user_pk: int, now: datetime) -> None:
    connection.execute(sa.update(users).where(users.c.pk == user_pk).values(last_seen_at=now))
