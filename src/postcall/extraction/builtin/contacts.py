"""How often somebody says they have called before: `this is the third time I'm calling` is twice before."""

from __future__ import annotations

import re
from collections.abc import Iterator

from postcall.domain.answers import Answer
from postcall.domain.calls import Role
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.tracking import Mention

_I = re.IGNORECASE
_CONTACT = (
    r"(?:call|phon|contact|r[ea]ng|rung|ring|reach|spok|spoke|speak|talk|e-?mail|wr[io]t|chat|complain|report|"
    r"ask|told|explain|been (?:through|here)|tr(?:y|ied))\w*"
)
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "segunda": 2, "tercera": 3, "cuarta": 4, "quinta": 5,
}  # fmt: skip
_COUNTS = {
    "once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "a couple of": 2, "couple of": 2, "a couple": 2, "thrice": 3, "una": 1, "dos": 2, "tres": 3,
    "cuatro": 4,
}  # fmt: skip
_ASKED = re.compile(
    rf"\b(?:how many times|how often|number of (?:times|(?:previous |earlier |prior )?(?:calls|contacts|attempts))|"
    rf"how many "
    rf"(?:previous |earlier |prior )?(?:calls|contacts|attempts)|times)\b[^?.]*\b{_CONTACT}|\b(?:previous|prior|"
    rf"earlier|times)_? ?"
    rf"(?:calls|contacts|called|contacted)\b|\b{_CONTACT}[^?.]*\bhow (?:many times|often)\b",
    _I,
)
_BEFORE = re.compile(r"\b(?:before|already|previous\w*|earlier|prior|in the past|so far|not counting|up to now)\b", _I)
_NTH = re.compile(
    rf"\b(?:(?P<word>{'|'.join(_ORDINALS)})|(?P<digits>\d{{1,2}})(?:st|nd|rd|th))\s+(?:(?P<what>time|call|attempt|"
    rf"try|vez|"
    r"llamada)\b)(?P<rest>[^.?!]{0,60})",
    _I,
)
_TIMES = (
    rf"(?P<count>{'|'.join(sorted(_COUNTS, key=len, reverse=True))}|\d{{1,2}})(?:\s+(?:other\s+|more\s+|"
    rf"separate\s+)?(?:times?|veces|vez|calls?))"
)
_TWICE = r"(?P<adverb>once|twice|thrice)"
_COUNTED = re.compile(
    rf"\b(?:i|we|i'?ve|we'?ve|i'd|have|my \w+|he|she)\b[^.?!]{{0,25}}\b{_CONTACT}\b[^.?!]{{0,40}}?\b(?:{_TIMES}|"
    rf"{_TWICE})\b|"
    rf"\b(?:he )?llam(?:é|ado)\b[^.?!]{{0,20}}?\b(?P<spanish>una|dos|tres|cuatro) (?:vez|veces)",
    _I,
)
_COUNT_FIRST = re.compile(
    rf"\b(?:{_TIMES}|{_TWICE})\b[^.?!]{{0,25}}\b(?:i|we|i'?ve|we'?ve)\b[^.?!]{{0,12}}\b{_CONTACT}|"
    rf"\b(?:{_TIMES.replace('count', 'count2')}|"
    rf"{_TWICE.replace('adverb', 'adverb2')})\s+(?:already|before)\b",
    _I,
)
_ONE = re.compile(
    r"\b(?:i|we|i'?ve|i have|we'?ve)\s+(?:just\s+|already\s+|also\s+)?(?:call(?:ed)?|phoned|rang|contacted|"
    r"spoke(?:n)?|talked|"
    r"e-?mailed)\b[^.?!]{0,40}?\b(?:yesterday|earlier|before|already|last (?:week|month|night|time|mon\w*|tues\w*|"
    r"wed\w*|thurs\w*|"
    r"fri\w*|sat\w*|sun\w*)|this morning|the other day|(?:an? |two |three |few )?(?:hour|day|week)s? ago|on (?:mon|"
    r"tues|wednes|thurs|"
    r"fri|satur|sun)day)\b|\b(?:i|we|i'?ve|i have|we'?ve) already (?:called|phoned|contacted|spoken|talked)\b|"
    r"\bllamé (?:ayer|antes|ya|"
    r"la semana pasada)\b",
    _I,
)
_NEVER = re.compile(
    rf"\b(?:never|haven'?t|have not|didn'?t)\b[^.?!]{{0,12}}\b{_CONTACT}\b[^.?!]{{0,20}}\b(?:before|yet|already|"
    rf"you)\b|\bfirst time "
    r"(?:i'?m |i am |i've |that i )?(?:call|contact|phon|reach)\w*",
    _I,
)


def asks_earlier_contacts(question: Question) -> bool:
    """It asks how often the caller got in touch before this call."""
    text = f"{question.text} {' '.join(question.names)}"
    return question.about is not Role.AGENT and bool(_ASKED.search(text)) and bool(_BEFORE.search(text))


def answer_earlier_contacts(question: Question, reading: Reading) -> Answer:
    """The number that the caller gives, this call not counted; unknown where they give none."""
    mentions = [mention for turn in reading.user_turns for mention in _counts(turn)]
    if not mentions:
        return unsaid(question, "The caller does not say how often they got in touch before")
    best = max(mentions, key=lambda each: (each.certain, each.turn))
    assert isinstance(best.value, int)
    turn = reading.turns[best.turn]
    words = turn.text[best.start : best.end].strip()
    return ok(
        question,
        best.value,
        confidence=best.certain,
        reasoning=f"“{words}” makes {best.value} before this call.",
        evidence=(turn.quote_around(best.start, best.end),),
    )


def _counts(turn: Utterance) -> Iterator[Mention]:
    text = turn.text
    for match in _NTH.finditer(text):
        number = _ORDINALS.get((match["word"] or "").lower()) or int(match["digits"] or 0)
        if number >= 2 and _is_about_contact(text, match):
            yield Mention(number - 1, turn.index, match.start(), match.end("what"), 0.85)
    for pattern in (_COUNTED, _COUNT_FIRST):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            said = next((value for value in groups.values() if value), "")
            count = int(said) if said.isdigit() else _COUNTS.get(" ".join(said.lower().split()))
            if count is not None and not _is_rate(text[match.end() :]):
                yield Mention(count, turn.index, match.start(), match.end(), 0.8)
    never = _NEVER.search(text)
    if never:
        yield Mention(0, turn.index, never.start(), never.end(), 0.6)
    once = _ONE.search(text)
    if once:
        yield Mention(1, turn.index, once.start(), once.end(), 0.55)


def _is_rate(rest: str) -> bool:
    return bool(re.match(r"\s*(?:a|per|every|each)\s+(?:day|week|month|year)\b", rest, _I))


def _is_about_contact(text: str, match: re.Match[str]) -> bool:
    """The time that is counted is one of getting in touch, not of anything else that happened."""
    if (match["what"] or "").lower() in ("call", "llamada"):
        return True
    rest = match["rest"]
    if re.match(
        rf"\s*(?:now\s+|today\s+|already\s+)?(?:that\s+)?(?:i|we|i'?m|i'?ve|we'?re|we'?ve|i had|"
        rf"que)\b[^.?!]*\b(?:{_CONTACT}|hav\w+ to|llam\w+)",
        rest,
        _I,
    ):
        return True
    lead = text[max(0, match.start() - 25) : match.start()]
    return bool(re.search(rf"\b{_CONTACT}\b", lead, _I)) or (
        bool(
            re.search(
                r"\b(?:this is|it'?s|that'?s|es|for) (?:now |already |like |literally )?(?:the|my|la|a) "
                r"$",
                lead,
                _I,
            )
        )
        and not re.match(r"\s*(?:this|it|in|you|they|he|she|the|my|that (?:it|you|they|the))\b", rest, _I)
    )
