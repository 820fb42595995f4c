"""Dashboards over HTTP: made, drafted, published, measured, removed."""

from __future__ import annotations

from typing import Any

from tests.builders import a_body
from tests.live_server import LiveServer

TILE = {"title": "Calls", "kind": "kpi"}
LINE = {"title": "By day", "kind": "line", "data": {"group_by": ["day"]}}


def make(server: LiveServer, **body: Any) -> Any:
    made = server.post({"name": "Desk", "tiles": [TILE], **body}, "/dashboards")
    assert made.status_code == 201, made.text
    return made.json()


def test_what_was_made_is_read_back(any_server: LiveServer) -> None:
    made = make(any_server)
    assert any_server.http.get(f"/dashboards/{made['id']}").json() == made
    assert (made["revision"], made["draft"], made["tiles"][0]["id"]) == (1, None, "tile-1")
    [listed] = any_server.http.get("/dashboards").json()["dashboards"]
    assert (listed["id"], "tiles" in listed) == (made["id"], False)


def test_a_draft_is_published_as_a_whole(any_server: LiveServer) -> None:
    made = make(any_server)
    drafted = any_server.http.put(f"/dashboards/{made['id']}", json={"tiles": [LINE], "name": "Line", "revision": 1})
    assert drafted.status_code == 200
    assert (drafted.json()["name"], drafted.json()["tiles"]) == ("Line", made["tiles"])
    published = any_server.http.post(f"/dashboards/{made['id']}:publish").json()
    assert ([tile["title"] for tile in published["tiles"]], published["draft"]) == (["By day"], None)


def test_an_old_revision_is_a_conflict_and_changes_nothing(server: LiveServer) -> None:
    made = make(server)
    server.http.put(f"/dashboards/{made['id']}", json={"tiles": [LINE], "revision": 1})
    late = server.http.put(f"/dashboards/{made['id']}", json={"tiles": [], "name": "Late", "revision": 1})
    assert (late.status_code, late.json()["error"]["field"]) == (409, "revision")
    assert server.http.get(f"/dashboards/{made['id']}").json()["name"] == "Desk"
    assert server.http.post(f"/dashboards/{made['id']}:publish?revision=1").status_code == 409


def test_the_numbers_of_all_tiles_come_at_once(server: LiveServer) -> None:
    server.post(a_body("one"))
    server.post(a_body("two", channel="webchat"))
    made = make(server, tiles=[TILE, LINE, {"title": "Odd", "kind": "kpi", "data": {"filters": [
        {"field": "metric.NOBODY_HAS_IT", "op": "exists"}
    ]}}])  # fmt: skip
    data = server.http.get(f"/dashboards/{made['id']}/data?channel=webchat").json()
    assert data["channels"] == ["webchat"]
    assert data["tiles"][0]["rows"][0]["values"][0]["value"] == 1
    assert data["tiles"][1]["rows"] == [{"group": ["2026-03-02"], "values": [data["tiles"][1]["rows"][0]["values"][0]]}]
    # What cannot be measured costs only its own tile.
    assert data["tiles"][2]["error"]["code"] == "bad_input"


def test_a_parameter_that_is_not_there_is_refused(server: LiveServer) -> None:
    made = make(server)
    reply = server.http.get(f"/dashboards/{made['id']}/data?chanel=voice")
    assert (reply.status_code, reply.json()["error"]["field"]) == (400, "chanel")


def test_a_mistake_in_a_tile_is_told_with_its_place(server: LiveServer) -> None:
    reply = server.post({"name": "Desk", "tiles": [TILE, {**LINE, "data": {}}]}, "/dashboards")
    assert (reply.status_code, reply.json()["error"]["field"]) == (400, "tiles[1].data.group_by")
    reply = server.post({"name": "Desk", "tiles": [], "template": "web-chat"}, "/dashboards")
    assert reply.json()["error"]["field"] == "template"


def test_a_template_can_be_named(server: LiveServer) -> None:
    made = make(server, tiles=None, template="web-chat")
    assert "Engaged conversations" in [tile["title"] for tile in made["tiles"]]
    assert server.post({"name": "X", "template": "nope"}, "/dashboards").status_code == 404


def test_a_removed_dashboard_is_gone(server: LiveServer) -> None:
    made = make(server)
    assert server.http.delete(f"/dashboards/{made['id']}").status_code == 204
    assert server.http.get(f"/dashboards/{made['id']}").status_code == 404
