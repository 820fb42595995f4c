"""What a page learns of whoever asks for it."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import APIRouter, Depends, Request, Response
from tests.builders import Desk, a_call
from tests.web.sites import QUICK, Site
from tests.web.visitors import OURS, PASSWORD, sign_in, signed_in, visitor

from postcall.api.replies import json_reply
from postcall.domain.people import Role
from postcall.storage.users import add_user
from postcall.web.access import check_access
from postcall.web.people import person_of

router = APIRouter(dependencies=[Depends(check_access)])


@router.get("/whoami.json")
async def who(request: Request) -> Response:
    """Shows what every page is told."""
    return json_reply(person_of(request))


@router.api_route("/admins-only", methods=["GET", "POST"])
async def admins_only(request: Request) -> Response:
    """A page of the kind that changes the account's settings."""
    person_of(request).require(Role.ADMIN)
    return Response("settings")


@pytest.fixture
def asked(site: Site) -> Site:
    """A site with those two pages."""
    site.app.include_router(router)
    return site


def shown(client: Any) -> dict[str, Any]:
    reply = client.get("/whoami.json")
    assert reply.status_code == 200, reply.text
    person: dict[str, Any] = reply.json()
    return person


def test_whoever_sits_at_the_machine_has_no_name_and_may_do_everything(asked: Site) -> None:
    person = shown(asked.client())
    assert person == {
        "account_pk": asked.desk.pk, "account": "default", "name": None, "email": None, "role": "admin"
    }  # fmt: skip


@pytest.mark.parametrize("role", Role)
def test_whoever_signs_in_has_their_name_and_role(asked: Site, role: Role) -> None:
    person = shown(signed_in(asked, role))
    assert (person["name"], person["email"], person["role"]) == (role.title(), f"{role}@clinic.example", role)
    assert person["account_pk"] == asked.desk.pk


@pytest.mark.parametrize("role", Role)
def test_a_page_for_admins_is_for_admins(asked: Site, role: Role) -> None:
    client = signed_in(asked, role)
    codes = [client.get("/admins-only").status_code, client.post("/admins-only", headers=OURS).status_code]
    assert codes == ([200, 200] if role is Role.ADMIN else [403, 403])
    assert role is Role.ADMIN or "needs the role admin" in visitor_text(client)
    assert asked.client().get("/admins-only").status_code == 200


def visitor_text(client: Any) -> str:
    text: str = client.get("/admins-only").text
    return text


def test_a_stranger_is_nobody(asked: Site) -> None:
    assert visitor(asked).get("/whoami.json").status_code == 401


def test_a_user_sees_their_own_account_and_no_other(asked: Site) -> None:
    asked.desk.hand_in(a_call("ours"))
    other = Desk(asked.desk.record, asked.desk.clock, account="other")
    other.hand_in(a_call("theirs"))
    kept = QUICK.keep(PASSWORD)
    other.record.write(
        lambda c: add_user(
            c, other.pk, email="eve@other.example", name="Eve", role=Role.ADMIN, password=kept, now=other.clock()
        )
    )
    client = visitor(asked)
    sign_in(client, "eve@other.example")
    assert shown(client)["account"] == "other"
    assert client.get("/calls/theirs").status_code == 200
    assert client.get("/calls/ours").status_code == 404
    ours = signed_in(asked)
    assert (ours.get("/calls/ours").status_code, ours.get("/calls/theirs").status_code) == (200, 404)
