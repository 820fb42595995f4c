"""The forms in which clients write the addresses of this interface."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from postcall.api.atoms.errors import speaks_atoms

_SLASHES = re.compile(r"/{2,}")


class PlainAddresses:
    """Answers `//conversation` and `/conversation/` as `/conversation`.

    Clients whose base address ends with a slash double it, and a redirect would turn their POST into a GET.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, plainly written."""
        if scope["type"] in {"http", "websocket"}:
            path = _SLASHES.sub("/", scope["path"])
            if speaks_atoms(path):
                scope = {**scope, "path": path.rstrip("/"), "raw_path": path.rstrip("/").encode()}
        await self._app(scope, receive, send)
