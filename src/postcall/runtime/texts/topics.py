"""Which topics what the user said is about.

No model and no download: texts are compared by their words, stems, pairs of words and parts of words, weighed by how
few topics have them. Of the example queries of five published projects (25 to 50 topics each), each taken out of the
index, 65 % find their own topic first, 89 % among the first five and 80 % above 0.4; of sentences about nothing that
the project knows 17 % find some topic there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log, sqrt
from typing import TYPE_CHECKING, Final

from postcall.domain.said_words import split_words
from postcall.runtime.projects.model import Topic
from postcall.runtime.texts.stop_words import weight_of

if TYPE_CHECKING:  # numpy takes a tenth of a second to import, and only who has topics should wait for it
    import numpy as np
    from numpy.typing import NDArray

    Scores = NDArray[np.float64]

# Chosen on the example queries of published projects, each left out of the index in its turn.
_CALIBRATION: Final = 0.6
"""A cosine of 0.22, which one sentence in six that is about no topic reaches, becomes the usual threshold of 0.4."""
_CONTENT_WEIGHT: Final = 0.9
_BEST_SHARE: Final = 0.6
"""Of the best example query in a topic's score; the rest is from all of them together."""
_UNKNOWN: Final = 1.3
"""How much more a word that no topic has counts against all topics."""
_FLOOR: Final = 0.5
"""So much of a telling word is missing from every text: "yes please" should fit nothing well."""
_EARLIER: Final = 0.3
"""What an earlier input adds at most: enough for "and on Sundays?", not enough for "yes" to find its topic again."""
_WINDOW, _STRIDE, _MOST_WINDOWS = 10, 5, 8
"""A long utterance is also looked at in parts of so many words, since what matters is often one clause of it."""
_MOST_CONTENT: Final = 2_000
_MOST_TEXT: Final = 2_000
_BRACES = re.compile(r"\{\{[^{}]*\}\}|\$\{?\w+\}?")


@dataclass(frozen=True, slots=True)
class Hit:
    """A topic that was found."""

    topic: Topic
    score: float
    """0 to 1; 1 for one of its example queries word for word."""


class TopicIndex:
    """The enabled topics of one project, ready to be searched. Build it once and keep it."""

    def __init__(self, topics: Sequence[Topic]) -> None:
        self._topics = [topic for topic in topics if topic.enabled]
        documents = [(n, _features(words)) for n, topic in enumerate(self._topics) for words in _documents(topic)]
        found_in: defaultdict[str, set[int]] = defaultdict(set)
        for number, features in documents:
            for feature in features:
                found_in[feature].add(number)
        many = len(self._topics)
        self._rarity = {feature: log((many + 1) / (len(of) + 0.5)) for feature, of in found_in.items()}
        self._unknown = log((many + 1) / 0.5)
        self._arrange(documents)

    def find(
        self,
        text: str,
        *,
        earlier: Sequence[str] = (),
        disabled: Collection[str] = (),
        variant: str | None = None,
        top_k: int = 5,
        threshold: float = 0.4,
    ) -> list[Hit]:
        """The topics that fit best, best first: at most `top_k`, none below `threshold`.

        `earlier` are the user's inputs before, the newest last; they help a topic that the text itself points to, and
        alone find nothing. Topics named in `disabled`, and those of another variant, are never found.
        """
        if not self._topics or top_k < 1:
            return []
        scores = self._scores(text)
        for behind, before in enumerate(reversed(earlier), start=1):
            scores = scores + _EARLIER / behind * self._scores(before) * (1 - scores)
        hits = [
            Hit(topic, round(float(score), 4))
            for topic, score in zip(self._topics, scores, strict=True)
            if score >= threshold and score > 0 and topic.name not in disabled and topic.variant in (None, variant)
        ]
        return sorted(hits, key=lambda hit: -hit.score)[:top_k]

    def _arrange(self, documents: Sequence[tuple[int, dict[str, float]]]) -> None:
        """For each feature the documents that have it and how much of them it is."""
        import numpy as np

        places: defaultdict[str, list[int]] = defaultdict(list)
        shares: defaultdict[str, list[float]] = defaultdict(list)
        for place, (_, features) in enumerate(documents):
            for feature, share in self._direction(features, floor=0.0).items():
                places[feature].append(place)
                shares[feature].append(share)
        self._postings = {
            feature: (np.array(places[feature], np.int32), np.array(shares[feature], np.float64)) for feature in places
        }
        self._of_topic = np.array([number for number, _ in documents], np.int32)
        self._starts = np.flatnonzero(np.diff(self._of_topic, prepend=-1))
        weights = [weight for topic in self._topics for weight in _weights(topic)]
        self._weights = np.array(weights, np.float64)

    def _scores(self, text: str) -> Scores:
        """Each topic's score for the text as a whole or for the best part of it."""
        import numpy as np

        best: Scores = np.zeros(len(self._topics))
        for words in _parts(split_words(text[:_MOST_TEXT])):
            alike: Scores = np.zeros(len(self._of_topic))
            for feature, share in self._direction(_features(words), floor=_FLOOR).items():
                posting = self._postings.get(feature)
                if posting is not None:
                    alike[posting[0]] += share * posting[1]
            alike *= self._weights
            single = np.maximum.reduceat(alike, self._starts)
            together = np.sqrt(np.add.reduceat(alike * alike, self._starts))
            np.maximum(best, _BEST_SHARE * single + (1 - _BEST_SHARE) * together, out=best)
        return np.minimum(best, 1.0) ** _CALIBRATION

    def _direction(self, features: Mapping[str, float], *, floor: float) -> dict[str, float]:
        """The features weighed by their rarity, as a vector whose length is one (less, for a text that says little)."""
        unknown = self._unknown * _UNKNOWN
        weighed = {
            feature: (1 + log(count) if count > 1 else count) * self._rarity.get(feature, unknown)
            for feature, count in features.items()
        }
        length = sqrt(sum(weight * weight for weight in weighed.values()) + (floor * self._unknown) ** 2)
        return {feature: weight / length for feature, weight in weighed.items()} if length else {}


def _documents(topic: Topic) -> Iterator[list[str]]:
    """The texts of a topic that are compared: its name, each example query, its content."""
    yield split_words(topic.name.replace("_", " "))
    for query in topic.example_queries:
        yield split_words(query)
    yield split_words(_BRACES.sub(" ", topic.content[:_MOST_CONTENT]))


def _weights(topic: Topic) -> list[float]:
    return [1.0, *(1.0 for _ in topic.example_queries), _CONTENT_WEIGHT]


def _parts(words: list[str]) -> Iterator[list[str]]:
    """All the words, and of a long text also windows over its end, which is where people say what they want."""
    yield words
    if len(words) > _WINDOW + _STRIDE // 2:
        ends = range(len(words), _WINDOW - 1, -_STRIDE)
        for end in list(ends)[:_MOST_WINDOWS]:
            yield words[end - _WINDOW : end]


def _features(words: Sequence[str]) -> dict[str, float]:
    """What of a text is compared, with counts: words, stems, parts of words, pairs of telling words."""
    found: defaultdict[str, float] = defaultdict(float)
    telling: list[str] = []
    for word in words:
        weight = weight_of(word)
        found[f"w:{word}"] += weight
        if weight < 1:
            continue
        telling.append(word)
        found[f"s:{_stem(word)}"] += 1
        pieces = _pieces(word)
        share = 1 / sqrt(len(pieces) / 2) if pieces else 0.0
        for piece in pieces:
            found[piece] += share
    for first, second in pairwise(telling):
        found[f"b:{first} {second}"] += 0.3
    return found


def _stem(word: str) -> str:
    """What the forms of a word share, roughly: its first letters, or a short word without its plural's `s`."""
    return word[:5] if len(word) > 5 else word.removesuffix("s") if len(word) > 3 else word


def _pieces(word: str) -> list[str]:
    """Three and four letters in a row, so that a slip of the pen or another ending is no other word."""
    if len(word) < 4:
        return []
    around = f" {word} "
    return [around[at : at + size] for size in (3, 4) for at in range(len(around) - size + 1)]
