"""The examples on the page of the analyst are understood, each as the kind that the page says it is."""

from __future__ import annotations

import re
from pathlib import Path

from tests.analyst.evaluation import open_data
from tests.analyst.question_data import NOW
from tests.docs.pages import DOCS

from postcall.analyst.reading.question import read_question
from postcall.domain.analysis import Question, QuestionKind, Understood

_ROW = re.compile(r"^\| `(?P<kind>[a-z]+)` \| (?P<question>[^|]+?) \|$", re.MULTILINE)


def examples() -> dict[str, str]:
    """By its kind, the question."""
    page = (DOCS / "analyst.md").read_text()
    section = page.partition("\n## What can be asked\n")[2].partition("\n## ")[0]
    return {found["kind"]: found["question"] for found in _ROW.finditer(section)}


def test_there_is_an_example_of_every_kind() -> None:
    assert list(examples()) == [each.value for each in QuestionKind]


def test_every_example_is_understood_as_its_kind_and_word_for_word(tmp_path: Path, shared: Path) -> None:
    wrong = []
    with open_data("clinic", tmp_path, shared) as data:
        for kind, text in examples().items():
            read = read_question(Question(text, NOW["clinic"], "America/New_York"), data.terms)
            if not isinstance(read, Understood) or read.kind.value != kind or read.left:
                wrong.append(f"{text} {read}")
            else:
                assert all(data.run(each).rows for each in read.queries)
    assert not wrong
