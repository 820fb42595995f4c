"""A running server with the calls of the Data API's tests, and ways to ask it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
from tests.builders import Desk
from tests.live_server import LiveServer

from postcall.domain.keys import Scope
from postcall.storage.keys import create_key


@dataclass(frozen=True)
class World:
    """The server, and clients of its Data API."""

    server: LiveServer

    def client(self, *scopes: Scope, account: str = "default", agents: tuple[str, ...] | None = None) -> httpx.Client:
        """A client with a new key of these scopes, for all agents or for chosen ones."""
        desk = Desk(self.server.services.record, self.server.desk.clock, account=account)
        made = desk.record.write(
            lambda c: create_key(
                c, account, name="data", scopes=frozenset(scopes), expires_at=None, now=desk.clock(), agents=agents
            )
        )
        return self.with_secret(made.secret)

    def with_secret(self, secret: str | None) -> httpx.Client:
        """A client with this key, or none."""
        headers = {} if secret is None else {"X-API-KEY": secret}
        return httpx.Client(base_url=f"{self.server.address}/api/v1", headers=headers, timeout=30, verify=False)

    def query(self, **query: Any) -> list[list[Any]]:
        """The rows of the native query."""
        reply = self.server.post(query, "/query")
        assert reply.status_code == 200, reply.text
        rows: list[list[Any]] = reply.json()["rows"]
        return rows


def told(reply: httpx.Response, status: int = 400) -> str:
    """What a refusal says."""
    assert reply.status_code == status, reply.text
    assert list(reply.json()) == ["detail"]
    assert reply.headers["x-polyai-correlation-id"]
    detail = reply.json()["detail"]
    if status != 422:
        assert isinstance(detail, str)
        return detail
    [wrong] = detail
    assert set(wrong) == {"loc", "msg", "type"}
    return f"{wrong['loc']} {wrong['msg']}"


def found(reply: httpx.Response) -> Any:
    """What a reply holds."""
    assert reply.status_code == 200, reply.text
    return reply.json()
