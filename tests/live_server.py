"""A real server in this process, on a thread of its own, to be spoken to over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from tests.builders import Desk, StepClock
from tests.quick_server import serve

from postcall.api.services import Services
from postcall.app import create_app
from postcall.domain.keys import Scope
from postcall.extraction.analysers import make_analyser
from postcall.settings import ModelSettings, Settings
from postcall.storage.database import open_record
from postcall.working import WorkerThread

API = "/postcall/v1"
_PATIENCE_S = 20.0


def real_time() -> datetime:
    """The clock of tests that have to wait."""
    return datetime.now(UTC)


@dataclass
class LiveServer:
    """Where it listens, and a way past it to the record."""

    address: str
    services: Services
    desk: Desk
    http: httpx.Client
    """Carries an admin key, and speaks relative to /postcall/v1."""
    app: FastAPI

    def client(self, secret: str | None) -> httpx.Client:
        """A client with another key, or none."""
        headers = {"Authorization": f"Bearer {secret}"} if secret is not None else {}
        return httpx.Client(base_url=self.address + API, headers=headers, timeout=30, verify=False)

    def holder_of(self, *scopes: Scope, account: str = "default") -> httpx.Client:
        """A client whose key has these scopes."""
        desk = Desk(self.services.record, self.desk.clock, account=account)
        return self.client(desk.key(*scopes).secret)

    def post(self, body: dict[str, Any], path: str = "/calls", **more: Any) -> httpx.Response:
        """Send JSON."""
        return self.http.post(path, json=body, **more)

    def call(self, call_id: str = "call-1") -> dict[str, Any]:
        """A call as the API shows it."""
        reply = self.http.get(f"/calls/{call_id}")
        assert reply.status_code == 200, reply.text
        shown: dict[str, Any] = reply.json()
        return shown

    def wait_for(self, done: Callable[[dict[str, Any]], bool], call_id: str = "call-1") -> dict[str, Any]:
        """The call, once something holds of it."""
        found: dict[str, Any] = wait_until(
            lambda: (shown := self.call(call_id)) and done(shown) and shown, what=lambda: self.call(call_id)
        )
        return found

    def answered(self, call_id: str = "call-1") -> dict[str, Any]:
        """The call, once its extraction has ended."""
        return self.wait_for(lambda call: call["extraction"]["status"] in {"finished", "failed"}, call_id)


def wait_until(look: Callable[[], Any], *, what: Callable[[], object], patience_s: float = _PATIENCE_S) -> Any:
    """What `look` returns once it is true; `what` says how things stand where that never happens."""
    end = time.monotonic() + patience_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"it did not happen within {patience_s:g} s: {what()}")
        time.sleep(0.02)


@contextmanager
def run_server(
    database_url: str,
    data: Path,
    *,
    clock: StepClock,
    model: ModelSettings | None = None,
    worker: bool = False,
    admin_key: str | None = None,
    **changes: Any,
) -> Iterator[LiveServer]:
    """Serve a record until the block ends. With a worker time is real, since that has to wait."""
    settings = Settings(data=data, database_url=database_url, admin_key=admin_key, model=model, **changes)
    record = open_record(database_url)
    services = Services(record=record, settings=settings, clock=real_time if worker else clock)
    desk = Desk(record, clock)
    app = create_app(services, make_analyser(settings))
    working = WorkerThread(services) if worker else None
    secret = desk.key(Scope.ADMIN).secret
    headers = {"Authorization": f"Bearer {secret}"}
    try:
        with serve(app, lifespan="on") as address:
            if working is not None:
                working.start()
            try:
                with httpx.Client(base_url=address + API, headers=headers, timeout=30, verify=False) as http:
                    yield LiveServer(address, services, desk, http, app)
            finally:
                if working is not None:
                    working.stop()
    finally:
        record.close()
