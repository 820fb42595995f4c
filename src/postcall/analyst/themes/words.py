"""What people say, in sentences: each theme with its share of the calls that were read, and calls that say it."""

from __future__ import annotations

from postcall.analyst.answer_parts import ITEM, NEW_LINE
from postcall.analyst.telling.number_words import mark, write_chance
from postcall.analyst.telling.query_words import told
from postcall.analyst.telling.share_words import sampled_share_in_words
from postcall.analyst.themes.counting import Theme
from postcall.analyst.themes.finding import Themes
from postcall.analyst.themes.of_sides import SideTheme, SideThemes
from postcall.domain.analysis import Asked

MOST_TOLD = 8
FEW_TOLD = 4
"""Of what is said less often, or where nothing is said more or less."""
READ, OTHERS_READ = "[s1]", "[s2]"
"""Stand behind numbers that come from calls that were read, and not from a query; the second of the other side."""


def told_themes(found: Themes) -> tuple[Theme, ...]:
    """Those that the sentences speak of, in their order."""
    return found.themes[:MOST_TOLD]


def told_side_themes(found: SideThemes) -> tuple[SideTheme, ...]:
    """The same of two sides: what is said more often on the first, then what is said less often; else the commonest."""
    return (*found.more[:MOST_TOLD], *found.less[:FEW_TOLD]) or found.themes[:FEW_TOLD]


def theme_sentences(found: Themes, counted: Asked) -> list[str]:
    """`Most often said, in a sample of 500 [s1] of 12,431 [q1] calls:`, then an item for each of `told_themes`."""
    basis = f"{found.n:,} {READ} of {counted.result.calls:,} {mark(counted)} calls"
    if not found.themes:
        none = "was read, and it says nothing" if found.n == 1 else "were read, and none says anything"
        return [f"{basis[0].upper()}{basis[1:]} {none} of this."]
    said = [f"Most often said, in {'a sample of' if found.stands_for_more else 'the'} {basis}:"]
    place = 1
    for theme in told_themes(found):
        said.append(f"{ITEM}{_name(theme)}: {sampled_share_in_words(theme.share)} {READ}{_cited(theme, place)}.")
        place += len(theme.citations)
    if found.silent:
        said.append(f"In {found.silent:,} {READ} of the calls that were read nothing of this is said.")
    return said


def side_theme_sentences(found: SideThemes, one: Asked, other: Asked, cited: int) -> list[str]:
    """What is said on the first side, with how often it is on the other: an item for each of `told_side_themes`.
    `cited` citations are numbered already."""
    sides = (
        f"{found.one_n:,} {READ} of these {one.result.calls:,} {mark(one)} calls and"
        f" {found.other_n:,} {OTHERS_READ} of the other {other.result.calls:,} {mark(other)}"
    )
    if not found.themes:
        return [f"{NEW_LINE}Read were {sides}: none says anything of this."]
    said = [f"{NEW_LINE}Read were {sides}{' by chance' if found.by_chance else ''}; {_lead(found)}:"]
    place = cited + 1
    for theme in told_side_themes(found):
        if found.more and found.less and theme is found.less[0]:
            said.append(f"{NEW_LINE}Said less often in these by more than chance:")
        said.append(f"{ITEM}{_both(theme)}{_cited(theme, place)}.")
        place += len(theme.citations)
    return said


def _lead(found: SideThemes) -> str:
    if found.more:
        return "said more often in these by more than chance"
    if found.less:
        return "said less often in these by more than chance"
    return "nothing is said more or less often in these by more than chance; most often"


def _both(theme: SideTheme) -> str:
    chance = f", {write_chance(theme.adjusted)}" if theme.sure else ""
    one, other = sampled_share_in_words(theme.one), sampled_share_in_words(theme.other)
    return f"{_name(theme)}: {one} {READ} against {other} {OTHERS_READ}{chance}"


def _name(theme: Theme | SideTheme) -> str:
    return f"“{told(theme.name)}”"


def _cited(theme: Theme | SideTheme, place: int) -> str:
    return "".join(f" [c{place + number}]" for number in range(len(theme.citations)))
