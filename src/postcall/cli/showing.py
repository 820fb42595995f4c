"""Texts that somebody else wrote, as a terminal may show them."""

from __future__ import annotations

import sys

from rich.text import Text

_CONTROLS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}


def safe(text: str) -> str:
    """The text without what a terminal would obey."""
    return text.translate(_CONTROLS)


def entry(first: str, *further: str) -> str:
    """One thing of a list: in a terminal each part has its line; in a pipe the whole is one, to be searched."""
    return ("\n    " if sys.stdout.isatty() else "  ").join((first, *further))


def plain(text: str) -> Text:
    """The text for a table, which would read square brackets as markup."""
    return Text(safe(text))
