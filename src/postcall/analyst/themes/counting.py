"""From what single calls say to themes: which labels belong together, and how many calls have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from postcall.analyst.themes.prompt import MOST_THEMES
from postcall.analyst.themes.reply import Group, Point
from postcall.domain.analysis import Citation
from postcall.domain.queries import Number
from postcall.reporting.statistics import SMALL, rate_interval

CITED = 3
"""Calls that a theme names."""
_ALIKE = 80.0
"""Of 100: labels with so many words in common are taken for one where no model says which belong together."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Something that several calls say."""

    name: str
    share: Number
    """Of the calls that were read; with an interval where they stand for more."""
    calls: tuple[str, ...]
    """All that say it, in the order read."""
    citations: tuple[Citation, ...]
    """Of at most three of these calls, each with words that stand in the turn."""


def label_counts(points: Mapping[str, Sequence[Point]]) -> list[tuple[str, int]]:
    """Each label, whatever its case, with the number of calls that have it; the commonest first."""
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for mine in points.values():
        for key in {point.label.casefold(): point.label for point in mine}.items():
            spelled.setdefault(*key)
            counts[key[0]] += 1
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return [(spelled[key], count) for key, count in ordered]


def group_alike(labels: Sequence[str]) -> list[Group]:
    """Labels that share most of their words, each called as its commonest one; for where the model cannot be asked.

    Expects the commonest labels first.
    """
    groups: list[list[str]] = []
    for label in labels:
        near = [(fuzz.token_set_ratio(label.casefold(), mine[0].casefold()), mine) for mine in groups]
        score, nearest = max(near, key=lambda each: each[0], default=(0.0, []))
        if score >= _ALIKE:
            nearest.append(label)
        else:
            groups.append([label])
    return [Group(mine[0], tuple(mine)) for mine in groups]


def count_themes(
    groups: Sequence[Group], points: Mapping[str, Sequence[Point]], *, stands_for_more: bool, most: int = MOST_THEMES
) -> tuple[Theme, ...]:
    """The themes by how many calls have them, the commonest first; `points` are by call, of all that were read."""
    found = [_count(group, points, stands_for_more=stands_for_more) for group in groups]
    found = [theme for theme in found if theme.calls]
    return tuple(sorted(found, key=lambda theme: (-len(theme.calls), theme.name)))[:most]


def _count(group: Group, points: Mapping[str, Sequence[Point]], *, stands_for_more: bool) -> Theme:
    labels = {label.casefold() for label in group.labels}
    having = {
        call: shown
        for call, mine in points.items()
        if (shown := next((point for point in mine if point.label.casefold() in labels), None)) is not None
    }
    n, count = len(points), len(having)
    share = Number(
        value=count / n if n else None,
        n=n,
        count=count,
        interval=rate_interval(count, n) if stands_for_more else None,
        small=n < SMALL,
    )
    cited = list(having.items())[:CITED]
    return Theme(
        group.name, share, tuple(having), tuple(Citation(call, point.turn, point.quote) for call, point in cited)
    )
