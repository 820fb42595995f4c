"""`kill -9` of a server in the middle of turns: callers say their last words again, and nothing is lost or doubled."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.builders import Desk
from tests.live_server import real_time, wait_until
from tests.processes import quiet_port, start_server
from tests.runtime.project_builder import a_project

from postcall.runtime.publishing import push_project
from postcall.storage.database import open_record
from postcall.testing import Calls, ModelRequest, ScriptedModel, ScriptedReply

CALLERS, TURNS, KILLS = 6, 5, 2
FUNCTION = "from _gen import *\nimport time\n\n\n"
FILES = {
    "agent_settings/rules.txt": "Use {{fn:count}}.",
    "functions/count.py": FUNCTION + '@func_description("Count.")\n@func_parameter("said", "What was said.")\n'
    "def count(conv: Conversation, said: str):\n"
    "    conv.state.turns = (conv.state.turns or 0) + 1\n    conv.write_metric('BEGUN', said)\n    time.sleep(0.3)\n"
    "    conv.write_metric('DONE', conv.state.turns)\n    return {'utterance': f'{conv.state.turns}: {said}'}\n",
    "functions/end_function.py": FUNCTION + "def end_function(conv: Conversation):\n    for number in range(3):\n"
    "        conv.write_metric('END', number)\n        time.sleep(0.1)\n",
}


def answer(request: ModelRequest) -> ScriptedReply:
    return Calls("count", {"said": request.last_user})


@dataclass
class Callers:
    """People who chat, and say again what got no answer."""

    address: str
    key: str
    heard: dict[str, list[str]] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    """By caller: the call."""

    def chat(self, number: int) -> None:
        name = f"caller {number}"
        with httpx.Client(base_url=self.address, headers={"X-API-KEY": self.key}, timeout=60, verify=False) as http:
            call_id = self.send(http, "POST", "create", {})["conversation_id"]
            for turn in range(1, TURNS + 1):
                said = f"{name} says {turn}"
                reply = self.send(http, "POST", "respond", {"conversation_id": call_id, "message": said})
                self.heard.setdefault(name, []).append(str(reply["response"]))
            self.send(http, "PUT", "close", {"conversation_id": call_id})
            self.ended[name] = str(call_id)

    def send(self, http: httpx.Client, method: str, act: str, body: dict[str, object]) -> dict[str, object]:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                reply = http.request(method, f"/v1/default/bakery/chat/{act}", json=body)
                if reply.status_code < 400:
                    found: dict[str, object] = reply.json()
                    return found
                assert reply.status_code == 400, reply.text  # the turn of the dead server is not yet given up
            except httpx.TransportError:
                pass  # the server is gone, or not yet there
            time.sleep(0.2)
        raise TimeoutError(act)


def test_calls_go_on_after_their_server_was_killed(tmp_path: Path) -> None:
    port, draw = quiet_port(), random.Random(11)
    record = open_record(f"sqlite:///{tmp_path / 'data' / 'postcall.db'}")
    account_pk = Desk(record).pk
    record.write(lambda c: push_project(c, account_pk, a_project(FILES), (), now=real_time()))
    record.close()
    with ScriptedModel(default=answer) as model:
        env = {"POSTCALL_LLM_BASE_URL": model.url, "POSTCALL_LLM_MODEL": "scripted"}
        server = start_server(tmp_path / "data", port=port, env=env)
        callers = Callers(server.address, server.key)
        threads = [threading.Thread(target=callers.chat, args=(number,)) for number in range(CALLERS)]
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            time.sleep(draw.uniform(0.6, 1.2))
            server.kill()
            server = start_server(tmp_path / "data", port=port, env=env)
        for thread in threads:
            thread.join(timeout=120)
        with server.client() as http:
            for number in range(CALLERS):
                check_call(http, callers, f"caller {number}")
        server.end()


def check_call(http: httpx.Client, callers: Callers, name: str) -> None:
    """Each word was said once, each turn counted once, and the end came once."""
    call_id = callers.ended[name]

    def read() -> dict[str, Any]:
        found: dict[str, Any] = http.get(f"/calls/{call_id}").json()
        return found

    wait_until(lambda: len(read()["metrics"].get("END", {"values": []})["values"]) == 3, what=read, patience_s=60)
    call = read()
    said = [f"{name} says {turn}" for turn in range(1, TURNS + 1)]
    user = [turn["text"] for turn in call["turns"] if turn["role"] == "user"]
    # An answer that was stored when the server died was never heard: that caller said it twice.
    assert list(dict.fromkeys(user)) == said
    assert call["metrics"]["BEGUN"]["values"] == user
    assert call["metrics"]["DONE"]["values"] == list(range(1, len(user) + 1))
    assert call["metrics"]["END"]["values"] == [0, 1, 2]
    agent = [turn["text"] for turn in call["turns"] if turn["role"] == "agent"][1:]
    assert agent == [f"{count}: {text}" for count, text in enumerate(user, 1)]
    assert set(callers.heard[name]) <= set(agent)
