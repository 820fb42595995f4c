"""A space that was learned from an account's own transcripts: what turns a text into a vector, saved without pickle.

Terms that occur in the same calls point the same way (latent semantic analysis), so a call is found by words that
nobody said in it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from postcall.semantic.words import Said, weigh_terms

Vectors = npt.NDArray[np.float32]

_FORMAT = 1
_ZIP = b"PK\x03\x04"


class SpaceUnreadable(Exception):
    """It was saved by another version, or is damaged."""


@dataclass(frozen=True, slots=True)
class LearnedSpace:
    """One account's space."""

    terms: Mapping[str, int]
    """The row of each term that is known."""
    weights: npt.NDArray[np.float32]
    """Of each term: what it tells, by its rarity and its kind."""
    directions: npt.NDArray[np.float16]
    """Of each term, one row."""

    @property
    def dimensions(self) -> int:
        """Of its vectors."""
        return int(self.directions.shape[1])

    def embed(self, texts: Said) -> Vectors:
        """The vector of what was said, of length 1; zeros where no term is known."""
        said = weigh_terms(texts)
        rows = [(self.terms[term], often) for term, often in said.items() if term in self.terms]
        if not rows:
            return np.zeros(self.dimensions, np.float32)
        rows.sort()  # or the sums, and so the vectors, would differ with the order of words
        index = np.array([row for row, _ in rows])
        amounts = np.array([often for _, often in rows], np.float32) * self.weights[index]
        return unit(amounts @ self.directions[index].astype(np.float32))


def unit(vector: Vectors) -> Vectors:
    """The same direction at length 1; nothing stays nothing."""
    length = float(np.linalg.norm(vector))
    return (vector / length).astype(np.float32) if length > 0 else vector.astype(np.float32)


def save_space(space: LearnedSpace) -> bytes:
    """As bytes: arrays and text, nothing that could run."""
    buffer = io.BytesIO()
    words = "\n".join(sorted(space.terms, key=space.terms.__getitem__)).encode()
    np.savez_compressed(
        buffer,
        format=np.array([_FORMAT]),
        terms=np.frombuffer(words, np.uint8),
        weights=space.weights,
        directions=space.directions,
    )
    return buffer.getvalue()


def load_space(content: bytes) -> LearnedSpace:
    """What `save_space` wrote, or SpaceUnreadable."""
    if not content.startswith(_ZIP):  # what numpy would take for something else than several arrays
        raise SpaceUnreadable("these are no arrays")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            if int(file["format"][0]) != _FORMAT:
                raise SpaceUnreadable(f"format {int(file['format'][0])} is not known here")
            terms = file["terms"].tobytes().decode().split("\n")
            space = LearnedSpace({term: row for row, term in enumerate(terms)}, file["weights"], file["directions"])
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise SpaceUnreadable(str(error)) from error
    if not len(space.terms) == len(space.weights) == len(space.directions):
        raise SpaceUnreadable("its parts do not fit together")
    return space
