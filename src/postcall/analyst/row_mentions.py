"""Where a sentence names rows of a result in other words than the result's own: `web chats` for `webchat`."""

from __future__ import annotations

from collections.abc import Sequence

from postcall.analyst.row_labels import Place
from postcall.domain.analysis import Asked, Mention
from postcall.domain.queries import GroupValue

SURE = 0.85

Labels = list[list[list[Place]]]
"""For each row and each of its groups the places where it is named."""


def add_mentions(labels: Labels, mentions: Sequence[Mention], asked: Asked) -> Labels:
    """The labels with the places of all mentions that mean a row; what is a label already is none anew."""
    named = [place for row in labels for places in row for place in places]
    found = [[list(places) for places in row] for row in labels]
    for mention in mentions:
        place = (mention.start, mention.end)
        if any(place[0] < end and start < place[1] for start, end in named):
            continue
        for each in (mention, *mention.others):
            if each.has_value and each.score >= SURE and each.name in asked.query.group_by:
                column = asked.query.group_by.index(each.name)
                for row, places in zip(asked.result.rows, found, strict=True):
                    if _means(each, row.group[column]):
                        places[column].append(place)
                break
    return found


def _means(mention: Mention, value: GroupValue) -> bool:
    wanted = {mention.value, *mention.values}
    if isinstance(value, bool):
        return (value is not mention.negated) in wanted
    return not mention.negated and value in wanted
