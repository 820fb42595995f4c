"""Words that were said in a call: `calls that mention parking or the ferry`, `find "waiting list"`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from postcall.analyst.reading_words import Wording

_QUOTED = re.compile(r'["“„«]\s*([^"“”„«»]+?)\s*["”»]')
_SAYS = (
    r"(?:that |who |which |where |when |in which )?(?:(?:some(?:body|one)|any(?:body|one)|people|"
    r"(?:a |the )?(?:caller|customer|user|agent)s?|they) )?"
    r"(?:mention(?:s|ed|ing)?|talk(?:s|ed|ing)? (?:about|of)|sp(?:eak|oke)(?:s|ing)? (?:about|of)|"
    r"(?:contain|include|use|say|said)(?:s|d|ing|ed)?(?= (?:the )?(?:words?|phrase|term)\b)|containing|saying|"
    r"bring(?:s|ing)? up|brought up|refer(?:s|red|ring)? to|search (?:the transcripts? |"
    r"calls )?for |look(?:ing)? for|"
    r"(?:some(?:body|one)|any(?:body|one)|(?:a |the )?(?:caller|customer|user|agent)s?|"
    r"people) sa(?:ys?|id)(?! (?:that|they|he|she|it|yes|no|to|so|how|what|when|where|why|who)\b)|"
    r"with the (?:words?|phrase|term)|everything (?:with|about|on)|anything (?:with|about|on))"
)
_STOP = (
    r"(?= (?:in (?:it|them|web|the|our|april|may|june|july|a)\b|in [^ ]+ calls|last |this |since |"
    r"yesterday|today|during |per |by |"
    r"on (?:mon|tues|wednes|thurs|fri|satur|sun)|where |when |that |who |comes? up|came up|was |were |"
    r"is |are |somewhere|anywhere|"
    r"please|each |every |before |after |among |for |from |over the|and (?:were|was|are|is|had|have|"
    r"ended|how|what)|but (?:were|was|are|is|had|have|did|who|that|which|in)|without |except |[?,.;!:])|$)"
)
_SAID = re.compile(
    rf"(?:^(?:please )?search (?:for )?|(?:^|(?<= )){_SAYS} ?)(?:the (?:words?|phrase|term) |words? |"
    rf"phrase )?(?P<what>[^?,.;!:]+?){_STOP}"
)
_PASSIVE = re.compile(
    r"\b(?:is|was|are|were|gets?|got|does|did) (?P<what>(?:the word |an? |the )?[^ ?,]+(?: [^ ?,]+){0,2}?) (?:ever )?"
    r"(?:mentioned|said|brought up|talked about|discussed|come up|spoken of)\b"
)
_IS_SAID = re.compile(
    r"\b(?:where|in which|that|when) (?P<what>(?:the |an? )?[^ ?,]+(?: [^ ?,]+){0,2}?) (?:is|was|are|were|gets?|got) "
    r"(?:mentioned|brought up|discussed|talked about|spoken of)\b"
)
_WORD_IS = re.compile(
    r"\b(?:the )?(?:word|phrase|term) (?P<what>[^ ?,]+) (?:is|was|comes?|came|gets?|appears?|appeared|"
    r"occurs?|occurred)\b"
    r"(?: (?:up|said|mentioned|used|spoken|in it))?"
)
_THE_WORD = re.compile(r"\b(?:the )?words? (?P<what>[^ ?,.]+)")
_ASKS = re.compile(
    r"\b(find|search|look|mention\w*|sa(?:y|ys|id|ying)|words?|phrase|contain\w*|talk\w*|quotes?|with|where|"
    r"which|how|calls)\b"
)
_MENTIONS = re.compile(
    r"\b(?:mention\w*|contain\w*|sa(?:y|ys|id|ying)|talk\w* (?:about|of)|brings? up|brought up|but)\b"
)
"""What only says that words are looked for, beside words in quotes."""
_NOT = re.compile(
    r"(?i)\b(?:not|no|without|never|except|excluding|minus)"
    r"(?: (?:the )?(?:words?|phrase|term)| mention\w*| say\w*)?\s*$"
)
_BUT_NOT = re.compile(r"\b(?:but|and) (?:not|never)\b")
_DROPPED_WORDS = "a an the word words phrase term of some any it its their his her in about for"
_DROPPED = frozenset(_DROPPED_WORDS.split())


@dataclass(frozen=True, slots=True)
class Said:
    """What must have been said, and which words of the question ask for it."""

    text: str
    """As the search of the calls page takes it."""
    spans: tuple[tuple[int, int], ...]


def find_said(text: str, wording: Wording, *, times: Sequence[tuple[int, int]] = ()) -> Said | None:
    """The search that the question asks for; None where it asks for none."""
    quoted = list(_QUOTED.finditer(text))
    if quoted and wording.has(_ASKS):
        joint = " OR " if re.search(r'["”»]\s+or\s+["“„«]', text) else " "
        words = joint.join(f'{_sign(text[: each.start()])}"{each[1]}"' for each in quoted)
        asking = (place for place in wording.each(_MENTIONS))
        return Said(words, tuple(sorted([*(each.span() for each in quoted), *((it.start, it.end) for it in asking)])))
    parts: list[tuple[str, tuple[int, int]]] = []
    for pattern in (_WORD_IS, _IS_SAID, _PASSIVE, _SAID, _THE_WORD):
        for place in wording.each(pattern):
            taken = _outside(place.spans[-1], times)
            words = _searched(wording.between(*taken))
            whole = (place.start, max(taken[1], place.start))
            if words and all(place.end <= start or end <= place.start for _, (start, end) in parts):
                parts.append((words, whole if pattern is _SAID else (place.start, place.end)))
    if not parts:
        return None
    parts.sort(key=lambda part: part[1])
    return Said(" ".join(words for words, _ in parts), tuple(span for _, span in parts))


def _sign(before: str) -> str:
    """The minus of what must not be said, as the words before it tell."""
    return "-" if _NOT.search(before) else ""


def _outside(span: tuple[int, int], times: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Only what stands before the first words of time."""
    start, end = span
    return start, min([end, *(first for first, _ in times if start <= first < end)])


def _searched(words: str) -> str:
    """As a search: `parking or ferry` with its OR, `refund but not card` with its minus."""
    wanted, *unwanted = _BUT_NOT.split(words)
    excluded = (part for each in unwanted for part in _kept(each).split() if part != "OR")
    return " ".join([_kept(wanted), *(f"-{part}" for part in excluded)]).strip()


def _kept(words: str) -> str:
    kept = [word for word in words.split() if word not in _DROPPED]
    while kept and kept[-1] in {"or", "and"}:
        kept.pop()
    while kept and kept[0] in {"or", "and"}:
        kept.pop(0)
    return " ".join("OR" if word == "or" else word for word in kept if word != "and")
