"""postcall ask."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tests.builders import a_body
from tests.processes import run_cli, serving

from postcall.cli.told_answer import print_answer


def run(data: Path, *arguments: str) -> str:
    done = run_cli(data, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(capsys: pytest.CaptureFixture[str], **parts: Any) -> str:
    """What is shown of an answer."""
    empty: dict[str, Any] = {
        "answer": "",
        "queries": [],
        "shown": [],
        "readings": [],
        "choices": [],
        "sample": None,
        "citations": [],
        "understood": "",
        "not_covered": [],
        "calls": [],
        "thread": None,
    }
    print_answer({**empty, **parts}, Console(file=sys.stdout, width=200))
    return capsys.readouterr().out


def a_query(id_: str, *rows: tuple[str, float, int]) -> dict[str, Any]:
    """Shares by channel."""
    measure = {"measure": "rate", "of": "metric.BOOKED", "value": True, "as": "rate"}
    return {
        "id": id_,
        "query": {"measures": [measure], "group_by": ["field.channel"], "time_zone": "UTC"},
        "rows": [[channel, value] for channel, value, _ in rows],
        "numbers": [[{"n": n, "count": round(value * n), "small": n < 30}] for _, value, n in rows],
    }


def test_a_question_is_answered_alike_with_and_without_a_server_and_gone_on_with(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "calls.jsonl"
    file.write_text("".join(json.dumps(a_body(f"call-{n}", channel="voice")) + "\n" for n in range(3)))
    run(data, "import", str(file), "--agent", "clinic")
    with serving(data, "serve", "--port", "0"):
        found = json.loads(run(data, "ask", "How", "many", "calls", "per", "channel?", "--json"))
    assert found["queries"][0]["rows"] == [["voice", 3]] and found["exact"] == {"of": 3}
    alone = json.loads(run(data, "ask", "How many calls per channel?", "--json"))
    assert found["reading"] is not None
    for name in ("reading", "answer", "queries", "calls", "understood", "shown"):
        assert alone[name] == found[name], name
    said = run(data, "ask", "How many calls were there?", "--thread", found["thread"])
    assert "3" in said and "[q1]" in said and "Understood as" in said and f"--thread {found['thread']}" in said
    refused = run_cli(data, "ask", " ")
    assert refused.returncode == 1 and "question" in refused.stderr


def test_what_is_asked_back_is_chosen_from_and_ends_with_a_code_of_its_own(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "calls.jsonl"
    file.write_text(json.dumps(a_body("call-1", channel="voice")) + "\n")
    run(data, "import", str(file), "--agent", "clinic")
    back = run_cli(data, "ask", "hello")
    assert back.returncode == 3 and "  1. " in back.stdout and "--choose" in back.stdout
    chosen = json.loads(run(data, "ask", "hello", "--choose", "1", "--json"))
    assert not chosen["asks_back"] and chosen["queries"][0]["rows"] == [[1]]
    for number in ("0", "99"):
        refused = run_cli(data, "ask", "hello", "--choose", number)
        assert refused.returncode == 1 and "--choose" in refused.stderr
    assert "nothing to choose" in run_cli(data, "ask", "How many calls?", "--choose", "1").stderr


def test_only_an_answer_of_several_rows_gets_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    several = a_query("q1", ("voice", 0.5, 1500), ("sms", 0.25, 8))
    behind = a_query("q2", ("webchat", 0.1, 100), ("sms", 0.9, 100))
    said = told(capsys, answer="Half [q1].", queries=[several, behind], shown=["q1"])
    assert said.startswith("Half [q1].\n")
    assert "Rate of BOOKED" in said and "50.0 % (750 of 1,500)" in said and "(2 of 8) few" in said
    assert "webchat" not in said
    one = told(capsys, answer="All [q1].", queries=[a_query("q1", ("voice", 1.0, 50))], shown=["q1"])
    assert one == "All [q1].\n"


def test_below_an_answer_stands_what_it_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    citations = [{"call": "a", "turn": 3, "quote": "No\x1b[31m."}, {"call": "gone", "turn": 1, "quote": ""}]
    said = told(
        capsys,
        answer="Many.\n- One [c1].",
        sample={"n": 50, "of": 12431},
        citations=citations,
        not_covered=["chats"],
        calls=[f"call-{n}" for n in range(7)],
        thread="abc",
        understood="What is said",
    )
    assert said.splitlines() == [
        "Many.",
        "- One [c1].",
        "From a sample of 50 of 12,431 calls.",
        '[c1] a, turn 3: "No\N{REPLACEMENT CHARACTER}[31m."',
        "Understood as: What is said",
        "Not covered: chats",
        "Calls: call-0, call-1, call-2, call-3, call-4 and 2 more",
        "Go on with: --thread abc",
    ]
