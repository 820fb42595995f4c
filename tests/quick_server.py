"""The web server as tests run it: it ends as soon as it is told to."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from fastapi import FastAPI

_PATIENCE_S = 2.0
"""For requests that are still answered, as long as a test that forgot to end them should take."""


class QuickServer(uvicorn.Server):
    """uvicorn's own looks ten times a second whether it is to end, and then waits as long for nothing in particular:
    with a server in every other test, minutes.
    """

    async def main_loop(self) -> None:
        """Until `stop`; the date in replies is of the second."""
        self._loop = asyncio.get_running_loop()
        self._told = asyncio.Event()
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 1.0)

    def stop(self) -> None:
        """End it; from any thread."""
        self.should_exit = True
        if hasattr(self, "_told"):
            self._loop.call_soon_threadsafe(self._told.set)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, without its pauses: no new connections, those in use end, the application closes."""
        for server in self.servers:
            server.close()
        for listening in sockets or []:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        end = self._loop.time() + _PATIENCE_S
        while (self.server_state.connections or self.server_state.tasks) and self._loop.time() < end:
            await asyncio.sleep(0.002)
        for task in self.server_state.tasks:
            task.cancel()
        await self.lifespan.shutdown()


@contextmanager
def serve(app: FastAPI, **config: Any) -> Iterator[str]:
    """The application on a port of 127.0.0.1 until the block ends; yields its address."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    server = QuickServer(uvicorn.Config(app, log_level="warning", access_log=False, **config))
    thread = threading.Thread(target=lambda: server.run(sockets=[listener]), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.stop()
        thread.join(10)
