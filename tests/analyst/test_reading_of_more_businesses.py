"""Questions about a hotel chain and a telephone company, written before the rules that read them."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.analyst.evaluation import PLAIN, QUESTIONS, evaluate, open_data
from tests.analyst.question_data import read_questions

LEAST = 0.75
"""Of the plain questions."""


@pytest.mark.parametrize("name", ["hotel", "telecom"])
def test_most_questions_of_a_business_that_was_never_seen_are_read(name: str, tmp_path: Path, shared: Path) -> None:
    entries = [each for each in read_questions(QUESTIONS / "later_more_businesses.jsonl") if each["data"] == name]
    with open_data(name, tmp_path, shared) as data:
        judged = evaluate(entries, data)
    plain = [right for entry, _, right in judged if entry["kind"] in PLAIN]
    assert sum(plain) >= LEAST * len(plain)
