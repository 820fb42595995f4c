"""What a function can open: not the record, not its keys, not the environment of the server."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.runtime.hosting.stage import Stage, take

from postcall.runtime.functions.landlock import confine_files
from postcall.storage.database import open_record
from postcall.testing import Calls, ScriptedModel

FUNCTION = """from _gen import *
import os
import tempfile
import zoneinfo


@func_description("Look around.")
def look(conv: Conversation):
    found = {}
    for path in %r:
        try:
            with open(path, "rb") as file:
                found[path] = len(file.read())
        except OSError as error:
            found[path] = type(error).__name__
    conv.state.found = found
    with tempfile.NamedTemporaryFile() as own:
        own.write(b"mine")
    conv.state.zone = str(zoneinfo.ZoneInfo("US/Central"))
    import requests
    conv.state.requests = requests.__version__
    return {"utterance": "Looked."}
"""


def has_landlock() -> bool:
    """Tried in a process of its own, which it then holds."""
    child = os.fork()
    if child == 0:
        os._exit(0 if confine_files(Path("/tmp")) else 1)
    return os.waitpid(child, 0)[1] == 0


@pytest.fixture
def stage(sqlite_url: str, tmp_path: Path) -> Iterator[Stage]:
    record = open_record(sqlite_url)
    with ScriptedModel(default=Calls("look")) as model:
        yield Stage(record, tmp_path, model.url)
    record.close()


@pytest.mark.skipif(sys.platform != "linux" or not has_landlock(), reason="this kernel has no Landlock")
def test_a_function_opens_neither_the_record_nor_keys_nor_the_servers_environment(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "api-key").write_text("pc_secret")
    (tmp_path / "secrets-key").write_text("secret")
    paths = [*map(str, (tmp_path / "api-key", tmp_path / "secrets-key", tmp_path / "postcall.db"))]
    paths.append(f"/proc/{os.getpid()}/environ")
    stage.push({"functions/look.py": FUNCTION % paths, "agent_settings/rules.txt": "{{fn:look}}"})

    async def talk() -> str:
        async with stage.hosting() as hosting:
            call = await stage.open(hosting)
            assert await take(call.hear("Look.")) == "Looked."
            return call.id

    state = stage.desk.read(run_aside(talk())).state
    assert state is not None
    assert state["found"] == dict.fromkeys(paths, "PermissionError")
    assert state["zone"] == "US/Central", "what functions need is there"
