"""agents push."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.processes import run_cli
from tests.runtime.project_builder import EXTRAS, a_project


def lay_out(folder: Path, files: dict[str, bytes]) -> Path:
    for file, content in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(content)
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_a_project_is_pushed_pushed_again_and_changed(tmp_path: Path, data: Path) -> None:
    folder = lay_out(tmp_path / "bakery", a_project(EXTRAS))
    first = run_cli(data, "agents", "push", str(folder), "--label", "first")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines() == [
        "Corner Bakery: 4 functions, 1 flow, 3 steps, 1 topic, 1 entity, 1 handoff, 1 SMS template, 2 variants",
        "bakery: new agent, version 1 is active",
    ]
    again = run_cli(data, "agents", "push", str(folder))
    assert again.stdout.splitlines()[-1] == "bakery: version 1 has these files already"
    (folder / "topics" / "more.yaml").write_text("name: More\n")
    waiting = run_cli(data, "agents", "push", str(folder), "--no-activate")
    assert waiting.stdout.splitlines()[-1] == "bakery: version 2 is published and not active"
    assert "first" in run_cli(data, "agents", "versions", "bakery").stdout
    refused = run_cli(data, "agents", "push", str(folder), "--label", "x" * 201)
    assert (refused.returncode, "--label must be 1 to 200 characters" in refused.stderr) == (1, True)
    other = run_cli(data, "agents", "push", str(folder), "--agent", "corner")
    assert other.stdout.splitlines()[-1] == "corner: new agent, version 1 is active"


def test_problems_are_listed_with_file_and_line_and_strict_publishes_nothing(tmp_path: Path, data: Path) -> None:
    files = a_project(
        {
            "functions/late.py": "import plog\n\nraise ValueError('not today')\n",
            "functions/[odd].py": "conv = 1\n(",
            "agent_settings/rules.txt": "Use {{fn:nothing}}.",
        }
    )
    folder = lay_out(tmp_path / "bakery", files)
    said = [
        "agent_settings/rules.txt:1: {{fn:nothing}}: there is no global function 'nothing'",
        "functions/[odd].py:2: not Python: '(' was never closed",
        "functions/late.py:3: cannot be imported: ValueError: not today",
    ]
    strict = run_cli(data, "agents", "push", str(folder), "--strict")
    assert (strict.returncode, strict.stdout.splitlines()) == (1, said)
    assert strict.stderr == "postcall: nothing was published, for the project has 3 problems\n"
    pushed = run_cli(data, "agents", "push", str(folder))
    assert pushed.returncode == 0
    assert pushed.stdout.splitlines()[:3] == said
    assert pushed.stdout.splitlines()[-1] == "bakery: new agent, version 1 is active, 3 problems"


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path, data: Path) -> None:
    done = run_cli(data, "agents", "push", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith("postcall: ")
    assert "has no project.yaml, which says the project_id" in done.stderr
    assert not (data / "postcall.db").exists()
