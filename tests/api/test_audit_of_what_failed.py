"""What fell over on our side may have been done before it did, and so it is in the log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from tests.aside import run_aside
from tests.builders import Desk

from postcall.api.auditing import Audit, AuditLog
from postcall.domain.audit import Action, AuditEvent
from postcall.domain.keys import Scope
from postcall.storage.audit import AuditFilter, list_audit
from postcall.storage.keys import who_holds


def an_app(desk: Desk) -> FastAPI:
    """Two routes that fail: before their answer has begun, and after."""
    app = FastAPI()
    app.state.audit = AuditLog(desk.record, desk.clock)
    app.add_middleware(Audit)
    secret = desk.key(Scope.ADMIN).secret
    holder = desk.record.read(lambda c: who_holds(c, secret, now=desk.clock()))

    @app.post("/things/{thing_id}")
    async def fail(request: Request, thing_id: str) -> None:
        request.state.principal = holder
        raise RuntimeError(thing_id)

    @app.delete("/things/{thing_id}")
    async def break_off(request: Request) -> StreamingResponse:
        request.state.principal = holder

        async def tell() -> AsyncIterator[bytes]:
            yield b"so far"
            raise RuntimeError

        return StreamingResponse(tell())

    return app


@pytest.mark.parametrize(("method", "status"), [("POST", 500), ("DELETE", 200)])
def test_a_change_that_fell_over_is_in_the_log_once(desk: Desk, method: str, status: int) -> None:
    app = an_app(desk)

    async def ask() -> None:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://postcall") as client:
            await client.request(method, "/things/1")

    run_aside(ask())
    found: tuple[AuditEvent, ...] = desk.record.read(lambda c: list_audit(c, desk.pk, AuditFilter())).events
    [(action, subject, told)] = [(each.entry.action, each.entry.subject, each.entry.status) for each in found]
    assert (action, subject, told) == (Action.CHANGED, "1", status)
