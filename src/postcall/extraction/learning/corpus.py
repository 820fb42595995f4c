"""Many calls as one matrix, to learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from postcall.extraction.learning.features import SPACES, CallFeatures, Counts

Rows: TypeAlias = npt.NDArray[np.int64]
Matrix: TypeAlias = Any
"""A scipy.sparse.csr_matrix: a row a call, a column a term."""

SEEN_IN: Final = 2
"""A term that stands in one call only says nothing of the next."""
MOST_WORDS: Final = 1_000
MOST_PIECES: Final = 1_500
"""The commonest terms of a space that are kept. More of them made heads larger and, with 300 calls, no better."""


@dataclass(frozen=True, eq=False, slots=True)
class Corpus:
    """How often each term stands in each call, for the words of every space and then for the pieces."""

    counts: tuple[Matrix, ...]
    terms: tuple[list[str], ...]
    """In the order of the alphabet."""


@dataclass(frozen=True, eq=False, slots=True)
class Weighed:
    """The calls of a corpus as some of them make it look: which terms count, and how much."""

    matrix: Matrix
    """Of all calls of the corpus."""
    terms: tuple[Mapping[str, int], ...]
    idf: npt.NDArray[np.float32]


def build_corpus(features: Sequence[CallFeatures]) -> Corpus:
    """Count the terms of calls."""
    spaces = [_matrix([call.words[space] for call in features]) for space in range(len(SPACES))]
    spaces += [_matrix([call.pieces[space] for call in features]) for space in range(len(SPACES))]
    return Corpus(counts=tuple(matrix for matrix, _ in spaces), terms=tuple(terms for _, terms in spaces))


def weigh_corpus(corpus: Corpus, learners: Rows) -> Weighed:
    """Choose terms and weigh them by what stands in the learners' calls alone."""
    blocks, terms, idfs, first = [], [], [], 0
    for place, (counts, names) in enumerate(zip(corpus.counts, corpus.terms, strict=True)):
        most = MOST_WORDS if place < len(SPACES) else MOST_PIECES
        kept, idf = _choose(counts[learners], most=most)
        blocks.append(_weigh_space(counts[:, kept], idf))
        terms.append({names[column]: first + row for row, column in enumerate(kept)})
        idfs.append(idf)
        first += len(kept)
    return Weighed(sparse.hstack(blocks).tocsr(), tuple(terms), np.concatenate(idfs).astype(np.float32))


def _matrix(calls: Sequence[Counts]) -> tuple[Matrix, list[str]]:
    terms = sorted({term for counts in calls for term in counts})
    columns = {term: column for column, term in enumerate(terms)}
    indexes = [columns[term] for counts in calls for term in counts]
    values = [float(count) for counts in calls for count in counts.values()]
    ends = np.cumsum([0, *map(len, calls)])
    return sparse.csr_matrix((values, indexes, ends), shape=(len(calls), len(terms)), dtype=np.float64), terms


def _choose(counts: Matrix, *, most: int) -> tuple[Rows, npt.NDArray[np.float64]]:
    calls = np.bincount(counts.indices, minlength=counts.shape[1])
    kept = np.flatnonzero(calls >= SEEN_IN)
    if len(kept) > most:
        kept = np.sort(kept[np.argsort(-calls[kept], kind="stable")[:most]])
    return kept, np.log((1 + counts.shape[0]) / (1 + calls[kept])) + 1


def _weigh_space(counts: Matrix, idf: npt.NDArray[np.float64]) -> Matrix:
    """`head.weigh` for every call at once."""
    weighed = counts.copy()
    weighed.data = 1 + np.log(weighed.data)
    weighed = weighed.multiply(idf[None, :]).tocsr()
    lengths = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1)).ravel())
    return weighed.multiply(1 / np.where(lengths > 0, lengths, 1)[:, None]).tocsr()
