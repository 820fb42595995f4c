"""postcall ask."""

from __future__ import annotations

import json
from pathlib import Path

from tests.builders import a_body
from tests.processes import run_cli, serving


def run(data: Path, *arguments: str) -> str:
    done = run_cli(data, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_question_is_answered_alike_with_and_without_a_server_and_gone_on_with(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "calls.jsonl"
    file.write_text("".join(json.dumps(a_body(f"call-{n}", channel="voice")) + "\n" for n in range(3)))
    run(data, "import", str(file), "--agent", "clinic")
    with serving(data, "serve", "--port", "0"):
        found = json.loads(run(data, "ask", "How many calls per channel?", "--json"))
    assert found["queries"][0]["rows"] == [["voice", 3]] and found["exact"] == {"of": 3}
    said = run(data, "ask", "How many calls were there?", "--thread", found["thread"])
    assert "3 calls match" in said and "[q1]" in said and "Understood as" in said
    assert f"--thread {found['thread']}" in said
    refused = run_cli(data, "ask", " ")
    assert refused.returncode == 1 and "question" in refused.stderr
