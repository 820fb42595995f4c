"""`postcall evaluate`, as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tests.builders import Desk, StepClock, a_call, a_question, an_answer
from tests.evaluation.labelled_calls import LINES, SCORING, Files, write_files
from typer.testing import CliRunner, Result

from postcall.cli import app
from postcall.domain.labels import Opinion
from postcall.errors import BadInput, SettingsError
from postcall.storage.database import open_record
from postcall.storage.labels import store_label
from postcall.testing import Answered, ScriptedModel, answers_from


def evaluate(folder: Path, *arguments: str, environ: dict[str, str] | None = None) -> Result:
    """Run the command, and let its own errors through."""
    names = ("POSTCALL_LLM_BASE_URL", "POSTCALL_LLM_MODEL", "POSTCALL_LLM_API_KEY", "POSTCALL_DATABASE_URL")
    invoke = partial(
        CliRunner().invoke,
        app,
        ["evaluate", "--data", str(folder / "data"), *arguments],
        env={**dict.fromkeys(names), **(environ or {})},
        catch_exceptions=True,
    )
    with ThreadPoolExecutor(1) as aside:  # the command has an event loop of its own, and a browser's may run here
        result = aside.submit(invoke).result()
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def report_of(folder: Path, *arguments: str, **more: Any) -> dict[str, Any]:
    """The JSON that the command writes."""
    evaluate(folder, *arguments, "--json", str(folder / "report.json"), **more)
    told: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return told


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """The tiny labelled file."""
    return write_files(tmp_path)


def test_the_built_in_analyser_is_scored_on_a_labelled_file(tmp_path: Path, files: Files) -> None:
    told = report_of(tmp_path, *files.arguments(), "--analyser", "built-in")
    assert (told["calls"], told["analyser"], told["failed"]) == (3, "built-in", [])
    assert told["ms_per_call"] > 0
    by_name = {metric["identifier"]: metric for metric in told["metrics"]}
    assert {name: metric["n"] for name, metric in by_name.items()} == {
        "service": 3,
        "booked": 2,
        "caller_name": 3,
        "day": 2,
    }
    assert by_name["caller_name"]["compare"] == "case-insensitive"
    assert by_name["caller_name"]["also"].keys() == {"surname"}
    assert by_name["caller_name"]["invented"]["n"] == 1
    for metric in told["metrics"]:
        assert 0.0 <= metric["accuracy"] <= 1.0


def test_the_table_is_printed_and_the_run_kept_for_the_pages(tmp_path: Path, files: Files) -> None:
    result = evaluate(tmp_path, *files.arguments())
    assert result.exit_code == 0
    for expected in ("service", "booked", "caller_name", "day", "95 % bootstrap", "3 calls"):
        assert expected in result.stdout
    [kept] = (tmp_path / "data" / "evaluations").iterdir()
    assert kept.stem in result.stderr


def test_nothing_is_kept_where_that_is_not_wanted(tmp_path: Path, files: Files) -> None:
    evaluate(tmp_path, *files.arguments(), "--no-save")
    assert not (tmp_path / "data" / "evaluations").exists()


def test_json_can_go_to_the_standard_output_alone(tmp_path: Path, files: Files) -> None:
    result = evaluate(tmp_path, *files.arguments(), "--json", "-", "--limit", "1", "--name", "first call")
    told = json.loads(result.stdout)
    assert (told["calls"], told["name"]) == (1, "first call")


def test_a_run_gives_the_same_figures_again(tmp_path: Path, files: Files) -> None:
    first, second = (report_of(tmp_path, *files.arguments())["metrics"] for _ in range(2))
    assert first == second


TRUTH = {
    "summary": "Nora Beck booked an inspection.",
    "service": Answered("inspection", [(1, "I need an inspection")]),
    "booked": Answered(True, [(2, "Your inspection is booked")]),
    "caller_name": Answered("Nora Beck", [(1, "my name is Nora Beck")]),
    "day": Answered("2026-03-03", [(1, "tomorrow")]),
}


def test_a_model_is_scored_and_a_call_that_it_fails_on_is_told(tmp_path: Path) -> None:
    files = write_files(tmp_path, lines=LINES[:2])
    with ScriptedModel() as model:
        model.when(lambda request: "bicycle" in request.text).fail(401)
        model.always(answers_from(TRUTH))
        environ = {"POSTCALL_LLM_BASE_URL": model.url, "POSTCALL_LLM_MODEL": "tiny"}
        told = report_of(tmp_path, *files.arguments(), "--analyser", "model", environ=environ)
    assert (told["analyser"], told["model"], told["calls"]) == ("model", "tiny", 2)
    [failed] = told["failed"]
    assert failed["call"] == "garage-2"
    assert failed["reason"]
    by_name = {metric["identifier"]: metric for metric in told["metrics"]}
    assert by_name["day"]["statuses"] == {"ok": 1, "unknown": 0, "invalid": 0, "error": 1}
    assert by_name["caller_name"]["accuracy"] == 0.5
    assert by_name["caller_name"]["evidence_share"] == 1.0


def test_a_model_that_is_not_configured_is_said_to_be_missing(tmp_path: Path, files: Files) -> None:
    with pytest.raises(SettingsError, match="POSTCALL_LLM_BASE_URL"):
        evaluate(tmp_path, *files.arguments(), "--analyser", "model")


@pytest.fixture
def labelled(tmp_path: Path, clock: StepClock) -> Path:
    """A data folder with two answered calls, of one of which people have said what is right."""
    (tmp_path / "data").mkdir()
    record = open_record(f"sqlite:///{tmp_path / 'data' / 'postcall.db'}")
    desk = Desk(record, clock)
    desk.ask(a_question(), a_question("seats", "For how many people?", "INTEGER"))
    for name in ("call-1", "call-2"):
        desk.hand_in(a_call(name))
        desk.extract(an_answer(), an_answer("seats", 2, type="INTEGER"))
    for opinion in (Opinion("booked", confirm=True), Opinion("seats", value=3)):
        record.write(partial(store_label, account_pk=desk.pk, call_id="call-1", opinion=opinion, now=clock()))
    record.close()
    return tmp_path


def test_stored_answers_are_scored_by_people_s_labels(labelled: Path) -> None:
    told = report_of(labelled, "--labels", "clinic")
    assert (told["source"], told["calls"], told["analyser"], told["model"]) == ("labels", 1, "model", "scripted")
    assert {metric["identifier"]: metric["accuracy"] for metric in told["metrics"]} == {"booked": 1.0, "seats": 0.0}
    assert [file.stem[17:] for file in (labelled / "data" / "evaluations").iterdir()] == ["labels-clinic"]


def test_labelled_calls_before_the_given_day_are_left_out(labelled: Path) -> None:
    assert report_of(labelled, "--labels", "clinic", "--since", "2026-03-02")["calls"] == 1
    with pytest.raises(BadInput, match="labelled no answer of 'clinic'"):
        evaluate(labelled, "--labels", "clinic", "--since", "2026-03-03")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--calls, --metrics, --scoring is missing"),
        (["--labels", "clinic", "--limit", "3"], "--limit does not go with --labels"),
        (["--since", "2026-03-02"], "--since does not go with --calls"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path: Path, arguments: list[str], complaint: str) -> None:
    with pytest.raises(BadInput) as refused:
        evaluate(tmp_path, *arguments)
    assert complaint in refused.value.message


def test_a_bad_line_ends_the_command_with_one_line_that_names_file_line_and_field(tmp_path: Path) -> None:
    bad = {**LINES[1], "gold": {"service": "polish"}}
    files = write_files(tmp_path, lines=[LINES[0], bad], scoring=SCORING)
    command = [sys.executable, "-m", "postcall", "evaluate", "--data", str(tmp_path / "data"), *files.arguments()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == f"postcall: {files.calls}, line 2: gold.service: 'polish' is none of the choices\n"
    assert done.stdout == ""


@pytest.mark.shared
def test_the_built_in_analyser_is_scored_on_real_conversations(tmp_path: Path, shared: Path) -> None:
    folder = shared / "data" / "star"
    files = Files(folder / "public.jsonl", folder / "metrics.json", folder / "scoring.json")
    told = report_of(tmp_path, *files.arguments(), "--analyser", "built-in")
    by_name = {metric["identifier"]: metric for metric in told["metrics"]}
    assert (told["calls"], told["failed"]) == (398, [])
    assert len(by_name) == 17
    assert by_name["call_reason"]["n"] == 398
    assert by_name["call_reason"]["accuracy"] > 0.61, "what counting the choices' words reaches"
    assert sum(map(sum, by_name["call_reason"]["confusion"]["counts"])) == 398
    assert by_name["booked_weekday"]["invented"]["n"] == 188
    low, high = by_name["call_reason"]["intervals"]["accuracy"]
    assert low < by_name["call_reason"]["accuracy"] < high
