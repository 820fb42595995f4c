"""Ten functions that go wrong at once, each in a call of its own: what each caller hears, and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.runtime.hosting.stage import Stage, take

from postcall.domain.calls import CallStatus
from postcall.domain.conversations import CallEvent, EventKind
from postcall.storage.database import open_record
from postcall.testing import Calls, ModelRequest, Says, ScriptedModel, ScriptedReply

BODIES = {
    "raises": "raise ValueError('broken on purpose')",
    "sleeps": "time.sleep(3600)",
    "spins": "while True:\n        pass",
    "recurses": "return recurses(conv)",
    "fills_memory": "held = []\n    while True:\n        held.append(bytearray(64 * 1024 * 1024))",
    "returns_nonsense": "return object()",
    "leaks_threads": (
        "for _ in range(20):\n        threading.Thread(target=time.sleep, args=(3600,)).start()\n"
        "    return {'utterance': 'Threads.'}"
    ),
    "exits": "os._exit(3)",
    "forks": "for _ in range(3):\n        os.fork()\n    time.sleep(3600)",
    "floods": "while True:\n        os.write(1, b'x' * 65536)",
}
GOOD = "return {'utterance': f'Fine {conv.state.number}.'}"
KINDS = {
    "raises": "raised",
    "sleeps": "timeout",
    "spins": "timeout",
    "recurses": "raised",
    "returns_nonsense": "nonsense",
    "exits": "died",
    "forks": "timeout",
}
"""What is kept as the reason; memory may end in an exception or with the process."""


def source(name: str, body: str) -> str:
    return (
        "from _gen import *\nimport os\nimport threading\nimport time\n\n\n"
        f'@func_description("{name}.")\ndef {name}(conv: Conversation):\n'
        f"    conv.state.number = (conv.state.number or 0) + 1\n    conv.write_metric('BEGAN', '{name}')\n    {body}\n"
    )


def answer(request: ModelRequest) -> ScriptedReply:
    """Calls the function that the user names; what comes back of one that failed is told in words."""
    if request.latest_result is not None:
        return Says("That did not work, sorry.")
    return Calls(request.last_user, {})


@pytest.fixture
def stage(sqlite_url: str, tmp_path: Path) -> Iterator[Stage]:
    record = open_record(sqlite_url)
    with ScriptedModel(default=answer) as model:
        yield Stage(record, tmp_path, model.url)
    record.close()


def test_each_of_ten_bad_functions_costs_its_own_turn_and_its_neighbours_go_on(stage: Stage) -> None:
    rules = " ".join(f"{{{{fn:{name}}}}}" for name in [*BODIES, "good"])
    files = {f"functions/{name}.py": source(name, body) for name, body in [*BODIES.items(), ("good", GOOD)]}
    stage.push({"agent_settings/rules.txt": rules, **files})

    async def talk() -> tuple[dict[str, str], dict[str, str], list[str], dict[str, str]]:
        async with stage.hosting() as hosting:
            bad = {name: await stage.open(hosting) for name in BODIES}
            good = [await stage.open(hosting) for _ in range(5)]

            async def neighbour(number: int) -> str:
                return " ".join([await take(good[number].hear("good")) for _ in range(6)])

            heard = asyncio.gather(*(take(call.hear(name)) for name, call in bad.items()))
            said = await asyncio.gather(*(neighbour(number) for number in range(len(good))))
            first = dict(zip(bad, await heard, strict=True))
            after = {name: await take(call.hear("good")) for name, call in bad.items()}
            return first, after, said, {name: call.id for name, call in bad.items()}

    first, after, said, ids = run_aside(talk())
    assert said == [" ".join(f"Fine {number}." for number in range(1, 7))] * 5
    assert all(first.values()), f"nobody may be left in silence: {first}"
    assert first["raises"] == "That did not work, sorry."
    assert first["leaks_threads"] == "Threads."
    assert {text.rpartition(" ")[0] for text in after.values()} == {"Fine"}, "each call goes on"
    for name, call_id in ids.items():
        file = stage.desk.read(call_id)
        assert file.call.details.status is CallStatus.IN_PROGRESS
        (began,) = [metric.values for metric in file.metrics if metric.name == "BEGAN"]
        assert (began[0], began[-1], set(began)) == (name, "good", {name, "good"})
        assert len(began) == 2 or name == "recurses", "written once, though it failed"
        (event,) = [each for each in stage.events(call_id, EventKind.FUNCTION) if each.content["name"] == name]
        check_kept(name, event)


def check_kept(name: str, event: CallEvent) -> None:
    """The trace of what went wrong is in the record."""
    if name == "leaks_threads":
        assert not event.failed
        assert event.content["threads_left"] == 20
        return
    error = event.content["error"]
    assert event.failed
    assert isinstance(error, dict)
    assert error["message"]
    if name in KINDS:
        assert error["kind"] == KINDS[name]
    if name in {"raises", "recurses", "sleeps", "spins"}:
        assert f"functions/{name}.py" in str(error["trace"])
