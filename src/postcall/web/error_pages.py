"""Errors as pages, for people; the interfaces' errors stay as they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.exceptions import HTTPException

from postcall.api.replies import error_body, json_reply, show_error, show_http_error
from postcall.errors import (
    BadInput,
    Conflict,
    InternalFault,
    ModelError,
    NotAllowed,
    NotFound,
    PostcallError,
    QueryTooSlow,
    ReportsBuilding,
    SignInNeeded,
)
from postcall.web.access import is_page, recognise
from postcall.web.render import render
from postcall.web.sign_in_page import ask_to_sign_in

Handler = Callable[[Request, Exception], Awaitable[Response]]

_TITLES: tuple[tuple[type[PostcallError], str, str], ...] = (
    (NotAllowed, "Not open to you", "Nothing was changed."),
    (NotFound, "Not here", "It may have been removed, or the address is incomplete."),
    (BadInput, "That cannot be read", "Go back and correct it, or begin again from the navigation."),
    (Conflict, "Not possible now", "Go back, load the page again, and look at how things stand now."),
    (ReportsBuilding, "A moment", "Load this page again; nothing is lost, and calls go on being taken in."),
    (QueryTooSlow, "Too much at once", "Choose a shorter time or fewer conditions."),
    (ModelError, "The model could not be asked", "Check its endpoint and settings, then try again."),
)
_FAULT = (
    "Something failed",
    "This is a fault of postcall's own. The server's log has the details; trying again may help.",
)


def add_error_pages(app: FastAPI) -> None:
    """Show errors of pages as pages. Call it after the application has set its own handlers, which keep the rest."""
    app.add_exception_handler(PostcallError, _for_pages(_show_ours, _earlier(app, PostcallError, show_error)))
    app.add_exception_handler(HTTPException, _for_pages(_show_http, _earlier(app, HTTPException, show_http_error)))
    app.add_exception_handler(Exception, _for_pages(_show_fault, _earlier(app, Exception, _fault_json)))


def show_problem(request: Request, error: PostcallError) -> Response:
    """One of our own errors as a page, or as JSON or text where the address asks for values."""
    if request.url.path.endswith(".json"):
        return json_reply(error_body(error), status=error.status)
    if request.url.path.endswith(".csv"):
        return PlainTextResponse(_sentence(error.message) + "\n", status_code=error.status)
    title, advice = next(((title, advice) for kind, title, advice in _TITLES if isinstance(error, kind)), _FAULT)
    return _page(request, status=error.status, title=title, message=_sentence(error.message), advice=advice)


async def _show_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, PostcallError)
    if isinstance(error, SignInNeeded) and not request.url.path.endswith((".json", ".csv")):
        return await ask_to_sign_in(request, error)
    return show_problem(request, error)


async def _show_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    await recognise(request)  # no page of ours was reached that would have: whoever may, keeps the navigation
    if error.status_code == 404:
        return show_problem(request, NotFound(f"there is no page {request.url.path}"))
    if error.status_code == 405:
        message = f"The page {request.url.path} does not take {request.method} requests."
        page = _page(request, status=405, title="Not possible", message=message, advice="Use the page's own buttons.")
    else:
        page = _page(request, status=error.status_code, title="Not possible", message=str(error.detail), advice="")
    page.headers.update(error.headers or {})
    return page


async def _show_fault(request: Request, error: Exception) -> Response:
    return show_problem(request, InternalFault(error))


async def _fault_json(_: Request, error: Exception) -> Response:
    fault = InternalFault(error)
    return json_reply(
        {"error": {"code": fault.code, "message": "postcall failed; its log has the details"}}, status=500
    )


def _page(request: Request, *, status: int, title: str, message: str, advice: str) -> Response:
    return render(request, "problem.html", status=status, title=title, message=message, advice=advice)


def _for_pages(page: Handler, otherwise: Handler) -> Any:
    async def show(request: Request, error: Exception) -> Response:
        return await (page if is_page(request.url.path) else otherwise)(request, error)

    return show


def _earlier(app: FastAPI, kind: type[Exception], default: Handler) -> Handler:
    found: Any = app.exception_handlers.get(kind)
    # FastAPI sets a handler of its own for HTTPException, whose shape is not that of our errors.
    return default if found is None or found.__module__.startswith("fastapi.") else found


def _sentence(message: str) -> str:
    """Our messages begin small, since most stand behind a field's name."""
    ending = "" if message.endswith((".", "!", "?")) else "."
    return message[:1].upper() + message[1:] + ending
