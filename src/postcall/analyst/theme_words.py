"""What people say, in sentences: each theme with its share of the calls that were read, and calls that say it."""

from __future__ import annotations

from postcall.analyst.number_words import Unit, mark, write_interval, write_value
from postcall.analyst.query_words import told
from postcall.analyst.theme_counting import Theme
from postcall.analyst.themes import Themes
from postcall.domain.analysis import Asked

MOST_TOLD = 8
READ = "[read]"
"""Stands behind a number that comes from calls that were read, and not from a query."""


def theme_sentences(found: Themes, counted: Asked) -> list[str]:
    """`In a sample of 500 [read] of 12,431 [q1] calls: “waiting for long” in 34.0 % (170 of 500; ...) [read].`"""
    basis = f"{found.n:,} {READ} of {counted.result.calls:,} {mark(counted)} calls"
    if not found.themes:
        return [f"{basis[0].upper()}{basis[1:]} were read, and none says anything of this."]
    rest = "In a sample of" if found.stands_for_more else "Read were"
    said = [f"{rest} {basis}, most often:"]
    said.extend(_theme(theme) for theme in found.themes[:MOST_TOLD])
    if found.silent:
        said.append(f"Nothing of this is said in {found.silent:,} of the calls that were read {READ}.")
    return said


def _theme(theme: Theme) -> str:
    share = theme.share
    interval = "" if share.interval is None else f"; {write_interval(share.interval, Unit.SHARE)}"
    cited = ", ".join(f"{each.call} turn {each.turn + 1}" for each in theme.citations)
    behind = f", as in {cited}" if cited else ""
    return (
        f"“{told(theme.name)}” in {write_value(share.value, Unit.SHARE)}"
        f" ({share.count or 0:,} of {share.n:,} calls{interval}) {READ}{behind}."
    )
