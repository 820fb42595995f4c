"""A sentence as it is shown: a mark behind each number, and quotation marks around values that read like claims."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postcall.analyst.checking.cells import interval_of
from postcall.analyst.checking.figures import Figure
from postcall.analyst.checking.row_labels import Place
from postcall.analyst.checking.row_mentions import labels_in
from postcall.domain.analysis import Asked
from postcall.domain.queries import Bucket

_CLAIM = re.compile(r"(?:\S+\s+){3}\S|\d\S*\s+\S|\S\s+\S*\d")
"""Four words, or several with a digit."""
_BUCKETS = frozenset(Bucket)


def mark_sentence(text: str, marks: Sequence[tuple[Figure, str]], asked: Sequence[Asked], unsaid: str) -> str:
    """The sentence with its marks; `unsaid` stands at its end."""
    samples = {each.id: each for each in asked if each.id.startswith("s")}
    added = [(figure.end, f"{_interval_told(figure, samples.get(name), text)} [{name}]") for figure, name in marks]
    end = len(text) - 1 if text[-1] in ".!?" else len(text)
    if not marks and asked:
        added = [(end, "".join(f" [{each.id}]" for each in asked))]
    added += [(place, '"') for span in _talkative(text, asked) for place in span]
    for place, words in sorted([(end, unsaid), *added], key=lambda each: each[0], reverse=True):
        text = text[:place] + words + text[place:]
    return text


def _talkative(text: str, asked: Sequence[Asked]) -> set[Place]:
    """Where a row is named by a value of many words, or of words with numbers, and not yet as a quotation.

    Who writes such a value might have it read like what the analyst says.
    """
    spans: set[Place] = set()
    for each in asked:
        if each.id.startswith("s"):
            continue  # the names of themes are checked where they are read
        for row, columns in zip(each.result.rows, labels_in(text, each, ()), strict=True):
            for name, value, places in zip(each.query.group_by, row.group, columns, strict=True):
                if name not in _BUCKETS and isinstance(value, str) and _CLAIM.search(value):
                    spans |= {span for span in places if text[span[0] - 1 : span[0]] != '"'}
    return spans


def _interval_told(figure: Figure, sample: Asked | None, text: str) -> str:
    """How far the share of all calls may be from that of a sample, where the sentence does not say it itself."""
    found = None if sample is None else interval_of(figure, sample)
    if found is None or re.search(r"\b(?:interval|between)\b", text, re.I):
        return ""
    return f" (95 % interval {100 * found.low:.1f} % to {100 * found.high:.1f} %)"
