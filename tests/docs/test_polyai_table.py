"""The table of PolyAI's interface lists every operation once, and says of each what is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.api.polyai.described import FILES, operations
from tests.builders import StepClock
from tests.conftest import SHARED
from tests.docs.pages import ROOT
from tests.live_server import LiveServer, run_server

from postcall.api.polyai.data.errors import speaks_data
from postcall.api.polyai.data.routes import router as data_api
from postcall.api.polyai.errors import speaks_here
from postcall.api.polyai.webhook_endpoints import router as webhook_endpoints

PAGE = (ROOT / "docs/polyai.md").read_text()
ROWS: list[tuple[str, str, str, str]] = re.findall(
    r"^\| `(GET|POST|PUT|PATCH|DELETE) (/\S*)` \| ([^|]*?) \| ?([^|]*?) ?\|$", PAGE, re.MULTILINE
)
LISTED = [(method, path) for method, path, _, _ in ROWS]
NOT_OFFERED = "not offered"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    folder: Path = tmp_path_factory.mktemp("polyai-table")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as server:
        yield server


def nameless(method: str, path: str) -> tuple[str, str]:
    """An operation whatever its parameters are called; the Chat API is one in every version."""
    return method.upper(), re.sub(r"\{[^}]*\}", "{}", re.sub(r"^/v[123](?=/.*/chat/)", "/{}", path))


def test_every_operation_stands_in_the_table_once_and_is_written_as_the_others() -> None:
    known = {nameless(*each) for each in LISTED}
    assert len(LISTED) == len(known) > 60
    assert len(LISTED) == len(re.findall(r"^\| `[A-Z]+ /(?!postcall)", PAGE, re.MULTILINE))


@pytest.mark.shared
def test_every_published_operation_stands_in_the_table() -> None:
    published = {(method, path) for _, method, path in operations(*FILES)}
    assert len(published) > 20
    assert not published - set(LISTED)


@pytest.mark.shared
def test_every_operation_that_the_facts_name_stands_in_the_table() -> None:
    facts = (SHARED / "contracts" / "polyai.md").read_text()
    text = facts.replace("{a}", "{}").replace("{p}", "{}")
    named = re.findall(r"(GET|POST|PUT|PATCH|DELETE) (/(?:v\d|\{version\}|api|adk)/[^\s`?]*)", text)
    assert len(named) > 8
    assert not {nameless(*each) for each in named} - {nameless(*each) for each in LISTED}


def test_every_operation_that_is_served_stands_in_the_table(running: LiveServer) -> None:
    served = {
        nameless(method, path)
        for path, methods in running.app.openapi()["paths"].items()
        for method in methods
        if speaks_here(path)
    }
    hidden = [route for router in (data_api, webhook_endpoints) for route in router.routes]
    for route in hidden:
        methods: set[str] = getattr(route, "methods", set())
        path = str(getattr(route, "path", ""))
        served |= {nameless(each, path) for each in methods if len(methods) == 1}
    assert len(served) > 35
    assert not served - {nameless(*each) for each in LISTED}


@pytest.mark.parametrize(("method", "path", "word", "how"), [pytest.param(*row, id=" ".join(row[:2])) for row in ROWS])
def test_a_row_says_what_is_true(running: LiveServer, method: str, path: str, word: str, how: str) -> None:
    assert word in ("works", "differs", NOT_OFFERED)
    assert word == "works" or how
    asked = re.sub(r"\{[^}]*\}", "some", path.replace("{version}", "v1"))
    assert speaks_here(asked) or speaks_data(asked)
    reply = httpx.request(method, running.address + asked, timeout=30)  # without a key
    assert reply.status_code == (501 if word == NOT_OFFERED else 401), reply.text
    assert reply.headers["x-polyai-correlation-id"]
