"""Every route of this interface, under both of its prefixes."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from postcall.api.atoms import (
    account,
    agents,
    audiences,
    branch_drafts,
    branches,
    call_actions,
    calls,
    campaign_exports,
    campaigns,
    chats,
    concurrency,
    dnc,
    drafts,
    live_events,
    numbers,
    outbound,
    post_call,
    prompt_scoring,
    revisions,
    sockets,
    test_calls,
    versions,
    webhooks,
    workflows,
)
from postcall.api.atoms.analytics import router as analytics
from postcall.api.atoms.analytics_call_routes import router as analytics_calls
from postcall.api.atoms.elsewhere import payments
from postcall.api.atoms.elsewhere import router as not_offered
from postcall.api.atoms.errors import PREFIXES

ROUTERS: tuple[APIRouter, ...] = (
    account.router,
    audiences.router,
    concurrency.router,
    dnc.router,
    numbers.router,
    agents.router,
    workflows.router,
    post_call.router,
    prompt_scoring.router,
    campaigns.router,
    campaign_exports.router,
    outbound.router,
    calls.router,
    live_events.router,
    chats.router,
    sockets.router,
    drafts.router,
    versions.router,
    branches.router,
    branch_drafts.router,
    revisions.router,
    test_calls.router,
    webhooks.router,
    call_actions.router,
    analytics,
    analytics_calls,
)
"""In the order in which addresses are looked up: `/agent/template` before `/agent/{id}`."""


def add_atoms(app: FastAPI) -> None:
    """Serve the interface."""
    for prefix in PREFIXES:
        for router in (*ROUTERS, not_offered):
            app.include_router(router, prefix=prefix, include_in_schema=False)
    app.include_router(payments, include_in_schema=False)
