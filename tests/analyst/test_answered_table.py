"""The table of what is answered says what was counted, and has its places in the pages."""

from __future__ import annotations

from pathlib import Path

from tests.analyst.answered_table import MARK, ROOT, Share, count, long_table, short_table
from tests.analyst.evaluation import Data

SEEN = {"count": Share(9, 10), "top": Share(10, 10), "ambiguous": Share(1, 4)}
UNSEEN = {"count": Share(7, 10), "top": Share(10, 10), "ambiguous": Share(4, 4)}
FOUND = {"built-in reader": [SEEN, UNSEEN]}


def test_plain_questions_and_those_without_a_number_are_told_apart() -> None:
    _, _, plain, others = short_table(FOUND).splitlines()
    assert plain.endswith("| 19 of 20, 95% | 17 of 20, 85% |")
    assert others.endswith("| 1 of 4, 25% | 4 of 4, 100% |")


def test_every_kind_has_its_row_the_plain_ones_first() -> None:
    rows = [line.split("|")[1].strip() for line in long_table(FOUND).splitlines()[2:]]
    assert rows == ["count", "top", "ambiguous"]


def test_right_and_asked_are_counted_by_kind(tmp_path: Path) -> None:
    def first_of_each_is_right(entries: object, data: Data) -> list[tuple[dict[str, str], object, bool]]:
        return [({"kind": "count"}, None, True), ({"kind": "count"}, None, False), ({"kind": "top"}, None, True)]

    found = count("later_clinic", first_of_each_is_right, tmp_path)
    assert found == {"count": Share(1, 2), "top": Share(1, 1)}


def test_both_pages_have_a_place_for_it() -> None:
    for page in ("README.md", "docs/measurements.md"):
        text = (ROOT / page).read_text()
        assert text.count(f"<!-- {MARK} -->") == text.count(f"<!-- /{MARK} -->") == 1
