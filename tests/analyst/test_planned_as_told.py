"""A model that plans as told gets exactly the right numbers through the tools, and its sentences shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.analyst.evaluation import PLAIN, QUESTIONS, open_data
from tests.analyst.planned import evaluate_planned
from tests.analyst.question_data import read_questions

LEAST = 0.95


@pytest.mark.parametrize("name", ["clinic", pytest.param("star", marks=pytest.mark.shared)])
def test_a_model_that_plans_as_told_is_shown_with_the_right_numbers(name: str, tmp_path: Path, shared: Path) -> None:
    entries = [each for each in read_questions(QUESTIONS / "opened.jsonl") if each["data"] == name]
    with open_data(name, tmp_path, shared) as data:
        judged = evaluate_planned(entries, data)
    plain = [is_right for entry, _, is_right in judged if entry["kind"] in PLAIN]
    assert sum(plain) >= LEAST * len(plain)
    back = [is_right for entry, _, is_right in judged if entry["kind"] in {"ambiguous", "unanswerable"}]
    assert all(back)
