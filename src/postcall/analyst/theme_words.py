"""What people say, in sentences: each theme with its share of the calls that were read, and calls that say it."""

from __future__ import annotations

from postcall.analyst.answer_parts import ITEM, NEW_LINE
from postcall.analyst.number_words import Unit, mark, write_chance, write_interval, write_value
from postcall.analyst.query_words import told
from postcall.analyst.side_themes import SideTheme, SideThemes
from postcall.analyst.theme_counting import Theme
from postcall.analyst.themes import Themes
from postcall.domain.analysis import Asked
from postcall.domain.queries import Number

MOST_TOLD = 8
FEW_TOLD = 4
"""Where nothing is said more on one side."""
READ, OTHERS_READ = "[s1]", "[s2]"
"""Stand behind numbers that come from calls that were read, and not from a query; the second of the other side."""


def theme_sentences(found: Themes, counted: Asked) -> list[str]:
    """`Most often said, in a sample of 500 [s1] of 12,431 [q1] calls:`, then an item for each theme."""
    basis = f"{found.n:,} {READ} of {counted.result.calls:,} {mark(counted)} calls"
    if not found.themes:
        return [f"{basis[0].upper()}{basis[1:]} were read, and none says anything of this."]
    said = [f"Most often said, in {'a sample of' if found.stands_for_more else 'the'} {basis}:"]
    place = 1
    for theme in found.themes[:MOST_TOLD]:
        said.append(f"{ITEM}{_name(theme)}: {_share(theme.share)} {READ}{_cited(theme, place)}.")
        place += len(theme.citations)
    if found.silent:
        said.append(f"In {found.silent:,} {READ} of the calls that were read nothing of this is said.")
    return said


def side_theme_sentences(found: SideThemes, one: Asked, other: Asked, cited: int) -> list[str]:
    """What is said on the first side, with how often it is on the other; `cited` citations are numbered already."""
    sides = (
        f"{found.one_n:,} {READ} of these {one.result.calls:,} {mark(one)} calls and"
        f" {found.other_n:,} {OTHERS_READ} of the other {other.result.calls:,} {mark(other)}"
    )
    if not found.themes:
        return [f"{NEW_LINE}Read were {sides}: none says anything of this."]
    more = [each for each in found.themes if each.sure and each.difference > 0]
    lead = (
        "said more often in these by more than chance"
        if more
        else "nothing is said more often in these by more than chance; most often"
    )
    said = [f"{NEW_LINE}Read were {sides}{' by chance' if found.by_chance else ''}; {lead}:"]
    place = cited + 1
    for theme in more[:MOST_TOLD] or found.themes[:FEW_TOLD]:
        said.append(f"{ITEM}{_both(theme)}{_cited(theme, place)}.")
        place += len(theme.citations)
    return said


def _both(theme: SideTheme) -> str:
    chance = f", {write_chance(theme.adjusted)}" if theme.sure else ""
    return f"{_name(theme)}: {_share(theme.one)} {READ} against {_share(theme.other)} {OTHERS_READ}{chance}"


def _name(theme: Theme | SideTheme) -> str:
    return f"“{told(theme.name)}”"


def _share(share: Number) -> str:
    interval = "" if share.interval is None else f"; {write_interval(share.interval, Unit.SHARE)}"
    return f"{write_value(share.value, Unit.SHARE)} ({share.count or 0:,} of {share.n:,}{interval})"


def _cited(theme: Theme | SideTheme, place: int) -> str:
    return "".join(f" [c{place + number}]" for number in range(len(theme.citations)))
