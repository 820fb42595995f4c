"""Writes the log of who read and changed what, for every interface and page alike.

A change is in the log before its answer is sent. Reads, refusals and calls handed in are counted here and written down
a second later, a line for each minute, so that they cost a request nothing but the counting; a process that is killed
takes that second with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy.engine import Connection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from postcall.api.audit_entries import actor_of, entry_of, is_behind
from postcall.domain.audit import Actor, AuditEntry
from postcall.domain.keys import Principal
from postcall.domain.people import Person
from postcall.storage.audit import Counted, add_audit, add_counted
from postcall.storage.database import Record

log = logging.getLogger(__name__)

WRITTEN_AFTER = timedelta(seconds=1)
_MOST_WAITING = 5_000
"""Lines that are counted at once; with more they are written sooner."""
_Minute: TypeAlias = tuple[int, AuditEntry, datetime]
"""Whose account, what, and the beginning of the minute."""


@dataclass(slots=True)
class _Count:
    at: datetime
    times: int = 0


class AuditLog:
    """The log, as the application writes it; belongs to one event loop's thread."""

    def __init__(self, record: Record, clock: Callable[[], datetime]) -> None:
        self._record = record
        self._clock = clock
        self._waiting: dict[_Minute, _Count] = {}
        self._since: datetime | None = None
        self._under_way: asyncio.Future[list[int]] | None = None
        self._lines: dict[_Minute, int] = {}
        """The lines of the newest minutes, which more may be added to."""

    def count(self, account_pk: int, entry: AuditEntry) -> None:
        """To be written down soon."""
        now = self._clock()
        minute = (account_pk, entry, now.replace(second=0, microsecond=0))
        found = self._waiting.get(minute)
        if found is None:
            found = self._waiting[minute] = _Count(now)
        found.times += 1
        if self._since is None:
            self._since = now
            asyncio.get_running_loop().call_later(WRITTEN_AFTER.total_seconds(), self.write_waiting)
        elif len(self._waiting) >= _MOST_WAITING:
            self.write_waiting()

    async def write(self, account_pk: int, entry: AuditEntry) -> None:
        """Write it down now. What cannot be written is told to the operator's log: what was done is done."""
        now = self._clock()
        try:
            await self._record.write_async(lambda c: add_audit(c, account_pk, entry, now=now))
        except Exception:  # told to the operator, and the answer to what was done is sent all the same
            log.exception("%s by %s could not be written into the audit log", entry.request, entry.actor)

    def write_waiting(self) -> None:
        """Begin to write what is counted by now; one such write at a time, or two would add to the same lines."""
        if self._under_way is not None and not self._under_way.done():
            asyncio.get_running_loop().call_later(WRITTEN_AFTER.total_seconds(), self.write_waiting)
            return
        waiting, self._waiting, self._since = self._waiting, {}, None
        if not waiting:
            return
        newest = max(minute for _, _, minute in waiting)
        self._lines = {key: pk for key, pk in self._lines.items() if key[2] >= newest}
        lines = [
            Counted(account_pk, each.at, entry, each.times, self._lines.get((account_pk, entry, minute)))
            for (account_pk, entry, minute), each in waiting.items()
        ]

        def work(connection: Connection) -> list[int]:
            return add_counted(connection, lines)

        # Waited for on this loop: what comes of it is noted on the thread that reads these notes.
        self._under_way = asyncio.wrap_future(self._record.submit(work))
        self._under_way.add_done_callback(lambda done: self._written(list(waiting), done))

    async def close(self) -> None:
        """Write what is left."""
        while self._waiting or (self._under_way is not None and not self._under_way.done()):
            if self._under_way is not None:
                await asyncio.wait([self._under_way])
            self.write_waiting()

    def _written(self, minutes: list[_Minute], done: asyncio.Future[list[int]]) -> None:
        if done.cancelled() or (error := done.exception()) is not None:
            log.error("%s lines could not be written into the audit log: %s", len(minutes), done.cancelled() or error)
            return
        self._lines.update(zip(minutes, done.result(), strict=True))


class Audit:
    """Puts each request whose sender is known into the log, `app.state.audit`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on; look at the answer's first line as it goes out."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        noted = False

        async def send_noted(message: Message) -> None:
            nonlocal noted
            if message["type"] == "http.response.start" and not noted:
                noted = True
                await _note(scope, message["status"])
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception:  # its 500 is written outside of here, and what it did before it failed may have been done
            if not noted:
                await _note(scope, 500)
            raise


async def _note(scope: Scope, status: int) -> None:
    state: dict[str, Any] = scope.get("state") or {}
    principal: Principal | None = state.get("principal")
    person: Person | None = state.get("person")
    actor, holder = actor_of(principal, person), principal or person
    template = _template(scope)
    if actor is None or holder is None or template is None:
        return
    entry = _entry(scope, actor, template, status)
    if entry is None:
        return
    audit: AuditLog = scope["app"].state.audit
    if is_behind(scope["method"], template, entry.action):
        audit.count(holder.account_pk, entry)
    else:
        await audit.write(holder.account_pk, entry)


def _entry(scope: Scope, actor: Actor, template: str, status: int) -> AuditEntry | None:
    parameters = scope.get("path_params", {})
    return entry_of(actor, scope["method"], template, parameters, status, query=scope.get("query_string", b""))


def _template(scope: Scope) -> str | None:
    """The route's whole path; a router that was included knows only its own part of it."""
    whole = getattr(scope.get("fastapi", {}).get("effective_route_context"), "path_format", None)
    return whole or getattr(scope.get("route"), "path_format", None)
