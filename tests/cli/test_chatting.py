"""`postcall chat`: a conversation with an agent in the terminal, through a pipe here."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.processes import environment, run_cli, warm_postcall

from postcall.cli.chat_input import read_line
from postcall.testing import Calls, Delayed, ScriptedModel

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


def write_kiosk(parent: Path) -> Path:
    """A small agent."""
    folder = parent / "kiosk"
    for name, text in FILES.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.fixture
def kiosk(tmp_path: Path) -> Path:
    """A small agent, and a data folder of its own beside it."""
    return write_kiosk(tmp_path)


def chat(
    folder: Path, *lines: str, options: tuple[str, ...] = (), env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Say these lines, and leave."""
    return subprocess.run(
        [*warm_postcall(), "chat", str(folder), *options],
        input="".join(line + "\n" for line in lines),
        env=environment(folder.parent / "data", env),
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )


@dataclass
class Chatted:
    """One conversation, and the folder that it was held over."""

    folder: Path
    output: str
    lines: list[str]

    def call(self) -> dict[str, Any]:
        """The call that the last line names."""
        call_id = self.output.strip().rpartition("postcall show ")[2]
        shown: dict[str, Any] = json.loads(run_cli(self.folder.parent / "data", "show", call_id, "--json").stdout)
        return shown


@pytest.fixture(scope="module")
def chatted(tmp_path_factory: pytest.TempPathFactory) -> Chatted:
    """Everything that can be typed, with a model that sells papers and repeats everything else.

    One conversation serves most tests here: each is a process of its own, which takes seconds to come up.
    """
    folder = write_kiosk(tmp_path_factory.mktemp("chatting"))
    said = ("A paper, please", "", "And the weather?", "/state", "/help", "/dance", "/dtmf x", "/dtmf 42#", "/silence")
    options = ("--show", "--from", "+15550001111", "--attribute", "plan=gold")
    with ScriptedModel() as model:
        model.when_user("paper", offered="count_paper").reply(Calls("count_paper"))
        model.when_user("(.+)").reply("You said: {1}")
        env = {"POSTCALL_LLM_BASE_URL": model.url, "POSTCALL_LLM_MODEL": "scripted"}
        done = chat(folder, *said, "/hangup", "never said", options=options, env=env)
    assert done.returncode == 0, done.stderr
    return Chatted(folder, done.stdout, done.stdout.splitlines())


def test_a_conversation_reads_like_one(chatted: Chatted) -> None:
    talk = [line for line in chatted.lines if line.startswith(("Agent:", "You:")) and "/" not in line]
    assert talk[:5] == [
        "Agent: Good morning, kiosk.",
        "You: A paper, please",
        "Agent: One paper.",
        "You: And the weather?",
        "Agent: You said: And the weather?",
    ]
    assert "\x1b" not in chatted.output


def test_it_ends_with_the_metrics_of_the_call(chatted: Chatted) -> None:
    summary = chatted.output.partition("end_function runs")[2]
    assert re.search(r"PAPER_SOLD +true +live", summary)
    assert re.search(r"TURNS +\d+ +end_function", summary)


def test_what_happens_beside_the_words_is_shown(chatted: Chatted) -> None:
    for line in ("· count_paper()", "· metric PAPER_SOLD = true", "· log info (personal data): sold", "· model "):
        assert line in chatted.output


def test_the_call_is_kept_apart_from_real_ones(chatted: Chatted) -> None:
    call = chatted.call()
    assert (call["environment"], call["from"], call["disconnection_reason"]) == (
        "sandbox",
        "+15550001111",
        "user_hangup",
    )


def test_commands_do_what_nobody_can_say(chatted: Chatted) -> None:
    assert 'attributes = {"plan": "gold"}' in chatted.output
    assert "say nothing for as long as the agent waits" in chatted.output
    assert "/dance is no command" in chatted.output
    assert "/dtmf takes digits" in chatted.output
    assert "never said" not in chatted.output


def test_keys_and_silence_are_turns_too(chatted: Chatted) -> None:
    assert "Agent: You said: 42#" in chatted.output
    silent = chatted.lines[chatted.lines.index("You: /silence") :]
    assert any(line.startswith("Agent: ") for line in silent)


def test_an_edited_folder_is_another_version_which_takes_no_real_call(chatted: Chatted) -> None:
    (chatted.folder / "agent_settings/rules.txt").write_text("Sell nothing.\n")
    done = chat(chatted.folder)
    assert "kiosk, version 2." in done.stdout
    assert "no model is configured" in done.stdout and "· " not in done.stdout
    [row] = [
        row for row in run_cli(chatted.folder.parent / "data", "agents", "list").stdout.splitlines() if "kiosk" in row
    ]
    assert re.findall(r"\d+", row)[-1] == "1"


def press_ctrl_c(
    folder: Path, typed: str, *, after: str, once: Callable[[], None] = lambda: None, env: dict[str, str] | None = None
) -> str:
    """Type this, press Ctrl-C when a line begins with `after` and `once` returns; what was printed from there on."""
    process = subprocess.Popen(
        [*warm_postcall(), "chat", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
        env=environment(folder.parent / "data", env),
        cwd=folder.parent,
    )
    assert process.stdin is not None and process.stdout is not None
    impatient = threading.Timer(60, process.kill)
    impatient.start()
    process.stdin.write(typed)
    process.stdin.flush()
    for line in process.stdout:
        if line.startswith(after):
            break
    once()
    os.kill(process.pid, signal.SIGINT)
    try:
        rest, errors = process.communicate(timeout=60)
    finally:
        impatient.cancel()
    assert process.returncode == 0, errors
    return rest


def test_ctrl_c_hangs_up_and_the_call_is_finished(kiosk: Path) -> None:
    rest = press_ctrl_c(kiosk, "", after="Agent:")
    assert "[user_hangup]" in rest and "TURNS" in rest


def test_ctrl_c_does_not_wait_for_a_slow_model(kiosk: Path) -> None:
    with ScriptedModel(default=Delayed("Never heard.", 20)) as model:
        env = {"POSTCALL_LLM_BASE_URL": model.url, "POSTCALL_LLM_MODEL": "scripted"}
        rest = press_ctrl_c(kiosk, "Hello\n", after="You:", once=lambda: model.wait_for(1), env=env)
    assert "[user_hangup]" in rest and "TURNS" in rest and "Never heard" not in rest


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
