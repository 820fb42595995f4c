"""Puts the pages into the application."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI
from starlette.staticfiles import StaticFiles

from postcall.web import call_page, evaluation_page, labels_page, list_page, try_page
from postcall.web.access import STATIC, PageHeaders, check_access
from postcall.web.error_pages import add_error_pages
from postcall.web.remembering import Remembered
from postcall.web.render import STATIC_FOLDER


def add_pages(app: FastAPI) -> None:
    """Add every page, its assets, its headers and its errors.

    Call it last: it wraps the error handlers that the application has. `app.state` must have `services` and `analyser`
    by the first request.
    """
    app.state.remembered_counts = Remembered()
    guarded = APIRouter(dependencies=[Depends(check_access)], include_in_schema=False)
    for page in (list_page, call_page, labels_page, try_page, evaluation_page):
        guarded.include_router(page.router)
    app.include_router(guarded)
    app.mount(STATIC, StaticFiles(directory=STATIC_FOLDER), name="static")
    app.add_middleware(PageHeaders)
    add_error_pages(app)
