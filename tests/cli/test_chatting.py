"""`postcall chat`: a conversation with an agent in the terminal, through a pipe here."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.processes import environment, run_cli

from postcall.cli.chat_input import read_line
from postcall.testing import Calls, ScriptedModel

FILES = {
    "project.yaml": "project_id: kiosk\naccount_id: default\nproject_name: Kiosk\n",
    "agent_settings/rules.txt": "Sell newspapers. To count one, call {{fn:count_paper}}.\n",
    "voice/configuration.yaml": "greeting:\n  welcome_message: Good morning, kiosk.\n  language_code: en-US\n",
    "functions/start_function.py": (
        "from _gen import *\n\n\ndef start_function(conv: Conversation):\n"
        "    conv.state.caller = conv.caller_number\n    conv.state.attributes = conv.integration_attributes\n"
    ),
    "functions/count_paper.py": (
        'from _gen import *\n\n\n@func_description("Count a paper.")\ndef count_paper(conv: Conversation):\n'
        '    conv.write_metric("PAPER_SOLD", True)\n    conv.log.info("sold", is_pii=True)\n'
        '    return {"utterance": "One paper."}\n'
    ),
    "functions/end_function.py": (
        "from _gen import *\n\n\ndef end_function(conv: Conversation):\n"
        '    conv.write_metric("TURNS", len(conv.history))\n'
    ),
}


@pytest.fixture
def kiosk(tmp_path: Path) -> Path:
    """A small agent."""
    folder = tmp_path / "kiosk"
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.fixture(scope="module")
def model() -> Iterator[dict[str, str]]:
    """The settings of a model that sells papers and repeats everything else."""
    with ScriptedModel() as scripted:
        scripted.when_user("paper", offered="count_paper").reply(Calls("count_paper"))
        scripted.when_user("(.+)").reply("You said: {1}")
        yield {"POSTCALL_LLM_BASE_URL": scripted.url, "POSTCALL_LLM_MODEL": "scripted"}


def chat(
    folder: Path, *lines: str, options: tuple[str, ...] = (), env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Say these lines, and leave."""
    return subprocess.run(
        [sys.executable, "-m", "postcall", "chat", str(folder), *options],
        input="".join(line + "\n" for line in lines),
        env=environment(folder.parent / "data", env),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=60,
    )


def call_id(said: str) -> str:
    """The id that the last line names."""
    return said.strip().rpartition("postcall show ")[2]


def test_a_conversation_reads_like_one_and_ends_with_its_metrics(kiosk: Path, model: dict[str, str]) -> None:
    done = chat(kiosk, "A paper, please", "And the weather?", env=model)
    assert done.returncode == 0, done.stderr
    talk = ["Agent: Good morning, kiosk.", "You: A paper, please", "Agent: One paper.", "You: And the weather?"]
    assert [line for line in done.stdout.splitlines() if line.startswith(("Agent:", "You:"))] == [
        *talk,
        "Agent: You said: And the weather?",
    ]
    assert "PAPER_SOLD" in done.stdout and "end_function" in done.stdout
    assert "\x1b" not in done.stdout


def test_the_call_is_kept_apart_from_real_ones(kiosk: Path, model: dict[str, str]) -> None:
    chat(kiosk, env=model)
    (kiosk / "agent_settings/rules.txt").write_text("Sell nothing.\n")
    done = chat(kiosk, "Hello", options=("--from", "+15550001111", "--language", "en-US"), env=model)
    call = json.loads(run_cli(kiosk.parent / "data", "show", call_id(done.stdout), "--json").stdout)
    assert (call["environment"], call["version"], call["from"]) == ("sandbox", 2, "+15550001111")
    assert call["disconnection_reason"] == "user_hangup"
    listed = run_cli(kiosk.parent / "data", "agents", "list").stdout
    assert [row.split()[-1] for row in listed.splitlines() if "kiosk" in row] != ["2"]


def test_what_is_beside_the_words_is_shown_where_it_is_asked_for(kiosk: Path, model: dict[str, str]) -> None:
    quiet = chat(kiosk, "A paper", env=model).stdout
    shown = chat(kiosk, "A paper", options=("--show",), env=model).stdout
    for line in ("· count_paper()", "· metric PAPER_SOLD = true", "· log info (personal data): sold", "· model "):
        assert line in shown and line not in quiet


def test_commands_do_what_nobody_can_type(kiosk: Path) -> None:
    options = ("--attribute", "plan=gold")
    done = chat(kiosk, "/state", "/help", "/dance", "/dtmf x", "", "/hangup", "never said", options=options)
    assert 'attributes = {"plan": "gold"}' in done.stdout
    assert "say nothing for as long as the agent waits" in done.stdout
    assert "/dance is no command" in done.stdout
    assert "/dtmf takes digits" in done.stdout
    assert "never said" not in done.stdout


def test_keys_and_silence_are_turns_too(kiosk: Path, model: dict[str, str]) -> None:
    said = chat(kiosk, "/dtmf 42#", "/silence", env=model).stdout
    assert "Agent: You said: 42#" in said
    assert said.count("Agent: ") == 3


def test_without_a_model_it_says_so(kiosk: Path) -> None:
    done = chat(kiosk)
    assert "no model is configured" in done.stdout
    assert "Agent: Good morning, kiosk." in done.stdout


def test_ctrl_c_hangs_up_and_the_call_is_finished(kiosk: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "postcall", "chat", str(kiosk)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=environment(kiosk.parent / "data"),
        cwd=kiosk.parent,
    )
    assert process.stdout is not None
    impatient = threading.Timer(60, process.kill)
    impatient.start()
    for line in process.stdout:
        if line.startswith("Agent:"):
            break
    impatient.cancel()
    os.kill(process.pid, signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "[user_hangup]" in rest and "TURNS" in rest


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--attribute", "gold"), "KEY=VALUE"), (("--variant", "Moon"), "no variant 'Moon'")],
)
def test_what_cannot_be_is_told_in_a_line(kiosk: Path, options: tuple[str, ...], said: str) -> None:
    done = chat(kiosk, options=options)
    assert done.returncode == 1
    assert said in done.stderr and "Traceback" not in done.stderr


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = chat(tmp_path / "empty")
    assert done.returncode == 1 and "project.yaml" in done.stderr


@given(st.text(max_size=40))
def test_any_line_is_something_said_or_a_command_or_told_to_be_wrong(line: str) -> None:
    command = read_line(line)
    assert (command.name == "nothing") == (not line.strip())
    if command.name == "say":
        assert command.rest == line.strip()
    if command.name == "dtmf":
        assert set(command.rest) <= set("0123456789*#")
