"""Which vectors point most nearly the same way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

AT_ONCE = 5_000
"""Vectors in memory at the same time."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best of what was compared."""

    best: tuple[tuple[int, float], ...]
    """Keys and scores, the most similar first; of equals the newer key."""
    compared: int
    alike: int
    """How many point at all the same way."""


def to_bytes(vector: npt.NDArray[np.float32]) -> bytes:
    """As it is stored: halves, little-endian."""
    return vector.astype("<f2").tobytes()


def rank(blocks: Iterable[list[tuple[int, bytes]]], wanted: npt.NDArray[np.float32], *, keep: int) -> Ranked:
    """The `keep` most similar; memory does not grow with how many are compared. Vectors of another size count for
    nothing: of calls that the endpoint could not read."""
    size = 2 * len(wanted)
    keys, scores = np.zeros(0, np.int64), np.zeros(0, np.float32)
    compared = alike = 0
    for block in blocks:
        whole = [(key, vector) for key, vector in block if len(vector) == size]
        compared += len(whole)
        if not whole:
            continue
        vectors = np.frombuffer(b"".join(vector for _, vector in whole), "<f2").reshape(len(whole), -1)
        # Row by row: a product of the whole block rounds a vector in another way at another place in it, and a walk
        # that goes on behind a score would see a call twice or not at all once others were written. Nor may halves,
        # which can be a little too long, order calls by a score that nobody is told.
        found = np.minimum(np.einsum("ij,j->i", vectors.astype(np.float32), wanted), np.float32(1.0))
        some = found > 0
        alike += int(some.sum())
        keys = np.concatenate([keys, np.array([key for key, _ in whole], np.int64)[some]])
        scores = np.concatenate([scores, found[some]])
        if len(keys) > keep + AT_ONCE:
            keys, scores = _best(keys, scores, keep)
    keys, scores = _best(keys, scores, keep)
    return Ranked(tuple((int(key), float(score)) for key, score in zip(keys, scores, strict=True)), compared, alike)


def _best(
    keys: npt.NDArray[np.int64], scores: npt.NDArray[np.float32], keep: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    order = np.lexsort((-keys, -scores))[:keep]
    return keys[order], scores[order]
