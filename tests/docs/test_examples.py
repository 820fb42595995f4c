"""Every example in README and docs is run, against a server that was started as the pages say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.docs.conftest import Reader
from tests.docs.likeness import differences, figures, part_of, without_ids
from tests.docs.pages import PAGES, Block, read_blocks

NOT_RUN = {
    "README.md": [
        "make run",
        "make test",
        "make wheel\npip install dist/*.whl\npostcall demo",
        "POSTCALL_LLM_BASE_URL=http://127.0.0.1:11434/v1 POSTCALL_LLM_MODEL=qwen3:8b make run",
    ],
    "docs/running.md": [
        "createdb postcall\nPOSTCALL_DATABASE_URL=postgresql://localhost/postcall postcall serve",
        "postcall serve --no-worker &\npostcall worker",
        "ssh -L 8000:127.0.0.1:8000 the-server",
    ],
}
"""What cannot be run here, and nothing else may be marked so."""
WITH_EXAMPLES = [page for page in PAGES if any(block.language != "text" for block in read_blocks(page))]


def _id(page: Path) -> str:
    return page.stem


@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=_id)
def test_every_example_of_a_page_does_what_the_page_says(
    page: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(reader.folder)
    for block in read_blocks(page):
        if block.name == "not run":
            continue
        try:
            _try(block, reader)
        except Exception as error:
            raise AssertionError(f"{block}: {error}") from error


def _try(block: Block, reader: Reader) -> None:
    match block.language, block.name:
        case "sh", "":
            reader.run_shell(block.text)
        case "sh", "serves with a model":
            reader.serve_with_model(block.text, block.detail)
        case "python", "":
            reader.run_python(block.text)
        case "python", "client":
            reader.run_client(block.text, block.detail)
        case "text", "prints":
            assert without_ids(reader.printed.strip()) == without_ids(reader.translate(block.text).strip())
        case "text", "prints in such words":  # the analyst may find better ones, and the same numbers
            assert figures(reader.printed) == figures(block.text) != []
        case "text", "drawing":
            pass
        case "json", "reply" | "part":
            said = part_of(reader.last_reply(), block.detail)
            found = list(differences(json.loads(reader.translate(block.text)), said))
            assert not found, "\n".join(found)
        case language, marker:
            raise AssertionError(f"nobody knows how to check a {language or 'bare'} block marked {marker!r}")


def test_only_what_cannot_be_run_is_left_out() -> None:
    marked: dict[str, list[str]] = {}
    for page in PAGES:
        for block in read_blocks(page):
            if block.name == "not run":
                assert block.detail, f"{block} does not say why it is not run"
                marked.setdefault(block.page, []).append(block.text.strip())
    assert marked == NOT_RUN


def test_a_reply_that_has_changed_is_noticed() -> None:
    shown = {"value": True, "at": "2026-01-01T00:00:00Z", "turns": [1], "evidence": [{"turn": 1, "quote": "a"}]}
    assert not list(differences(shown, {**shown, "at": "2027-01-01T00:00:00.5Z"}))
    for changed in (
        {**shown, "value": False},
        {**shown, "value": "true"},
        {**shown, "value": 1},
        {**shown, "at": None},
        {**shown, "turns": []},
        {**shown, "turns": [1, 2]},
        {**shown, "evidence": []},
        {**shown, "evidence": [{"turn": 1}]},
        {**shown, "more": None},
        {name: value for name, value in shown.items() if name != "at"},
    ):
        assert list(differences(shown, changed)), changed
