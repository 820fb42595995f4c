"""Each command is there, also where only its own modules are imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import typer

from postcall.cli import _PARTS, app, make_app

COMMANDS = sorted({command for commands in _PARTS.values() for command in commands})


def names_of(made: typer.Typer) -> set[str]:
    named = {command.name for command in made.registered_commands} | {group.name for group in made.registered_groups}
    return {name for name in named if isinstance(name, str)}


def test_the_parts_name_every_command() -> None:
    assert names_of(app) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_found_among_its_own_modules(command: str) -> None:
    assert command in names_of(make_app(command))


@pytest.mark.parametrize(
    "beginning",
    [[str(Path(sys.executable).parent / "postcall")], [sys.executable, "-m", "postcall"]],
    ids=["installed", "module"],
)
def test_a_command_runs_as_people_start_it(beginning: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [*beginning, "agents", "list", "--data", str(tmp_path / "none")], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("postcall: there is no postcall data")


def test_what_is_no_command_meets_all_of_them() -> None:
    assert names_of(make_app("nonsense")) == names_of(make_app("--help")) == set(COMMANDS)
