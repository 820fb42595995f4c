"""Every route of the Data API, below /api/v1 beside another interface's, which takes what none of them is."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from postcall.api.polyai.data import aggregate, conversations, metrics, transcripts
from postcall.api.polyai.data.errors import in_detail
from postcall.api.polyai.errors import MethodNotAllowed

PREFIX = "/api/v1"
_METHODS = {
    "/metrics": "GET",
    "/metrics/aggregate": "POST",
    "/conversations/search": "POST",
    "/transcripts/search": "GET",
    "/transcripts/conversation/{conversation_id}": "GET",
}
_EVERY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

router = APIRouter(prefix=PREFIX, include_in_schema=False)
for _part in (metrics, aggregate, conversations, transcripts):
    router.include_router(_part.router)


@in_detail
async def other_method(request: Request) -> Response:
    """A method that nothing at this address takes."""
    path = request.url.path.removeprefix(PREFIX)
    raise MethodNotAllowed(request.method, _METHODS.get(path, "GET"))


for _path in _METHODS:
    router.add_api_route(_path, other_method, methods=_EVERY)
