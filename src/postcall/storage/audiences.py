"""Audiences and the people in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from postcall.domain.audiences import Audience, AudienceCampaign, Contact, Member
from postcall.domain.ids import new_object_id
from postcall.domain.outbound import CampaignStatus
from postcall.errors import BadInput, NotFound
from postcall.storage.outbound_schema import audience_members, audiences, campaigns
from postcall.storage.statements import lock_row

_AT_ONCE = 1_000
"""Rows in one statement."""
_FINISHED = (CampaignStatus.COMPLETED.value, CampaignStatus.FAILED.value, CampaignStatus.CANCELLED.value)


@dataclass(frozen=True, slots=True)
class NewAudience:
    """An audience to be made."""

    name: str
    description: str
    phone_column: str
    identifier_column: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class MemberPage:
    """Some of the people, and how many there are."""

    members: tuple[Member, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Added:
    """What became of people who were to be added."""

    added: int
    skipped: int
    """Their number was there already."""


def create_audience(
    connection: Connection, account_pk: int, new: NewAudience, contacts: Iterable[Contact], *, now: datetime
) -> Audience:
    """Make an audience of these people; each number may come once."""
    audience_id = new_object_id()
    pk = connection.execute(
        sa.insert(audiences)
        .values(
            account_pk=account_pk,
            id=audience_id,
            name=new.name,
            description=new.description,
            phone_column=new.phone_column,
            identifier_column=new.identifier_column,
            created_by=new.by,
            created_at=now,
            updated_at=now,
        )
        .returning(audiences.c.pk)
    ).scalar_one()
    rest = iter(contacts)
    while some := list(islice(rest, _AT_ONCE)):
        _insert(connection, pk, some, now=now)
    return find_audience(connection, account_pk, audience_id)


def add_members(
    connection: Connection, account_pk: int, audience_id: str, contacts: Sequence[Contact], *, most: int, now: datetime
) -> Added:
    """Add people to an audience, but for those whose number it has; BadInput where it would hold more than `most`."""
    audience = _hold(connection, account_pk, audience_id)
    fresh = {contact.phone: contact for contact in reversed(contacts)}  # of two with one number, the first
    for phones in _some(list(fresh)):
        here = audience_members.c.audience_pk == audience.pk
        known = sa.select(audience_members.c.phone).where(here, audience_members.c.phone.in_(phones))
        for phone in connection.execute(known).scalars().all():
            del fresh[phone]
    added = [contact for contact in contacts if fresh.get(contact.phone) is contact]
    if added and _count(connection, audience.pk) + len(added) > most:
        raise BadInput(f"Audience cannot exceed {most} members", field="members")
    for start in range(0, len(added), _AT_ONCE):
        _insert(connection, audience.pk, added[start : start + _AT_ONCE], now=now)
    _touch(connection, audience.pk, now=now)
    return Added(len(added), len(contacts) - len(added))


def remove_members(
    connection: Connection, account_pk: int, audience_id: str, member_ids: Sequence[str], *, now: datetime
) -> int:
    """Take people out of an audience; returns how many of these ids were there. Campaigns keep their copies."""
    audience = _hold(connection, account_pk, audience_id)
    removed = 0
    for ids in _some(list(member_ids)):
        here = audience_members.c.audience_pk == audience.pk
        removed += connection.execute(sa.delete(audience_members).where(here, audience_members.c.id.in_(ids))).rowcount
    _touch(connection, audience.pk, now=now)
    return removed


def remove_audience(connection: Connection, account_pk: int, audience_id: str) -> bool:
    """Take an audience away with its people; False, and nothing done, while a campaign is not through with it."""
    audience = _hold(connection, account_pk, audience_id)
    used = sa.select(campaigns.c.pk).where(
        campaigns.c.audience_pk == audience.pk,
        campaigns.c.deleted_at.is_(None),
        campaigns.c.status.not_in(_FINISHED),
    )
    if connection.execute(used.limit(1)).one_or_none() is not None:
        return False
    connection.execute(sa.delete(audiences).where(audiences.c.pk == audience.pk))
    return True


def find_audience(connection: Connection, account_pk: int, audience_id: str) -> Audience:
    """One audience, with how many people are in it; NotFound where the account has none of this id."""
    row = find_audience_row(connection, account_pk, audience_id)
    return _read(row, count=_count(connection, row.pk), used_by=())


def list_audiences(connection: Connection, account_pk: int) -> tuple[Audience, ...]:
    """Every audience of the account with its campaigns, the newest first."""
    mine = audiences.c.account_pk == account_pk
    rows = connection.execute(sa.select(audiences).where(mine).order_by(audiences.c.pk.desc())).all()
    counted = connection.execute(
        sa.select(audience_members.c.audience_pk, sa.func.count())
        .join_from(audience_members, audiences)
        .where(mine)
        .group_by(audience_members.c.audience_pk)
    )
    counts = {row[0]: row[1] for row in counted}
    used = connection.execute(
        sa.select(campaigns)
        .where(campaigns.c.account_pk == account_pk, campaigns.c.deleted_at.is_(None))
        .order_by(campaigns.c.pk.desc())
    )
    by_audience: dict[int, list[AudienceCampaign]] = {}
    for row in used:
        campaign = AudienceCampaign(row.id, row.name, row.status, row.created_at)
        by_audience.setdefault(row.audience_pk, []).append(campaign)
    return tuple(_read(row, count=counts.get(row.pk, 0), used_by=by_audience.get(row.pk, ())) for row in rows)


def list_members(connection: Connection, audience_pk: int, *, limit: int, skip: int = 0) -> MemberPage:
    """A page of the people in an audience, in the order in which they came."""
    rows = connection.execute(_members(audience_pk).limit(limit).offset(skip))
    return MemberPage(tuple(_read_member(row) for row in rows), _count(connection, audience_pk))


def search_members(
    connection: Connection, audience_pk: int, matches: Callable[[Member], bool], *, limit: int, skip: int = 0
) -> MemberPage:
    """The same of those people that match; every one is looked at, a few at a time."""
    streamed = connection.execution_options(yield_per=_AT_ONCE)
    found: list[Member] = []
    total = 0
    for row in streamed.execute(_members(audience_pk)):
        member = _read_member(row)
        if matches(member):
            if skip <= total < skip + limit:
                found.append(member)
            total += 1
    return MemberPage(tuple(found), total)


def find_audience_row(connection: Connection, account_pk: int, audience_id: str) -> Row[Any]:
    """The audience's row, with its key; NotFound where the account has none of this id."""
    row = connection.execute(
        sa.select(audiences).where(audiences.c.account_pk == account_pk, audiences.c.id == audience_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no audience {audience_id!r}")
    return row


def _hold(connection: Connection, account_pk: int, audience_id: str) -> Row[Any]:
    """The row, which nobody else changes until this transaction ends."""
    mine = sa.select(audiences).where(audiences.c.account_pk == account_pk, audiences.c.id == audience_id)
    row = connection.execute(lock_row(connection, mine)).one_or_none()
    if row is None:
        raise NotFound(f"there is no audience {audience_id!r}")
    return row


_INSERT = sa.insert(audience_members)


def _insert(connection: Connection, audience_pk: int, contacts: Sequence[Contact], *, now: datetime) -> None:
    rows = [
        {
            "audience_pk": audience_pk,
            "id": new_object_id(),
            "phone": contact.phone,
            "data": contact.data,
            "created_at": now,
        }
        for contact in contacts
    ]
    connection.execute(_INSERT, rows)


def _some(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))


def _members(audience_pk: int) -> sa.Select[Any]:
    here = audience_members.c.audience_pk == audience_pk
    return sa.select(audience_members).where(here).order_by(audience_members.c.pk)


def _count(connection: Connection, audience_pk: int) -> int:
    here = audience_members.c.audience_pk == audience_pk
    return int(connection.execute(sa.select(sa.func.count()).select_from(audience_members).where(here)).scalar_one())


def _touch(connection: Connection, audience_pk: int, *, now: datetime) -> None:
    connection.execute(sa.update(audiences).where(audiences.c.pk == audience_pk).values(updated_at=now))


def _read(row: Row[Any], *, count: int, used_by: Sequence[AudienceCampaign]) -> Audience:
    return Audience(
        id=row.id,
        name=row.name,
        description=row.description,
        phone_column=row.phone_column,
        identifier_column=row.identifier_column,
        created_by=row.created_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
        member_count=count,
        campaigns=tuple(used_by),
    )


def _read_member(row: Row[Any]) -> Member:
    return Member(id=row.id, phone=row.phone, data=row.data)
