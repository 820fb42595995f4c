"""Where a sentence names rows of a result in other words than the result's own: `web chats` for `webchat`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from postcall.analyst.checking.row_labels import Place, find_labels
from postcall.domain.analysis import Asked, Mention
from postcall.domain.queries import GroupValue

SURE = 0.85

_PUT_BEFORE = re.compile(r"(?:\b(?:hour|at|is|are|was|were|with|value|than|around|version)|=|^)\s*$", re.I)

Labels = list[list[list[Place]]]
"""For each row and each of its groups the places where it is named."""


def labels_in(text: str, asked: Asked, mentions: Sequence[Mention]) -> Labels:
    """Where a sentence names each row, by the words of the result or by others that mean them."""
    labels = find_labels(text, asked.query.group_by, [row.group for row in asked.result.rows])
    named = [[[place for place in places if _names_row(text, place)] for places in row] for row in labels]
    return _add_mentions(named, mentions, asked)


def words_of_rows(labels: Iterable[Labels]) -> list[Place]:
    """Where rows are named: a row's words are what its query asks for, whatever else they may mean."""
    return [place for rows in labels for row in rows if all(row) for places in row for place in places]


def row_places(labels: Sequence[Sequence[Sequence[Place]]]) -> list[tuple[Place, int]]:
    """Where rows are named: by all of their groups, at the place of the last group that is named."""
    return [
        (place, index)
        for index, columns in enumerate(labels)
        if columns and all(columns)
        for place in (columns[0] if len(columns) == 1 else [max(places[0] for places in columns)])
    ]


def _add_mentions(labels: Labels, mentions: Sequence[Mention], asked: Asked) -> Labels:
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


def _names_row(text: str, place: Place) -> bool:
    """A bare number is the name of a row only where it is put as one: `hour 9`, `9: 12 calls`."""
    if not text[place[0] : place[1]].replace(".", "").isdigit():
        return True
    return _PUT_BEFORE.search(text[: place[0]]) is not None or text[place[1] : place[1] + 1] == ":"
