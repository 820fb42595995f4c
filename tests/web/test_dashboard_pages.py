"""Overview, dashboards and their editor, as they come from the server."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.builders import NOON, a_call, a_question
from tests.web.sites import Site
from tests.web.test_pages import HOSTILE, elements, shown

SAME_ORIGIN = {"sec-fetch-site": "same-origin"}


def post(site: Site, path: str, **fields: Any) -> Any:
    """Send a form, as a page of ours would."""
    return site.client().post(path, data={name: str(value) for name, value in fields.items()}, headers=SAME_ORIGIN)


def make(site: Site, template: str = "web-chat", name: str = "Chats") -> str:
    """A dashboard; returns its address."""
    reply = post(site, "/dashboards", template=template, name=name)
    assert reply.status_code == 303, reply.text
    address: str = reply.headers["location"]
    return address


def data_of(site: Site, path: str) -> Any:
    reply = site.client().get(path)
    assert reply.status_code == 200, reply.text
    return reply.json()


def value_of(data: Any, tile_id: str) -> Any:
    [tile] = [each for each in data["tiles"] if each["id"] == tile_id]
    return tile["rows"][0]["values"][0]["value"]


def revision_of(page: str) -> str:
    return next(each["value"] for each in elements(page, "input") if each.get("name") == "revision")


def some_calls(site: Site) -> None:
    """Three on the telephone, one of them in the sandbox, and one chat a day before."""
    calls: dict[str, dict[str, Any]] = {
        "a": {"duration_s": 60.0, "metrics": {"reason": "billing"}},
        "b": {"duration_s": 120.0, "metrics": {"reason": "repair"}},
        "c": {"environment": "sandbox"},
        "d": {"channel": "webchat", "started_at": NOON - timedelta(days=1), "variant": "B"},
    }
    for name, more in calls.items():
        site.desk.hand_in(a_call(name, **more))


def test_without_calls_overview_says_what_to_do(site: Site) -> None:
    page = shown(site.get("/overview"))
    assert "No calls yet" in page and "postcall demo" in page


def test_overview_counts_live_calls_of_the_last_seven_days(site: Site) -> None:
    some_calls(site)
    site.desk.hand_in(a_call("old", started_at=NOON - timedelta(days=8)))
    data = data_of(site, "/overview.json")
    assert value_of(data, "conversations") == 3
    assert value_of(data, "handle-time") == 90.0
    assert value_of(data_of(site, "/overview.json?channel=webchat"), "conversations") == 1
    assert value_of(data_of(site, "/overview.json?environment=all"), "conversations") == 4
    assert value_of(data_of(site, "/overview.json?variant=B"), "conversations") == 1
    assert value_of(data_of(site, "/overview.json?period=last_30_days"), "conversations") == 4


def test_a_page_shows_what_its_json_says(site: Site) -> None:
    some_calls(site)
    page = shown(site.get("/overview"))
    assert re.search(r"Conversations 3 ", page)
    assert "1 min 30 s" in page


def test_overview_counts_the_values_of_the_main_question(site: Site) -> None:
    site.desk.ask(a_question("booked"), a_question("reason", "Why?", "ENUM", choices=("billing", "repair")))
    some_calls(site)
    tile = data_of(site, "/overview/tiles/top-values.json")
    assert tile["title"] == "Top 10 of reason"
    assert {row["group"][0]: row["values"][0]["value"] for row in tile["rows"]} == {"billing": 1, "repair": 1}


def test_every_number_leads_to_its_calls_with_the_filter_written_out(site: Site) -> None:
    some_calls(site)
    page = site.get("/overview?channel=webchat&agent=clinic")
    links = [unescape(each["href"]) for each in elements(page, "a") if each.get("class") == "tile-calls"]
    assert len(links) == len(data_of(site, "/overview.json")["tiles"])
    query = parse_qs(urlsplit(links[0]).query)
    assert query["agent"] == ["clinic"] and '"field.channel"' in query["filters"][0]
    followed = site.client().get(links[0].replace("/calls?", "/calls.json?"))
    assert [call["id"] for call in followed.json()["calls"]] == ["d"]


def test_a_tile_is_also_a_file(site: Site) -> None:
    some_calls(site)
    reply = site.client().get("/overview/tiles/per-day.csv")
    assert reply.headers["content-type"].startswith("text/csv")
    assert reply.text.splitlines() == ["day,Conversations,Conversations: n", "2026-03-01,1.0,1", "2026-03-02,2.0,2"]


@pytest.mark.parametrize("path", ["/overview/tiles/nobody.json", "/dashboards/0123.json", "/dashboards/0123/edit"])
def test_what_is_not_there_is_not_found(site: Site, path: str) -> None:
    assert site.client().get(path).status_code == 404


def test_a_forms_empty_fields_do_not_stay_in_the_address(site: Site) -> None:
    reply = site.client().get("/overview?agent=&period=last_7_days&time_zone=UTC&since=&until=&channel=voice")
    assert (reply.status_code, reply.headers["location"]) == (303, "/overview?channel=voice")


@pytest.mark.parametrize("query", ["since=yesterday", "agent=nobody", "period=fortnight", "time_zone=Mars"])
def test_a_toolbar_that_cannot_be_read_is_told_beside_its_form(site: Site, query: str) -> None:
    some_calls(site)
    reply = site.client().get(f"/overview?{query}", headers={"accept": "text/html"})
    assert reply.status_code in {400, 404}
    assert 'role="alert"' in reply.text and "Back to the usual" not in reply.text
    assert '<select name="period">' in reply.text


def test_the_time_zone_chosen_last_is_kept(site: Site) -> None:
    client = site.client()
    client.get("/overview?time_zone=Asia/Tokyo")
    assert "Asia/Tokyo" in client.get("/overview").text
    assert client.get("/overview.json").json()["time_zone"] == "Asia/Tokyo"


def test_a_template_becomes_a_dashboard_of_ones_own(site: Site) -> None:
    address = make(site, "inbound-voice", "Front <desk>")
    page = site.get(address)
    assert "Front &lt;desk&gt;" in page
    assert "Inbound calls" in site.get(address + "/edit")
    assert "Front <desk>" in shown(site.get("/dashboards"))
    assert [tab for tab in elements(page, "a") if tab.get("aria-current") and tab["href"] == address]


def test_an_empty_dashboard_leads_to_its_first_tile(site: Site) -> None:
    address = make(site, "empty", "Mine")
    assert address.endswith("/edit")
    assert "Add a tile" in shown(site.get(address))


_LONG_CALLS: dict[str, Any] = {"do": "save", "title": "Long calls", "kind": "kpi", "m0_kind": "conversations"}


def add_tile(site: Site, home: str, **fields: Any) -> Any:
    page = site.get(home + "/edit/new")
    return post(
        site,
        home + "/edit/new",
        **{
            "do": "save",
            "revision": revision_of(page),
            "title": "Long calls",
            "kind": "kpi",
            "m0_kind": "conversations",
        }
        | fields,
    )


def test_a_tile_shows_once_its_draft_is_published(site: Site) -> None:
    some_calls(site)
    home = make(site, "empty", "Mine").removesuffix("/edit")
    reply = add_tile(site, home, f0_name="field.duration", f0_op="gte", f0_value="100")
    assert reply.status_code == 303
    assert data_of(site, home + ".json")["tiles"] == []
    edit = site.get(home + "/edit")
    assert "Long calls 1" in shown(edit)
    assert post(site, home + "/publish", revision=revision_of(edit)).status_code == 303
    [tile] = data_of(site, home + ".json")["tiles"]
    assert (tile["title"], tile["rows"][0]["values"][0]["value"]) == ("Long calls", 1)


def test_a_draft_can_be_thrown_away(site: Site) -> None:
    home = make(site)
    before = data_of(site, home + ".json")["tiles"]
    add_tile(site, home)
    assert "Long calls" in site.get(home + "/edit")
    post(site, home + "/discard", revision=revision_of(site.get(home + "/edit")))
    assert "Long calls" not in site.get(home + "/edit")
    assert data_of(site, home + ".json")["tiles"] == before


def test_two_editors_do_not_overwrite_each_other(site: Site) -> None:
    home = make(site)
    seen = revision_of(site.get(home + "/edit"))
    add_tile(site, home, revision=seen)
    reply = add_tile(site, home, revision=seen)
    assert reply.status_code == 409 and "has been changed since" in reply.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": ""}, "title"),
        ({"kind": "line"}, "takes 1 or 2"),
        ({"m0_kind": "sum"}, "what is measured"),
        ({"f0_name": "field.duration", "f0_op": "gte", "f0_value": "long"}, "Condition 1"),
        ({"colour": "9"}, "colour"),
        ({"multiplier": "a lot"}, "multiplier"),
    ],
)
def test_a_tile_that_cannot_be_is_told_and_kept_in_the_form(site: Site, fields: dict[str, str], said: str) -> None:
    home = make(site)
    reply = add_tile(site, home, suffix="kept", **fields)
    assert reply.status_code == 400
    assert said.casefold() in shown(reply.text).casefold()
    assert 'value="kept"' in reply.text


def test_a_tiles_form_says_all_that_the_tile_is(site: Site) -> None:
    """Saved again as it was shown, nothing changes."""
    home = make(site, "outbound-voice", "Out")
    first = data_of(site, home + ".json")
    for tile in first["tiles"]:
        page = site.get(f"{home}/edit/{tile['id']}")
        assert post(site, f"{home}/edit/{tile['id']}", **(fields_of(page) | {"do": "save"})).status_code == 303
    post(site, home + "/publish", revision=revision_of(site.get(home + "/edit")))
    assert data_of(site, home + ".json") == first


def fields_of(page: str) -> dict[str, str]:
    """What a browser would send of the tile's form."""
    form = page[page.index("<form", page.index("halves")) : page.index("</form>", page.index("halves"))]
    fields = {
        each["name"]: each.get("value", "")
        for each in elements(form, "input")
        if each.get("type") not in {"checkbox", "radio"} or "checked" in each
    }
    for name, inside in re.findall(r'<select name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        chosen = [each["value"] for each in elements(inside, "option") if "selected" in each]
        fields[name] = chosen[0] if chosen else elements(inside, "option")[0]["value"]
    return fields


def test_the_preview_stores_nothing(site: Site) -> None:
    some_calls(site)
    home = make(site)
    reply = post(site, home + "/preview", title="How many", kind="kpi", m0_kind="conversations")
    assert "How many" in reply.text and '<p class="kpi">3</p>' in reply.text
    assert "How many" not in site.get(home + "/edit")


def test_tiles_move_by_fields_and_by_what_the_script_tells(site: Site) -> None:
    home = make(site, "empty", "Mine").removesuffix("/edit")
    add_tile(site, home)
    edit = site.get(home + "/edit")
    tile = next(each["gs-id"] for each in elements(edit, "div") if "gs-id" in each)
    moved = {f"x-{tile}": 2, f"y-{tile}": 1, f"w-{tile}": 4, f"h-{tile}": 3}
    post(site, home + "/layout", revision=revision_of(edit), layout="", **moved)
    edit = site.get(home + "/edit")
    assert 'gs-x="2" gs-y="1" gs-w="4" gs-h="3"' in edit
    told = f'[{{"id": "{tile}", "x": 5, "y": 0, "w": 7, "h": 2}}]'
    post(site, home + "/layout", revision=revision_of(edit), layout=told)
    assert 'gs-x="5" gs-y="0" gs-w="7" gs-h="2"' in site.get(home + "/edit")
    wide = f'[{{"id": "{tile}", "x": 5, "y": 0, "w": 12, "h": 2}}]'
    reply = post(site, home + "/layout", revision=revision_of(site.get(home + "/edit")), layout=wide)
    assert reply.status_code == 400 and "grid of 12" in reply.text


def test_tiles_are_duplicated_and_deleted_in_the_draft(site: Site) -> None:
    home = make(site, "empty", "Mine").removesuffix("/edit")
    add_tile(site, home)
    edit = site.get(home + "/edit")
    tile = next(each["gs-id"] for each in elements(edit, "div") if "gs-id" in each)
    post(site, f"{home}/edit/{tile}/duplicate", revision=revision_of(edit))
    edit = site.get(home + "/edit")
    assert "Long calls (copy)" in edit
    post(site, f"{home}/edit/{tile}/delete", revision=revision_of(edit))
    edit = site.get(home + "/edit")
    assert len([each for each in elements(edit, "div") if "gs-id" in each]) == 1


def test_dashboards_are_renamed_copied_made_default_and_deleted(site: Site) -> None:
    home = make(site)
    post(site, home + "/rename", name="Talk")
    copy = post(site, home + "/duplicate").headers["location"]
    post(site, copy + "/default")
    page = shown(site.get("/dashboards"))
    assert "Talk" in page and "Talk (copy)" in page
    assert site.client().get("/dashboards/default").headers["location"] == copy
    assert "Delete for good" in shown(site.get(copy + "/delete"))
    post(site, copy + "/delete")
    assert [each["name"] for each in data_of(site, "/dashboards.json")["dashboards"]] == ["Talk"]
    assert site.client().get("/dashboards/default").headers["location"] == "/overview"


def test_hostile_names_stay_text(site: Site) -> None:
    name = HOSTILE[:90]
    home = make(site, "empty", name).removesuffix("/edit")
    add_tile(site, home, title=name, y_label=name, suffix=HOSTILE[:15])
    for path in ("/dashboards", home, home + "/edit", home + "/delete"):
        page = site.get(path)
        assert "<script>alert" not in page


def test_another_sites_page_changes_nothing(site: Site) -> None:
    reply = site.client().post("/dashboards", data={"template": "empty"}, headers={"sec-fetch-site": "cross-site"})
    assert reply.status_code == 403
    assert data_of(site, "/dashboards.json") == {"dashboards": []}


def test_a_new_tile_goes_to_the_first_free_place(site: Site) -> None:
    home = make(site, "empty", "Mine").removesuffix("/edit")
    places = []
    for _ in range(3):
        form = fields_of(site.get(home + "/edit/new"))
        places.append((form["x"], form["y"]))
        add_tile(site, home, **{name: form[name] for name in ("x", "y", "w", "h")})
    assert places == [("0", "0"), ("6", "0"), ("0", "4")]


def test_a_call_that_only_reached_a_voicemail_is_not_connected(site: Site) -> None:
    ends = {"a": "user_hangup", "b": "voicemail", "c": "no_answer", "d": None}
    for name, end in ends.items():
        site.desk.hand_in(a_call(name, direction="outbound", disconnection_reason=end))
    site.desk.hand_in(a_call("e", direction="inbound"))
    home = make(site, "outbound-voice", "Out")
    data = data_of(site, home + ".json")
    assert (value_of(data, "conversations"), value_of(data, "connected")) == (4, 0.5)
