"""What no address may hold."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from postcall.api.atoms import errors as atoms
from postcall.api.polyai import errors as polyai
from postcall.api.polyai.data import errors as data
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
            await _refusal(scope["path"], refused)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _refusal(path: str, refused: BadInput) -> Response:
    """In the envelope of the interface that was asked."""
    if polyai.speaks_here(path):
        return polyai.refuse(refused)
    if data.speaks_data(path):
        return data.refuse(refused)
    if atoms.speaks_atoms(path):
        return atoms.refuse(refused)
    return json_reply(error_body(refused), status=refused.status)
