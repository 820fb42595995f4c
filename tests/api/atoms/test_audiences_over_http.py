"""Audiences over the wire: made from files, looked at, extended, taken away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.api.atoms.published import fits
from tests.builders import StepClock
from tests.live_server import LiveServer, run_server
from tests.outbound.csv_files import many

from postcall.domain.keys import Scope

CSV = "firstName,lastName,phoneNumber\nUser,1,+14155550123\nUser,2,919876543210"
KNOWN = "Some phone numbers in your CSV already exist in this audience. Please remove duplicate entries and try again."


class Wire:
    """A client of the interface."""

    def __init__(self, server: LiveServer, *scopes: Scope, prefix: str = "/atoms/v1") -> None:
        headers = server.holder_of(*(scopes or (Scope.READ, Scope.WRITE))).headers
        self.server = server
        self.http = httpx.Client(
            base_url=server.address + prefix, headers={"authorization": headers["authorization"]}, timeout=60
        )

    def upload(self, content: bytes | str = CSV, **fields: Any) -> httpx.Response:
        data = {"name": "Leads", "phoneNumberColumnName": "phoneNumber", "description": "", **fields}
        data = {name: value for name, value in data.items() if value is not None}
        return self.http.post("/audience", data=data, files={"file": ("contacts.csv", content, "text/csv")})

    def audience(self, content: bytes | str = CSV, **fields: Any) -> str:
        reply = self.upload(content, **fields)
        assert reply.status_code == 200, reply.text
        made: str = reply.json()["data"]["_id"]
        return made

    def members(self, audience: str, **query: Any) -> dict[str, Any]:
        reply = self.http.get(f"/audience/{audience}/members", params=query)
        fits("get", "/audience/{id}/members", reply)
        found: dict[str, Any] = reply.json()["data"]
        return found

    def refused(self, reply: httpx.Response, status: int = 400) -> list[str]:
        """The texts of an error."""
        assert reply.status_code == status, reply.text
        body = reply.json()
        assert body["status"] is False and all(isinstance(text, str) for text in body["errors"])
        texts: list[str] = body["errors"]
        return texts


@pytest.fixture
def wire(server: LiveServer) -> Wire:
    return Wire(server)


@pytest.mark.parametrize("prefix", ["/atoms/v1", "/api/v1"])
def test_an_audience_is_made_read_and_taken_away(any_server: LiveServer, prefix: str) -> None:
    wire = Wire(any_server, prefix=prefix)
    made = wire.upload(identifierColumnName="lastName", description="May call")
    fits("post", "/audience", made)
    data = made.json()["data"]
    assert {name: data[name] for name in ("name", "description", "phoneNumberColumnName", "identifierColumnName")} == {
        "name": "Leads",
        "description": "May call",
        "phoneNumberColumnName": "phoneNumber",
        "identifierColumnName": "lastName",
    }
    assert (data["organization"], data["createdBy"]) == ("default", "test")
    assert data["createdAt"] == "2026-03-02T12:00:00.000Z"
    one = wire.http.get(f"/audience/{data['_id']}")
    fits("get", "/audience/{id}", one)
    assert one.json()["data"] == data
    listed = wire.http.get("/audience")
    fits("get", "/audience", listed)
    assert listed.json()["data"] == [{**data, "memberCount": 2, "hasCampaigns": False, "campaigns": []}]
    gone = wire.http.delete(f"/audience/{data['_id']}")
    fits("delete", "/audience/{id}", gone)
    assert gone.json() == {"status": True, "data": []}
    assert wire.http.get(f"/audience/{data['_id']}").status_code == 404
    assert wire.http.get("/audience").json()["data"] == []


def test_members_come_in_pages_with_their_columns(wire: Wire) -> None:
    audience = wire.audience(many(12))
    first = wire.members(audience)
    assert [len(first["members"]), first["totalCount"], first["totalPages"], first["hasMore"]] == [5, 12, 3, True]
    assert first["members"][0]["data"] == {"phoneNumber": "+14155000000", "name": "Person 0"}
    last = wire.members(audience, page=3, offset=5, limit=1)
    assert [len(last["members"]), last["hasMore"]] == [2, False]
    assert len(wire.members(audience, offset=100_000_000)["members"]) == 12
    assert wire.members(audience, page=99)["members"] == []
    found = wire.members(audience, search="person 1", offset=10)
    assert [each["data"]["name"] for each in found["members"]] == ["Person 1", "Person 10", "Person 11"]
    assert wire.refused(wire.http.get(f"/audience/{audience}/members?page=x")) == ["page: must be a number, not 'x'"]


@pytest.mark.parametrize("told", ["phoneNumber", "mobile"])
def test_the_heading_that_clients_keep_is_taken_whatever_they_were_told(wire: Wire, told: str) -> None:
    reply = wire.upload(phoneNumberColumnName=told)
    assert reply.json()["data"]["phoneNumberColumnName"] == told
    members = wire.members(reply.json()["data"]["_id"])["members"]
    assert members[1]["data"] == {"firstName": "User", "lastName": "2", "phoneNumber": "919876543210"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name,phone\nA,+14155550123", "The CSV has no column 'phoneNumber'; it has name, phone"),
        ("", "The CSV file is empty"),
        ("phoneNumber,name\n", "The CSV has no contacts"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "The file is not a CSV of text"),
        (CSV + "\nUser,3,1 (415) 555-0123", KNOWN),
        (
            CSV + "\n\nUser,3,twelve\nRoe, Jane,4,+14155550199\nUser,5,",
            "Nothing was stored, for 3 of the rows cannot be called: line 5: 'twelve' is not a phone number; "
            "line 6: 4 cells under 3 headings: a cell with a comma needs quotes; line 7: no phone number",
        ),
    ],
    ids=["no phone column", "empty", "no rows", "picture", "repeated", "bad numbers"],
)
def test_a_file_that_cannot_be_called_is_refused_and_nothing_stored(
    wire: Wire, content: bytes | str, says: str
) -> None:
    assert wire.refused(wire.upload(content)) == [says]
    assert wire.http.get("/audience").json()["data"] == []


def test_what_is_missing_is_named(wire: Wire) -> None:
    assert wire.refused(wire.upload(name=" ", phoneNumberColumnName=None)) == [
        "name: Required",
        "phoneNumberColumnName: Required",
    ]
    assert wire.refused(wire.http.post("/audience", data={"name": "x"})) == [
        "send a form: Content-Type: multipart/form-data"
    ]
    file = {"name": (None, "x"), "phoneNumberColumnName": (None, "y"), "file": (None, "z")}
    assert wire.refused(wire.http.post("/audience", files=file)) == ["file: Required"]
    headers = {"content-type": "multipart/form-data; boundary=x"}
    [says] = wire.refused(wire.http.post("/audience", content=b"--y\r\njunk", headers=headers))
    assert says.startswith("the form cannot be read")
    [says] = wire.refused(wire.upload(identifierColumnName="crmId"))
    assert says.startswith("The CSV has no column 'crmId'")


def test_what_passes_the_limits_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    with run_server(sqlite_url, tmp_path, clock=StepClock(), max_body_bytes=20_000, audience_members=100) as server:
        wire = Wire(server)
        assert wire.refused(wire.upload(many(101))) == ["Audience cannot exceed 100 members"]
        audience = wire.audience(many(100))
        more = {"members": [{"phoneNumber": "+14155550123"}]}
        reply = wire.http.post(f"/audience/{audience}/members", json=more)
        assert wire.refused(reply) == ["Audience cannot exceed 100 members"]

        def parts() -> Iterator[bytes]:  # without a declared length; a form that can be read as far as it goes
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
            for _ in range(30):
                yield b"x" * 1_000

        headers = {"content-type": "multipart/form-data; boundary=x"}
        [says] = wire.refused(wire.upload(many(1_000)))
        assert says.endswith("the limit is 20,000")
        [says] = wire.refused(wire.http.post("/audience", content=parts(), headers=headers))
        assert says == "the body is larger than 20,000 bytes"


def test_people_are_added_once_and_told_of(wire: Wire) -> None:
    audience = wire.audience()
    body = {
        "members": [
            {"phoneNumber": "+14155550124", "firstName": "Zoë", "age": 42, "vip": True, "note": None},
            {"phoneNumber": "1 415 555 0123"},
            {"phoneNumber": 14155550125},
        ]
    }
    reply = wire.http.post(f"/audience/{audience}/members", json=body)
    fits("post", "/audience/{id}/members", reply)
    assert reply.json()["data"] == [{"message": "2 members added successfully", "data": {"added": 2, "skipped": 1}}]
    added = wire.members(audience, offset=10)["members"][2]["data"]
    assert added == {"phoneNumber": "+14155550124", "firstName": "Zoë", "age": 42, "vip": True}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, ["members: Required"]),
        ({"members": []}, ["members: Expected a list with something in it"]),
        ({"members": {"phoneNumber": "+14155550123"}}, ["members: Expected a list with something in it"]),
        ({"members": ["+14155550123"]}, ["members[0]: Expected an object"]),
        ({"members": [{"firstName": "A"}]}, ["members[0]: Each member must have a mobile field"]),
        (
            {"members": [{"mobile": "+14155550199"}, {"mobile": "x"}, {"mobile": 1.5}]},
            ["members[1]: Invalid phone number", "members[2]: Each member must have a mobile field"],
        ),
        (
            {"members": [{"mobile": "+14155550199", "deep": {"er": 1}}]},
            ["members[0]: Invalid input: a field is a text, a number, true or false"],
        ),
        ({"members": [{}] * 10_001}, ["members: at most 10000 can be added at once, not 10001"]),
    ],
    ids=["none", "empty", "no list", "texts", "no number", "bad numbers", "nested", "too many"],
)
def test_members_that_are_wrong_are_named_and_nobody_is_added(wire: Wire, body: Any, says: list[str]) -> None:
    audience = wire.audience(phoneNumberColumnName="mobile")
    assert wire.refused(wire.http.post(f"/audience/{audience}/members", json=body)) == says
    assert wire.members(audience)["totalCount"] == 2


def test_people_are_taken_out_by_the_body_of_a_delete(wire: Wire) -> None:
    audience = wire.audience(many(5))
    ids = [each["_id"] for each in wire.members(audience)["members"]][:2]
    reply = wire.http.request("DELETE", f"/audience/{audience}/members", json={"memberIds": [*ids, "f" * 24]})
    fits("delete", "/audience/{id}/members", reply)
    assert reply.json()["data"] == {"deletedCount": 2}
    assert wire.members(audience)["totalCount"] == 3
    for body, says in (
        ({}, "memberIds: Required"),
        ({"memberIds": [1]}, "memberIds: Expected strings"),
        ({"memberIds": ["me"]}, "Invalid member id"),
    ):
        assert wire.refused(wire.http.request("DELETE", f"/audience/{audience}/members", json=body)) == [says]


def test_people_are_searched_anywhere_or_by_column(wire: Wire) -> None:
    audience = wire.audience(many(30))

    def search(**query: str) -> dict[str, Any]:
        reply = wire.http.get(f"/audience/{audience}/members/search", params=query)
        fits("get", "/audience/{id}/members/search", reply)
        found: dict[str, Any] = reply.json()["data"]
        return found

    anywhere = search(query="PERSON")
    assert len(anywhere["members"]) == 10
    assert anywhere["searchInfo"] == {
        "searchType": "general",
        "searchTerm": "PERSON",
        "searchFields": ["phoneNumber", "name"],
        "totalResults": 30,
    }
    both = search(name="person 1", phoneNumber="+14155000012")
    assert [each["data"]["name"] for each in both["members"]] == ["Person 12"]
    assert both["searchInfo"]["searchType"] == "multiple"
    assert both["searchInfo"]["searchFields"] == ["name", "phoneNumber"]
    assert search(shoe="42")["members"] == []
    wire.refused(wire.http.get(f"/audience/{audience}/members/search"))


def test_ids_that_are_no_ids_or_somebody_elses(wire: Wire) -> None:
    stranger = Wire(wire.server, Scope.READ, Scope.WRITE)
    theirs = wire.server.holder_of(Scope.READ, Scope.WRITE, account="other").headers["authorization"]
    stranger.http.headers["authorization"] = theirs
    audience = wire.audience()
    for path in ("", "/members", "/members/search?query=a"):
        assert wire.refused(wire.http.get(f"/audience/nonsense{path}")) == ["Invalid audience id"]
        stranger.refused(stranger.http.get(f"/audience/{audience}{path}"), 404)
        wire.refused(wire.http.get(f"/audience/{'f' * 24}{path}"), 404)
    stranger.refused(stranger.http.delete(f"/audience/{audience}"), 404)
    assert stranger.http.get("/audience").json()["data"] == []


def test_a_key_that_may_only_read_changes_nothing(wire: Wire) -> None:
    audience = wire.audience()
    reading = Wire(wire.server, Scope.READ)
    reading.refused(reading.upload(), 403)
    reading.refused(reading.http.delete(f"/audience/{audience}"), 403)
    assert reading.members(audience)["totalCount"] == 2


def test_a_hundred_thousand_people_are_taken_in(wire: Wire) -> None:
    audience = wire.audience(many(100_000))
    assert wire.members(audience, page=20_000)["members"][-1]["data"]["name"] == "Person 99999"
    assert wire.members(audience)["totalCount"] == 100_000
