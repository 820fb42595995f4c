"""`kill -9` of a server in the middle of a question: what was answered stays, and it can be asked again."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
from tests.builders import a_body
from tests.live_server import wait_until
from tests.processes import Running, quiet_port, start_server

from postcall.testing import Calls, ScriptedModel

COUNT = {"measures": [{"measure": "conversations", "as": "calls"}]}


def ask(server: Running, question: str, thread: str | None = None) -> dict[str, object]:
    with server.client() as http:
        reply = http.post("/analyst", json={"question": question, **({"thread": thread} if thread else {})})
    assert reply.status_code == 200, reply.text
    found: dict[str, object] = reply.json()
    return found


def threads(server: Running) -> list[tuple[str, int]]:
    with server.client() as http:
        return [(each["title"], each["questions"]) for each in http.get("/analyst/threads").json()["threads"]]


def test_a_question_under_way_leaves_nothing_half_done(tmp_path: Path) -> None:
    with ScriptedModel(default=Calls("query", COUNT)) as model:
        env = {"POSTCALL_LLM_BASE_URL": model.url, "POSTCALL_LLM_MODEL": "scripted"}
        port = quiet_port()
        server = start_server(tmp_path / "data", port=port, env=env)
        with server.client() as http:
            assert http.post("/calls", json=a_body("one", environment="live", turns=[])).status_code == 202
            wait_until(lambda: http.post("/query", json=COUNT).json().get("calls") == 1, what=lambda: "no call")
        kept = ask(server, "How many calls were there?")
        assert kept["exact"] == {"of": 1}
        with model.holding():
            count = model.count
            asking = threading.Thread(target=lose, args=(server, str(kept["thread"])))
            asking.start()
            wait_until(lambda: model.count > count, what=lambda: "the model was not asked")
            server.kill()
            asking.join(timeout=30)
        server = start_server(tmp_path / "data", port=port, env=env)
        assert threads(server) == [("How many calls were there?", 1)]
        again = ask(server, "And how many in all?", str(kept["thread"]))
        assert again["exact"] == {"of": 1} and again["thread"] == kept["thread"]
        assert threads(server) == [("How many calls were there?", 2)]
        server.end()


def lose(server: Running, thread: str) -> None:
    """Ask, and hear nothing of it."""
    try:
        ask(server, "And how many in all?", thread)
    except httpx.TransportError:
        return
    raise AssertionError("a killed server answered")
