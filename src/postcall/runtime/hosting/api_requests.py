"""`conv.api`: requests to the servers that a project names, with credentials that its functions never see."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from postcall.domain.calls import Environment, Json
from postcall.runtime.projects.model import ApiIntegration
from postcall.runtime.protocol import Answered, Ask

TIMEOUT_S = 10.0
"""Between two bytes."""
WHOLE_S = 30.0
MAX_BYTES = 10 * 1024 * 1024
"""Of a reply; what is longer is refused rather than cut."""

_KEYS = {
    Environment.LIVE: ("live",),
    Environment.PRE_RELEASE: ("pre_release", "pre-release"),
    Environment.SANDBOX: ("sandbox",),
}


class Refused(Exception):
    """The request cannot be made; the name of the exception that the function sees, and what it says."""

    def __init__(self, error: str, message: str) -> None:
        super().__init__(message)
        self.error = error
        self.message = message


class ApiRequests:
    """The integrations of one project, in one environment.

    Credentials are the secret named `api.NAME` (NAME is the integration's): `username` and `password` for basic,
    `header` (default `X-API-Key`) and `key` for apiKey, `token_url`, `client_id`, `client_secret` and perhaps `scope`
    for OAuth 2 client credentials, `token` where a token is there already.
    """

    def __init__(
        self, integrations: Mapping[str, ApiIntegration], environment: Environment, client: httpx.AsyncClient
    ) -> None:
        self._integrations = integrations
        self._environment = environment
        self._client = client

    async def request(self, ask: Ask, *, secrets: Mapping[str, Json]) -> Answered:
        """What the server replied, whatever its status: status, headers, body, url, seconds."""
        try:
            async with asyncio.timeout(WHOLE_S):
                return Answered(ask.ask, value=await self._request(ask.arguments, secrets))
        except Refused as refused:
            return Answered(ask.ask, error=refused.error, error_arguments=(refused.message,))
        except (httpx.TimeoutException, TimeoutError) as error:
            return Answered(ask.ask, error="Timeout", error_arguments=(str(error) or "the server did not answer",))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return Answered(ask.ask, error="ConnectionError", error_arguments=(str(error) or type(error).__name__,))

    async def _request(self, wanted: Mapping[str, Any], secrets: Mapping[str, Json]) -> dict[str, Any]:
        integration, operation = self._find(str(wanted.get("integration")), str(wanted.get("operation")))
        target = self._target(integration)
        headers = {str(name): str(value) for name, value in (wanted.get("headers") or {}).items()}
        own = await self._credentials(integration, target.get("auth_type", "none"), secrets)
        names = {name.casefold() for name in own}
        headers = {name: value for name, value in headers.items() if name.casefold() not in names} | own
        path = _fill(operation.get("resource", ""), list(wanted.get("path") or ()))
        async with self._client.stream(
            operation.get("method", "GET").upper(),
            target["base_url"].rstrip("/") + "/" + path.lstrip("/"),
            params=wanted.get("params"),
            json=wanted.get("json"),
            **_content(wanted.get("data")),
            headers=headers,
            timeout=_timeout(wanted.get("timeout")),
        ) as reply:
            body = b""
            async for chunk in reply.aiter_bytes():
                body += chunk
                if len(body) > MAX_BYTES:
                    raise Refused(
                        "ConnectionError", f"the reply of {integration.name} is longer than {MAX_BYTES:,} bytes"
                    )
            return {
                "status": reply.status_code,
                "headers": dict(reply.headers),
                "body": body,
                "url": str(reply.url),
                "seconds": reply.elapsed.total_seconds() if reply.is_closed else 0.0,
            }

    def _find(self, name: str, operation: str) -> tuple[ApiIntegration, dict[str, str]]:
        integration = self._integrations.get(name)
        if integration is None:
            raise Refused("AttributeError", f"there is no integration {name!r}")
        if operation not in integration.operations:
            raise Refused("AttributeError", f"integration {name!r} has no operation {operation!r}")
        return integration, integration.operations[operation]

    def _target(self, integration: ApiIntegration) -> dict[str, str]:
        for key in _KEYS[self._environment]:
            target = integration.environments.get(key)
            if target and target.get("base_url"):
                return target
        raise Refused("ConnectionError", f"integration {integration.name!r} has no address for {self._environment}")

    async def _credentials(
        self, integration: ApiIntegration, auth_type: str, secrets: Mapping[str, Json]
    ) -> dict[str, str]:
        if auth_type in {"", "none"}:
            return {}
        secret = secrets.get(f"api.{integration.name}")
        if not isinstance(secret, dict):
            raise Refused("SecretNotFound", f"api.{integration.name}")
        given = {name: str(value) for name, value in secret.items()}
        if auth_type == "basic":
            pair = f"{given.get('username', '')}:{given.get('password', '')}"
            return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        if auth_type == "apiKey":
            return {given.get("header", "X-API-Key"): given.get("key", "")}
        if auth_type in {"oauth2", "oauth2_client_credentials"}:
            token = given.get("token") or await self._token(integration, given)
            return {"Authorization": f"Bearer {token}"}
        raise Refused(
            "NotImplementedError", f"authentication {auth_type!r} of {integration.name!r} is not offered here"
        )

    async def _token(self, integration: ApiIntegration, given: Mapping[str, str]) -> str:
        if not given.get("token_url"):
            raise Refused("InvalidInput", f"the secret api.{integration.name} has neither token nor token_url")
        form = {"grant_type": "client_credentials"}
        form |= {name: given[name] for name in ("client_id", "client_secret", "scope") if name in given}
        reply = await self._client.post(given["token_url"], data=form, timeout=TIMEOUT_S)
        token = _token_in(reply)
        if token is None:
            raise Refused(
                "ConnectionError", f"no token for {integration.name}: its server answered {reply.status_code}"
            )
        return token


def _token_in(reply: httpx.Response) -> str | None:
    try:
        found = reply.json() if reply.is_success else {}
    except ValueError:
        return None
    token = found.get("access_token") if isinstance(found, dict) else None
    return token if isinstance(token, str) else None


def _fill(resource: str, values: list[object]) -> str:
    """The path with its `{parts}` filled in, in their order."""
    filled, rest = "", resource
    for value in values:
        before, brace, behind = rest.partition("{")
        if not brace:
            break
        if str(value) in {".", ".."}:  # clients and servers take these for the way up, out of the resource
            raise Refused("InvalidInput", f"{value!r} cannot stand in a path")
        filled += before + quote(str(value), safe="")
        rest = behind.partition("}")[2]
    return filled + rest


def _content(data: object) -> dict[str, Any]:
    """A dictionary is a form, as `requests` has it; anything else is the body itself."""
    if isinstance(data, Mapping):
        return {"data": dict(data)}
    return {"content": data if data is None or isinstance(data, bytes | str) else str(data)}


def _timeout(wanted: object) -> float:
    if isinstance(wanted, int | float) and not isinstance(wanted, bool) and 0 < wanted < TIMEOUT_S:
        return float(wanted)
    return TIMEOUT_S
