"""A server of which the operator has said under which address people see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.builders import Desk
from tests.web.sites import Site
from tests.web.visitors import PASSWORD, add

from postcall.api.services import Services
from postcall.app import create_app
from postcall.errors import SettingsError
from postcall.extraction.analysers import make_analyser
from postcall.settings import Settings, read_settings

PUBLIC = "https://calls.example.org"


@pytest.fixture
def public(page_desk: Desk, tmp_path: Path) -> Site:
    """A site behind a proxy that names the machine's own address as the Host, and leaves no trace."""
    settings = Settings(data=tmp_path, database_url="", admin_key=None, model=None)
    settings = replace(settings, public_url=PUBLIC)
    services = Services(record=page_desk.record, settings=settings, clock=page_desk.clock)
    return Site(page_desk, create_app(services, make_analyser(settings)), settings)


def test_there_everybody_signs_in_even_who_seems_to_sit_at_the_machine(public: Site) -> None:
    """For a proxy on the same machine can look just like that."""
    assert public.client().get("/calls").status_code == 303


def test_there_changes_are_taken_only_under_that_address(public: Site) -> None:
    form, client = {"email": add(public).email, "password": PASSWORD}, public.client()
    for headers in (
        {"origin": "http://127.0.0.1:8000"},
        {"origin": "http://calls.example.org"},
        {"origin": "https://calls.example.org:8443"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": PUBLIC, "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin"},
        {},
    ):
        assert client.post("/sign-in", data=form, headers=headers).status_code == 403, headers
    for headers in ({"origin": PUBLIC}, {"origin": PUBLIC, "sec-fetch-site": "same-origin"}, {"referer": f"{PUBLIC}/"}):
        reply = client.post("/sign-in", data=form, headers=headers)
        assert reply.status_code == 303, headers
        assert "; secure" in reply.headers["set-cookie"].casefold()


def test_under_another_address_the_refusal_names_the_right_one(public: Site) -> None:
    reply = public.client().post("/sign-in", headers={"origin": "http://127.0.0.1:8000"})
    assert f"only under {PUBLIC}" in reply.text


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://calls.example.org", PUBLIC),
        ("https://Calls.Example.org/", PUBLIC),
        ("https://calls.example.org:443", PUBLIC),
        ("http://calls.example.org:80/", "http://calls.example.org"),
        ("http://10.0.0.1:8000", "http://10.0.0.1:8000"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("", None),
    ],
)
def test_the_address_is_read_as_browsers_write_it(given: str, origin: str | None) -> None:
    assert read_settings({"POSTCALL_PUBLIC_URL": given}).public_url == origin


@pytest.mark.parametrize(
    "given",
    ["calls.example.org", "ftp://a", "https://", "https://a/calls", "https://a?x", "https://joe@a", "https://a:port"],
)
def test_an_address_that_cannot_be_one_stops_the_start(given: str) -> None:
    with pytest.raises(SettingsError, match="POSTCALL_PUBLIC_URL"):
        read_settings({"POSTCALL_PUBLIC_URL": given})
