"""The web application: every interface and the pages, over one record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from postcall import __version__
from postcall.analyst.places import Places
from postcall.api.addresses import RefuseNullBytes
from postcall.api.atoms.addresses import PlainAddresses
from postcall.api.atoms.errors import as_asked
from postcall.api.atoms.routes import add_atoms
from postcall.api.auditing import Audit, AuditLog
from postcall.api.native.routes import add_native
from postcall.api.polyai.errors import as_spoken_here
from postcall.api.polyai.routes import add_polyai
from postcall.api.replies import show_bad_parameters, show_error, show_http_error
from postcall.errors import PostcallError
from postcall.extraction.analysers import Analyser
from postcall.hosts import open_hosting
from postcall.reporting.opening import open_reports
from postcall.reporting.reports import Reports
from postcall.services import Services
from postcall.web import add_pages, prepare_pages


@asynccontextmanager
async def _close_hosting(app: FastAPI) -> AsyncIterator[None]:
    """End questions and the conversations' processes with the application, on the event loop that they belong to."""
    yield
    await app.state.askings.close()
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
    app.state.analyst = None
    app.state.analyst_places = Places()
    app.state.open_hosting = lambda: open_hosting(services)
    app.state.reports = reports or open_reports(services.record, services.settings, clock=services.clock)
    app.state.audit = AuditLog(services.record, services.clock)
    app.add_middleware(Audit)
    app.add_middleware(PlainAddresses)
    app.add_middleware(RefuseNullBytes)
    app.add_exception_handler(PostcallError, show_error)
    app.add_exception_handler(HTTPException, as_spoken_here(as_asked(show_http_error)))
    app.add_exception_handler(RequestValidationError, as_spoken_here(as_asked(show_bad_parameters)))
    app.router.routes.extend(_routes())
    prepare_pages(app)
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Every route of every application: none holds anything of its own, and to read them all takes a while."""
    bare = FastAPI(openapi_url=None)
    add_native(bare)
    add_polyai(bare)  # before the other interface under /api/v1
    add_atoms(bare)
    add_pages(bare)
    return tuple(bare.router.routes)
