"""Addresses below those of this interface that lead nowhere, and methods that nothing there takes."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from postcall.api.any_text import take_any_text
from postcall.api.polyai.chat import METHODS, VERSIONS
from postcall.api.polyai.errors import MethodNotAllowed, in_envelope
from postcall.errors import NotFound

take_any_text()
router = APIRouter(include_in_schema=False)
"""Included behind the others: it answers for whatever they did not take."""

_EVERY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@in_envelope
async def chat_elsewhere(request: Request, rest: str = "") -> Response:
    """Below /v1/{account}/{project}/chat."""
    if rest in METHODS:
        raise MethodNotAllowed(request.method, METHODS[rest])
    raise NotFound(f"there is nothing at {request.url.path}; there are {', '.join(METHODS)}")


@in_envelope
async def posted_elsewhere(request: Request, rest: str = "") -> Response:
    """Below the addresses of debug chat and of the command line's chat, where everything is posted."""
    what = request.url.path
    ends = rest.endswith("/end") and what.startswith("/adk/")
    if rest.count("/") == ends and request.method != "POST":
        raise MethodNotAllowed(request.method, "POST")
    raise NotFound(f"there is nothing at {what}")


for _version in VERSIONS:
    for _rest in ("", "/{rest:text}"):
        router.add_api_route(f"/{_version}/{{account_id}}/{{project_id}}/chat{_rest}", chat_elsewhere, methods=_EVERY)
_PROJECT = "/adk/v1/accounts/{account_id}/projects/{project_id}"
for _base in ("/v1/agents/{agent_id}/debug-chat", f"{_PROJECT}/chat", f"{_PROJECT}/draft/chat"):
    for _rest in ("", "/{rest:text}"):
        router.add_api_route(_base + _rest, posted_elsewhere, methods=_EVERY)
