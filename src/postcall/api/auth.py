"""Which key a request carries, whom it stands for, and whether it may ask so often."""

from __future__ import annotations

import hmac
import logging
from concurrent.futures import Future
from datetime import datetime
from functools import partial

from fastapi import Request

from postcall.api.services import Services, services_of
from postcall.domain.keys import Principal, Scope
from postcall.errors import NotAllowed, NotAuthenticated, TooManyRequests
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.key_limits import count_request, seconds_left
from postcall.storage.keys import USED_TO, Holder, find_holder, note_use

log = logging.getLogger(__name__)

OWN_LIMIT = "key"


async def authenticate(
    request: Request, scope: Scope, *, also_in: str | None = None, narrow: bool = False, limit: int | None = None
) -> Principal:
    """The principal of the request's key, if it has this scope and has not asked too often.

    The record is asked each time: a key that was revoked opens nothing from that commit on. `also_in` is a header that
    may carry the key where the usual ones do not. `narrow`: the route keeps to the agents of a key that is for chosen
    ones (`Principal.may_see`); every other route refuses such keys. `limit`: how many requests a minute this interface
    takes from one key, besides the key's own limit. What is refused counts as well.
    """
    services = services_of(request)
    found = await _look_up(services, _secret(request, also_in))
    if found is not None:
        request.state.principal = found.principal  # also of a key that is over: who tries it is in the log
    principal = _let_in(services, found)
    await _check_limits(services, principal, limit)
    if principal.agents is not None and not narrow:
        raise NotAllowed("this key is for chosen agents, and this address is about the whole account; use another key")
    principal.require(scope)
    return principal


async def holder_of(services: Services, secret: str, scope: Scope) -> Principal:
    """Whoever holds this key, if it is good and not used too often, is for the whole account, and has this scope."""
    principal = _let_in(services, await _look_up(services, secret))
    await _check_limits(services, principal, None)
    if principal.agents is not None:
        raise NotAllowed("this key is for chosen agents; use one for the whole account")
    principal.require(scope)
    return principal


def _let_in(services: Services, found: Holder | None) -> Principal:
    """Whoever holds the key; NotAuthenticated where it is unknown, expired or revoked."""
    if found is None or not found.is_good:
        raise NotAuthenticated("this key is unknown, expired or revoked")
    _note_use(services, found.principal)
    return found.principal


async def _look_up(services: Services, secret: str) -> Holder | None:
    admin_key = services.settings.admin_key
    if admin_key is not None and hmac.compare_digest(secret.encode(), admin_key.encode()):
        account_pk = await services.record.read_briefly(lambda c: find_account(c, DEFAULT_ACCOUNT))
        principal = Principal(account=DEFAULT_ACCOUNT, account_pk=account_pk, scopes=frozenset({Scope.ADMIN}))
        return Holder(principal, is_good=True)
    now = services.clock()
    return await services.record.read_briefly(lambda c: find_holder(c, secret, now=now))


async def _check_limits(services: Services, principal: Principal, of_interface: int | None) -> None:
    """Raise TooManyRequests with the request after the last that is allowed in this minute; it counts as well."""
    if principal.key_pk is None:
        return
    for name, most in ((OWN_LIMIT, principal.per_minute), ("data", of_interface)):
        if most is None:
            continue
        now, key_pk = services.clock(), principal.key_pk
        used = await services.record.write_async(partial(count_request, key_pk=key_pk, limited=name, now=now))
        if used > most:
            raise TooManyRequests(most, retry_after_s=seconds_left(now))


_noted: dict[str, datetime] = {}
"""When the use of a key was last written down by this process, by the key's id: most requests write nothing."""
_MOST_NOTED = 10_000


def _note_use(services: Services, principal: Principal) -> None:
    """Written beside the request, which does not wait for it."""
    now, key_id, key_pk = services.clock(), principal.key_id, principal.key_pk
    if key_id is None or key_pk is None or now - _noted.get(key_id, now - USED_TO) < USED_TO:
        return
    if len(_noted) >= _MOST_NOTED:
        _noted.clear()
    _noted[key_id] = now
    services.record.submit(lambda c: note_use(c, key_pk, now=now)).add_done_callback(_tell_failure)


def _tell_failure(done: Future[None]) -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.warning("when a key was last used could not be written down: %s", error)


def _secret(request: Request, also_in: str | None) -> str:
    given = request.headers.get("x-api-key")
    if given:
        return given
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer" and token.strip():
        return token.strip()
    if also_in is not None and (given := request.headers.get(also_in)):
        return given
    raise NotAuthenticated("send an API key, as 'Authorization: Bearer KEY' or 'x-api-key: KEY'")
