"""Which exact question a head answers."""

from __future__ import annotations

import hashlib

import msgspec

from postcall.domain.questions import DispositionMetric


def question_digest(question: DispositionMetric) -> str:
    """Tells one exact question from every other."""
    content = [question.identifier, question.prompt, question.type.value, list(question.choices)]
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:32]
