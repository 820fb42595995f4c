"""How a value stands in a CSV file, so that a spreadsheet shows it and runs nothing."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final, TypeAlias

Cell: TypeAlias = str | int | float | bool | datetime | None

_STARTS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def csv_cell(cell: Cell) -> str:
    """A cell's text: `true`, `2026-03-02T11:00:00+00:00`, nothing for None.

    What a spreadsheet would run as a formula gets an apostrophe before it, as spreadsheets themselves write text;
    numbers stay as they are, also those that arrive as text, such as `-5` and `+15550100`.
    """
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, datetime):
        return cell.isoformat()
    if not isinstance(cell, str):
        return str(cell)
    return f"'{cell}" if cell.startswith(_STARTS_FORMULA) and not _NUMBER.fullmatch(cell) else cell
