"""Numbers, the do-not-call list, lines and the account over the wire."""

from __future__ import annotations

from functools import partial
from typing import Any

import httpx
import pytest
from tests.api.atoms.published import fits
from tests.live_server import LiveServer

from postcall.domain.audiences import BarSource
from postcall.domain.keys import Scope
from postcall.storage.agents import ensure_agent_row
from postcall.storage.do_not_call import bar


def client(server: LiveServer, *scopes: Scope, account: str = "default") -> httpx.Client:
    headers = {"authorization": server.holder_of(*scopes, account=account).headers["authorization"]}
    return httpx.Client(base_url=server.address + "/atoms/v1", headers=headers, timeout=30)


def an_agent(server: LiveServer, slug: str = "clinic") -> tuple[int, str]:
    desk = server.desk
    row = server.services.record.write(lambda c: ensure_agent_row(c, desk.pk, slug, now=desk.clock()))
    return int(row.pk), str(row.id)


def test_every_account_owns_one_number_and_keeps_it(any_server: LiveServer) -> None:
    http = client(any_server, Scope.READ)
    reply = http.get("/product/phone-numbers")
    fits("get", "/product/phone-numbers", reply)
    [number] = reply.json()["data"]
    assert number["attributes"]["phoneNumber"] == "+12025550101"
    assert number["attributes"]["countryCode"] == "US" and number["attributes"]["areaCode"] == "202"
    assert (number["productType"], number["isActive"], number["agentId"]) == ("telephony", True, None)
    assert http.get("/product/phone-numbers").json() == reply.json()
    every = http.get("/product/all-numbers")
    fits("get", "/product/all-numbers", every)
    assert every.json()["data"] == {"telephonyProducts": [number], "customProducts": []}
    [theirs] = client(any_server, Scope.READ, account="other").get("/product/phone-numbers").json()["data"]
    assert theirs["_id"] != number["_id"]


def test_numbers_of_others_are_not_offered(server: LiveServer) -> None:
    body = {"phoneNumber": "+14155550123", "sipTerminationUrl": "sip.example"}
    reply = client(server, Scope.ADMIN).post("/product/import-phone-number", json=body)
    assert reply.status_code == 501
    assert reply.json()["errors"][0].startswith("postcall does not offer")


def test_the_do_not_call_list_is_read_in_pages(any_server: LiveServer) -> None:
    desk, record = any_server.desk, any_server.services.record
    pk, agent_id = an_agent(any_server)
    an_agent(any_server, "shop")
    for index in range(3):
        desk.clock.advance(1)
        of = {"agent_pk": pk, "source": BarSource.CALL} if index else {"agent_pk": None, "source": BarSource.UPLOAD}
        phone = f"+1415555010{index}"
        record.write(partial(bar, account_pk=desk.pk, phone=phone, now=desk.clock(), **of))
    http = client(any_server, Scope.READ)
    reply = http.get("/dnc")
    fits("get", "/dnc", reply)
    data = reply.json()["data"]
    assert data["pagination"] == {"page": 1, "offset": 50, "total": 3, "totalPages": 1, "hasMore": False}
    newest = data["entries"][0]
    assert (newest["phoneNumber"], newest["agentId"], newest["source"]) == ("+14155550102", agent_id, "call")
    assert (newest["orgId"], newest["detectedInCallId"]) == ("default", None)
    assert data["entries"][2]["agentId"] == ""

    def phones(**query: str) -> list[str]:
        return [each["phoneNumber"][-1] for each in http.get("/dnc", params=query).json()["data"]["entries"]]

    assert phones(sortField="phoneNumber", sortOrder="asc") == ["0", "1", "2"]
    assert phones(offset="2", page="2") == ["0"]
    assert phones(offset="0") == ["2"]
    assert phones(agentId=agent_id) == ["2", "1", "0"]
    assert phones(search="+1 415 555-0101") == ["1"]
    assert phones(search="anna") == []
    for wrong in ("agentId=x", "sortField=name", "sortOrder=up", "page=one"):
        assert http.get(f"/dnc?{wrong}").status_code == 400
    assert client(any_server, Scope.READ, account="other").get("/dnc").json()["data"]["entries"] == []


def a_reservation(agent_id: str, **lines: int) -> dict[str, Any]:
    return {"agentId": agent_id, "webcall": 0, "outbound": 0, "inbound": 0, "chat": 0, **lines}


def test_admins_keep_lines_for_agents(any_server: LiveServer) -> None:
    _, clinic = an_agent(any_server)
    _, shop = an_agent(any_server, "shop")
    http = client(any_server, Scope.ADMIN)
    wanted = {"reservations": [a_reservation(clinic, outbound=4, chat=1), a_reservation(shop, inbound=2)]}
    put = http.put("/concurrency/reservations", json=wanted)
    fits("put", "/concurrency/reservations", put)
    assert put.json() == {"success": True, "data": {"updated": 2}}
    http.put("/concurrency/reservations", json={"reservations": [a_reservation(shop, inbound=3)]})
    reply = http.get("/concurrency")
    fits("get", "/concurrency", reply)
    data = reply.json()["data"]
    assert (data["orgLimit"], data["totalReserved"], data["unreservedPool"]) == (20, 8, 12)
    assert [(each["agentName"], each["outbound"], each["inbound"], each["chat"]) for each in data["agents"]] == [
        ("clinic", 4, 0, 1),
        ("shop", 0, 3, 0),
    ]


def test_reservations_that_cannot_be_are_refused_and_change_nothing(server: LiveServer) -> None:
    _, clinic = an_agent(server)
    http = client(server, Scope.ADMIN)

    def refused(*reservations: Any) -> str:
        reply = http.put("/concurrency/reservations", json={"reservations": list(reservations)})
        assert reply.status_code == 400, reply.text
        fits("put", "/concurrency/reservations", reply)
        text: str = reply.json()["errors"][0]
        return text

    assert refused() == "reservations: Expected at least one"
    assert refused(a_reservation(clinic, outbound=21)) == "these reservations make 21 lines in all, and there are 20"
    assert refused(a_reservation(clinic), a_reservation(clinic)) == "reservations: an agent is named more than once"
    assert refused(a_reservation("f" * 24)) == "No agent found"
    assert refused(a_reservation("clinic")) == "Invalid agent id"
    assert "webcall" in refused(a_reservation(clinic, webcall=-1))
    assert "chat" in refused({key: value for key, value in a_reservation(clinic).items() if key != "chat"})
    assert http.get("/concurrency").json()["data"]["totalReserved"] == 0
    writing = client(server, Scope.WRITE).put(
        "/concurrency/reservations", json={"reservations": [a_reservation(clinic)]}
    )
    assert writing.status_code == 403
    fits("put", "/concurrency/reservations", writing)


def test_a_key_is_shown_as_a_user_of_whom_every_text_is_there(server: LiveServer) -> None:
    http = client(server, Scope.READ)
    reply = http.get("/user")
    fits("get", "/user", reply)
    user = reply.json()["data"]
    assert (user["firstName"], user["organizationId"]) == ("test", "default")
    assert all(isinstance(user[name], str) for name in ("firstName", "lastName", "userEmail", "authProvider"))
    details = http.get("/account/get-account-details")
    fits("get", "/account/get-account-details", details)
    account = details.json()
    assert (account["userId"], account["email"]) == (user["_id"], user["userEmail"])
    assert [(each["orgId"], each["roleId"]) for each in account["organizations"]] == [("default", 1)]
    owner = client(server, Scope.ADMIN).get("/account/get-account-details").json()
    assert owner["organizations"][0]["roleId"] == 0
    other = client(server, Scope.READ, account="other").get("/user").json()["data"]
    assert other["_id"] != user["_id"]


@pytest.mark.parametrize("path", ["/product/phone-numbers", "/dnc", "/concurrency", "/user", "/audience"])
def test_without_a_key_nothing_is_told(server: LiveServer, path: str) -> None:
    reply = httpx.get(server.address + "/atoms/v1" + path)
    assert reply.status_code == 401
    fits("get", path, reply)
