"""Which key a request carries, and whom it stands for."""

from __future__ import annotations

import hmac

from fastapi import Request

from postcall.api.services import Services, services_of
from postcall.domain.keys import Principal, Scope
from postcall.errors import NotAuthenticated
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account, who_holds


async def authenticate(request: Request, scope: Scope, *, also_in: str | None = None) -> Principal:
    """The principal of the request's key, if it has this scope.

    The record is asked each time: a key that was revoked opens nothing from that commit on. `also_in` is a header that
    may carry the key where the usual ones do not.
    """
    return await holder_of(services_of(request), _secret(request, also_in), scope)


async def holder_of(services: Services, secret: str, scope: Scope) -> Principal:
    """Whoever holds this key, if it is good and has this scope."""
    principal = await _principal(services, secret)
    if principal is None:
        raise NotAuthenticated("this key is unknown, expired or revoked")
    principal.require(scope)
    return principal


async def _principal(services: Services, secret: str) -> Principal | None:
    admin_key = services.settings.admin_key
    if admin_key is not None and hmac.compare_digest(secret.encode(), admin_key.encode()):
        account_pk = await services.record.read_briefly(lambda c: find_account(c, DEFAULT_ACCOUNT))
        return Principal(account=DEFAULT_ACCOUNT, account_pk=account_pk, scopes=frozenset({Scope.ADMIN}))
    now = services.clock()
    return await services.record.read_briefly(lambda c: who_holds(c, secret, now=now))


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
