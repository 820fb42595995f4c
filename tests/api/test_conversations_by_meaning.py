"""Conversations that are most like a text: which they are, by what they were compared, and walks over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.api.conversing import FILTER, LIST, WINDOW, client_of, ids, listed, refused
from tests.aside import run_aside
from tests.builders import StepClock, a_call
from tests.live_server import LiveServer, run_server
from tests.llm.embedding_server import embedding_server

from postcall.domain.keys import Scope
from postcall.semantic.catching_up import catch_up

MEANING = {**WINDOW, "query_type": "semantic"}
FILLERS = 10


def tell(server: LiveServer, call_id: str, text: str, **details: Any) -> None:
    server.desk.hand_in(a_call(call_id, f"user: {text}", **details))


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that has learned from its calls."""
    folder = tmp_path_factory.mktemp("meaning")
    with run_server(f"sqlite:///{folder / 'postcall.db'}", folder, clock=StepClock()) as server:
        for number in range(FILLERS):
            tell(server, f"parcel-{number}", f"My parcel {number} is lost, says the courier.")
            tell(server, f"money-{number}", f"Invoice {number} was charged twice, I want a refund.")
        tell(server, "elsewhere", "My parcel is lost.", agent="bistro")
        run_aside(catch_up(server.services, server.desk.pk))
        yield server


@pytest.fixture(scope="module")
def client(learned: LiveServer) -> Iterator[httpx.Client]:
    with client_of(learned, Scope.CONVERSATIONS) as made:
        yield made


def walk(client: httpx.Client, **query: Any) -> Iterator[list[str]]:
    cursor = ""
    while True:
        page = listed(client, **query, **({"cursor": cursor} if cursor else {}))
        yield [each["id"] for each in page["conversations"]]
        if page["cursor"] is None:
            return
        cursor = page["cursor"]


def test_the_likest_come_first_and_the_reply_says_by_what(client: httpx.Client) -> None:
    found = ids(client, **MEANING, query="where is my lost parcel", limit=FILLERS)
    assert {each.partition("-")[0] for each in found} == {"parcel"}
    reply = client.get(LIST, params={**MEANING, "query": "refund"})
    assert reply.headers["x-postcall-search"].startswith("built-in; learned from 21 calls; 20 of 20 calls compared")
    assert reply.json()["conversations"][0]["id"].startswith("money-")
    assert ids(client, **MEANING, query="parcel", client_env="sandbox") == []
    assert ids(client, **MEANING, query="zzz") == []
    assert ids(client, **MEANING, query="parcel", in_progress="true") == []
    assert len(ids(client, **MEANING, query="parcel", in_progress="false", limit=3)) == 3


def test_a_walk_sees_every_call_once_while_others_are_read_in(learned: LiveServer, client: httpx.Client) -> None:
    asked = {**MEANING, "query": "lost parcel"}
    there = ids(client, **asked)
    assert len(there) >= FILLERS
    pages = list(walk(client, **asked, limit=4))
    assert ([each for page in pages for each in page], len(pages[0])) == (there, 4)
    assert [each for page in pages[1:] for each in page] == ids(client, **asked, offset=4)
    seen: list[str] = []
    for number, page in enumerate(walk(client, **asked, limit=4)):
        seen += page
        tell(learned, f"new-{number}", "My lost parcel! The parcel is lost.")
        learned.desk.clock.advance(61)
        run_aside(catch_up(learned.services, learned.desk.pk))
    assert [each for each in seen if not each.startswith("new-")] == there
    assert len(set(seen)) == len(seen)
    assert ids(client, **asked, limit=1)[0].startswith("new-"), "they were there to be found"


def test_a_cursor_by_meaning_is_good_for_its_words_alone(client: httpx.Client) -> None:
    cursor = listed(client, **MEANING, query="parcel", limit=2)["cursor"]
    refused(client.get(LIST, params={**MEANING, "query": "refund", "cursor": cursor}), 400, FILTER)
    words = {**WINDOW, "query_type": "transcript", "query": "parcel"}
    refused(client.get(LIST, params={**words, "cursor": cursor}), 400, FILTER)
    by_words = listed(client, **words, limit=2)["cursor"]
    refused(client.get(LIST, params={**MEANING, "query": "parcel", "cursor": by_words}), 400, FILTER)


def test_a_few_calls_are_found_by_their_words_and_a_walk_over_them_does_not_mislead(
    sqlite_url: str, tmp_path: Any
) -> None:
    with (
        run_server(sqlite_url, tmp_path, clock=StepClock()) as server,
        client_of(server, Scope.CONVERSATIONS) as client,
    ):
        tell(server, "lost", "My parcel is lost.")
        tell(server, "late", "The parcel is late.")
        tell(server, "money", "A refund, please.")
        reply = client.get(LIST, params={**MEANING, "query": "lost parcel", "limit": 1})
        assert [each["id"] for each in reply.json()["conversations"]] == ["lost"]
        assert "by their words" in reply.headers["x-postcall-search"]
        cursor = reply.json()["cursor"]
        assert ids(client, **MEANING, query="lost parcel", limit=1, cursor=cursor) == ["late"]
        tell(server, "another", "The parcel is lost again.")
        said = refused(client.get(LIST, params={**MEANING, "query": "lost parcel", "cursor": cursor}), 400, FILTER)
        assert "begin anew" in said


def test_equal_calls_are_walked_through_and_an_endpoint_that_fails_is_told(sqlite_url: str, tmp_path: Any) -> None:
    with (
        embedding_server() as endpoint,
        run_server(sqlite_url, tmp_path, clock=StepClock(), embeddings=endpoint.settings()) as server,
        client_of(server, Scope.CONVERSATIONS) as client,
    ):
        for number in range(5):
            tell(server, f"{number}", "A table for dinner, and pizza.")
        run_aside(catch_up(server.services, server.desk.pk))
        pages = list(walk(client, **MEANING, query="food", limit=2))
        assert pages == [["4", "3"], ["2", "1"], ["0"]], "of equals the newest first"
        endpoint.fails = True
        reply = client.get(LIST, params={**MEANING, "query": "food"})
        assert "compared" in refused(reply, 502, "SEARCH_UNAVAILABLE")
