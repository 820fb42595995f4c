"""A secret that functions read, and then log, raise, return, keep, say, send and encode, is seen by nobody."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.api.front import CREATE, RESPOND, Front, a_function, run_front
from tests.runtime.hosting.stage import AGENT

from postcall.domain.keys import Scope

SECRET = "sk-live-Q7x/9+ZpLm4&wv"
ENCODED = [
    SECRET,
    base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "sk-live-Q7x%2F9%2BZpLm4%26wv",
    "sk-live-Q7x/9+ZpLm4&amp;wv",
    repr(SECRET.encode().hex()),
]
READ = "key = conv.utils.get_secret('till')"
LEAKS: dict[str, str | bytes | None] = dict(
    [
        a_function("logs", READ, "conv.log.info(f'the key is {key}', key=key, nested={'a': [key]})", "print(key)"),
        a_function("logs_privately", READ, "conv.log.error(key, is_pii=True)"),
        a_function("raises_with", READ, "raise RuntimeError(f'cannot pay with {key}')"),
        a_function("says", READ, "return {'utterance': f'Your key is {key}.'}"),
        a_function("asks_to_say", READ, "conv.say(key)"),
        a_function("returns", READ, "return {'content': key, 'key': [key]}"),
        a_function("tells_the_model", READ, "return f'Call the till with {key}.'"),
        a_function("keeps", READ, "conv.state.till = key", "conv.state.deep = {'a': [{key: key}]}"),
        a_function("encodes", READ, "import base64", "conv.state.b = base64.b64encode(key.encode()).decode()"),
        a_function("measures", READ, "conv.write_metric('TILL', key)", "conv.write_metric(f'TILL {key}', 1)"),
        a_function("prompts", READ, "conv.utils.prompt_llm(f'Translate {key}')"),
        a_function("sends", READ, "conv.send_sms(to_number='+15550100', from_number='+15550101', content=key)"),
        a_function("hands_over", READ, "conv.call_handoff('Front desk', reason=key, utterance=key)"),
    ]
)
NAMES = [name[len("functions/") : -len(".py")] for name in LEAKS]
LEAKS |= {
    "functions/end_function.py": "from _gen import *\n\n\ndef end_function(conv: Conversation):\n"
    f"    {READ}\n    conv.state.last = key\n    conv.log.warning(key)\n    conv.write_metric('END', key)\n"
    "    raise ValueError(key)\n",
    "agent_settings/rules.txt": "The key is $till. " + "".join(f"Offer {{{{fn:{name}}}}}.\n" for name in NAMES),
}


@dataclass
class Leaked:
    """A call in which all of it was tried, and what a client was answered."""

    front: Front
    folder: Path
    call_id: str
    answers: list[str]


@pytest.fixture
def tried(tmp_path: Path, sqlite_url: str, caplog: pytest.LogCaptureFixture) -> Iterator[Leaked]:
    caplog.set_level(logging.DEBUG)
    with run_front(sqlite_url, tmp_path, files=LEAKS) as front:
        front.stage.keep_secret("till", SECRET)
        answers = []
        with front.client(Scope.WRITE, Scope.PII) as client:
            begun = client.post(CREATE)
            call_id = begun.json()["conversation_id"]
            for name in NAMES:
                reply = client.post(RESPOND, json={"conversation_id": call_id, "message": name})
                assert reply.status_code == 200, reply.text
                answers.append(reply.text)
            debug = client.post(f"/v1/agents/{AGENT}/debug-chat", json={"clientEnv": "sandbox"}).json()
            for name in NAMES:
                address = f"/v1/agents/{AGENT}/debug-chat/{debug['conversationId']}"
                reply = client.post(address, json={"clientEnv": "sandbox", "message": name})
                assert reply.status_code == 200, reply.text
                answers.append(reply.text)
        front.ended(call_id)
        yield Leaked(front, tmp_path, call_id, answers)


def leaks(text: str) -> list[str]:
    return [form for form in ENCODED if form in text]


def test_a_secret_reaches_nobody(tried: Leaked, caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    front, call_id = tried.front, tried.call_id
    shown = {"the chat": "".join(tried.answers)}
    for address in (
        f"/postcall/v1/calls/{call_id}",
        f"/postcall/v1/calls/{call_id}/events",
        f"/postcall/v1/calls/{call_id}/outbox",
        "/postcall/v1/calls",
        "/postcall/v1/calls:search?q=key",
        "/postcall/v1/names",
        f"/postcall/v1/agents/{AGENT}/project",
        f"/postcall/v1/agents/{AGENT}/secrets",
        f"/calls/{call_id}",
        f"/agents/{AGENT}",
        "/calls.csv",
        "/calls.jsonl",
    ):
        reply = front.server.http.get(front.server.address + address)
        assert reply.status_code in {200, 404}, f"{address}: {reply.status_code}"
        shown[address] = reply.text
    shown["prompts"] = "\n".join(request.text for request in front.model.requests)
    shown["logs"] = caplog.text + "".join(capfd.readouterr())
    assert not {name: found for name, text in shown.items() if (found := leaks(text))}
    told = shown[f"/postcall/v1/calls/{call_id}/events"]
    for sure in ("raises_with", "cannot pay with", "encodes", "Traceback", "[secret till]"):
        assert sure in told, "the functions did run"
    assert "[secret till]" in shown[f"/postcall/v1/calls/{call_id}"]
    assert "Call the till with [secret till]" in shown["prompts"]
    assert "Translate [secret till]" in shown["prompts"]


def test_a_secret_is_nowhere_in_the_files(tried: Leaked) -> None:
    files = [file for file in tried.folder.rglob("*") if file.is_file()]
    assert any(file.name == "postcall.db" for file in files)
    assert not {file.name: form for file in files for form in ENCODED if form.encode() in file.read_bytes()}
