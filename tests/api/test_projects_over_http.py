"""A project pushed as a zip, and what is in it."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx
from tests.live_server import LiveServer
from tests.runtime.project_builder import EXTRAS, a_project

PATH = "/agents/corner/project"


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    return target.getvalue()


def put(server: LiveServer, files: dict[str, bytes], **query: Any) -> httpx.Response:
    return server.http.put(PATH, content=zipped(files), params=query)


def test_a_zip_makes_an_agent_and_its_versions(server: LiveServer) -> None:
    first = put(server, a_project(EXTRAS), label="first", by="Ana")
    assert first.status_code == 201, first.text
    made = first.json()
    assert (made["agent"], made["agent_is_new"], made["version"], made["active"]) == ("corner", True, 1, True)
    assert made["problems"] == []
    version = server.http.get("/agents/corner/versions/1").json()
    assert (version["project"], version["label"], version["created_by"]) == (made["digest"], "first", "Ana")
    again = put(server, a_project(EXTRAS))
    assert (again.status_code, again.json()["unchanged"], again.json()["version"]) == (200, True, 1)
    waiting = put(server, a_project(), activate="false")
    assert (waiting.status_code, waiting.json()["version"], waiting.json()["active"]) == (201, 2, False)
    diff = server.http.get("/agents/corner/versions/2/diff").json()
    assert diff["settings"] == [{"name": "project", "before": made["digest"], "after": waiting.json()["digest"]}]


def test_what_is_in_a_project_can_be_read(server: LiveServer) -> None:
    put(server, a_project({**EXTRAS, "functions/late.py": "import nothing_like_it\n"}))
    put(server, a_project(), activate="false")
    shown = server.http.get(PATH).json()
    assert (shown["version"], shown["active"], shown["summary"]["steps"]) == (1, True, 3)
    assert [each["file"] for each in shown["problems"]] == ["functions/late.py"]
    (flow,) = shown["flows"]
    assert [(step["name"], step["kind"]) for step in flow["steps"]] == [
        ("Ask what", "advanced"),
        ("Which size", "default"),
        ("count_loaves", "function"),
    ]
    assert flow["functions"][0]["parameters"][1] == {
        "name": "pieces",
        "type": "integer",
        "description": "How many of it.",
    }
    assert shown["default_variant"] == "south"
    assert "functions/late.py" in {file["path"] for file in shown["files"]}
    assert server.http.get(PATH, params={"version": 2}).json()["entities"] == []


def test_a_strict_push_with_problems_and_what_is_no_project_are_refused(server: LiveServer) -> None:
    strict = put(server, a_project({"agent_settings/rules.txt": "{{fn:nothing}}"}), strict="true")
    assert (strict.status_code, strict.json()["error"]["code"]) == (400, "project_has_problems")
    assert "agent_settings/rules.txt:1" in strict.json()["error"]["message"]
    nameless = put(server, a_project({"project.yaml": None}))
    assert (nameless.status_code, nameless.json()["error"]["code"]) == (400, "not_a_project")
    for content in (b"", b"hello", zipped({**a_project(), "../x.py": b""})):
        reply = server.http.put(PATH, content=content)
        assert (reply.status_code, reply.json()["error"]["code"]) == (400, "bad_input")
    bomb = put(server, {**a_project(), "functions/zeros.py": b"\0" * 50_000_000})
    assert "unpacks to more than" in bomb.json()["error"]["message"]
    assert server.http.get("/agents/corner").status_code == 404


def test_an_agent_without_a_project_says_so(server: LiveServer) -> None:
    server.post({"slug": "corner"}, "/agents")
    reply = server.http.get(PATH)
    assert (reply.status_code, reply.json()["error"]["message"]) == (404, "version 1 of 'corner' has no project")
    assert server.http.get("/agents/corner/versions/1").json()["project"] is None
