"""A site under test: a record with calls, the application over it, and for browsers a real server with a worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.aside import run_aside
from tests.builders import Desk
from tests.quick_server import serve

from postcall.api.services import Services
from postcall.app import create_app
from postcall.configure.passwords import Passwords
from postcall.extraction.analysers import AgentAnalyser, make_analyser
from postcall.extraction.job import ExtractCall
from postcall.jobs.backoff import Backoff
from postcall.jobs.worker import Worker
from postcall.settings import ModelSettings, Settings
from postcall.storage.database import Record
from postcall.testing import ScriptedModel

KEY = "sk-never-to-be-shown-0123456789"
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
"""Keeps and checks passwords in a millisecond; what that costs an application is tried in test_signing_in."""


@dataclass
class Site:
    """The application over a desk's record."""

    desk: Desk
    app: FastAPI
    settings: Settings

    def __post_init__(self) -> None:
        """Passwords are checked at once: each takes an application a fifth of a second, on purpose."""
        self.app.state.passwords = QUICK

    def client(self, host: str = "127.0.0.1:8000", peer: str = "127.0.0.1") -> TestClient:
        """A client on this machine, unless told otherwise."""
        return TestClient(self.app, base_url=f"http://{host}", client=(peer, 50_000), follow_redirects=False)

    def get(self, path: str) -> str:
        """The page at this address, which must be there."""
        reply = self.client().get(path, headers={"accept": "text/html"})
        assert reply.status_code == 200, reply.text
        return reply.text


def make_site(desk: Desk, folder: Path, model: ScriptedModel | None = None) -> Site:
    """The application; without a model the built-in analyser answers."""
    asked = ModelSettings(base_url=model.url, model="tiny-model", api_key=KEY, timeout_s=5.0) if model else None
    settings = Settings(data=folder, database_url="", admin_key=None, model=asked)
    services = Services(record=desk.record, settings=settings, clock=desk.clock)
    return Site(desk, create_app(services, make_analyser(settings)), settings)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application on a port of 127.0.0.1; yields its address."""
    with serve(app, lifespan="off") as address:
        yield address


@contextmanager
def working(desk: Desk, settings: Settings, backoff: Backoff | None = None) -> Iterator[None]:
    """The real worker, on a thread of its own."""
    made = threading.Event()
    workers: list[Worker] = []

    async def run() -> None:
        analyser = make_analyser(settings)
        workers.append(_worker(desk.record, analyser, desk, backoff))
        made.set()
        try:
            await workers[0].run()
        finally:
            await analyser.close()

    thread = threading.Thread(target=lambda: run_aside(run()), daemon=True)
    thread.start()
    assert made.wait(10)
    try:
        yield
    finally:
        workers[0].stop()
        thread.join(timeout=10)


def _worker(record: Record, analyser: AgentAnalyser, desk: Desk, backoff: Backoff | None) -> Worker:
    handler = ExtractCall(record, analyser, clock=desk.clock)
    return Worker(record, [handler], clock=desk.clock, random=Random(1), backoff=backoff)
