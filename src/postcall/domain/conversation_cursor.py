"""Where a walk over a list of conversations stands, as a text that a client hands back.

The text is signed together with the question that it goes on with: who changes either, or takes it to another list,
account or project, is refused rather than given a list with holes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from postcall.domain.views import Position
from postcall.errors import BadInput

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BY_TIME = struct.Struct(">cqq")
_BY_LIKENESS = struct.Struct(">cdqq8s")
_TIME, _LIKENESS = b"t", b"l"
_SIGNATURE_BYTES = 16
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class RankPosition:
    """Where a page of the most similar calls ended."""

    score: float
    pk: int
    rank: int
    """How many came before, this one with them: about so far down the next begins."""
    space: bytes
    """What `digest_space` says of the vectors in which this was the score; in others it means something else."""


def digest_space(space: str) -> bytes:
    """Eight bytes that stand for a space."""
    return hashlib.sha256(space.encode("utf-8", "replace")).digest()[:8]


def write_cursor(place: Position | RankPosition, *, question: bytes, key: bytes) -> str:
    """`question` is all that has to stay the same from page to page; `key` is known to nobody else."""
    if isinstance(place, Position):
        packed = _BY_TIME.pack(_TIME, (place.started_at - _EPOCH) // _MICROSECOND, place.pk)
    else:
        packed = _BY_LIKENESS.pack(_LIKENESS, place.score, place.pk, place.rank, place.space)
    return _spell(packed + _sign(packed, question, key))


def read_cursor(text: str, *, question: bytes, key: bytes) -> Position | RankPosition:
    """The inverse; BadInput for whatever was not written for this question under this key."""
    packed = _unpack(text, question, key)
    if packed is None:
        raise BadInput(
            "cursor: it was not given out for this list; keep every other parameter as it was on the page before, "
            "or leave the cursor out to begin anew",
            field="cursor",
        )
    if packed[:1] == _TIME:
        _, started_us, pk = _BY_TIME.unpack(packed)
        return Position(_EPOCH + started_us * _MICROSECOND, pk)
    _, score, pk, rank, space = _BY_LIKENESS.unpack(packed)
    return RankPosition(score, pk, rank, space)


def _unpack(text: str, question: bytes, key: bytes) -> bytes | None:
    """What was signed; None where it was not."""
    if len(text) > _LONGEST or not text.isascii():
        return None
    try:
        whole = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if _spell(whole) != text:  # bits that stand for nothing, which only somebody else has set
        return None
    packed, signature = whole[:-_SIGNATURE_BYTES], whole[-_SIGNATURE_BYTES:]
    return packed if hmac.compare_digest(signature, _sign(packed, question, key)) else None


def _sign(packed: bytes, question: bytes, key: bytes) -> bytes:
    return hmac.digest(key, packed + question, "sha256")[:_SIGNATURE_BYTES]


def _spell(whole: bytes) -> str:
    return base64.urlsafe_b64encode(whole).decode().rstrip("=")
