"""What an account's calls have in common, so that words which every call holds are not taken for evidence."""

from __future__ import annotations

import json
import math
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from postcall.domain.calls import Transcript
from postcall.extraction.builtin.text import STOP, tokenise

MAX_TERMS = 20_000
"""Stems that are kept: the commonest; a stem that is left out counts as rare, which is what it is."""


@dataclass(frozen=True)
class Background:
    """In how many calls each stem stands."""

    calls: int = 0
    counts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, transcripts: Iterable[Transcript]) -> Background:
        """Count the calls of an account."""
        counts: Counter[str] = Counter()
        calls = 0
        for transcript in transcripts:
            calls += 1
            counts.update(
                {token.stem for turn in transcript for token in tokenise(turn.text) if token.word not in STOP}
            )
        return cls(calls, _commonest(counts))

    def merge(self, other: Background) -> Background:
        """Both together; the same call in both counts twice."""
        return Background(self.calls + other.calls, _commonest(Counter(self.counts) + Counter(other.counts)))

    def rarity(self, stem: str) -> float:
        """From 0 (in every call) to 1 (in none), by the logarithm; 1 for everything where few calls are known."""
        if self.calls < 10:
            return 1.0
        return min(1.0, math.log((self.calls + 1) / (self.counts.get(stem, 0) + 1)) / math.log(self.calls + 1))

    def dumps(self) -> bytes:
        """A compact form for a cache."""
        return zlib.compress(json.dumps({"calls": self.calls, "counts": dict(self.counts)}).encode())

    @classmethod
    def loads(cls, data: bytes) -> Background:
        """Read what `dumps` wrote."""
        held = json.loads(zlib.decompress(data))
        return cls(int(held["calls"]), MappingProxyType({str(k): int(v) for k, v in held["counts"].items()}))


def _commonest(counts: Counter[str]) -> Mapping[str, int]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return MappingProxyType(dict(ranked[:MAX_TERMS]))
