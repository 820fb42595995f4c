"""People who come to a site from elsewhere, and those of them who have signed in."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from tests.web.sites import QUICK, Site

from postcall.domain.people import Role, User
from postcall.storage.users import add_user
from postcall.web.session_cookie import COOKIE

HOST = "calls.example.org"
ORIGIN = f"http://{HOST}"
PASSWORD = "correct horse battery"
_KEPT = QUICK.keep(PASSWORD)
OURS = {"origin": ORIGIN}
"""What a browser sends with a form of ours."""


def visitor(site: Site, host: str = HOST) -> TestClient:
    """A browser on another machine."""
    return site.client(host=host, peer="10.0.0.7")


def add(site: Site, role: Role = Role.EDITOR, *, email: str | None = None, password: str = _KEPT) -> User:
    """A user who is named after the role."""
    address = email or f"{role.value}@clinic.example"
    desk = site.desk
    return desk.record.write(
        lambda c: add_user(
            c, desk.pk, email=address, name=role.value.title(), role=role, password=password, now=desk.clock()
        )
    )


def sign_in(client: TestClient, email: str, password: str = PASSWORD, *, onward: str = "/calls") -> Any:
    """Send the form; the reply, of whichever client the application's test client is made of."""
    form = {"email": email, "password": password, "next": onward}
    return client.post("/sign-in", data=form, headers={"origin": str(client.base_url).rstrip("/")})


def signed_in(site: Site, role: Role = Role.EDITOR) -> TestClient:
    """A browser on another machine, in which a new user of this role has signed in."""
    client = visitor(site)
    reply = sign_in(client, add(site, role).email)
    assert (reply.status_code, reply.headers["location"]) == (303, "/calls"), reply.text
    assert client.cookies[COOKIE]
    return client
