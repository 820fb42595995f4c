"""Every route of the Agent Studio interface."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from postcall.api.polyai import (
    chat,
    cli_chat,
    concurrency,
    conversation_detail,
    conversations,
    custom_metrics,
    debug_chat,
    elsewhere,
    external_events,
    handoff_state,
    outbound_calling,
    outbound_calls,
    webhook_endpoints,
)
from postcall.api.polyai.annotations import router as annotated
from postcall.api.polyai.data.routes import router as data_api

_OF_VERSIONS: tuple[tuple[APIRouter, tuple[str, ...]], ...] = (
    (chat.router, chat.VERSIONS),
    (conversations.router, conversations.VERSIONS),
)
"""The same under several prefixes."""
_FIRST: tuple[APIRouter, ...] = (conversation_detail.router, annotated)
"""Before the lists, whose addresses begin with an account: `agents` is none."""
_OTHERS: tuple[APIRouter, ...] = (
    debug_chat.router,
    cli_chat.router,
    webhook_endpoints.router,
    handoff_state.router,
    outbound_calls.router,
    outbound_calling.router,
    external_events.router,
    concurrency.router,
    custom_metrics.router,
    elsewhere.router,
    data_api,
)
"""In the order in which addresses are looked up: what is not offered comes behind what is."""


def add_polyai(app: FastAPI) -> None:
    """Serve the interface."""
    for router in _FIRST:
        app.include_router(router)
    for router, versions in _OF_VERSIONS:
        for version in versions:
            app.include_router(router, prefix=f"/{version}")
    for router in _OTHERS:
        app.include_router(router)
