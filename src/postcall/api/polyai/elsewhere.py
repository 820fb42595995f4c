"""Addresses for what postcall does not do, those that lead nowhere, and methods that nothing there takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from postcall.api.any_text import take_any_text
from postcall.api.polyai.chat import METHODS, VERSIONS
from postcall.api.polyai.errors import MethodNotAllowed, NotOffered, in_envelope
from postcall.errors import NotFound

take_any_text()
router = APIRouter(include_in_schema=False)
"""Included behind the others: it answers for whatever they did not take."""

_EVERY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@dataclass(frozen=True, slots=True)
class Absent:
    """Addresses, and all below them, that are not offered for one reason."""

    what: str
    """As in `postcall does not offer …`."""
    paths: tuple[str, ...]
    instead: str


_AGENT = "/v1/agents/{agent_id}"
_PUSH = "push a project, with `postcall agents push` or PUT /postcall/v1/agents/{agent}/project"
ABSENT: tuple[Absent, ...] = (
    Absent(
        "alerts",
        ("/v1/alert-rules", "/v1/alerts"),
        "POST /postcall/v1/query counts what they watch, and webhooks tell of each call",
    ),
    Absent(
        "the Data MCP", ("/data-mcp",), "the Data API below /api/v1 answers the same questions, with the same names"
    ),
    Absent("building agents here", ("/v1/accounts", f"{_AGENT}/behavior", f"{_AGENT}/functions"), _PUSH),
    Absent("branches of an agent here", (f"{_AGENT}/branches",), f"its versions are; {_PUSH}"),
    Absent("topics to be edited one by one", (f"{_AGENT}/knowledge-base",), _PUSH),
    Absent("variants to be edited one by one", (f"{_AGENT}/variants", f"{_AGENT}/attributes"), _PUSH),
    Absent(
        "deployments to environments",
        (f"{_AGENT}/deployments",),
        "every environment runs the active version: POST /postcall/v1/agents/{agent}/versions/{number}:activate",
    ),
    Absent(
        "real-time configuration here",
        (f"{_AGENT}/real-time-configs",),
        "it is at /postcall/v1/agents/{agent}/real-time-config/{environment}",
    ),
    Absent(
        "test runs here", (f"{_AGENT}/testing",), "`postcall evaluate` measures the answers on labelled conversations"
    ),
)
"""What is not offered, by reason. The facts of each are in the vendor's interface; nothing here needs a key."""
ABSENT_COMMANDS = Absent("this part of the vendor's command line", ("/adk/v1",), _PUSH)


def _refusing(absent: Absent) -> Callable[[], Awaitable[Response]]:
    """Whoever asks: without a key as well, since no key would help."""

    @in_envelope
    async def refuse() -> Response:
        raise NotOffered(absent.what, absent.instead)

    return refuse


@in_envelope
async def chat_elsewhere(request: Request, rest: str = "") -> Response:
    """Below /v1/{account}/{project}/chat."""
    if rest in METHODS:
        raise MethodNotAllowed(request.method, METHODS[rest])
    raise NotFound(f"there is nothing at {request.url.path}; there are {', '.join(METHODS)}")


@in_envelope
async def chat_of_no_version(version: str) -> Response:
    """The addresses of the Chat API below another version: no page may answer a program."""
    raise NotFound(f"there is no version {version[:40]!r} of the Chat API; there are {', '.join(VERSIONS)}")


@in_envelope
async def posted_elsewhere(request: Request, rest: str = "") -> Response:
    """Below the addresses of debug chat and of the command line's chat, where everything is posted."""
    what = request.url.path
    ends = rest.endswith("/end") and what.startswith("/adk/")
    if rest.count("/") == ends and request.method != "POST":
        raise MethodNotAllowed(request.method, "POST")
    raise NotFound(f"there is nothing at {what}")


_CUSTOM_METRICS = {"": "GET, POST", "export": "GET", "import": "POST"}


@in_envelope
async def metrics_elsewhere(request: Request, rest: str = "") -> Response:
    """Below the addresses of custom metrics."""
    if "/" in rest:
        raise NotFound(f"there is nothing at {request.url.path}")
    raise MethodNotAllowed(request.method, _CUSTOM_METRICS.get(rest, "PATCH"))


for _version in VERSIONS:
    for _rest in ("", "/{rest:text}"):
        router.add_api_route(f"/{_version}/{{account_id}}/{{project_id}}/chat{_rest}", chat_elsewhere, methods=_EVERY)
for _method in METHODS:
    _of_any_version = f"/{{version}}/{{account_id}}/{{project_id}}/chat/{_method}"
    router.add_api_route(_of_any_version, chat_of_no_version, methods=_EVERY)
_PROJECT = "/adk/v1/accounts/{account_id}/projects/{project_id}"
for _rest in ("", "/{rest:text}"):
    for _base in (f"{_AGENT}/debug-chat", f"{_PROJECT}/chat", f"{_PROJECT}/draft/chat"):
        router.add_api_route(_base + _rest, posted_elsewhere, methods=_EVERY)
    router.add_api_route(f"{_PROJECT}/custom-metrics{_rest}", metrics_elsewhere, methods=_EVERY)
for _absent in (*ABSENT, ABSENT_COMMANDS):
    for _path in _absent.paths:
        for _rest in ("", "/{rest:text}"):
            router.add_api_route(_path + _rest, _refusing(_absent), methods=_EVERY)
