"""Where everything is."""

from __future__ import annotations

from fastapi import APIRouter, Response

from postcall import __version__
from postcall.api.replies import json_reply

router = APIRouter(prefix="/postcall", tags=["index"])


@router.get("")
@router.get("/v1")
@router.get("/v1/", include_in_schema=False)
async def get_index() -> Response:
    """What is here; needs no key."""
    return json_reply(
        {
            "name": "postcall",
            "version": __version__,
            "calls": "/postcall/v1/calls",
            "agents": "/postcall/v1/agents",
            "openapi": "/postcall/v1/openapi.json",
            "key": "send 'Authorization: Bearer KEY' or 'x-api-key: KEY'",
        }
    )
