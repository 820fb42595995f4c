"""GET /api/v1/transcripts/...: what was said, for those who may read it, in projects that show it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from tests.api.polyai.data.world import found, told


def search(client: httpx.Client, q: str, **query: Any) -> dict[str, Any]:
    shown: dict[str, Any] = found(client.get("/transcripts/search", params={"q": q, **query}))
    assert set(shown) == {"results", "total", "limit", "offset"}
    return shown


def test_turns_that_match_come_with_what_stands_around_them(reader: httpx.Client) -> None:
    shown = search(reader, '"money back"')
    assert (shown["total"], [each["conversation_id"] for each in shown["results"]]) == (2, ["c0", "c1"])
    [turn] = shown["results"][0]["matched_turns"]
    assert turn == {
        "turn_index": 1,
        "user_input": "I want my money back.",
        "user_input_datetime": None,
        "english_user_input": "I want my money back.",
        "agent_response": "Why is that?",
        "agent_response_datetime": None,
        "english_agent_response": "Why is that?",
        "context": turn["context"],
    }
    assert [each["turn_index"] for each in turn["context"]["before"]] == [0]
    assert [each["user_input"] for each in turn["context"]["after"]] == ["It broke."]
    [german] = shown["results"][1]["matched_turns"]
    assert (german["turn_index"], german["english_user_input"]) == (0, None)


@pytest.mark.parametrize(("around", "before", "after"), [(0, 0, 0), (2, 0, 2), (3, 0, 2)])
def test_as_many_turns_stand_around_as_were_asked_for(
    reader: httpx.Client, around: int, before: int, after: int
) -> None:
    [result] = search(reader, "refund please", context_turns=around)["results"]
    context = result["matched_turns"][0]["context"]
    assert (len(context["before"]), len(context["after"])) == (before, after)


def test_a_search_is_paged_and_kept_to_a_time_and_a_project(reader: httpx.Client) -> None:
    second = search(reader, '"money back"', limit=1, offset=1)
    assert (second["total"], [each["conversation_id"] for each in second["results"]]) == (2, ["c1"])
    early = search(reader, '"money back"', to="2026-03-02T12:00:00Z", project_id="clinic")
    assert [each["conversation_id"] for each in early["results"]] == ["c1"]
    assert search(reader, "nothing like this")["total"] == 0


def test_a_transcript_comes_whole(reader: httpx.Client) -> None:
    shown = found(reader.get("/transcripts/conversation/c0", params={"project_id": "clinic"}))
    assert (shown["conversation_id"], shown["project_id"], shown["total_turns"]) == ("c0", "clinic", 3)
    said = [(turn["turn_index"], turn["user_input"], turn["agent_response"]) for turn in shown["turns"]]
    assert said == [
        (0, None, "Hello."),
        (1, "I want my money back.", "Why is that?"),
        (2, "It broke.", "Done."),
    ]
    assert found(reader.get("/transcripts/conversation/live"))["turns"], "a call in progress has what was said so far"


def test_what_a_project_does_not_show_is_as_if_it_were_not_there(reader: httpx.Client) -> None:
    assert search(reader, "lost my card") == {"results": [], "total": 0, "limit": 20, "offset": 0}
    assert search(reader, "lost my card", project_id="bank")["total"] == 0
    hidden = told(reader.get("/transcripts/conversation/b0"), 404)
    assert hidden.replace("b0", "nobody") == told(reader.get("/transcripts/conversation/nobody"), 404)
    told(reader.get("/transcripts/conversation/c0", params={"project_id": "bank"}), 404)
    told(reader.get("/transcripts/conversation/c0", params={"project_id": "nobody"}), 404)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({}, "q"),
        ({"q": "ab"}, "q"),
        ({"q": "x" * 301}, "q"),
        ({"q": "card", "context_turns": 4}, "context_turns"),
        ({"q": "card", "context_turns": "-1"}, "context_turns"),
        ({"q": "card", "limit": 0}, "limit"),
        ({"q": "card", "limit": "-1"}, "limit"),
        ({"q": "card", "limit": "ten"}, "limit"),
        ({"q": "card", "offset": "9" * 5000}, "offset"),
        ({"q": "card", "from": "soon"}, "from"),
        ({"q": "card", "agent": "clinic"}, "agent"),
        ({"q": ["card", "money"]}, "q"),
    ],
    ids=["no q", "short", "long", "context", "context -1", "0", "-1", "ten", "huge", "from", "unknown", "twice"],
)
def test_a_malformed_search_is_a_422(reader: httpx.Client, query: dict[str, Any], place: str) -> None:
    assert f"['query', '{place}']" in told(reader.get("/transcripts/search", params=query), 422)


def test_nothing_odd_in_a_search_is_a_failure(reader: httpx.Client) -> None:
    for words in ('"""', "***", "-refund", "☃☃☃", "OR OR OR", "' OR 1=1 --", "%%%"):
        search(reader, words)
    assert "null byte" in told(reader.get("/transcripts/search?q=a%00bc"))
    assert "before to" in told(reader.get("/transcripts/search?q=card&from=2026-03-03&to=2026-03-02"))
