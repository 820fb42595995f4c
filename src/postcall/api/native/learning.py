"""What an agent has learned from its past calls."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from postcall.api.auth import authenticate
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.domain.keys import Scope
from postcall.extraction.learning.status import read_learning_status, status_json

router = APIRouter(prefix="/postcall/v1/agents", tags=["agents"])


@router.get("/{agent}/learning")
async def get_learning(request: Request, agent: str) -> Response:
    """For each question of the active version: the head's card, who answered, and how far heads and model agree."""
    principal = await authenticate(request, Scope.READ)
    services = services_of(request)
    has_model = services.settings.model is not None
    status = await services.record.read_async(
        lambda c: read_learning_status(c, principal.account_pk, agent, has_model=has_model)
    )
    return json_reply(status_json(status))
