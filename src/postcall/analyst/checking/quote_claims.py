"""Whether a sentence says of the turns that it cites what they say: who spoke, and that something is so or is not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from postcall.analyst.names.question_words import Word, words_of
from postcall.domain.analysis import Citation
from postcall.domain.calls import Role, Transcript

_CLAUSE = re.compile(r"[.!?,;:\n]")
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|unable|refus\w*|den(?:y|ies|ied)|declin\w*|fail\w*"
    r"|hardly|trouble|problem\w*|difficult\w*|unsuccessful\w*|missing|lack\w*|stop\w*|avoid\w*|against|wrong"
    r"|un(?:happy|satisf\w+|willing|clear|answered|resolved|helpful)|dis\w+|\w+n['’]t)\b",
    re.I,
)
"""Turns what is said around; a sentence has many other words for it than the turn."""
_PLAINLY_NOT = re.compile(r"\b(?:not|never|nobody|none|no longer|\w+n['’]t)\b", re.I)
_NOT_SO = frozenset({"not", "never", "cannot"})
_SAYING = r"(?:says?|said|asks?|asked|complain\w*|wants?|wanted|threaten\w*|mention\w*|demand\w*|explain\w*|thank\w*)"
_CALLER = re.compile(rf"\b(?:callers?|customers?|users?|patients?|guests?|clients?) {_SAYING}\b", re.I)
_AGENT = re.compile(rf"\b(?:agents?|bots?|assistants?) (?:{_SAYING}|promis\w*|offer\w*|refus\w*|tells?|told)\b", re.I)
_NEAR = 2
"""Words behind `not` that it turns around."""
_TELLING = 4
"""Letters of such a word; shorter ones say little."""
_ONE = re.compile(r"\bone (?:call|caller|customer|conversation|person|user)\b", re.I)
_DOT = "\N{MIDDLE DOT}"


def turned_refused(text: str, citations: Sequence[Citation], said: Mapping[str, Transcript]) -> str | None:
    """Why a sentence is not what its quotes say; None where it may be. `text` has dots for what it quotes itself.

    What a quote means nobody can check by rules; but a quote cut out of a denial, a denial of what the quote says, and
    words of the other side are seen.
    """
    if not citations:
        return None
    for each in citations:
        if _is_cut_from_denial(each, said[each.call][each.turn].text):
            return f"turn {each.turn} of call {each.call} denies {each.quote[:100]!r}: quote it whole"
    quotes = " . ".join(each.quote for each in citations)
    if _PLAINLY_NOT.search(text) and not _DENIAL.search(quotes):
        return "the words that it cites do not deny anything"
    if not _DENIAL.search(text):
        turned = _denied(words_of(quotes)) & {word.key for word in words_of(text)}
        if turned:
            return "it says that something is so which the words that it cites deny"
    roles = {said[each.call][each.turn].role for each in citations}
    if _CALLER.search(text) and not _AGENT.search(text) and Role.USER not in roles:
        return "the words that it cites are the agent's, and no caller's"
    if _AGENT.search(text) and not _CALLER.search(text) and Role.AGENT not in roles:
        return "the words that it cites are a caller's, and not the agent's"
    return None


def without_quoted_words(text: str, citations: Sequence[Citation]) -> str:
    """The text with dots for amounts that are its quotes' own, as in `no slot` or `third time`, and for one caller."""
    if len({each.call for each in citations}) == 1:
        text = _ONE.sub(lambda found: _DOT * len(found.group()), text)
    told = {pair for each in citations for pair in pairwise(word.text for word in words_of(each.quote))}
    for first, second in pairwise(words_of(text)):
        if (first.text, second.text) in told and not first.text.isdigit():
            text = text[: first.start] + _DOT * (first.end - first.start) + text[first.end :]
    return text


def _is_cut_from_denial(cited: Citation, turn: str) -> bool:
    """Whether what stands before the quote in its clause turns it around."""
    start = turn.find(cited.quote)
    before = _CLAUSE.split(turn[: max(start, 0)])[-1]
    last = words_of(before)[-_NEAR:]
    return any(word.text in _NOT_SO or word.text.endswith("n't") for word in last)


def _denied(words: Sequence[Word]) -> set[str]:
    """What the words right behind a `not` share with their other forms."""
    found: set[str] = set()
    for index, word in enumerate(words):
        if word.text in _NOT_SO or word.text.endswith("n't"):
            behind = [each for each in words[index + 1 : index + 1 + _NEAR] if each.part == word.part]
            found |= {each.key for each in behind if len(each.text) >= _TELLING}
    return found
