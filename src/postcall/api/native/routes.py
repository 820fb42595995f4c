"""Every route of postcall's own interface."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from postcall.api.native import (
    agents,
    analyst,
    api_settings,
    audit,
    call_events,
    calls,
    dashboards,
    do_not_call,
    drafts,
    exports,
    index,
    keys,
    labels,
    learning,
    metrics,
    outbox,
    projects,
    queries,
    questions,
    real_time_configs,
    recordings,
    remarks,
    search,
    secrets,
    similar,
    versions,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    index.router,
    calls.router,
    call_events.router,
    agents.router,
    drafts.router,
    versions.router,
    projects.router,
    questions.router,
    labels.router,
    remarks.router,
    search.router,
    similar.router,
    learning.router,
    metrics.router,
    queries.router,
    analyst.router,
    dashboards.router,
    secrets.router,
    real_time_configs.router,
    outbox.router,
    recordings.router,
    recordings.signed,
    do_not_call.router,
    webhooks.router,
    exports.router,
    keys.router,
    api_settings.router,
    audit.router,
)


def add_native(app: FastAPI) -> None:
    """Serve the interface."""
    for router in ROUTERS:
        app.include_router(router)
