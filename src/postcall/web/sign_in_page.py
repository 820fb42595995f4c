"""Signing in and out."""

from __future__ import annotations

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.bodies import read_body
from postcall.api.services import services_of
from postcall.configure.passwords import Passwords
from postcall.domain.people import read_email
from postcall.errors import BadInput, SignInNeeded
from postcall.storage.sessions import begin_session, end_session
from postcall.storage.users import find_credentials, has_users, keep_password
from postcall.web import words
from postcall.web.access import check_source, recognise
from postcall.web.looking_again import is_partial
from postcall.web.next_page import START, local_path, sign_in_path
from postcall.web.people import meet
from postcall.web.render import render
from postcall.web.session_cookie import give_token, take_token, token_of
from postcall.web.sign_in_throttle import Throttle

router = APIRouter()
_MAX_BYTES = 16 * 1024
_MAX_FIELDS = 10
_AT_ONCE = 2
"""Passwords checked at once: each takes a processor and 64 MB for some 50 ms."""
_threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="passwords")
WRONG = "There is no user with this e-mail address and password."
"""Of an unknown address and of a wrong password alike."""


@router.api_route("/sign-in", methods=["GET", "HEAD"])
async def show_sign_in(request: Request) -> Response:
    """The form; whoever has signed in already goes on at once."""
    next_path = local_path(request.query_params.get("next"))
    person = await recognise(request)
    if person is not None and person.email is not None:
        return RedirectResponse(next_path, status_code=303)
    return await _show_form(request, next_path)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Check the password, and begin a session of its own whatever the browser carried before."""
    check_source(request)
    fields = await _read_fields(request)
    given, next_path = fields.get("email", "").strip(), local_path(fields.get("next"))
    throttle: Throttle = request.app.state.sign_in_throttle
    address = request.client.host if request.client else ""
    wait = throttle.begin(given.casefold(), address, now=services_of(request).clock())
    if wait is not None:
        return await _tell_to_wait(request, next_path, given, wait)
    token = await _begin(request, given, fields.get("password", ""))
    if token is None:
        return await _show_form(request, next_path, email=given, problem=WRONG, status=401)
    throttle.succeed(given.casefold(), address)
    await meet(request, is_at_machine=False, token=token)  # so that the log says who it was
    reply = RedirectResponse(next_path, status_code=303)
    give_token(request, reply, token)
    return reply


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session; anybody may end theirs."""
    check_source(request)
    reply = RedirectResponse(START, status_code=303)
    await meet(request, is_at_machine=False)
    await _end_session(request)
    take_token(request, reply)
    return reply


async def ask_to_sign_in(request: Request, error: SignInNeeded) -> Response:
    """What a stranger gets in the place of a page: the form. A change that they asked for is lost."""
    if is_partial(request):  # the page that shows the part is left for the form
        headers = {"hx-redirect": sign_in_path(_page_behind(request))}
        return PlainTextResponse(f"{error.message}\n", status_code=error.status, headers=headers)
    if request.method in {"GET", "HEAD"}:
        return RedirectResponse(sign_in_path(_with_query(request.url.path, request.url.query)), status_code=303)
    lost = "You are not signed in any more, and nothing was changed. Sign in, then do it again."
    return await _show_form(request, local_path(_page_behind(request)), problem=lost, status=error.status)


def _page_behind(request: Request) -> str:
    """Path and query of the page from which this was asked."""
    parts = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer") or "")
    return _with_query(parts.path, parts.query)


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


async def _begin(request: Request, email: str, password: str) -> str | None:
    """The token of a new session, in the place of the browser's earlier one; None where the password is not right."""
    services = services_of(request)
    passwords: Passwords = request.app.state.passwords
    found = await services.record.read_briefly(lambda c: find_credentials(c, _kept_email(email)))
    loop = asyncio.get_running_loop()
    kept = found.password if found else None
    if not await loop.run_in_executor(_threads, passwords.matches, kept, password) or found is None:
        return None
    again = None
    if passwords.is_outdated(found.password):
        again = await loop.run_in_executor(_threads, passwords.keep, password)
    now, earlier = services.clock(), token_of(request)

    def begin(connection: Connection) -> str | None:
        token = begin_session(connection, found, now=now)
        if token is not None and earlier is not None:
            end_session(connection, earlier)
        if token is not None and again is not None:
            keep_password(connection, found, again)
        return token

    return await services.record.write_async(begin)


def _kept_email(given: str) -> str:
    """The address as it would be kept; nobody's where it cannot be one."""
    try:
        return read_email(given)
    except BadInput:
        return ""


async def _end_session(request: Request) -> None:
    token = token_of(request)
    if token is not None:
        await services_of(request).record.write_async(lambda c: end_session(c, token))


async def _tell_to_wait(request: Request, next_path: str, email: str, wait: timedelta) -> Response:
    minutes = math.ceil(wait / timedelta(minutes=1))
    problem = f"Too many attempts. Wait {words.count(minutes, 'minute')}, then try again."
    reply = await _show_form(request, next_path, email=email, problem=problem, status=429)
    reply.headers["retry-after"] = str(math.ceil(wait.total_seconds()))
    return reply


async def _show_form(
    request: Request, next_path: str, *, email: str = "", problem: str | None = None, status: int = 200
) -> Response:
    anybody = await services_of(request).record.read_briefly(has_users)
    return render(
        request,
        "sign_in.html",
        status=status,
        next_path=next_path,
        email=email,
        problem=problem,
        nobody_yet=not anybody,
    )


async def _read_fields(request: Request) -> dict[str, str]:
    body = await read_body(request, limit=_MAX_BYTES)
    try:
        return dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError:
        raise BadInput(f"the form has more than {_MAX_FIELDS} fields") from None
