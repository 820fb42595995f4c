"""The built-in reader reads most plain questions so that exactly the right numbers come out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.analyst.evaluation import PLAIN, QUESTIONS, evaluate, open_data
from tests.analyst.question_data import read_questions

LEAST = 0.9


@pytest.mark.parametrize("name", ["clinic", pytest.param("star", marks=pytest.mark.shared)])
def test_nine_of_ten_plain_questions_get_exactly_the_right_numbers(name: str, tmp_path: Path, shared: Path) -> None:
    entries = [each for each in read_questions(QUESTIONS / "opened.jsonl") if each["data"] == name]
    with open_data(name, tmp_path, shared) as data:
        judged = evaluate(entries, data)
    plain = [is_right for entry, _, is_right in judged if entry["kind"] in PLAIN]
    assert sum(plain) >= LEAST * len(plain)
    others = [is_right for entry, _, is_right in judged if entry["kind"] not in PLAIN]
    assert sum(others) >= LEAST * len(others)
