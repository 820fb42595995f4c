"""What a speech recogniser makes of a caller's words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from postcall.domain.calls import Role

_PLAIN_SHARE = 0.3
"""The share of English calls over a line whose recogniser knows neither capitals nor punctuation."""
_FILLER_SHARE = 0.07
_FILLERS = {"en": ("Um... ", "Uh... ", "So, uh... ", "Yeah, um... "), "es": ("Eh... ", "Este... ", "Bueno... ")}
_PUNCTUATION = re.compile(r"[,.?!;:]+(?=\s|$)|[\"“”]")


def as_recognised(words: Sequence[tuple[Role, str]], rng: Random, *, language: str) -> list[tuple[Role, str]]:
    """The same words as the agent got them: some callers hesitate, and some recognisers write in lower case only."""
    tongue = language[:2]
    is_plain = tongue == "en" and rng.random() < _PLAIN_SHARE
    heard: list[tuple[Role, str]] = []
    for role, text in words:
        if role is Role.USER and rng.random() < _FILLER_SHARE:
            text = rng.choice(_FILLERS.get(tongue, _FILLERS["en"])) + text
        if role is Role.USER and is_plain:
            text = _PUNCTUATION.sub("", text).lower()
        heard.append((role, text))
    return heard
