"""Hosted calls: what a metric costs, how soon it is durable, a turn's own time, and 500 conversations at once.

Functions run in processes of their own, as always; what is measured inside them is measured by the project itself.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec
import sqlalchemy as sa

from benchmarks.figures import Figure
from benchmarks.material import running
from postcall.hosts import open_hosting
from postcall.llm.chat import ChatClient
from postcall.llm.chat_shapes import ChatMessage, Finished
from postcall.runtime.hosting import HostedCall, Hosting, OpenCall
from postcall.runtime.projects.reading import read_project
from postcall.runtime.publishing import push_project
from postcall.runtime.session.outputs import Said
from postcall.services import Services
from postcall.serving import open_services
from postcall.settings import ModelSettings, Settings, read_settings
from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.schema import metric_events
from postcall.testing import Calls, ModelRequest, Says, ScriptedModel, ScriptedReply

WRITES = 20_000
TURNS = 300
TURNS_OF_A_CALL = 20
SESSIONS = 500
TURNS_EACH = 6

COSTS = """
import statistics
import time
from collections import deque
from _gen import *

def _median(act):
    times = []
    for number in range({writes}):
        begun = time.perf_counter_ns()
        act(number)
        times.append(time.perf_counter_ns() - begun)
    return statistics.median(times) / 1000

@func_description("Measure.")
def costs(conv: Conversation):
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from prometheus_client import CollectorRegistry, Counter
    otel = MeterProvider(metric_readers=[InMemoryMetricReader()]).get_meter("bench").create_counter("one")
    prometheus = Counter("one", "One.", ["name"], registry=CollectorRegistry()).labels("x")
    queue = deque()
    found = {{
        "write_metric": _median(lambda number: conv.write_metric("BENCH", number)),
        "opentelemetry": _median(lambda number: otel.add(1, {{"name": "x"}})),
        "prometheus": _median(lambda number: prometheus.inc()),
        "deque": _median(queue.append),
    }}
    conv.state.costs = found
    return {{"utterance": "done"}}
"""

PROJECT: Mapping[str, str] = {
    "project.yaml": "project_id: bench-agent\naccount_id: default\nproject_name: Bench\nregion: dev\n",
    "agent_settings/rules.txt": "Use {{fn:count}} with what is said, and {{fn:costs}} and {{fn:mark}} when asked.\n",
    "agent_settings/languages.yaml": "default_language: en-US\nadditional_languages: []\n",
    "chat/configuration.yaml": "greeting:\n  welcome_message: Hello.\n  language_code: en-US\n",
    "voice/configuration.yaml": "greeting:\n  welcome_message: Hello.\n  language_code: en-US\n",
    "requirements.txt": "opentelemetry-sdk\nprometheus-client\n",
    "functions/costs.py": COSTS.format(writes=WRITES),
    "functions/mark.py": (
        "import time\nfrom _gen import *\n\n@func_description('Mark.')\ndef mark(conv: Conversation):\n"
        "    for _ in range(50):\n        conv.write_metric('MARK', time.time())\n        time.sleep(0.02)\n"
        "    return {'utterance': 'marked'}\n"
    ),
    "functions/count.py": (
        "from _gen import *\n\n@func_description('Count.')\n@func_parameter('said', 'What was said.')\n"
        "def count(conv: Conversation, said: str):\n"
        "    conv.state.turns = (conv.state.turns or 0) + 1\n"
        "    conv.write_metric('SAID', said)\n    conv.write_metric('TURN', conv.state.turns)\n"
        "    return {'utterance': f'{conv.state.turns}: {said}'}\n"
    ),
}
"""An agent that counts: each turn calls a function, writes two metrics and repeats what was said with its number."""


def answer(request: ModelRequest) -> ScriptedReply:
    """The model's part: the function that the turn is about, or words."""
    said = request.last_user
    if said.startswith("plain"):
        return Says("All right.")
    if said in {"costs", "mark"}:
        return Calls(said, {})
    return Calls("count", {"said": said})


def measure() -> list[Figure]:
    """What a metric costs, a turn's own time, and many conversations at once."""
    with tempfile.TemporaryDirectory(dir=".") as folder, ScriptedModel(default=answer) as model:
        settings = _settings(Path(folder), model.url)
        services = open_services(settings)
        _push(services)
        figures = asyncio.run(_measure_alone(services, settings))
        services.record.close()
        return [*figures, *_measure_many(settings)]


def _settings(folder: Path, url: str) -> Settings:
    environ = {
        "POSTCALL_DATA": str(folder),
        "POSTCALL_LLM_BASE_URL": url,
        "POSTCALL_LLM_MODEL": "scripted",
        "POSTCALL_LLM_CONCURRENCY": "512",
    }
    return read_settings(environ)


def _push(services: Services) -> None:
    files = {name: text.encode() for name, text in PROJECT.items()}
    project = read_project(files)
    assert not project.problems, project.problems
    account_pk = services.record.read(lambda c: find_account(c, DEFAULT_ACCOUNT))
    services.record.write(lambda c: push_project(c, account_pk, files, (), now=services.clock()))


async def _measure_alone(services: Services, settings: Settings) -> list[Figure]:
    hosting = open_hosting(services)
    assert settings.model is not None
    try:
        call = await _open(services, hosting)
        await _say(call, "costs")
        costs = msgspec.convert(call.shown.state["costs"], dict[str, float])
        durable = await _durable_after(services, call)
        bare = await _bare_model(settings.model)
        plain, with_function = [], []
        for number in range(TURNS):
            if number % (TURNS_OF_A_CALL // 2) == 0:  # every turn knows all of its call, and real ones end
                call = await _open(services, hosting)
            plain.append(await _timed(call, f"plain {number}"))
            with_function.append(await _timed(call, f"word {number}"))
    finally:
        await hosting.close()
    own = [each - bare for each in with_function]
    return [
        Figure("`conv.write_metric`, median", costs["write_metric"], "µs", "a deque's append",
               costs["write_metric"] / costs["deque"], "2 µs"),
        Figure("OpenTelemetry's counter, median", costs["opentelemetry"], "µs"),
        Figure("prometheus_client's counter, median", costs["prometheus"], "µs"),
        Figure("a deque's append, median", costs["deque"], "µs"),
        Figure("from `write_metric` to durable, median", statistics.median(durable), "ms"),
        Figure("from `write_metric` to durable, the longest of 50", max(durable), "ms", aim="50 ms"),
        Figure("a reply of the scripted model to a bare client, median", bare, "ms"),
        Figure("a turn's own time, without a function, median", statistics.median(plain) - bare, "ms", aim="15 ms"),
        Figure("a turn's own time, with a function and two metrics, median", statistics.median(own), "ms", aim="15 ms"),
        Figure("the same, 95th percentile", statistics.quantiles(own, n=20)[18], "ms"),
    ]  # fmt: skip


async def _open(services: Services, hosting: Hosting) -> HostedCall:
    account_pk = services.record.read(lambda c: find_account(c, DEFAULT_ACCOUNT))
    call = await hosting.open(account_pk, "bench-agent", OpenCall())
    async for _ in call.start():
        pass
    return call


async def _say(call: HostedCall, text: str) -> str:
    said = [output.text async for output in call.hear(text) if isinstance(output, Said)]
    return " ".join(said)


async def _timed(call: HostedCall, text: str) -> float:
    """Milliseconds of one turn, to the end of its commit."""
    begun = time.perf_counter()
    await _say(call, text)
    return (time.perf_counter() - begun) * 1000


async def _bare_model(settings: ModelSettings) -> float:
    """Milliseconds of one reply, median: what a turn cannot be quicker than."""
    client = ChatClient(replace(settings))
    times = []
    for number in range(100):
        begun = time.perf_counter()
        async for piece in client.converse([ChatMessage("user", f"plain {number}")]):
            if isinstance(piece, Finished):
                times.append((time.perf_counter() - begun) * 1000)
    await client.close()
    return statistics.median(times)


async def _durable_after(services: Services, call: HostedCall) -> list[float]:
    """Milliseconds from each write until another connection reads it."""
    turn = asyncio.create_task(_say(call, "mark"))
    seen: dict[int, float] = {}
    wanted = sa.select(metric_events.c.position, metric_events.c.value).where(metric_events.c.name == "MARK")
    while len(seen) < 50 and not turn.done():
        rows = services.record.read(lambda c: c.execute(wanted).all())
        now = time.time()
        for row in rows:
            seen.setdefault(row.position, (now - float(row.value)) * 1000)
        await asyncio.sleep(0.001)
    await turn
    return list(seen.values())


def _measure_many(settings: Settings) -> list[Figure]:
    environ = {
        "POSTCALL_LLM_BASE_URL": settings.model.base_url if settings.model else "",
        "POSTCALL_LLM_MODEL": "scripted",
        "POSTCALL_LLM_CONCURRENCY": "512",
    }
    arguments = ["postcall", "serve", "--port", "0", "--data", str(settings.data)]
    with running(arguments, environ=environ) as server:
        key = settings.key_file.read_text().strip()
        before = server.cpu_s()
        begun = time.perf_counter()
        outcome = asyncio.run(_converse_all(server.url, key))
        took = time.perf_counter() - begun
        cpu_ms = (server.cpu_s() - before) * 1000 / (SESSIONS * TURNS_EACH)
        peak = server.peak_mib()
    times = sorted(outcome.times)
    return [
        Figure(f"{SESSIONS} conversations at once, {TURNS_EACH} turns each: turns a second",
               SESSIONS * TURNS_EACH / took, "turns/s"),
        Figure("the same: a turn over HTTP, median", statistics.median(times) * 1000, "ms"),
        Figure("the same: 95th percentile", times[int(len(times) * 0.95)] * 1000, "ms"),
        Figure("the same: the server's processor time a turn, without functions' processes", cpu_ms, "ms"),
        Figure("the same: turns lost or out of order", outcome.wrong_turns, "turns", aim="0"),
        Figure("the same: metrics lost, doubled or out of order", outcome.wrong_metrics, "metrics", aim="0"),
        Figure("the same: the server's memory at its highest", peak, "MiB"),
    ]  # fmt: skip


class _Outcome:
    def __init__(self) -> None:
        self.times: list[float] = []
        self.wrong_turns = 0
        self.wrong_metrics = 0


async def _converse_all(url: str, key: str) -> _Outcome:
    outcome = _Outcome()
    async with asyncio.TaskGroup() as group:
        ids = [group.create_task(_converse(_client(url, key), number, outcome)) for number in range(SESSIONS)]
    async with _client(url, key) as client:
        for number, task in enumerate(ids):
            outcome.wrong_metrics += await _wrong_metrics(client, task.result(), number)
    return outcome


def _client(url: str, key: str) -> httpx.AsyncClient:
    """One for each conversation, with a connection of its own, as callers have."""
    return httpx.AsyncClient(base_url=url, headers={"x-api-key": key, "x-token": key}, timeout=300, verify=False)


async def _converse(opened: httpx.AsyncClient, number: int, outcome: _Outcome) -> str:
    path = "/v1/default/bench-agent/chat"
    async with opened as client:
        made = (await client.post(f"{path}/create", json={})).raise_for_status().json()
        call_id = str(made["conversation_id"])
        for turn in range(1, TURNS_EACH + 1):
            body = {"conversation_id": call_id, "message": f"word {number}.{turn}"}
            begun = time.perf_counter()
            reply = (await client.post(f"{path}/respond", json=body)).raise_for_status().json()
            outcome.times.append(time.perf_counter() - begun)
            outcome.wrong_turns += reply["response"] != f"{turn}: word {number}.{turn}"
    return call_id


async def _wrong_metrics(client: httpx.AsyncClient, call_id: str, number: int) -> int:
    found = (await client.get(f"/postcall/v1/calls/{call_id}")).raise_for_status().json()
    said = [f"word {number}.{turn}" for turn in range(1, TURNS_EACH + 1)]
    turns = [turn["text"] for turn in found["turns"] if turn["role"] == "user"]
    counted = list(range(1, TURNS_EACH + 1))
    metrics = found["metrics"]
    return int(metrics["SAID"]["values"] != said) + int(metrics["TURN"]["values"] != counted) + int(turns != said)


if __name__ == "__main__":
    print(json.dumps([figure.as_json() for figure in measure()], indent=1))
