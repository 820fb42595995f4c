"""What no address may hold."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from postcall.api.polyai.errors import refuse, speaks_here
from postcall.api.replies import error_body, json_reply
from postcall.errors import BadInput


class RefuseNullBytes:
    """Answers 400 to an address with a null byte: nothing has such a name, and PostgreSQL cannot even be asked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything else on."""
        if scope["type"] == "http" and ("\x00" in scope["path"] or b"%00" in scope["query_string"]):
            refused = BadInput("the address holds a null byte", field="address")
            known_to_chat = speaks_here(scope["path"])
            reply = refuse(refused) if known_to_chat else json_reply(error_body(refused), status=refused.status)
            await reply(scope, receive, send)
        else:
            await self._app(scope, receive, send)
