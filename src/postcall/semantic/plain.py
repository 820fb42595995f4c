"""Comparing a few calls with a text by the words alone: before there are enough to learn from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from math import log, sqrt

from postcall.semantic.words import Said, weigh_terms


def compare_words(text: str, calls: Sequence[Said]) -> list[float]:
    """How alike each call is to the text, from 0 to 1: the cosine of their terms, of which rare ones count for more."""
    said = [weigh_terms(call) for call in calls]
    held: Counter[str] = Counter()
    for terms in said:
        held.update(terms.keys())
    weights = {term: log((1 + len(said)) / (1 + count)) + 1.0 for term, count in held.items()}
    wanted = weigh_terms([(text, True)])
    return [_cosine(wanted, terms, weights) for terms in said]


def _cosine(wanted: Mapping[str, float], terms: Mapping[str, float], weights: Mapping[str, float]) -> float:
    both = sum(often * terms[term] * weights[term] ** 2 for term, often in wanted.items() if term in terms)
    if not both:
        return 0.0
    return min(1.0, both / (_length(wanted, weights) * _length(terms, weights)))


def _length(terms: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """What no call holds makes nobody more alike, and is left out."""
    return sqrt(sum((often * weights.get(term, 0.0)) ** 2 for term, often in terms.items()))
