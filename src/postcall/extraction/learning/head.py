"""A learned head: what it weighs, how it is kept as bytes, and what it makes of a call.

Kept as JSON and plain arrays, never as a pickle: reading a head can run nothing. Answering needs numpy only.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from postcall.domain.answers import AnswerValue
from postcall.extraction.learning.features import FEATURES, SPACES, CallFeatures

Floats: TypeAlias = npt.NDArray[np.float32]

_MAGIC: Final = b"postcall head\n"
_LARGEST: Final = 256 * 1024 * 1024
"""Of a head unpacked, so that a few bytes cannot fill the memory."""
_STORED: Final = np.dtype("<f2")


class HeadUnreadable(ValueError):
    """These bytes are no head, or one of another release of postcall; learning again makes a new one."""


@dataclass(frozen=True, eq=False, slots=True)
class Head:
    """Weighs the terms of a call for each value that a question may have."""

    identifier: str
    digest: str
    """Of the question that it answers: another wording or another choice is another question."""
    values: tuple[AnswerValue, ...]
    """What it can answer; None where the label says that there is no value."""
    rest: int | None
    """The index of the value that stands for all that were seen too seldom: it is never answered."""
    learned_from: int
    """How many calls."""
    source: str
    """Whose answers those calls had, in words: "labelled calls"."""
    temperature: float
    """By which the scores are divided, so that a confidence of 0.8 is right four times in five."""
    unseen: float
    """The share of calls that probably have one of the choices without labels."""
    least_score: float | None
    """A call whose best score is lower may well have a choice without labels; None where every choice has some."""
    familiar: float
    """A call of whose words a smaller share is known is unlike those learned from."""
    terms: tuple[Mapping[str, int], ...]
    """The row of each term, for the words of every space and then for the pieces of every space."""
    idf: Floats
    weights: Floats
    """A row a term, a column a value; every row adds up to 0."""
    intercepts: Floats


@dataclass(frozen=True, eq=False, slots=True)
class Prediction:
    """What a head makes of a call."""

    value: AnswerValue
    """The likeliest."""
    is_rest: bool
    """The likeliest is some choice that was seen too seldom to be told apart."""
    confidence: float
    """Calibrated."""
    leanings: tuple[Mapping[str, float], ...]
    """How much each term speaks for the value, for the words of every space."""


def known_share(features: CallFeatures, terms: Sequence[Mapping[str, int]]) -> float:
    """The share of the words spoken, by either side, that a vocabulary has."""
    known = total = 0
    for counts, rows in zip(features.words[:2], terms[:2], strict=True):
        for term, count in counts.items():
            if " " not in term:
                total += count
                known += count if term in rows else 0
    return known / total if total else 0.0


def predict(head: Head, features: CallFeatures) -> Prediction | None:
    """The likeliest value, and how likely; None where the call is too unlike those that the head learned from."""
    if not features.turns or known_share(features, head.terms) < head.familiar:
        return None
    scores = head.intercepts.astype(np.float64)
    found: list[tuple[list[str], npt.NDArray[np.int64], Floats]] = []
    for counts, rows in zip((*features.words, *features.pieces), head.terms, strict=True):
        names = [term for term in counts if term in rows]
        if names:
            indexes = np.fromiter((rows[term] for term in names), np.int64, len(names))
            values = weigh(np.fromiter((counts[term] for term in names), np.float32, len(names)), head.idf[indexes])
            scores += values @ head.weights[indexes]
        else:
            indexes, values = np.empty(0, np.int64), np.empty(0, np.float32)
        found.append((names, indexes, values))
    if head.least_score is not None and scores.max() < head.least_score:
        return None
    chances = softmax(scores[None, :] / head.temperature)[0]
    best = int(np.argmax(chances))
    return Prediction(
        value=head.values[best],
        is_rest=best == head.rest,
        confidence=round(min(float(chances[best]), surest(head.learned_from)) * (1.0 - head.unseen), 4),
        leanings=tuple(
            dict(zip(names, (values * head.weights[indexes, best]).tolist(), strict=True))
            for names, indexes, values in found[: len(SPACES)]
        ),
    )


def surest(learned_from: int) -> float:
    """The highest confidence that so many calls can bear out: all of them right, by Laplace's rule."""
    return (learned_from + 1) / (learned_from + 2)


def weigh(counts: Floats, idf: Floats) -> Floats:
    """The values of the terms of one space: a repetition counts less each time, a rare term more, the length not."""
    values = (1 + np.log(counts)) * idf
    weighed: Floats = values / np.sqrt(values @ values)
    return weighed


def softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Scores as chances, a row a call."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return chances


def dump_head(head: Head) -> bytes:
    """The bytes to keep. Numbers are rounded to 11 bits: `load_head` of them is the head to measure and to use."""
    about = {
        "features": FEATURES,
        "identifier": head.identifier,
        "digest": head.digest,
        "values": head.values,
        "rest": head.rest,
        "learned_from": head.learned_from,
        "source": head.source,
        "temperature": head.temperature,
        "unseen": head.unseen,
        "least_score": head.least_score,
        "familiar": head.familiar,
        "terms": [sorted(rows, key=rows.__getitem__) for rows in head.terms],
    }
    header = msgspec.json.encode(about)
    arrays = b"".join(part.astype(_STORED).tobytes() for part in (head.idf, head.intercepts, head.weights))
    return _MAGIC + zlib.compress(len(header).to_bytes(4, "little") + header + arrays, 6)


def load_head(content: bytes) -> Head:
    """The inverse of `dump_head`; HeadUnreadable for anything else."""
    if not content.startswith(_MAGIC):
        raise HeadUnreadable("this is no head")
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(content[len(_MAGIC) :], _LARGEST)
    except zlib.error as error:
        raise HeadUnreadable(f"the head is damaged: {error}") from None
    if not unpacker.eof:
        raise HeadUnreadable("the head is cut off, or too large")
    size = int.from_bytes(plain[:4], "little")
    try:
        about = msgspec.json.decode(plain[4 : 4 + size], type=_About)
    except msgspec.DecodeError as error:
        raise HeadUnreadable(f"the head is damaged: {error}") from None
    if about.features != FEATURES:
        raise HeadUnreadable("another release of postcall learned this head; learn again")
    return _assemble(about, plain[4 + size :])


class _About(msgspec.Struct):
    features: int
    identifier: str
    digest: str
    values: list[str | bool | None]
    rest: int | None
    learned_from: int
    source: str
    temperature: float
    unseen: float
    least_score: float | None
    familiar: float
    terms: list[list[str]]


def _assemble(about: _About, arrays: bytes) -> Head:
    count, values = sum(map(len, about.terms)), len(about.values)
    if len(about.terms) != 2 * len(SPACES) or values < 2 or about.temperature <= 0:
        raise HeadUnreadable("the head is damaged: its parts do not fit together")
    if len(arrays) != (count + values + count * values) * _STORED.itemsize:
        raise HeadUnreadable("the head is damaged: its numbers are not as many as its terms")
    numbers: Any = np.frombuffer(arrays, _STORED).astype(np.float32)
    if not np.isfinite(numbers).all():
        raise HeadUnreadable("the head is damaged: not every number is finite")
    terms, first = [], 0
    for names in about.terms:
        # Interned, since the heads of one agent know much the same words.
        terms.append({sys.intern(name): row for row, name in enumerate(names, first)})
        first += len(names)
    return Head(
        identifier=about.identifier,
        digest=about.digest,
        values=tuple(about.values),
        rest=about.rest,
        learned_from=about.learned_from,
        source=about.source,
        temperature=about.temperature,
        unseen=about.unseen,
        least_score=about.least_score,
        familiar=about.familiar,
        terms=tuple(terms),
        idf=numbers[:count],
        intercepts=numbers[count : count + values],
        weights=numbers[count + values :].reshape(count, values),
    )
