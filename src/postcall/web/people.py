"""The person behind a page's request."""

from __future__ import annotations

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.services import services_of
from postcall.domain.people import Person, Role
from postcall.errors import SignInNeeded
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.sessions import extend_session, find_session
from postcall.web.session_cookie import token_of


def person_of(request: Request) -> Person:
    """Who asks for this page; `check_access` has found out. Raises SignInNeeded where it met nobody it knows."""
    person = known_person(request)
    if person is None:
        raise SignInNeeded()
    return person


def known_person(request: Request) -> Person | None:
    """The same; None for a stranger, and where nobody has looked yet."""
    person: Person | None = getattr(request.state, "person", None)
    return person


async def meet(request: Request, *, is_at_machine: bool, token: str | None = None) -> Person | None:
    """Find out who asks, for `person_of`: whoever has signed in, else whoever sits at the machine, else nobody.

    `token` is that of a session which has only just begun, so that the request does not carry it yet.
    """
    known = await _signed_in(request, token or token_of(request))
    request.state.person = known or (await _at_machine(request) if is_at_machine else None)
    return known_person(request)


async def _signed_in(request: Request, token: str | None) -> Person | None:
    """The record is asked each time: a user who was removed sees nothing from that commit on."""
    if token is None:
        return None
    services = services_of(request)
    now = services.clock()
    session = await services.record.read_briefly(lambda c: find_session(c, token, now=now))
    if session is None:
        return None
    if session.is_to_be_extended(now):
        await services.record.write_async(lambda c: extend_session(c, token, now=now))
    return session.person


async def _at_machine(request: Request) -> Person:
    def look(connection: Connection) -> Person:
        pk = find_account(connection, DEFAULT_ACCOUNT)
        return Person(account_pk=pk, account=DEFAULT_ACCOUNT, name=None, email=None, role=Role.ADMIN)

    return await services_of(request).record.read_briefly(look)
