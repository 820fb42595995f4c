"""A hosted bakery behind a real server: what a user says is the name of a function, which the model calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from tests.builders import StepClock
from tests.live_server import LiveServer, run_server, wait_until
from tests.runtime.hosting.stage import AGENT, Stage

from postcall.domain.keys import Scope
from postcall.settings import ModelSettings
from postcall.testing import Calls, ModelRequest, Says, ScriptedModel

BEGIN = "from _gen import *\nimport time\n\n\n"
HANDOFFS = """\
handoffs:
- name: Front desk
  description: People.
  is_default: true
  sip_config:
    method: refer
    phone_number: '+15550177'
"""


def a_function(name: str, *lines: str, before: str = "") -> tuple[str, str]:
    """`functions/NAME.py` with this body."""
    body = "\n".join(f"    {line}" for line in lines)
    return (
        f"functions/{name}.py",
        f'{BEGIN}{before}@func_description("Does {name}.")\ndef {name}(conv: Conversation):\n{body}\n',
    )


BAKERY: dict[str, str | bytes | None] = dict(
    [
        a_function(
            "order",
            "conv.state.orders = (conv.state.orders or 0) + 1",
            "conv.write_metric('ORDERS', conv.state.orders)",
            "conv.log.info('an order')",
            "return {'utterance': f'Order {conv.state.orders}.'}",
        ),
        a_function("twice", "conv.write_metric('N', 1)", "conv.write_metric('N', 2)", "return {'utterance': 'Twice.'}"),
        a_function("attributes", "return {'utterance': repr(conv.integration_attributes)}"),
        a_function("language", "return {'utterance': str(conv.language)}"),
        a_function("place", "return {'utterance': f'{conv.env} {conv.channel_type} {conv.variant_name}'}"),
        a_function("person", "conv.call_handoff('Front desk', reason='wants a person', utterance='One moment.')"),
        a_function("goodbye", "return {'utterance': 'Bye.', 'hangup': True}"),
        a_function("slow", "conv.write_metric('EARLY', 'yes')", "time.sleep(1.5)", "return {'utterance': 'Done.'}"),
        a_function("raises", "raise ValueError('burnt')"),
        a_function("private", "conv.log.info('card 4111', is_pii=True)", "return {'utterance': 'Noted.'}"),
        a_function("moves", "conv.goto_flow('Order')"),
    ]
)
NAMES = [name.removeprefix("functions/").removesuffix(".py") for name in BAKERY]
BAKERY |= {
    "agent_settings/rules.txt": "".join(f"Offer {{{{fn:{name}}}}}.\n" for name in NAMES),
    "functions/start_order.py": None,
    "topics/opening_hours.yaml": None,
    "config/handoffs.yaml": HANDOFFS,
    "agent_settings/languages.yaml": "default_language: en-US\nadditional_languages: [fr-FR, de-DE]\n",
    "config/variant_attributes.yaml": "variants:\n- name: north\n  is_default: true\n- name: south\nattributes: []\n",
}


@dataclass
class Front:
    """The server, what stands behind it, and a way to talk over its Chat API."""

    server: LiveServer
    stage: Stage
    model: ScriptedModel

    def client(self, *scopes: Scope, account: str = "default") -> httpx.Client:
        """A client whose key has these scopes, for every address of the server."""
        secret = self.server.holder_of(*scopes, account=account).headers["authorization"].removeprefix("Bearer ")
        return self.with_key(secret)

    def with_key(self, secret: str, header: str = "X-API-KEY") -> httpx.Client:
        return httpx.Client(base_url=self.server.address, headers={header: secret}, timeout=30)

    def talk(self, *words: str, close: bool = False) -> str:
        """A whole chat; its id."""
        with self.client(Scope.WRITE) as client:
            call_id: str = client.post(CREATE).json()["conversation_id"]
            for word in words:
                reply = client.post(RESPOND, json={"conversation_id": call_id, "message": word})
                assert reply.status_code == 200, reply.text
            if close:
                assert client.put(CLOSE, json={"conversation_id": call_id}).status_code == 200
            return call_id

    def ended(self, call_id: str) -> dict[str, Any]:
        """The call, once its end_function has run."""
        address = f"/calls/{call_id}/events"
        wait_until(lambda: not self.server.http.get(address).json()["live"], what=lambda: self.server.call(call_id))
        return self.server.call(call_id)


CHAT = f"/v1/default/{AGENT}/chat"
CREATE, RESPOND, CLOSE = f"{CHAT}/create", f"{CHAT}/respond", f"{CHAT}/close"


def _asks_for(name: str, request: ModelRequest) -> bool:
    roles = [message.role for message in request.messages]
    return request.last_user == name and "tool" not in roles[len(roles) - roles[::-1].index("user") :]


@contextmanager
def run_front(
    database_url: str, data: Path, *, files: dict[str, str | bytes | None] | None = None, worker: bool = True
) -> Iterator[Front]:
    """Serve the bakery, with `files` put over it."""
    with ScriptedModel(default=Says("Pardon?")) as model:
        names = {*NAMES, *(each[10:-3] for each in files or {} if each.startswith("functions/"))}
        for name in names:
            model.when(partial(_asks_for, name)).reply(Calls(name))
        settings = ModelSettings(base_url=model.url, model="scripted", api_key="none")
        with run_server(
            database_url, data, clock=StepClock(), model=settings, worker=worker, function_timeout_s=3.0
        ) as server:
            stage = Stage(server.services.record, data, model.url)
            stage.push({**BAKERY, **(files or {})})
            yield Front(server, stage, model)
