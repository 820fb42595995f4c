"""Whether a prompt says what counts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from postcall.domain.folding import words

_FEWEST_WORDS = 4
_SHORT = 14
"""Words up to which a judgement has hardly said what it goes by."""
_EMPTY_WORDS = (
    "a an the is was were are be been did does do has have had it this that they he she there how what why when "
    "where who which of to for in on at by and or with go went so please any some thing things about call happen "
    "happened"
)
_EMPTY = frozenset(_EMPTY_WORDS.split())
_JUDGEMENTS_WORDS = (
    "good bad well badly nice ok okay great poor poorly properly appropriate appropriately professional "
    "professionally successful successfully success effective effectively quality satisfactory adequate "
    "adequately correct correctly helpful suitable reasonable interesting important normal fine better best worse "
    "right"
)
_JUDGEMENTS = frozenset(_JUDGEMENTS_WORDS.split())
_CRITERION = re.compile(
    r"[:(]|\b(?:if|when|means?|counts?|because|such as|for example|e\.g|that is|i\.e|namely|false|true|only|by which"
    r"|according to|who|whether)\b|[.?!]\s+\S+\s+\S+",
    re.IGNORECASE,
)
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Japanese and Chinese part no words."""


@dataclass(frozen=True, slots=True)
class Vague:
    """Why a prompt is too vague, and what would help."""

    message: str
    fix: str


def why_vague(prompt: str) -> Vague | None:
    """None where the prompt says enough."""
    said = words(prompt)
    if not said or _UNSPACED.search(prompt):
        return None
    if len(said) < _FEWEST_WORDS or len([word for word in said if word not in _EMPTY]) < 2:
        return Vague(
            "The prompt is too short to say what counts.",
            "Ask in a whole sentence: who did what, and what does not count.",
        )
    judged = next((word for word in said if word in _JUDGEMENTS), None)
    if judged is not None and len(said) <= _SHORT and not _CRITERION.search(prompt.rstrip().rstrip("?.!")):
        return Vague(
            f"The prompt asks for a judgement (“{judged}”) without saying what it goes by.",
            "Name what can be heard in the call and decides it.",
        )
    return None
