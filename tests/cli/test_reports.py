"""query, reports."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import httpx
from tests.builders import a_body
from tests.processes import run_cli, serving

RATES = {
    "measures": [{"measure": "conversations"}, {"measure": "rate", "of": "metric.OK"}],
    "group_by": ["field.channel"],
}


def run(data: Path, *arguments: str, **more: Any) -> str:
    done = run_cli(data, *arguments, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout


def import_calls(data: Path) -> None:
    file = data.parent / "calls.jsonl"
    calls = [a_body(f"call-{number}", metrics={"OK": number < 3}, channel="voice") for number in range(4)]
    file.write_text("".join(json.dumps(call) + "\n" for call in calls))
    run(data, "import", str(file), "--agent", "clinic")


def write_query(folder: Path, query: dict[str, Any]) -> str:
    file = folder / "query.json"
    file.write_text(json.dumps(query))
    return str(file)


def test_numbers_are_printed_without_a_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    import_calls(data)
    query = write_query(tmp_path, RATES)
    table = run(data, "query", query)
    assert "voice" in table and "75.0 % (3 of 4" in table and "4 calls match" in table
    found = json.loads(run(data, "query", query, "--json"))
    assert found["rows"] == [["voice", 4, 0.75]]
    text = run(data, "query", query, "--csv")
    assert list(csv.reader(io.StringIO(text))) == [
        ["field.channel", "conversations", "rate_OK_true"],
        ["voice", "4", "0.75"],
    ]
    status = json.loads(run(data, "reports", "status", "--json"))
    assert (status["calls"], status["behind"]) == (4, 0)
    assert "4 calls" in run(data, "reports", "rebuild")


def test_a_running_server_is_asked_and_gives_the_same(tmp_path: Path) -> None:
    data = tmp_path / "data"
    import_calls(data)
    query = write_query(tmp_path, RATES)
    alone = json.loads(run(data, "query", query, "--json"))
    with serving(data, "serve", "--port", "0") as server:
        assert httpx.get(f"{server.address}/postcall/v1/openapi.json", timeout=30).status_code == 200
        beside = json.loads(run(data, "query", query, "--json"))
        assert beside["rows"] == alone["rows"] and beside["numbers"] == alone["numbers"]
        assert "ready: 4 calls" in run(data, "reports", "status")
        assert "4 calls" in run(data, "reports", "rebuild")
        refused = run_cli(data, "query", write_query(tmp_path, {"measures": [{"measure": "sum", "of": "metric.OKK"}]}))
        assert refused.returncode == 1 and "metric.OK" in refused.stderr


def test_a_query_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    data = tmp_path / "data"
    import_calls(data)
    for content, said in (("{", "not JSON"), ("{}", "at least one"), ('{"measures": [{"measure": "sun"}]}', "sum")):
        file = tmp_path / "query.json"
        file.write_text(content)
        done = run_cli(data, "query", str(file))
        assert done.returncode == 1 and said in done.stderr and len(done.stderr.splitlines()) == 1
    missing = run_cli(data, "query", str(tmp_path / "nothing.json"))
    assert missing.returncode == 1 and "cannot be read" in missing.stderr
    both = run_cli(data, "query", str(file), "--json", "--csv")
    assert both.returncode == 1 and "exclude" in both.stderr


def test_without_data_a_command_says_where_it_looked(tmp_path: Path) -> None:
    done = run_cli(tmp_path / "nothing", "reports", "status")
    assert done.returncode == 1 and "no postcall data" in done.stderr
    assert not (tmp_path / "nothing").exists()
