"""Puts the pages into the application."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from postcall.configure.passwords import Passwords
from postcall.web import (
    agents_page,
    analyst_asking_page,
    analyst_page,
    analyst_pinning,
    analyst_thread_page,
    api_settings_page,
    archiving_page,
    audit_page,
    call_page,
    campaigns_page,
    chat_page,
    dashboard_actions,
    dashboard_editor,
    dashboard_page,
    delivery_pages,
    draft_clash_page,
    drafts_page,
    evaluation_page,
    exports_page,
    keys_page,
    labels_page,
    list_export,
    list_page,
    metric_form_page,
    metric_page,
    metrics_page,
    project_page,
    question_form_page,
    question_templates_page,
    questions_page,
    questions_try_page,
    recording_page,
    remarks_page,
    sign_in_page,
    tile_editor,
    try_page,
    versions_page,
    views_page,
    webhooks_page,
)
from postcall.web.access import STATIC, PageHeaders, check_access, check_asking
from postcall.web.analyst_asking import Askings
from postcall.web.error_pages import add_error_pages
from postcall.web.remembering import Remembered
from postcall.web.render import STATIC_FOLDER
from postcall.web.sign_in_throttle import Throttle
from postcall.web.trying import Places


def add_pages(app: FastAPI) -> None:
    """Add every page and its assets."""
    guarded = APIRouter(dependencies=[Depends(check_access)], include_in_schema=False)
    for page in (
        list_page,
        list_export,
        views_page,
        call_page,
        recording_page,
        labels_page,
        remarks_page,
        try_page,
        evaluation_page,
        chat_page,
        agents_page,
        archiving_page,
        versions_page,
        project_page,
        drafts_page,
        draft_clash_page,
        metrics_page,
        metric_form_page,
        metric_page,
        questions_page,
        question_form_page,
        question_templates_page,
        questions_try_page,
        dashboard_actions,  # before the pages of one: its `new` is no dashboard's id
        dashboard_page,
        dashboard_editor,
        tile_editor,
        campaigns_page,
        webhooks_page,
        delivery_pages,
        api_settings_page,
        keys_page,
        audit_page,
        exports_page,
        analyst_pinning,
    ):
        guarded.include_router(page.router)
    app.include_router(guarded)
    for page in (analyst_page, analyst_asking_page, analyst_thread_page):  # readers may ask
        app.include_router(page.router, dependencies=[Depends(check_asking)], include_in_schema=False)
    app.include_router(sign_in_page.router, include_in_schema=False)
    # The charts' script is a fifth of its size on the way; pages themselves stay as they are, since they hold secrets.
    app.mount(STATIC, GZipMiddleware(StaticFiles(directory=STATIC_FOLDER)), name="static")


def prepare_pages(app: FastAPI) -> None:
    """What pages remember, their headers and their errors.

    Call it last: it wraps the error handlers that the application has. `app.state` must have `services` and `analyser`
    by the first request.
    """
    app.state.remembered_counts = Remembered()
    app.state.tried_calls = Places()
    app.state.askings = Askings()
    app.state.passwords = Passwords()
    app.state.sign_in_throttle = Throttle()
    app.add_middleware(PageHeaders)
    add_error_pages(app)
