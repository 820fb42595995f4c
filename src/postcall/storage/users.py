"""Who can sign in."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.people import Role, User, read_email
from postcall.errors import Conflict, NotFound
from postcall.storage.analyst_threads import forget_threads_of, person_owner
from postcall.storage.page_schema import sessions, users
from postcall.storage.statements import insert_new


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is kept of a user's password, and whose it is."""

    user_pk: int
    password: str


def add_user(
    connection: Connection, account_pk: int, *, email: str, name: str, role: Role, password: str, now: datetime
) -> User:
    """Let somebody sign in; `password` is what is kept of it. Conflict where the address is taken, in any account."""
    user = User(secrets.token_hex(12), read_email(email), name, role, created_at=now, last_seen_at=None)
    row = {
        "account_pk": account_pk,
        "id": user.id,
        "email": user.email,
        "name": name,
        "role": role.value,
        "password": password,
        "created_at": now,
    }
    if insert_new(connection, users, row, returning=users.c.pk) is None:
        raise Conflict(f"there is a user {user.email} already", field="email")
    return user


def list_users(connection: Connection, account_pk: int) -> list[User]:
    """Everybody who can sign in to the account, by address."""
    rows = connection.execute(sa.select(users).where(users.c.account_pk == account_pk).order_by(users.c.email))
    return [_user(row) for row in rows]


def find_user(connection: Connection, account_pk: int, email: str) -> User:
    """The user of this address."""
    row = connection.execute(
        sa.select(users).where(users.c.account_pk == account_pk, users.c.email == read_email(email))
    ).one_or_none()
    if row is None:
        raise _nobody(email)
    return _user(row)


def has_users(connection: Connection) -> bool:
    """Whether anybody can sign in."""
    return connection.execute(sa.select(users.c.pk).limit(1)).first() is not None


def find_credentials(connection: Connection, email: str) -> Credentials | None:
    """What a password is held against; None where nobody has this address, as given in small letters."""
    row = connection.execute(sa.select(users.c.pk, users.c.password).where(users.c.email == email)).one_or_none()
    return None if row is None else Credentials(row.pk, row.password)


def keep_password(connection: Connection, credentials: Credentials, password: str) -> None:
    """Keep the same password in another way, unless it was changed meanwhile. Nobody is signed out."""
    connection.execute(
        sa.update(users)
        .where(users.c.pk == credentials.user_pk, users.c.password == credentials.password)
        .values(password=password)
    )


def change_password(connection: Connection, account_pk: int, email: str, password: str) -> None:
    """From its commit on only the new password signs in, and whoever was signed in is so no longer."""
    _sign_out(connection, _change(connection, account_pk, email, {"password": password}))


def change_role(connection: Connection, account_pk: int, email: str, role: Role) -> None:
    """From its commit on they may do what this role may; they sign in again."""
    _sign_out(connection, _change(connection, account_pk, email, {"role": role.value}))


def remove_user(connection: Connection, account_pk: int, email: str) -> None:
    """From its commit on they see nothing; what they did stays, with their name.

    What they asked the analyst goes with them: whoever signs in with the same address later would read it.
    """
    removed = connection.execute(
        sa.delete(users).where(users.c.account_pk == account_pk, users.c.email == read_email(email))
    )
    if removed.rowcount == 0:
        raise _nobody(email)
    forget_threads_of(connection, person_owner(account_pk, read_email(email)))


def _change(connection: Connection, account_pk: int, email: str, values: dict[str, str]) -> int:
    changed: int | None = connection.execute(
        sa.update(users)
        .where(users.c.account_pk == account_pk, users.c.email == read_email(email))
        .values(values)
        .returning(users.c.pk)
    ).scalar_one_or_none()
    if changed is None:
        raise _nobody(email)
    return changed


def _sign_out(connection: Connection, user_pk: int) -> None:
    connection.execute(sa.delete(sessions).where(sessions.c.user_pk == user_pk))


def _nobody(email: str) -> NotFound:
    return NotFound(f"there is no user {email!r}")


def _user(row: sa.Row[tuple[object, ...]]) -> User:
    return User(row.id, row.email, row.name, Role(row.role), row.created_at, row.last_seen_at)
