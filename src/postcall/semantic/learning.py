"""Learning a space from what was said in calls; run as a program, in a process that then ends, with its memory."""

from __future__ import annotations

import os
import sys
from array import array
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from scipy.sparse import csr_matrix

from postcall.semantic.space import LearnedSpace, save_space
from postcall.semantic.words import Said, weigh_terms

DIMENSIONS = 128
"""At most: 256 bytes a call."""
_LEAST_DIMENSIONS = 8
_MOST_TERMS = 30_000
_SPARE = 10
"""Directions beyond those that are kept, which make these more exact."""
_ITERATIONS = 4
_PIECES_WEIGH = 0.5
"""Beside words: there are ten times as many."""


def learn_space(calls: Sequence[Said]) -> LearnedSpace:
    """The space of these calls, the same for the same calls in the same order.

    It takes at least one call in which something was said.
    """
    weighed = [weigh_terms(said) for said in calls]
    terms = _choose_terms(weighed)
    rows = {term: row for row, (term, _) in enumerate(terms)}
    held = np.array([count for _, count in terms], np.float32)
    kind = np.array([_PIECES_WEIGH if term.startswith("~") else 1.0 for term, _ in terms], np.float32)
    weights = (np.log((1.0 + len(calls)) / (1.0 + held)) + 1.0) * kind
    matrix = _matrix(weighed, rows, weights)
    directions = _main_directions(matrix, min(_dimensions(len(calls)), *matrix.shape))
    return LearnedSpace(rows, weights.astype(np.float32), np.ascontiguousarray(directions, np.float16))


def _dimensions(calls: int) -> int:
    """A direction for every call would tell each word apart again, and bring nothing together."""
    return min(DIMENSIONS, max(_LEAST_DIMENSIONS, calls // 3))


def _main_directions(matrix: Any, most: int) -> Any:
    """The right singular vectors of the largest singular values, as columns.

    Randomized range finding with power iterations (Halko, Martinsson and Tropp, 2011, algorithm 4.4), from a fixed
    seed. scikit-learn has the same, but importing that takes longer than learning from most accounts.
    """
    width = min(most + _SPARE, *matrix.shape)
    basis = np.random.default_rng(0).standard_normal((matrix.shape[1], width), np.float32)
    for _ in range(_ITERATIONS):
        basis, _ = np.linalg.qr(matrix.T @ np.linalg.qr(matrix @ basis)[0])
    _, _, turned = np.linalg.svd(matrix @ basis, full_matrices=False)
    return (basis @ turned.T)[:, :most]


def _choose_terms(weighed: Sequence[dict[str, float]]) -> list[tuple[str, int]]:
    """The terms that tell calls apart, and how many calls hold each: in more than one call, if there are several."""
    held: Counter[str] = Counter()
    for terms in weighed:
        held.update(terms.keys())
    least = 2 if len(weighed) > 2 else 1
    # Where nobody says a word, a term that no text has stands for them: such a space finds nothing, but is one.
    known = [(term, count) for term, count in held.items() if count >= least] or list(held.items()) or [("", 1)]
    return sorted(sorted(known, key=lambda each: (-each[1], each[0]))[:_MOST_TERMS])


def _matrix(weighed: Sequence[dict[str, float]], rows: dict[str, int], weights: Any) -> Any:
    """One row a call, of length 1."""
    ends, columns, amounts = array("q", [0]), array("i"), array("f")
    for terms in weighed:
        found = sorted((rows[term], amount) for term, amount in terms.items() if term in rows)
        values = np.array([amount for _, amount in found], np.float32) * weights[[row for row, _ in found]]
        length = float(np.linalg.norm(values)) or 1.0
        columns.extend(row for row, _ in found)
        amounts.extend((values / length).tolist())
        ends.append(len(columns))
    return csr_matrix(
        (np.array(amounts, np.float32), np.array(columns), np.array(ends)), shape=(len(weighed), len(rows))
    )


def main() -> None:
    """Calls as JSON come in on standard input; the space goes out on standard output."""
    os.nice(10)  # others wait for calls to be taken, and nobody waits for this
    calls = msgspec.json.decode(sys.stdin.buffer.read(), type=list[list[tuple[str, bool]]])
    sys.stdout.buffer.write(save_space(learn_space(calls)))


if __name__ == "__main__":
    main()
