"""The project folders of an account, each kept once under the digest of its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import Json
from postcall.errors import NotFound
from postcall.storage.hosted_schema import projects
from postcall.storage.statements import insert_new

_CONTENT = sa.select(projects.c.content).where(
    projects.c.account_pk == sa.bindparam("account_pk"), projects.c.digest == sa.bindparam("digest")
)


@dataclass(frozen=True, slots=True)
class KeptProject:
    """What is known of a project without opening it."""

    digest: str
    problems: tuple[dict[str, Json], ...]
    """As they were when it was pushed last: `file`, `line` and `message`."""
    summary: dict[str, Json]
    created_at: datetime
    """When it was pushed first."""


def keep_project(
    connection: Connection,
    account_pk: int,
    *,
    digest: str,
    content: bytes,
    problems: Sequence[dict[str, Json]],
    summary: dict[str, Json],
    now: datetime,
) -> None:
    """Store a project unless it is there; its problems are those of now, since packages come and go."""
    values = {
        "account_pk": account_pk,
        "digest": digest,
        "content": content,
        "problems": list(problems),
        "summary": summary,
        "created_at": now,
    }
    if insert_new(connection, projects, values, returning=projects.c.pk) is None:
        connection.execute(
            sa.update(projects)
            .where(projects.c.account_pk == account_pk, projects.c.digest == digest)
            .values(problems=list(problems), summary=summary)
        )


def find_project(connection: Connection, account_pk: int, digest: str) -> KeptProject:
    """A project without its content, or NotFound."""
    row = connection.execute(
        sa.select(projects.c.digest, projects.c.problems, projects.c.summary, projects.c.created_at).where(
            projects.c.account_pk == account_pk, projects.c.digest == digest
        )
    ).one_or_none()
    if row is None:
        raise _not_found(digest)
    return KeptProject(row.digest, tuple(row.problems), row.summary, row.created_at)


def read_project_content(connection: Connection, account_pk: int, digest: str) -> bytes:
    """The zip of a project, or NotFound."""
    content: bytes | None = connection.execute(
        _CONTENT, {"account_pk": account_pk, "digest": digest}
    ).scalar_one_or_none()
    if content is None:
        raise _not_found(digest)
    return content


def _not_found(digest: str) -> NotFound:
    return NotFound(f"there is no project {digest[:12]}")
