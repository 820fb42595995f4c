"""Who may see the pages, and which changes are taken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest
from starlette.routing import BaseRoute, Mount, Route
from tests.builders import a_call
from tests.web.sites import Site
from tests.web.visitors import OURS, visitor

from postcall.web.access import is_at_machine, is_loopback, is_page


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "localhost:1", "[::1]:8000", "LOCALHOST"])
def test_pages_are_open_under_a_loopback_name(site: Site, host: str) -> None:
    assert site.client().get("/calls", headers={"host": host}).status_code == 200


ELSEWHERE = ["example.org", "192.168.1.5:8000", "localhost.example.org", "127.0.0.1.example.org", "0.0.0.0:8000", ""]
FORWARDING = ["X-Forwarded-For", "x-forwarded-host", "x-forwarded-proto", "Forwarded", "X-Real-IP", "Via"]


@pytest.mark.parametrize("host", ELSEWHERE)
def test_under_any_other_name_one_signs_in_first(site: Site, host: str) -> None:
    reply = site.client().get("/calls", headers={"host": host, "accept": "text/html"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/sign-in?next=%2Fcalls")
    assert reply.text == ""


@pytest.mark.parametrize("header", FORWARDING)
def test_who_comes_through_a_proxy_signs_in_first(site: Site, header: str) -> None:
    reply = site.client().get("/calls", headers={header: "10.0.0.1"})
    assert (reply.status_code, reply.headers["location"]) == (303, "/sign-in?next=%2Fcalls")


def test_another_machine_cannot_pretend_a_loopback_name(site: Site) -> None:
    assert site.client(peer="192.168.1.7").get("/calls").status_code == 303
    assert site.client(peer="::1").get("/calls").status_code == 200


def test_a_proxy_that_speaks_the_old_http_is_not_this_machine() -> None:
    local = {"host": "127.0.0.1:8000"}
    assert is_at_machine(local, "127.0.0.1", "1.1")
    assert not is_at_machine(local, "127.0.0.1", "1.0")
    assert not is_at_machine(local, None)


@pytest.mark.parametrize("path", ["/calls.json", "/calls/call-1.json"])
def test_the_json_of_a_page_is_as_closed_as_the_page(site: Site, path: str) -> None:
    site.desk.hand_in(a_call("call-1"))
    reply = visitor(site).get(path)
    assert reply.status_code == 401
    assert reply.json() == {"error": {"code": "not_authenticated", "message": "sign in to see this page"}}


def test_every_page_is_closed_to_strangers(site: Site) -> None:
    """Whatever is added later: of all routes only the form, the assets and the interfaces answer a stranger."""
    open_ = {"/sign-in", "/sign-out"}
    client = visitor(site)
    pages = {path for path in paths_of(site.app.routes) if is_page(path)} - open_
    pages = {path for path in pages if not path.startswith("/{version}/")}  # an interface's, whatever is written there
    assert len(pages) > 8
    for path in sorted(pages):
        concrete = re.sub(r"{[^}]*}", "1", path)
        reply = client.get(concrete)
        assert reply.status_code in {303, 401, 405}, f"{path}: {reply.status_code}"
        assert reply.status_code != 303 or reply.headers["location"].startswith("/sign-in"), path
        reply = client.post(concrete, headers=OURS)
        assert reply.status_code in {401, 405}, f"{path}: {reply.status_code}"


def paths_of(routes: Iterable[BaseRoute]) -> Iterator[str]:
    for route in routes:
        if isinstance(route, Route):
            yield route.path
        elif not isinstance(route, Mount):  # FastAPI keeps a router that was included as one route
            contexts = getattr(route, "effective_route_contexts")()  # noqa: B009 - its class has no public name
            yield from (context.path for context in contexts)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8000"},
        {"origin": "http://example.org"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {"referer": "http://example.org/127.0.0.1:8000"},
        {},
    ],
)
def test_another_site_cannot_have_a_call_asked_again(site: Site, headers: dict[str, str]) -> None:
    site.desk.hand_in(a_call("call-1"))
    site.desk.extract()
    assert site.client().post("/calls/call-1/extractions", headers=headers).status_code == 403
    assert site.desk.claim() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "same-origin"},
        {"origin": "http://127.0.0.1:8000"},
        {"referer": "http://127.0.0.1:8000/calls/call-1"},
    ],
)
def test_the_pages_own_button_is_taken(site: Site, headers: dict[str, str]) -> None:
    site.desk.hand_in(a_call("call-1"))
    site.desk.extract()
    reply = site.client().post("/calls/call-1/extractions", headers=headers)
    assert (reply.status_code, reply.headers["location"]) == (303, "/calls/call-1")
    assert len(site.desk.claim()) == 1


@pytest.mark.parametrize("path", ["/calls", "/calls/nobody", "/try", "/nowhere", "/static/postcall.js"])
def test_every_page_forbids_foreign_and_inline_code(site: Site, path: str) -> None:
    headers = site.client().get(path).headers
    policy = headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"} <= set(policy)
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_the_interfaces_are_not_touched_by_the_pages_rules(site: Site) -> None:
    client = site.client(host="api.example.org", peer="10.1.2.3")
    secret = site.desk.key().secret
    reply = client.get("/postcall/v1/calls", headers={"x-api-key": secret, "x-forwarded-for": "10.0.0.1"})
    assert reply.status_code == 200
    assert "content-security-policy" not in reply.headers
    missing = client.get("/postcall/v1/nowhere", headers={"accept": "text/html"})
    assert missing.status_code == 404
    assert missing.json()["error"]["code"] == "not_found"


def test_which_addresses_are_pages() -> None:
    assert [path for path in ("/", "/calls", "/v1x", "/apiary", "/postcall.css") if is_page(path)] == [
        "/", "/calls", "/v1x", "/apiary", "/postcall.css"
    ]  # fmt: skip
    assert not any(
        is_page(path)
        for path in ("/postcall/v1/calls", "/v1", "/v1/x", "/v4/default/clinic/conversations", "/api/v1/x", "/atoms/v1")
    )


def test_addresses_that_only_look_like_this_machine_are_not_it() -> None:
    assert is_loopback("127.9.9.9") and is_loopback("::1") and is_loopback("::ffff:127.0.0.1")
    assert not any(map(is_loopback, ("0.0.0.0", "::", "127.1", "localhost.", "10.0.0.1", "2130706433")))
