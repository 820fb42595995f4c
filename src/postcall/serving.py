"""One server process: the application, and the worker beside it."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime

from postcall.data_folder import (
    claim_folder,
    ensure_default_account,
    ensure_first_key,
    prepare_folder,
    write_address,
)
from postcall.errors import SettingsError
from postcall.extraction.analysers import make_analyser
from postcall.services import Services
from postcall.settings import Settings
from postcall.storage.database import open_record
from postcall.storage.users import has_users


def utc_now() -> datetime:
    """The clock of every process."""
    return datetime.now(UTC)


def open_services(settings: Settings) -> Services:
    """The record, brought up to date."""
    prepare_folder(settings.data)
    services = Services(record=open_record(settings.database_url), settings=settings, clock=utc_now)
    ensure_default_account(services.record, now=utc_now())
    return services


def serve(
    settings: Settings,
    *,
    host: str,
    port: int,
    with_worker: bool,
    say: Callable[[str], None],
    meanwhile: Callable[[Services], None] | None = None,
) -> None:
    """Serve until told to end. `meanwhile` runs on a thread of its own once the server answers."""
    import uvicorn

    from postcall.app import create_app
    from postcall.reporting.opening import start_reports

    prepare_folder(settings.data)
    lock = claim_folder(settings.data)
    listener = _listen(host, port)
    services = open_services(settings)
    ensure_first_key(services.record, settings.key_file, now=utc_now())
    address = f"http://{_shown_host(host)}:{listener.getsockname()[1]}"
    write_address(settings.data, address)
    nobody_yet = not services.record.read(has_users)
    for line in _greeting(settings, address, signing_in=_about_signing_in(settings, host, nobody_yet=nobody_yet)):
        say(line)
    # uvicorn shuts down and then raises the signal again, which by default would end the process without closing.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # Also where somebody presses Ctrl-C before the server runs: a thread that nobody ends would keep the process.
    with ExitStack() as closing:
        closing.callback(lock.close)
        closing.callback(services.record.close)
        reports = start_reports(services.record, settings, clock=services.clock)
        closing.callback(reports.close)
        if with_worker:
            # Here, since what sends and places calls is a tenth of a server's memory, which may run without it.
            from postcall.working import WorkerThread

            worker = WorkerThread(services)
            closing.callback(worker.stop)
            worker.start()
        if meanwhile is not None:
            threading.Thread(target=meanwhile, args=(services,), name="meanwhile", daemon=True).start()
        app = create_app(services, make_analyser(settings), reports)
        server = uvicorn.Server(
            uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=5)
        )
        server.run(sockets=[listener])


def _greeting(settings: Settings, address: str, *, signing_in: list[str]) -> list[str]:
    key = (settings.admin_key and "the one in POSTCALL_ADMIN_KEY") or settings.key_file.read_text().strip()
    lines = [f"postcall   {address}", f"API key    {key}   (kept in {settings.key_file})", *signing_in]
    if settings.model is not None:
        return [*lines, f"Analyser   {settings.model.model} at {settings.model.base_url}"]
    return [
        *lines,
        "Analyser   built-in, without a model. To connect one: POSTCALL_LLM_BASE_URL=http://127.0.0.1:11434/v1 "
        "POSTCALL_LLM_MODEL=name-of-the-model",
    ]


def _about_signing_in(settings: Settings, host: str, *, nobody_yet: bool) -> list[str]:
    """Who must sign in to see the pages, where that is anybody, and how to add the first who can."""
    from postcall.web.access import is_loopback

    if is_loopback(host) and settings.public_url is None:
        return []
    who = f"everybody, at {settings.public_url}" if settings.public_url else "everybody from another machine"
    how = "; nobody can yet: `postcall users add EMAIL --role admin` adds a user" if nobody_yet else ""
    return [f"Sign-in    needed to see the pages by {who}{how}"]


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"nothing can listen on {host} port {port}: {error.strerror}; choose another with --port"
        ) from None
    listener.listen(2048)
    return listener


def _shown_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
