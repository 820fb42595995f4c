"""STRING questions for a named thing that the caller has or speaks of: an insurer, a make of car, a bank, a product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from postcall.domain.answers import Answer
from postcall.domain.calls import Role
from postcall.extraction.builtin.acts import is_question, negated
from postcall.extraction.builtin.lexicon import expansions
from postcall.extraction.builtin.names import introduced, is_name_word
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.text import content, stem, words
from postcall.extraction.builtin.things import find_things

_I = re.IGNORECASE
_COMPANY = (
    r"insur(?:ance|er)s?|carrier|coverage|health plan|bank|credit union|employer|competitor|airline|supplier|utility|"
    r"provider|"
    r"isp|network|lender|broker|school|university|pharmacy|platform|software|tool|vendor|marketplace"
)
_OWNED = (
    r"make|brand|manufacturer|car|vehicle|device|phone|model|machine|appliance|laptop|computer|printer|router|"
    r"bike|truck"
)
_COMMON = r"product|item|article|goods?|dish|pizza|meal|food|garment|piece of clothing|merchandise"
_ASKS = re.compile(
    rf"^[^?.]*[.]?\s*(?:[^?.]*\b(?:which|what|name of (?:the|their|his or her))\s+(?:\w+\s+){{0,3}}?|[^?.]{{0,30}}\b)"
    rf"(?P<kind>{_COMPANY}|{_OWNED}|{_COMMON})\b",
    _I,
)
_GENERIC = frozenset(
    map(
        stem,
        words(
            """caller customer user client patient agent driver subscriber company name have ask own use speak mention
            say kind type call about conversation current provider brand make which what model product
            item thing they their null only"""
        ),
    )
)
_OWNS = re.compile(r"\b(?:my|our|your|his|her|a|an|own(?:s)?|drive|driving|got)\s+(?:new |old |used |\d{4} )?$", _I)
_HAS = re.compile(
    r"\b(?:have|has|had|got|with|through|use|using|accept|take|taking|by|from|via|under|network with|covered by|"
    r"insured (?:with|by)|"
    r"switched (?:us |me |over )?to|changed (?:us |me )?to|it'?s|is|tengo|con|aceptan|toman)\s+(?:the |a )?$",
    _I,
)
_THROUGH = re.compile(r"^[\s,]*(?:insurance|plan|policy|coverage|(?:is )?through (?:my|our|his|her|work)|card)\b", _I)
_TAKES = re.compile(
    r"\b(?:do|does|can|will) (?:you|they)(?: guys)? (?:also |still )?(?:accept|take|work with|"
    r"cover)\s+(?:the )?$",
    _I,
)
_PLAN_KIND = re.compile(r"\s+(?:PPO|HMO|insurance|plan|card|policy)$", _I)
LEAST = 1.0
"""What must speak for a name before it is given as the answer."""


@dataclass(frozen=True, slots=True)
class _Named:
    value: str
    turn: Utterance
    start: int
    end: int
    score: float


def asks_named_thing(question: Question) -> bool:
    """It wants the name of a company or a thing that the caller has, not of a person or a booked place."""
    return not question.gated and question.about is not Role.AGENT and _ASKS.search(question.core) is not None


def answer_named_thing(question: Question, reading: Reading) -> Answer:
    """The name with most to speak for it: asked for just so, said beside words of the subject, or said to be had."""
    match = _ASKS.search(question.core)
    kind = match["kind"] if match else ""
    if re.fullmatch(_COMMON, kind, _I):
        found = list(_goods(reading))
    else:
        owned = re.fullmatch(_OWNED, kind, _I) is not None
        found = list(_named(question, reading, owned=owned))
    totals: dict[str, float] = {}
    for each in found:
        totals[each.value.lower()] = totals.get(each.value.lower(), 0.0) + each.score
    if not found or max(totals.values()) < LEAST:
        return unsaid(question, "No name that answers this is said")
    best = max(found, key=lambda each: (totals[each.value.lower()], each.score, -each.turn.index))
    return ok(
        question,
        best.value,
        confidence=0.4 + 0.12 * min(totals[best.value.lower()], 4),
        reasoning=f"The {'caller' if best.turn.by_user else 'agent'} speaks of “{best.value}”.",
        evidence=(best.turn.quote_around(best.start, best.end),),
    )


def _named(question: Question, reading: Reading, *, owned: bool) -> Iterator[_Named]:
    subject = {word for word in (*content(question.core), *map(stem, question.names)) if word not in _GENERIC}
    around = subject | {other for word in subject for other in expansions(word)}
    barred = _people_and_house(reading)
    for turn in reading.turns:
        for value, start, end in _candidates(reading, turn):
            if all(word.lower() in barred for word in value.split()) or value.isdigit():
                continue
            if value.split()[0].lower() in barred or _only_begins(turn, value, start):
                continue
            score = _score(reading, turn, start, end, around, owned=owned)
            if score > 0:
                yield _Named(value, turn, start, end, score)


def _only_begins(turn: Utterance, value: str, start: int) -> bool:
    """A single word at the head of a longer sentence has its capital from standing there."""
    sentence = turn.sentence_at(start)
    return (
        " " not in value
        and sentence is not None
        and start <= sentence.start + 1
        and len(sentence.text.split()) > 3
        and not re.match(r"\s*,", turn.text[start + len(value) :])
    )


def _candidates(reading: Reading, turn: Utterance) -> Iterator[tuple[str, int, int]]:
    """Names with capitals; in a turn without capitals those that the agent writes with one."""
    for thing in find_things(turn.text):
        value = _PLAN_KIND.sub("", re.split(r"['’]s\b|,", thing.value)[0])
        value = re.sub(r"^(?:(?:I|We|My|Our|You|Yes|No|Do|Does|Is|The|A|An)\s+)+", "", value)
        if (
            len(value) > 1
            and value[1] != "-"
            and not (value.isupper() and len(value) <= 3)
            and is_name_word(value.split()[0])
        ):
            start = turn.text.find(value, thing.start)
            if start >= 0:
                yield value, start, start + len(value)
    if turn.by_user and turn.text == turn.text.lower():
        for other in reading.turns:
            if not other.by_user:
                for thing in find_things(other.text):
                    value = _PLAN_KIND.sub("", re.split(r"['’]s\b|,", thing.value)[0])
                    place = re.search(rf"(?<!\w){re.escape(value.lower())}(?!\w)", turn.text)
                    if place and len(value) > 2:
                        yield value, place.start(), place.end()


def _people_and_house(reading: Reading) -> frozenset[str]:
    """Words of the agent's greeting, of names that are introduced, and of titles: none of them is the thing."""
    barred: set[str] = set()
    for turn in reading.turns[:3]:
        if not turn.by_user:
            barred.update(word.lower() for thing in find_things(turn.text) for word in thing.value.split()[:4])
            break
    for turn in reading.turns:
        name = introduced(turn.text)
        if name is not None:
            barred.update(part.lower() for part in name.value.split())
        for match in re.finditer(r"\b(?:dr|mr|mrs|ms|miss|doctor|señora?)\.?\s+([A-Z][\w'’-]+)", turn.text, _I):
            barred.add(match.group(1).lower())
            barred.add(match.group().split()[0].lower())
        if not turn.by_user:
            barred.update(
                match.group(1).lower() for match in re.finditer(r"(?:, |^|[.!?] )([A-Z][a-z]+)(?=[,.!?])", turn.text)
            )
    return frozenset(barred)


def _score(reading: Reading, turn: Utterance, start: int, end: int, around: set[str], *, owned: bool) -> float:
    before, after = turn.text[max(0, start - 40) : start], turn.text[end : end + 30]
    if negated(turn.text, before=start) and not turn.by_user and "network" not in turn.text:
        return 0.0
    sentence = turn.sentence_at(start)
    near = _terms(sentence.text) if sentence else frozenset()
    score = 0.0
    if owned and _OWNS.search(before):
        score += 1.2
    elif owned and re.search(r"\b(?:the)\s+$", before, _I):
        score += 0.6
    if not owned and turn.by_user and _TAKES.search(before):
        score += 1.2
    if around & near or (not owned and _THROUGH.match(after)):
        score += 1.0 if turn.by_user else 0.6
        score += 0.5 if _HAS.search(before) else 0.0
    asked = reading.before(turn.index, Role.AGENT) if turn.by_user else None
    if asked is not None and any(is_question(part) and around & _terms(part.text) for part in asked.sentences):
        score += 1.5 if start <= 25 else 0.7
    answer = next(reading.replies_to(turn.index), None) if turn.by_user and not owned else None
    if answer is not None and turn.text[start:end].lower() in answer.text.lower() and _HAS.search(before):
        score += 1.0
    reply = next(reading.replies_to(turn.index), None) if turn.by_user and not owned else None
    if reply is not None and _HAS.search(before) and around & _terms(reply.text):
        score += 1.0
    return score


def _terms(text: str) -> frozenset[str]:
    return frozenset(content(text))


_NOUN = r"(?P<noun>(?:[a-z][a-z-]+ ){0,2}?[a-z][a-z-]{2,})"
_DET = r"(?:the|my|a|an|some|these|this|that|those|one of your|your|wrong|the wrong|a pair of|two|three|new)"
_END = (
    r"(?=\s*(?:[.,;!?]|$|\b(?:i|we|you|that|which|from|and|but|on|in|at|for|with|because|is|are|was|were|has|have|it|"
    r"back|yesterday|last|this|arrived|came|broke|stopped|won't|doesn't|don't|isn't|two|a|one|warm|big|small|good|too|"
    r"when|online|today)\b))"
)
_GOT = (
    r"(?:bought|ordered|purchased|returned?|returning|send(?:ing)? back|sent back|exchang(?:e|ing)|swap|received|got|"
    r"sent me|gave me)"
)
_GOES = r"(?:arrived|came|broke|is|are|was|were|stopped|won't|doesn't|don't|has|have)"
_GOODS = (
    (1.6, re.compile(rf"\b{_GOT}\s+(?:back\s+)?{_DET}\s+(?:pair of )?{_NOUN}{_END}", _I)),
    (
        1.5,
        re.compile(
            rf"\b{_DET}\s+(?:pair of )?{_NOUN}\s+(?:that |which )?(?:i|we)(?:'ve|'d| have| had)? (?:just )?(?:bought|"
            rf"ordered|got|purchased|received|returned)",
            _I,
        ),
    ),
    (1.3, re.compile(rf"\b(?:my|the|these|this)\s+(?:new )?{_NOUN}\s+{_GOES}\b", _I)),
    (1.0, re.compile(rf"\b(?:question about|is|are|about|does|do)\s+(?:the|your|these|those)\s+{_NOUN}{_END}", _I)),
)
_NO_GOODS = frozenset(
    words(
        """order package parcel money refund account password name number thing things one item product stuff email
        mail link website box card payment label delivery problem issue question app time day week size color wrong
        tracking customer"""
    )
)


def _goods(reading: Reading) -> Iterator[_Named]:
    """What was bought, returned or asked about, as the caller calls it first."""
    for number, turn in enumerate(reading.user_turns[:6]):
        for weight, pattern in _GOODS:
            for match in pattern.finditer(turn.text):
                noun = re.sub(r"^(?:(?:wrong|new|old|different|same|broken|damaged|pair of) )+", "", match["noun"])
                if noun.split()[-1].lower() not in _NO_GOODS and is_name_word(noun.split()[-1]):
                    end = match.end("noun")
                    yield _Named(noun, turn, end - len(noun), end, weight / (1 + 0.15 * number))
