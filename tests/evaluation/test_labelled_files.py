"""Files of labelled calls: what is read of them, and what is said of bad ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.evaluation.labelled_calls import LINES, SCORING, write_files

from postcall.api.question_format import read_question_file
from postcall.domain.questions import DispositionMetric
from postcall.errors import BadInput
from postcall.evaluation.comparing import Comparison, Rule
from postcall.evaluation.labelled import LabelledFile, in_file, read_labelled_calls, read_scoring

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


def questions_in(folder: Path) -> tuple[DispositionMetric, ...]:
    return in_file(folder / "metrics.json", read_question_file)


def read(folder: Path, *lines: dict[str, Any], limit: int | None = None) -> LabelledFile:
    files = write_files(folder, lines=list(lines) or None)
    return read_labelled_calls(files.calls, questions_in(folder), now=NOW, limit=limit)


def changed(line: int = 0, **fields: Any) -> dict[str, Any]:
    return {**LINES[line], **fields}


def test_a_label_that_is_absent_differs_from_one_that_says_there_is_none(tmp_path: Path) -> None:
    _, none, absent = read(tmp_path).calls
    assert none.gold == {"service": "tyres", "booked": False, "caller_name": None, "day": None}
    assert absent.gold == {"service": "repair", "caller_name": "Sam Ode"}


def test_relative_dates_count_from_the_reference_date_else_the_start_else_now(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert [call.reference for call in found.calls] == [
        datetime(2026, 3, 2, tzinfo=UTC),
        datetime(2026, 3, 4, 9, 0, tzinfo=UTC),
        NOW,
    ]
    assert found.notes == ("1 of the calls name no date: relative dates in them count from the day of this run",)


def test_a_reference_date_wins_over_the_start(tmp_path: Path) -> None:
    [call] = read(tmp_path, changed(1, reference_date="2019-03-01")).calls
    assert call.reference == datetime(2019, 3, 1, tzinfo=UTC)


def test_labels_become_values_of_the_question_s_type(tmp_path: Path) -> None:
    gold = {"service": "Tyres", "booked": "yes", "day": "tomorrow", "caller_name": "unknown"}
    [call] = read(tmp_path, changed(gold=gold)).calls
    assert call.gold == {"service": "tyres", "booked": True, "day": "2026-03-03", "caller_name": None}


def test_a_label_of_a_question_that_is_not_asked_is_told_and_not_scored(tmp_path: Path) -> None:
    found = read(tmp_path, changed(gold={"mood": "fine"}), changed(1, gold={"mood": None, "booked": True}))
    assert found.calls[0].gold == {}
    assert "mood has labels in 2 of the calls, but is not asked" in found.notes


def test_what_a_line_holds_for_other_readers_does_no_harm(tmp_path: Path) -> None:
    [call] = read(tmp_path, changed(gold_highlights=["a", "b"], source="made up", license="CC0")).calls
    assert len(call.transcript) == 4


def test_only_the_first_calls_are_read_where_that_is_asked(tmp_path: Path) -> None:
    assert [call.id for call in read(tmp_path, limit=2).calls] == ["garage-1", "garage-2"]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (changed(gold={"service": "polish"}), "gold.service: 'polish' is none of the choices"),
        (changed(gold={"booked": "perhaps"}), "gold.booked: 'perhaps' is neither true nor false"),
        (changed(gold={"day": [1]}), "gold.day: "),
        (changed(gold=["service"]), "gold: must be an object of labels by identifier"),
        ({"id": "x", "turns": []}, "gold: required field is missing"),
        (changed(turns=[{"role": "caller", "text": "Hi."}]), "turns[0].role"),
        (changed(turns=None), "turns: "),
        (changed(reference_date="soon"), "reference_date: 'soon' is not a date"),
        (changed(mood="fine"), "mood: unknown field"),
        (changed(id="garage-2"), "id: 'garage-2' stands in line 1 too"),
    ],
)
def test_a_bad_line_is_named_with_its_file_number_and_field(
    tmp_path: Path, line: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(BadInput) as refused:
        read(tmp_path, LINES[1], line)
    assert refused.value.message.startswith(f"{tmp_path / 'calls.jsonl'}, line 2: ")
    assert complaint in refused.value.message
    assert refused.value.field
    assert complaint.startswith(refused.value.field)


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"id": NaN}', b"[]"])
def test_a_line_that_is_no_json_object_is_named(tmp_path: Path, content: bytes) -> None:
    files = write_files(tmp_path)
    files.calls.write_bytes(b"\n" + content + b"\n")
    with pytest.raises(BadInput, match="line 2: "):
        read_labelled_calls(files.calls, questions_in(tmp_path), now=NOW)


def test_a_file_without_calls_is_refused(tmp_path: Path) -> None:
    files = write_files(tmp_path, lines=[])
    with pytest.raises(BadInput, match="there is no call in it"):
        read_labelled_calls(files.calls, questions_in(tmp_path), now=NOW)


def test_a_question_that_the_scoring_does_not_name_is_compared_exactly(tmp_path: Path) -> None:
    files = write_files(tmp_path)
    scoring = read_scoring(files.scoring, questions_in(tmp_path))
    assert {name: each.rule for name, each in scoring.items()} == {
        "service": Rule(Comparison.EXACT),
        "booked": Rule(Comparison.EXACT),
        "caller_name": Rule(Comparison.CASE_INSENSITIVE, (Comparison.SURNAME,)),
        "day": Rule(Comparison.DATE),
    }
    assert scoring["caller_name"].noise == "none: made up"


@pytest.mark.parametrize(
    ("scoring", "complaint"),
    [
        ({**SCORING, "day": {"compare": "nearly"}}, "day.compare: 'nearly' is none of"),
        ({"day": {}}, "day.compare: required field is missing"),
        ({"day": "date"}, "day: must be an object"),
        ({"day": {"compare": 5}}, "day.compare: "),
        ([], "object"),
    ],
)
def test_bad_scoring_is_named_with_its_file(tmp_path: Path, scoring: object, complaint: str) -> None:
    files = write_files(tmp_path, scoring=scoring)
    with pytest.raises(BadInput) as refused:
        read_scoring(files.scoring, questions_in(tmp_path))
    assert refused.value.message.startswith(f"{files.scoring}: ")
    assert complaint in refused.value.message


def test_bad_questions_are_named_with_their_file(tmp_path: Path) -> None:
    write_files(tmp_path, questions=[{"identifier": "Day", "prompt": "When?", "type": "DATETIME"}])
    with pytest.raises(BadInput, match=r"metrics\.json: the identifier 'Day'"):
        questions_in(tmp_path)


@pytest.mark.shared
@pytest.mark.parametrize("source", ["abcd_sample", "evi", "primock57", "sgd", "star"])
def test_every_label_of_the_real_conversations_can_be_read(shared: Path, source: str) -> None:
    folder = shared / "data" / source
    questions = questions_in(folder)
    scoring = read_scoring(folder / "scoring.json", questions)
    found = read_labelled_calls(folder / "public.jsonl", questions, now=NOW)
    lines = [line for line in (folder / "public.jsonl").read_bytes().splitlines() if line.strip()]
    assert len(found.calls) == len(lines)
    assert any(each.rule.comparison is not Comparison.EXACT for each in scoring.values())
