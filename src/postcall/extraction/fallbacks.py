"""What a question's own words say to answer where the transcript says nothing."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from postcall.domain.folding import plain

_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|\n")
_ABSENCE = re.compile(
    r"\b(?:not|no|none|nothing|never|nobody|unclear|unknown|unsure|missing|absent|cannot|unless|otherwise|else|if any"
    r"|sin|nada|nunca|ninguno|ninguna|desconocido)\b|n['’]t\b"
)
_CONDITION = re.compile(r"\b(?:if|when|where|whenever|unless|otherwise|else|in case|si|cuando)\b")
_SAY: Final = (
    r"(?:returns?|answer|say|use|write|put|give|respond|reply|output|enter|set|defaults?|otherwise|else|or"
    r"|devuelve|responde|escribe|usa|pon)"
    r"(?:\W+(?:with|to|as|it|the|word|value|text|string|just|simply|only|exactly|con|en))*"
)


@lru_cache(maxsize=4096)
def names_fallback(prompt: str, value: str) -> bool:
    """Whether the question names this value as the answer for "the transcript does not say".

    True for `unknown` in "Return 'unknown' if not mentioned" and for `0` in "How many guests? 0 if none". The sentence
    must name an absence, so "answer resolved if the problem is solved" makes no fallback of `resolved`.
    """
    wanted = plain(value).strip().strip("'\"“”‘’`.")
    asked = plain(prompt)
    if not wanted or wanted not in asked:
        return False
    exact = rf"['\"“‘`]?(?<!\w){re.escape(wanted)}(?!\w)['\"”’`]?"
    told = re.compile(rf"\b{_SAY}\W+{exact}|{exact}\W*\b(?:if|when|where|unless|otherwise|si|cuando)\b")
    for sentence in _SENTENCE_END.split(asked):
        found = told.search(sentence)
        if not found:
            continue
        rest = sentence[: found.start()] + " " + re.sub(exact, " ", sentence[found.start() :], count=1)
        if _CONDITION.search(rest) and _ABSENCE.search(rest):
            return True
    return False
