"""`postcall learn`: from calls whose answers are known to heads that answer."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_importing import write
from tests.extraction.learning.workshop import REASON, SETTLED, WorkshopCall, workshop_calls
from tests.processes import run_cli

from postcall.api.question_format import question_file_json


def line(call: WorkshopCall, **gold: object) -> dict[str, object]:
    turns = [{"role": turn.role.value, "text": turn.text} for turn in call.transcript]
    return {"id": call.id, "turns": turns, "gold": gold}


def a_shop(folder: Path, *, reasons: int = 60, settled: int = 39) -> Path:
    """A data folder with calls, of which so many have a metric for each question."""
    data = folder / "data"
    questions = folder / "metrics.json"
    questions.write_text(json.dumps(question_file_json((REASON, SETTLED))))
    calls = workshop_calls(max(reasons, settled))
    file = write(
        folder / "calls.jsonl",
        *(
            line(call, **({"reason": call.reason} if number < reasons else {}),
                 **({"settled": call.settled} if number < settled else {}))
            for number, call in enumerate(calls)
        ),
    )  # fmt: skip
    assert run_cli(data, "metrics", "set", "shop", str(questions)).returncode == 0
    assert run_cli(data, "import", str(file), "--agent", "shop", "--gold-as-metrics").returncode == 0
    return data


def test_it_tells_of_every_question_what_came_of_it(tmp_path: Path) -> None:
    data = a_shop(tmp_path)
    ran = run_cli(data, "learn", "shop", "--from", "metrics")
    assert ran.returncode == 0, ran.stderr
    told = " ".join(ran.stdout.split())
    assert "published: " in told
    assert "39 calls have a known answer, and 40 are needed" in told
    assert "where their confidence is 0.5 or more" in told
    shown = json.loads(run_cli(data, "learn", "shop", "--status", "--json").stdout)
    assert [(each["identifier"], each["answers"]) for each in shown["questions"]] == [
        ("reason", True),
        ("settled", False),
    ]
    assert "answers" in run_cli(data, "learn", "shop", "--status").stdout


def test_fewer_labels_suffice_where_that_is_asked_for(tmp_path: Path) -> None:
    ran = run_cli(a_shop(tmp_path), "learn", "shop", "--question", "settled", "--min-labels", "39", "--json")
    [card] = json.loads(ran.stdout)["questions"]
    assert (card["identifier"], card["learned_from"]) == ("settled", 39)
    assert card["head"]["calls"] == 39


def test_a_dry_run_publishes_nothing(tmp_path: Path) -> None:
    data = a_shop(tmp_path)
    ran = run_cli(data, "learn", "shop", "--dry-run", "--analyser", "auto")
    assert "nothing is published" in ran.stdout
    shown = json.loads(run_cli(data, "learn", "shop", "--status", "--json").stdout)
    assert not any(each["answers"] for each in shown["questions"])
    assert shown["version"] == 1


def test_who_answers_is_chosen_in_a_new_version(tmp_path: Path) -> None:
    data = a_shop(tmp_path)
    model = {"POSTCALL_LLM_BASE_URL": "http://127.0.0.1:9/v1", "POSTCALL_LLM_MODEL": "none"}
    waiting = run_cli(data, "learn", "shop", env=model)
    assert "so its heads wait" in " ".join(waiting.stdout.split())
    run_cli(data, "learn", "shop", "--status", "--analyser", "auto", "--min-confidence", "0.9", env=model)
    shown = json.loads(run_cli(data, "learn", "shop", "--status", "--json", env=model).stdout)
    assert (shown["version"], shown["analyser"], shown["min_confidence"]) == (2, "auto", 0.9)
    assert [each["answers"] for each in shown["questions"]] == [True, False], "the questions are the same"


def test_what_is_not_there_is_one_line(tmp_path: Path) -> None:
    data = a_shop(tmp_path, reasons=1, settled=1)
    for arguments, told in (
        (["nobody"], "there is no agent 'nobody'"),
        (["shop", "--question", "colour"], "'colour' is no question of the active version"),
    ):
        ran = run_cli(data, "learn", *arguments)
        assert ran.returncode == 1
        assert told in ran.stderr
        assert "Traceback" not in ran.stderr
