"""How a value stands in a CSV file, so that a spreadsheet shows it and runs nothing."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, TypeAlias

Cell: TypeAlias = str | int | float | bool | datetime | None

_STARTS_FORMULA: Final = re.compile(r"[\t\r\n]|[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]")
"""Also after what is not seen, which some spreadsheets drop, and in full width, which some take for the same."""
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def csv_cell(cell: Cell) -> str:
    """A cell's text: `true`, `2026-03-02T11:00:00+00:00`, nothing for None.

    What a spreadsheet would run as a formula gets an apostrophe before it, as spreadsheets themselves write text;
    numbers stay as they are, also those that arrive as text, such as `-5` and `+15550100`.
    """
    if isinstance(cell, str):
        if cell[:1].isalnum():  # as nearly all do
            return cell
        return f"'{cell}" if _STARTS_FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return cell.isoformat() if isinstance(cell, datetime) else str(cell)
