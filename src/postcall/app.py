"""The web application: every interface and the pages, over one record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from postcall import __version__
from postcall.api.addresses import RefuseNullBytes
from postcall.api.atoms.addresses import PlainAddresses
from postcall.api.atoms.errors import as_asked
from postcall.api.atoms.routes import add_atoms
from postcall.api.auditing import Audit, AuditLog
from postcall.api.native import (
    agents,
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
from postcall.api.polyai import (
    annotations,
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
from postcall.api.polyai.data.routes import router as data_api
from postcall.api.polyai.errors import as_spoken_here
from postcall.api.replies import show_bad_parameters, show_error, show_http_error
from postcall.errors import PostcallError
from postcall.extraction.analysers import Analyser
from postcall.hosts import open_hosting
from postcall.reporting.opening import open_reports
from postcall.reporting.reports import Reports
from postcall.services import Services
from postcall.web import add_pages


@asynccontextmanager
async def _close_hosting(app: FastAPI) -> AsyncIterator[None]:
    """End the conversations' processes with the application, on the event loop that they belong to."""
    yield
    await app.state.audit.close()
    if app.state.hosting is not None:
        await app.state.hosting.close()


def create_app(services: Services, analyser: Analyser, reports: Reports | None = None) -> FastAPI:
    """The application; `analyser` is what the pages ask when somebody tries questions on a transcript.

    Without `reports` it opens its own with the first question; a server brings some that follow the record.
    """
    app = FastAPI(
        title="postcall",
        version=__version__,
        description="Post-call reporting for voice agents.",
        docs_url=None,  # its page would fetch scripts from another host
        redoc_url=None,
        openapi_url="/postcall/v1/openapi.json",
        lifespan=_close_hosting,
    )
    app.state.services = services
    app.state.analyser = analyser
    app.state.hosting = None
    app.state.watch = None
    app.state.open_hosting = lambda: open_hosting(services)
    app.state.reports = reports or open_reports(services.record, services.settings, clock=services.clock)
    app.state.audit = AuditLog(services.record, services.clock)
    app.add_middleware(Audit)
    app.add_middleware(PlainAddresses)
    app.add_middleware(RefuseNullBytes)
    app.add_exception_handler(PostcallError, show_error)
    app.add_exception_handler(HTTPException, as_spoken_here(as_asked(show_http_error)))
    app.add_exception_handler(RequestValidationError, as_spoken_here(as_asked(show_bad_parameters)))
    app.include_router(index.router)
    app.include_router(calls.router)
    app.include_router(call_events.router)
    app.include_router(agents.router)
    app.include_router(drafts.router)
    app.include_router(versions.router)
    app.include_router(projects.router)
    app.include_router(questions.router)
    app.include_router(labels.router)
    app.include_router(remarks.router)
    app.include_router(search.router)
    app.include_router(similar.router)
    app.include_router(learning.router)
    app.include_router(metrics.router)
    app.include_router(queries.router)
    app.include_router(dashboards.router)
    app.include_router(secrets.router)
    app.include_router(real_time_configs.router)
    app.include_router(outbox.router)
    app.include_router(recordings.router)
    app.include_router(recordings.signed)
    app.include_router(do_not_call.router)
    app.include_router(webhooks.router)
    app.include_router(exports.router)
    app.include_router(keys.router)
    app.include_router(api_settings.router)
    app.include_router(audit.router)
    for version in chat.VERSIONS:
        app.include_router(chat.router, prefix=f"/{version}")
    app.include_router(conversation_detail.router)  # before the lists: `agents` is no account
    app.include_router(annotations.router)
    for version in conversations.VERSIONS:
        app.include_router(conversations.router, prefix=f"/{version}")
    app.include_router(debug_chat.router)
    app.include_router(cli_chat.router)
    app.include_router(webhook_endpoints.router)
    app.include_router(handoff_state.router)
    app.include_router(outbound_calls.router)
    app.include_router(outbound_calling.router)
    app.include_router(external_events.router)
    app.include_router(concurrency.router)
    app.include_router(custom_metrics.router)
    app.include_router(elsewhere.router)
    app.include_router(data_api)  # before the other interface that has its prefix
    add_atoms(app)
    add_pages(app)
    return app
