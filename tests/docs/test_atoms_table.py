"""The table of the Atoms interface lists every published operation once, and says of each what is true."""

from __future__ import annotations

import re

import pytest
from tests.api.atoms.published import operations
from tests.api.atoms.test_not_offered import NOT_OFFERED, answering, nameless
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/atoms.md").read_text()
ROWS: list[tuple[str, str, str, str]] = re.findall(
    r"^\| `(GET|POST|PUT|PATCH|DELETE) (/\S*)` \| ([^|]*?) \| ?([^|]*?) ?\|$", PAGE, re.MULTILINE
)
WORDS = ("works", "differs", "not offered")


def test_every_published_operation_stands_in_the_table_once() -> None:
    listed = [(method, path) for method, path, _, _ in ROWS]
    assert len(listed) == len(set(listed))
    assert not {(method.upper(), path) for method, path in operations()} - set(listed)
    assert len(listed) == len(re.findall(r"^\| `[A-Z]+ /", PAGE, re.MULTILINE))  # no row is written otherwise


@pytest.mark.parametrize(("method", "path", "word", "how"), [pytest.param(*row, id=" ".join(row[:2])) for row in ROWS])
def test_a_row_says_what_is_true(method: str, path: str, word: str, how: str) -> None:
    assert word in WORDS
    assert word != "differs" or how
    found = answering(method, path)
    assert found is not None
    refused = {(each, nameless(at)) for each, at in NOT_OFFERED}
    told_apart = (method, nameless(path)) in refused or path.startswith("/webhook-events/")
    assert (word == "not offered") == told_apart
    assert path.startswith("/webhook-events/") or nameless(found[0]) == nameless(path)


def test_everything_that_is_not_offered_is_listed() -> None:
    listed = {(method, nameless(path)) for method, path, word, _ in ROWS if word == "not offered"}
    assert {(method, nameless(path)) for method, path in NOT_OFFERED} <= listed
