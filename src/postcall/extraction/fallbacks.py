"""What a question's own words say to answer where the transcript says nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from postcall.domain.folding import plain
from postcall.domain.questions import DispositionMetric, QuestionType
from postcall.domain.values import says_nothing

_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|\n")
_SAY: Final = (
    r"(?:returns?|answer|say|use|write|put|give|respond|reply|output|enter|set|defaults?|devuelve|responde|escribe|usa|pon)"
    r"(?:\W+(?:with|to|as|it|the|word|value|text|string|just|simply|only|exactly|con|en))*\W+"
)
_IF: Final = r"\b(?:if|when|where|whenever|unless|in case|si|cuando)\b"
_ELSE: Final = r"\b(?:otherwise|else|si no|de lo contrario)\b"
_ABSENCE = re.compile(
    r"\b(?:not|no|none|nothing|never|nobody|unclear|unknown|unsure|missing|absent|cannot|unless"
    r"|sin|nada|nadie|nunca|ninguno|ninguna|desconocido)\b|n['’]t\b"
)
_SAYING = re.compile(
    r"\b(?:say|says|said|mention\w*|stated?|states|given?|gives|provid\w*|discuss\w*|clear|unclear|known|unknown|tells?|told"
    r"|specif\w*|applicable|information|indicated|dice|menciona\w*|indica\w*|sabe)\b"
)


@lru_cache(maxsize=4096)
def names_fallback(question: DispositionMetric, value: str) -> bool:
    """Whether the question names this value as the answer for "the transcript does not say".

    True for `unknown` in "Return 'unknown' if not mentioned" and for `0` in "How many guests? 0 if none". The condition
    must name an absence, so "answer resolved if the problem is solved" makes no fallback of `resolved`; for an ENUM,
    whose choices are claims, it must be about what was said, so "open if it was not solved" makes none of `open`.
    """
    wanted = plain(value).strip().strip("'\"“”‘’`.")
    asked = plain(question.prompt)
    if not wanted or wanted not in asked:
        return False
    exact = rf"['\"“‘`]?(?<!\w){re.escape(wanted)}(?!\w)['\"”’`]?"
    conditional = re.compile(rf"{exact}\W*(?={_IF})([^,;]*)|{_IF}([^,;]*),?\W*(?:then )?{_SAY}{exact}")
    otherwise = re.compile(rf"{_ELSE}\W*(?:{_SAY})?{exact}" + (rf"|\bor {exact}" if says_nothing(value) else ""))
    claims = question.type is QuestionType.ENUM
    for sentence in _SENTENCE_END.split(asked):
        if otherwise.search(sentence) and not claims:
            return True
        for found in conditional.finditer(sentence):
            clause = found[1] or found[2] or ""
            if _ABSENCE.search(clause) and (not claims or _SAYING.search(clause)):
                return True
    return False
