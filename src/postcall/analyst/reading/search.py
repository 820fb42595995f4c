"""Words that were said in a call: `calls that mention parking or the ferry`, `find "waiting list"`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from postcall.analyst.reading.words import Place, Wording

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
_LISTED = r"(?<= ),(?= or |(?:(?: ,)?(?: [^ ,]+){1,2}){1,5}(?: ,)? or )"
"""The comma of `refund , fee or price`, which ends nothing."""
_TITLE = r"(?:(?<=\bdr )|(?<=\bmr )|(?<=\bms )|(?<=\bmrs ))\."
"""A full stop that ends no sentence."""
_STOP = (
    r"(?= (?:in |last |this |since |"
    r"yesterday|today|during |per |by |"
    r"on (?:mon|tues|wednes|thurs|fri|satur|sun)|where |when |that |who |comes? up|came up|was |were |"
    r"is |are |somewhere|anywhere|"
    r"please|each |every |before |after |among |for |from |over the|and (?:were|was|are|is|had|have|"
    r"ended|how|what)|but (?:were|was|are|is|had|have|did|who|that|which|in)|without |except |"
    rf"(?!{_LISTED}|{_TITLE})[?,.;!:])|$)"
)
_SAID = re.compile(
    rf"(?:^(?:please )?search (?:(?:in |through )?(?:the |all |our )?(?:transcripts?|calls|conversations|recordings) )?"
    rf"(?:for )?|(?:^|(?<= )){_SAYS} ?)(?:the (?:words?|phrase|term) |words? |"
    rf"phrase )?(?! ?(?:when|where|if|while)\b)(?P<what>(?:{_LISTED}|{_TITLE}|[^?,.;!:])+?){_STOP}"
)
_PASSIVE = re.compile(
    r"\b(?:is|was|are|were|gets?|got|does|did) (?P<what>(?:the word |an? |the )?[^ ?,]+(?: [^ ?,]+){0,2}?) (?:ever )?"
    r"(?:mentioned|said|brought up|talked about|discussed|come up|spoken of)\b"
)
_IS_SAID = re.compile(
    r"\b(?:where|in which|that|when) (?P<what>(?:the |an? )?[^ ?,]+(?: [^ ?,]+){0,2}?) (?:is|was|are|were|gets?|got) "
    r"(?:not |never )?(?:mentioned|brought up|discussed|talked about|spoken of)\b"
)
_WORD_IS = re.compile(
    r"\b(?:the )?(?:word|phrase|term) (?P<what>[^ ?,]+) (?:is|was|comes?|came|gets?|appears?|appeared|"
    r"occurs?|occurred)\b"
    r"(?: (?:up|said|mentioned|used|spoken|in it))?"
)
_THE_WORDS = re.compile(
    rf"\b(?:the )?(?:exact )?(?:words|phrase|sentence) (?!per\b|in\b|of\b|are\b|is\b|do|did\b|was\b|were\b)"
    rf"(?P<what>(?:{_LISTED}|{_TITLE}|[^?,.;!:])+?){_STOP}"
)
_THE_WORD = re.compile(r"\b(?:the )?words? (?P<what>[^ ?,.]+)")
_ASKS = re.compile(
    r"\b(find|search|look|mention\w*|sa(?:y|ys|id|ying)|words?|phrase|contain\w*|talk\w*|quotes?|with|where|"
    r"which|how|calls)\b"
)
_MENTIONS = re.compile(
    r"^quotes?\b|\b(?:mention\w*|contain\w*|sa(?:y|ys|id|ying)|talk\w* (?:about|of)|brings? up|brought up|but|"
    r"(?:the )?(?:exact )?(?:words?|phrase|sentence))\b"
)
"""What only says that words are looked for, beside words in quotes."""
_NOT = re.compile(
    r"(?i)\b(?:not|no|without|never|except|excluding|minus)"
    r"(?: (?:the )?(?:words?|phrase|term)| mention\w*| say\w*)?\s*$"
)
_BUT_NOT = re.compile(r"\b(?:but|and) (?:not|never)\b")
_NOBODY_NEAR = re.compile(
    r"\b(?:nobody|no one|none|not|never|without|no(?= mention)|\w+n't)"
    r"(?: (?:ever|even|any|a|the|callers?|agent))*(?= |$)"
)
"""Before a word for saying: what follows was not said."""
_NOT_SAID = re.compile(r"\b(?:not|never) (?:mentioned|brought|discussed|talked|spoken|said)")
_PHRASE = re.compile(r"\b(?:phrase|sentence|exact words)$")
_OR_BETWEEN = re.compile(r'["”»],?\s+or\s+["“„«]')
_OR_AND = re.compile(r" (?:OR|or|and) ")
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
        search = _quoted(text, quoted)
        asking = (place for place in wording.each(_MENTIONS))
        return Said(search, tuple(sorted([*(each.span() for each in quoted), *((it.start, it.end) for it in asking)])))
    parts: list[tuple[tuple[str, ...], tuple[int, int]]] = []
    for pattern in (_WORD_IS, _IS_SAID, _PASSIVE, _SAID, _THE_WORDS, _THE_WORD):
        for place in wording.each(pattern):
            taken = _outside(place.spans[-1], times)
            words = _searches(wording, place, taken)
            nobody = _nobody(wording, place)
            whole = (nobody if nobody is not None else place.start, max(taken[1], place.start))
            if words and all(place.end <= start or end <= place.start for _, (start, end) in parts):
                parts.append((words, whole if pattern is _SAID else (place.start, place.end)))
    if not parts:
        return None
    parts.sort(key=lambda part: part[1])
    together = (dict.fromkeys(each) for each in product(*(words for words, _ in parts)))
    return Said(" OR ".join(" ".join(each) for each in together), tuple(span for _, span in parts))


def _quoted(text: str, quoted: Sequence[re.Match[str]]) -> str:
    """The words in quotes as one search; what must not be said must not in any of the alternatives."""
    signed = [f'{_sign(text[: each.start()])}"{each[1]}"' for each in quoted]
    wanted = [each for each in signed if not each.startswith("-")]
    excluded = [each for each in signed if each.startswith("-")]
    if not _OR_BETWEEN.search(text):
        return " ".join(signed)
    return " OR ".join(" ".join([each, *excluded]) for each in wanted) or " ".join(excluded)


def _sign(before: str) -> str:
    """The minus of what must not be said, as the words before it tell."""
    return "-" if _NOT.search(before) else ""


def _outside(span: tuple[int, int], times: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Only what stands before the first words of time."""
    start, end = span
    return start, min([end, *(first for first, _ in times if start <= first < end)])


def _nobody(wording: Wording, place: Place) -> int | None:
    """Where it begins that what follows was not said: `nobody` of `nobody mentions`."""
    before = (each for each in wording.each(_NOBODY_NEAR) if each.end <= place.start)
    return next((each.start for each in before if not wording.between(each.end, place.start)), None)


def _searches(wording: Wording, place: Place, taken: tuple[int, int]) -> tuple[str, ...]:
    """What is looked for, each alternative by itself: `OR` parts a whole search, with all that is beside it."""
    words = wording.between(*taken)
    if _nobody(wording, place) is not None or _NOT_SAID.search(wording.between(place.start, place.end)):
        return (_excluded(words),) if words else ()
    if _PHRASE.search(wording.between(0, taken[0])) and " " in words:
        return (f'"{words}"',)
    return _searched(words)


def _searched(words: str) -> tuple[str, ...]:
    """`parking or ferry` as two, `refund or fee but not card` as two that each have the minus."""
    wanted, *unwanted = _BUT_NOT.split(words)
    excluded = [_excluded(each.strip()) for each in unwanted]
    return tuple(" ".join([each, *excluded]) for each in _kept(wanted).split(" OR ") if each)


def _excluded(words: str) -> str:
    """Each with its minus; several words in a row are one phrase."""
    parts = [" ".join(word for word in each.split() if word not in _DROPPED) for each in _OR_AND.split(words)]
    return " ".join(f'-"{each}"' if " " in each else f"-{each}" for each in parts if each)


def _kept(words: str) -> str:
    kept: list[str] = []
    for word in words.split():
        joint = word in {"or", ","}
        if word in _DROPPED or word in {"and", "."} or (joint and kept[-1:] == ["OR"]):
            continue
        kept.append("OR" if joint else word)
    return " ".join(kept).removeprefix("OR ").removesuffix(" OR").strip()
