"""The web application: every interface and the pages, over one record."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from postcall import __version__
from postcall.api.addresses import RefuseNullBytes
from postcall.api.native import agents, calls, index, labels, learning
from postcall.api.replies import show_bad_parameters, show_error, show_http_error
from postcall.errors import PostcallError
from postcall.extraction.analysers import Analyser
from postcall.services import Services
from postcall.web import add_pages


def create_app(services: Services, analyser: Analyser) -> FastAPI:
    """The application; `analyser` is what the pages ask when somebody tries questions on a transcript."""
    app = FastAPI(
        title="postcall",
        version=__version__,
        description="Post-call reporting for voice agents.",
        docs_url=None,  # its page would fetch scripts from another host
        redoc_url=None,
        openapi_url="/postcall/v1/openapi.json",
    )
    app.state.services = services
    app.state.analyser = analyser
    app.add_middleware(RefuseNullBytes)
    app.add_exception_handler(PostcallError, show_error)
    app.add_exception_handler(HTTPException, show_http_error)
    app.add_exception_handler(RequestValidationError, show_bad_parameters)
    app.include_router(index.router)
    app.include_router(calls.router)
    app.include_router(agents.router)
    app.include_router(labels.router)
    app.include_router(learning.router)
    add_pages(app)
    return app
