"""Asking for reports: the server that runs on the data folder, or the index itself where none does."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from postcall.cli.opening import opened, settings_for
from postcall.data_folder import claim_folder, read_address
from postcall.errors import PostcallError, SettingsError
from postcall.reporting.reports import Reports
from postcall.settings import Settings

PATIENCE_S = 600.0
"""For the longest answer, which is the index made anew."""


Told: TypeAlias = Callable[[Any], None]
"""Hears each step on the way to an answer."""


def ask_reports(
    data: Path | None,
    method: str,
    path: str,
    body: object,
    otherwise: Callable[[Reports, int], Awaitable[Any]],
    *,
    told: Told | None = None,
) -> Any:
    """The JSON that the running server answers, or what `otherwise` makes of the index, which belongs to one process.

    `otherwise` gets the reports and the key of the default account. `told`, where the address streams, hears every step
    of the server's before its answer; `otherwise` has to tell its own.
    """
    settings = settings_for(data)
    if not settings.data.exists():
        raise SettingsError(f"there is no postcall data in {settings.data} yet; --data names another folder")
    try:
        lock = claim_folder(settings.data)
    except SettingsError:
        return _ask_server(settings, method, path, body, told)
    with lock:
        return _ask_index(data, otherwise)


def _ask_index(data: Path | None, otherwise: Callable[[Reports, int], Awaitable[Any]]) -> Any:
    from postcall.reporting.opening import open_reports

    with (
        opened(data, to_read=True) as (services, account_pk),
        open_reports(services.record, services.settings, clock=services.clock) as reports,
    ):

        async def ask() -> Any:
            return await otherwise(reports, account_pk)

        # As JSON and back, so that both ways give the same.
        return json.loads(msgspec.json.encode(asyncio.run(ask())))


def _ask_server(settings: Settings, method: str, path: str, body: object, told: Told | None) -> Any:
    address = read_address(settings.data)
    if address is None:
        raise SettingsError(f"a server has begun to start on {settings.data}; try again in a moment")
    if not settings.key_file.exists():
        raise SettingsError(f"there is no key in {settings.key_file}, with which the server could be asked")
    request = urllib.request.Request(
        address + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "x-api-key": settings.key_file.read_text().strip(),
            "content-type": "application/json",
            "accept": "application/json" if told is None else "text/event-stream",
        },
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # this machine is asked directly
    try:
        with opener.open(request, timeout=PATIENCE_S) as reply:
            return json.loads(reply.read()) if told is None else _listen(reply, told)
    except urllib.error.HTTPError as error:
        raise PostcallError(_reason(error)) from None
    except urllib.error.URLError as error:
        raise SettingsError(f"the server at {address} does not answer: {error.reason}") from None


def _listen(lines: Iterable[bytes], told: Told) -> Any:
    """The answer at the end of a stream; what failed after its beginning is told in an event."""
    name = ""
    for line in lines:
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            content = json.loads(value)
            if name == "answer":
                return content
            if name == "error":
                raise PostcallError(str(content["message"]))
            told(content)
    raise PostcallError("the server ended before it had answered")


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error"]["message"])
    except (ValueError, KeyError, TypeError):
        return f"the server answered {error.code} {error.reason}"
