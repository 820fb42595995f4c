"""Take the pictures of the docs: `.venv/bin/python docs/screenshots.py`; names behind it, such as `chat`: only those.

The sample calls as they are on one fixed day, analysed by the built-in analyser, in a folder of their own. The call
that is shown is the newest booking whose answers all agree with what its author holds to be right. The chat is one with
the example's agent and its scripted model.
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal

import uvicorn
from playwright.sync_api import Browser, sync_playwright

from postcall.app import create_app
from postcall.demo import with_gold
from postcall.extraction.analysers import make_analyser
from postcall.runtime.projects.folder import read_folder
from postcall.runtime.publishing import push_project
from postcall.samples import SAMPLE_COUNT, SEED, load_samples
from postcall.services import Services
from postcall.serving import open_services
from postcall.settings import read_settings
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.call_views import read_call
from postcall.storage.work_counts import count_open_jobs
from postcall.testing import ScriptedModel, load_script
from postcall.working import WorkerThread

DAY = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
IMAGES = Path(__file__).parent / "images"
LARGEST = 250_000
"""Bytes of a picture."""
CHROMIUM = "/usr/bin/chromium"
EXAMPLES = Path(__file__).parent.parent / "examples"
_SIZE = {
    "overview": (1280, 980),
    "calls": (1280, 720),
    "call": (1280, 860),
    "analyst": (1280, 860),
    "chat": (1280, 860),
}
_ASKED = "What are the top reasons callers asked for a human in the last 30 days?"
_SAID = ("Hi, I'd like to book a cleaning please", "Thursday, in the morning", "The first one")


def main(*wanted: str) -> None:
    """Write overview, calls, call, analyst and chat as .png, and their dark twins; or only the wanted ones."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        names = set(wanted or _SIZE)
        if names - {"chat"}:
            _sample_pictures(browser, names)
        if "chat" in names:
            _chat_pictures(browser)
        browser.close()


def _sample_pictures(browser: Browser, names: set[str]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        _sample_calls(Path(folder)) as services,
        _serving(services) as address,
    ):
        pages: dict[str, Callable[[], str]] = {
            "overview": lambda: f"{address}/overview?agent=harbor-lane-dental&period=last_30_days",
            "calls": lambda: f"{address}/calls",
            "call": lambda: f"{address}/calls/{_right_booking(services)}",
            "analyst": lambda: _ask(browser, f"{address}/analyst"),
        }
        for name in pages.keys() & names:
            page = pages[name]()
            _picture(browser, page, name, "light", IMAGES / f"{name}.png")
            _picture(browser, page, name, "dark", IMAGES / f"{name}-dark.png")


def _ask(browser: Browser, address: str) -> str:
    """A question and its answer; returns where they stand."""
    page = browser.new_page()
    page.goto(address)
    page.locator("[name=question]").first.fill(_ASKED)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/analyst/[0-9a-f]{24}"))
    address = page.url.partition("#")[0]
    page.context.close()
    return address


def _chat_pictures(browser: Browser) -> None:
    with tempfile.TemporaryDirectory() as folder, ScriptedModel() as model:
        load_script(EXAMPLES / "clinic_model.py")(model)
        environ = {
            "POSTCALL_DATA": folder,
            "POSTCALL_LLM_BASE_URL": model.url,
            "POSTCALL_LLM_MODEL": "scripted",
        }
        services = open_services(read_settings(environ))
        account = services.record.read(lambda c: find_account(c, DEFAULT_ACCOUNT))
        files = read_folder(EXAMPLES / "clinic")
        pushed = services.record.write(lambda c: push_project(c, account, files, (), now=services.clock()))
        with _serving(services) as address:
            talked = _talk(browser, f"{address}/agents/{pushed.agent_slug}/chat")
            _picture(browser, talked, "chat", "light", IMAGES / "chat.png")
            _picture(browser, talked, "chat", "dark", IMAGES / "chat-dark.png")
        services.record.close()


def _talk(browser: Browser, address: str) -> str:
    """The beginning of a booking; returns where it stands."""
    page = browser.new_page()
    page.goto(address)
    page.get_by_role("button", name="Start the chat").click()
    for count, words in enumerate(_SAID, start=1):
        page.get_by_label("What you say").fill(words)
        page.keyboard.press("Enter")
        page.locator(".bubble.agent").nth(count).wait_for()
    address = page.url
    page.context.close()
    return address


def _picture(browser: Browser, address: str, name: str, scheme: Literal["light", "dark"], file: Path) -> None:
    width, height = _SIZE[name]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    page.wait_for_load_state("load")
    page.wait_for_timeout(1_500)  # charts come in with a movement
    page.screenshot(path=file)
    context.close()
    size = file.stat().st_size
    sys.stdout.write(f"{file.name}: {size:,} bytes\n")
    if size > LARGEST:
        sys.exit(f"{file.name} is larger than {LARGEST:,} bytes")


@contextmanager
def _sample_calls(folder: Path) -> Iterator[Services]:
    """The record with every sample call, analysed."""
    opened = open_services(read_settings({"POSTCALL_DATA": str(folder)}))
    services = Services(record=opened.record, settings=opened.settings, clock=lambda: DAY)
    load_samples(services.record, now=DAY)
    account = services.record.read(lambda c: find_account(c, DEFAULT_ACCOUNT))
    worker = WorkerThread(services)
    worker.start()
    while services.record.read(lambda c: count_open_jobs(c, account)):
        time.sleep(0.2)
    worker.stop()
    try:
        yield services
    finally:
        services.record.close()


@contextmanager
def _serving(services: Services) -> Iterator[str]:
    app = create_app(services, make_analyser(services.settings))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        app.state.reports.close()


def _right_booking(services: Services) -> str:
    account = services.record.read(lambda c: find_account(c, DEFAULT_ACCOUNT))
    for call, gold in with_gold(seed=SEED, count=SAMPLE_COUNT, end=DAY):
        call_id = call.id or ""
        if gold.get("outcome") != "booked" or not gold.get("caller_name"):
            continue
        extraction = services.record.read(partial(read_call, account_pk=account, call_id=call_id)).extraction
        if extraction is None:
            continue
        answers = {answer.identifier: answer.value for answer in extraction.findings.answers}
        if all(answers.get(identifier) == right for identifier, right in gold.items()):
            return call_id
    sys.exit("no booking has only right answers")


if __name__ == "__main__":
    main(*sys.argv[1:])
