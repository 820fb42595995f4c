"""agents versions, activate, drafts, diff."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.builders import NOON
from tests.processes import run_cli

from postcall.storage.accounts import DEFAULT_ACCOUNT, find_account
from postcall.storage.database import open_record
from postcall.storage.drafts import create_draft

BOOKED = {"identifier": "booked", "dispositionMetricPrompt": "Was it booked?", "dispositionMetricType": "BOOLEAN"}
REWORDED = {**BOOKED, "dispositionMetricPrompt": "Was it booked or moved?"}
NAME = {"identifier": "name", "dispositionMetricPrompt": "Who called?", "dispositionMetricType": "STRING"}


def run(data: Path, *arguments: str) -> str:
    done = run_cli(data, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder whose agent has two versions."""
    for questions in ([BOOKED], [REWORDED, NAME]):
        file = tmp_path / "metrics.json"
        file.write_text(json.dumps(questions))
        run(tmp_path / "data", "metrics", "set", "desk", str(file))
    return tmp_path / "data"


def test_a_roll_back_is_seen_in_the_list_of_versions(data: Path) -> None:
    active = [line for line in run(data, "agents", "versions", "desk").splitlines() if "active" in line]
    assert len(active) == 1
    assert " 2 " in active[0]
    assert run(data, "agents", "activate", "desk", "1") == "desk: version 1 is active; before, 2 was\n"
    active = [line for line in run(data, "agents", "versions", "desk").splitlines() if "active" in line]
    assert " 1 " in active[0]


def test_a_version_that_is_not_there_cannot_be_activated(data: Path) -> None:
    done = run_cli(data, "agents", "activate", "desk", "7")
    assert (done.returncode, done.stderr) == (1, "postcall: there is no version 7\n")


def test_a_diff_has_a_line_for_what_was_and_one_for_what_is(data: Path) -> None:
    assert run(data, "agents", "diff", "desk", "1", "2").splitlines() == [
        "booked: changed (prompt)",
        "  - Was it booked?",
        "  + Was it booked or moved?",
        "name: added",
        "  + Who called?",
        "  + STRING",
    ]
    assert run(data, "agents", "diff", "desk", "2", "2") == "They ask the same.\n"


def test_drafts_are_listed_with_their_ids(data: Path) -> None:
    assert run(data, "agents", "drafts", "desk") == "desk has no drafts.\n"
    record = open_record(f"sqlite:///{data / 'postcall.db'}")
    draft = record.write(
        lambda c: create_draft(c, find_account(c, DEFAULT_ACCOUNT), "desk", name="Spring", base=1, by="Ana", now=NOON)
    )
    record.close()
    listed = run(data, "agents", "drafts", "desk")
    assert all(part in listed for part in ("Spring", draft.id, "Ana", "2026-03-02 12:00"))
