"""Tables as CSV: readable by every parser, harmless in every spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from postcall.api.csv_reply import Cell, csv_cell, csv_lines, csv_reply


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (True, "true"),
        (5, "5"),
        (-2.5, "-2.5"),
        (-1e-07, "-1e-07"),
        (datetime(2026, 3, 2, 11, tzinfo=UTC), "2026-03-02T11:00:00+00:00"),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        (" \n =1", "' \n =1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("＝1+1", "'＝1+1"),
        ("said -5", "said -5"),
        ("+15550100", "+15550100"),
        ("-5", "-5"),
        ("'quoted", "'quoted"),
    ],
)
def test_a_cell_cannot_start_a_formula_and_a_number_stays_one(cell: Cell, text: str) -> None:
    assert csv_cell(cell) == text


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS, st.integers()), max_size=5))
def test_every_text_comes_back_from_the_file(rows: list[tuple[str, str, int]]) -> None:
    text = "".join(csv_lines(["one", "=two", "three"], rows))
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["one", "'=two", "three"]
    assert read[1:] == [[csv_cell(cell) for cell in row] for row in rows]
    assert text.endswith("\r\n")
    assert not any(cell.startswith(("=", "@", "\t", "\r")) for row in read for cell in row)


def served(reply: StreamingResponse) -> TestClient:
    app = FastAPI()
    app.add_api_route("/file", lambda: reply)
    return TestClient(app)


def test_a_file_is_utf_8_without_a_mark_and_has_a_safe_name() -> None:
    reply = served(csv_reply(["größe"], [["naïve ✓"], [5]], 'my "calls"\n.csv')).get("/file")
    assert reply.content == "größe\r\nnaïve ✓\r\n5\r\n".encode()
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-disposition"].startswith('attachment; filename="my-calls-.csv"')


def test_rows_that_come_slowly_are_sent_as_they_come() -> None:
    async def rows() -> AsyncIterator[Sequence[Cell]]:
        for number in range(20_000):
            yield [number, "x" * 20]

    text = served(csv_reply(["n", "text"], rows(), "long.csv")).get("/file").text
    assert text.count("\r\n") == 20_001
    assert text.endswith(f"19999,{'x' * 20}\r\n")
