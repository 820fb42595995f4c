"""STRING questions for a person's name: the caller's, the agent's, or somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from postcall.domain.answers import Answer, Evidence
from postcall.domain.calls import Role
from postcall.extraction.builtin.names import (
    Name,
    alone,
    answered,
    before_last,
    behind,
    in_passing,
    introduced,
    is_name_word,
)
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import QUOTE, Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.spelling import LETTER_RUN, is_mostly_spelled, letter_runs, letters_of
from postcall.extraction.builtin.things import find_things
from postcall.extraction.builtin.tracking import Mention, asked_by, asks_for, deals, settle_deal

_I = re.IGNORECASE
NAME_ASKED = re.compile(
    r"\b(?:(?:your|the|full|first|last|sur|a|patient'?s?|caller'?s?|customer'?s?|family|whole|complete|and|or|tu|"
    r"su|guest)\s*(?:full |first |last |first and last )?"
    r"(?:name|surname|nombre|apellido)s?|^(?:\w+[.,]? )?(?:first |last |full |first and last )?names?\b(?: and\b|,|"
    r"\?|$)|"
    r"\bwho (?:is|are|will) (?:it|the \w+|this|that) (?:be )?for\b|"
    r"names? and (?:date|phone|number|account|order|address|e-?mail|zip|birth)|name,? please|who am i (?:speaking|"
    r"talking)|who(?:'s| is) (?:this|"
    r"calling|speaking)|(?:with )?whom (?:am i|do i)|"
    r"(?:what|which|whose) name|imi[ęe]\w*|nazwisk\w+|nombre|name\?|spell (?:it|that|your|the)|[¿]quién|cómo "
    r"(?:se|te) llama|name for the|name under)|\[[^\]]*\bname\b",
    _I,
)
_OTHERS_NAME = re.compile(
    r"\b(?:their|his|her|its) (?:\w+ )?names?\b|\bsu hij[oa]\b|\b(?:son|daughter|child|kid|baby|dog|cat)(?:'s|s'|s)? "
    r"(?:\w+ )?"
    r"names?\b|"
    r"\bname of (?!the (?:caller|account ?holder|patient|policy ?holder|person (?:calling|making)|customer))|"
    r"\b(?:pet|mother|maiden|father|host|doctor|company|business|street|school|"
    r"friend|user|hotel|restaurant|apartment|teacher|spouse|wife|husband|driver|store|employer|bank|product|"
    r"cardholder)\b[^.?]{0,25}\bname|maiden|user ?name",
    _I,
)
_FIRST_ONLY = re.compile(r"\b(?:first|given|nombre de pila)[ _]name\b(?!.{0,12}\blast)", _I)
_LAST_ONLY = re.compile(r"(?<!and )\b(?:last|sur|family)[ _]?name\b|\bapellido|\bnazwisk", _I)
_FULL = re.compile(r"\bfull\b|first and last|imię i nazwisko|nombre completo", _I)
_ASK_LAST = re.compile(r"\b(?:last|sur|family) ?name|apellido|nazwisk", _I)
_ASK_FIRST = re.compile(r"\bfirst name\b(?! and)|given name", _I)


MOST = 40
"""Names of one call that are compared with each other; the comparison is quadratic."""


def answer_caller_name(question: Question, reading: Reading) -> Answer:
    """The name that the caller gives for themselves; of several attempts the one that agrees best with the others."""
    heard = list(_given(reading))[:MOST]
    found = heard or list(_only_spelled(reading))[:MOST] or list(_in_passing(reading))
    if not found:
        return unsaid(question, "The caller gives no name")
    wants_full = bool(_FULL.search(question.text))
    turn, name, _ = max(found, key=lambda each: _agreement(each, found, reading, full=wants_full))
    value = name.value
    evidence = [Evidence(turn.index, turn.text[name.start : name.end])]
    spelled = _spelled(reading, value) if heard and wants_full and " " not in value else None
    if spelled is not None:
        value = spelled[0]
        evidence.append(Evidence(spelled[1].index, spelled[1].text.strip()))
    rest = _rest_of_name(found, turn, name)
    if rest is not None:
        value = f"{value} {rest[1].value}" if not rest[2] else f"{rest[1].value} {value}"
        evidence.append(Evidence(rest[0].index, rest[0].text[rest[1].start : rest[1].end]))
    if _FIRST_ONLY.search(question.text):
        value = value.split()[0]
    elif _LAST_ONLY.search(question.text) and not wants_full:
        value = value.split()[-1]
    return ok(
        question,
        value,
        confidence=name.certain,
        reasoning=f"The caller gives the name “{value}”.",
        evidence=evidence,
    )


def _in_passing(reading: Reading) -> Iterator[tuple[Utterance, Name, re.Match[str] | None]]:
    """Names that stand in the caller's first turns without a word that says so; only where there is no other."""
    for turn in reading.user_turns[:2]:
        name = in_passing(turn.text)
        if name is not None:
            yield turn, name, None


def _only_spelled(reading: Reading) -> Iterator[tuple[Utterance, Name, re.Match[str] | None]]:
    """Names that are given letter by letter and in no other way."""
    for turn in reading.user_turns:
        if _name_question(reading, turn) is not None:
            for match in LETTER_RUN.finditer(turn.text):
                value = re.sub(r"[^\w]+", "", match.group()).capitalize()
                yield turn, Name(value, match.start(), match.end(), 0.6), None


def _spelled(reading: Reading, first: str) -> tuple[str, Utterance] | None:
    """The whole name from a turn that spells it, where its letters begin with the first name that was heard.

    A name that was heard whole is not corrected by its letters: recognisers mishear single letters more than names.
    """
    for turn in reading.user_turns:
        if asked_by(reading, turn, NAME_ASKED):
            letters = letters_of(turn.text)
            rest = letters.removeprefix(first.lower()).removeprefix(first.lower())
            asked = reading.before(turn.index, Role.AGENT)
            if letters.startswith(first.lower()) and len(rest) >= 3:
                return f"{first} {rest.capitalize()}", turn
            if asked is not None and _ASK_LAST.search(asked.text) and len(letters) >= 3:
                return f"{first} {letters.capitalize()}", turn
    return None


def _given(reading: Reading) -> Iterator[tuple[Utterance, Name, re.Match[str] | None]]:
    """Names in the caller's turns, with the match of a question for the first or last name alone."""
    for turn in reading.user_turns:
        if not turn.text.strip():
            continue
        ask = _name_question(reading, turn)
        if ask is not None:
            name = answered(turn.text) or alone(turn.text)
            if name:
                yield turn, name, _ASK_LAST.search(ask) or _ASK_FIRST.search(ask) if "and" not in ask.lower() else None
            continue
        addressed = _addressed(reading, turn)
        if addressed is not None:
            yield addressed[0], addressed[1], None
            continue
        name = introduced(turn.text)
        if name:
            yield turn, name, None
    yield from _called_back(reading)


_VOCATIVE = re.compile(
    r"(?:(?:^|[.!?]\s+)(?:hi|hello|hey|thanks|thank you|okay|ok|sorry|i'?m sorry|i apologi[sz]e|great|sure|certainly|"
    r"alright|all "
    r"right|perfect|understood|goodbye|bye|take care|welcome|got it|no problem|get well|gracias|listo|hola|perfecto|"
    r"de acuerdo)"
    r",?\s+(?:(?P<title>mr|mrs|ms|miss|señora?|sr|sra)\.?\s+)?|,\s+|(?:^|[.!?]\s+)(?=[A-Z][\w'’-]+,\s))"
    r"(?P<name>(?-i:[A-Z])[a-zà-ÿ][\w'’-]*)(?=\s*(?:[,.!?:;]|$)|\s+(?-i:[A-Z]))",
    _I,
)


def _called_back(reading: Reading) -> Iterator[tuple[Utterance, Name, re.Match[str] | None]]:
    """Names by which the agent addresses the caller, as the caller said them before: `Thanks, Dana`."""
    called: set[str] = set()
    for turn in reading.turns:
        if turn.by_user or len(called) >= MOST:
            continue
        for match in _VOCATIVE.finditer(turn.text):
            first = match["name"]
            if not is_name_word(first) or first in called:
                continue
            called.add(first)
            for before in reading.turns[: turn.index]:
                if before.by_user and first.lower() in before.text.lower():
                    name = before_last(before.text, first) if match["title"] else behind(before.text, first)
                    if name is not None:
                        yield before, name, None
                        break


_IS_THIS = re.compile(
    r"\b(?:is this|is that|am i (?:speaking|talking) (?:to|with)|(?:may|can|could) i (?:please )?(?:speak|talk) "
    r"(?:to|with)|are you|hablo con|czy rozmawiam z)\s+"
    r"(?:mr\.?\s+|mrs\.?\s+|ms\.?\s+)?(?P<name>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’-]+){0,2})",
    _I,
)
_SPEAKING = re.compile(
    r"^\W*(?:(?:um+|uh|oh|well|hi|hello|mm+-?hm+|uh-?huh)\W+)*(?:yes|yeah|yep|yup|mm+-?hm+|uh-?huh|speaking|correct|"
    r"it is|that'?s "
    r"(?:me|right|correct)|this is (?:he|she|him|her)|sí|soy yo|tak)\b",
    _I,
)


def _addressed(reading: Reading, turn: Utterance) -> tuple[Utterance, Name] | None:
    """The agent asks for somebody by name, and the caller says that it is they."""
    before = reading.before(turn.index, Role.AGENT)
    match = _IS_THIS.search(before.text) if before is not None else None
    if before is None or match is None or not match["name"][0].isupper() or not _SPEAKING.match(turn.text):
        return None
    return before, Name(match["name"], match.start("name"), match.end("name"), 0.8)


def _name_question(reading: Reading, turn: Utterance) -> str | None:
    """The agent's question for the caller's own name that this turn answers."""
    for before in reversed(reading.turns[: turn.index]):
        if before.role is turn.role:
            if before.tokens and turn.index - before.index > 1:
                return None
            continue
        if before.tokens:
            if asks_for(before, NAME_ASKED) and not _OTHERS_NAME.search(before.text):
                return before.text
            return None
    return None


def _agreement(
    each: tuple[Utterance, Name, re.Match[str] | None],
    found: list[tuple[Utterance, Name, re.Match[str] | None]],
    reading: Reading,
    *,
    full: bool,
) -> tuple[float, int]:
    turn, name, ask = each
    compact = name.value.replace(" ", "").lower()
    score = name.certain - (0.15 if ask else 0.0)
    words = len(name.value.split())
    if full and words == 1:
        score -= 0.4
    if words > 3:
        score -= 0.3
    for other_turn, other, _ in found:
        if other_turn is not turn:
            score += 0.5 * fuzz.ratio(compact, other.value.replace(" ", "").lower()) / 100
    for other_turn in reading.user_turns:
        for run in letter_runs(other_turn.text) if is_mostly_spelled(other_turn.text) else ():
            score += 0.6 * fuzz.partial_ratio(run.lower(), compact) / 100 * min(1.0, len(run) / 5)
    return score, -turn.index


def _rest_of_name(
    found: list[tuple[Utterance, Name, re.Match[str] | None]], turn: Utterance, name: Name
) -> tuple[Utterance, Name, bool] | None:
    """The other half of a name that was asked for in two questions; the flag says that it comes first."""
    if " " in name.value:
        return None
    asked_last = next((ask for at, _, ask in found if at is turn and ask), None)
    for other_turn, other, ask in found:
        if other_turn is turn or ask is None or other.value.lower() == name.value.lower() or " " in other.value:
            continue
        other_is_last = bool(_ASK_LAST.search(ask.group()))
        if asked_last is not None and bool(_ASK_LAST.search(asked_last.group())) == other_is_last:
            continue
        return other_turn, other, not other_is_last
    return None


_RECIPIENT_LEAD = frozenset({"to", "recipient", "payee", "pay", "send", "for"})
_HOST = re.compile(
    r"\b(?:host|recipient|payee|spouse|manager|friend|doctor|driver|agent|contact|provider|partner|employee|"
    r"representative|colleague|pet|referr\w+)\b",
    _I,
)


def answer_other_name(question: Question, reading: Reading) -> Answer:
    """A name that is not the caller's: the agent's, a recipient's, a host's."""
    if question.about is Role.AGENT:
        return _agent_name(question, reading)
    role = _HOST.search(question.text)
    asked = re.compile(
        rf"\b(?:{re.escape(role.group().lower())}|who|whom|name)\b" if role else r"\b(?:who|whom|name)\b", _I
    )

    def find(turn: Utterance, expected: bool) -> Iterator[Mention]:
        found = False
        for thing in find_things(turn.text):
            if (
                thing.lead in _RECIPIENT_LEAD
                and len(thing.value.split()) <= 3
                and not any(char.isdigit() for char in thing.value)
            ):
                value = re.sub(r"['’]s$", "", thing.value)
                found = True
                yield Mention(value, turn.index, thing.start, thing.start + len(value), 0.6)
        name = answered(turn.text) if expected and not found else None
        if name and len(name.value.split()) <= 3:
            yield Mention(name.value, turn.index, name.start, name.end, 0.7)

    if question.gated:
        mention = settle_deal(reading, find, asked) if deals(reading) else None
        mention = mention if mention is None or _money_moves(question, reading) else None
    else:
        mention = _answer_to(reading, asked)
    if mention is None:
        return unsaid(question, "No name that answers this is said")
    return ok(
        question,
        str(mention.value),
        confidence=mention.certain,
        reasoning=f"The name “{mention.value}” is said where it is asked for or agreed on.",
        evidence=(_quote_up_to(reading, mention),),
    )


def _quote_up_to(reading: Reading, mention: Mention) -> Evidence:
    """The sentence up to the name, so that a possessive ending stays out."""
    turn = reading.turns[mention.turn]
    sentence = turn.sentence_at(mention.start)
    start = max(sentence.start if sentence else 0, mention.start - QUOTE)
    return turn.quote(start, mention.end)


_MOVES = re.compile(r"\b(?:transfer|send|wire|pay)\w*\b", _I)


def _money_moves(question: Question, reading: Reading) -> bool:
    """A question about a transfer has an answer only in a call in which one is talked about."""
    if not _MOVES.search(question.text):
        return True
    return any(_MOVES.search(turn.text) for turn in reading.user_turns)


def _answer_to(reading: Reading, asked: re.Pattern[str]) -> Mention | None:
    for turn in reading.user_turns:
        if asked_by(reading, turn, asked):
            name = answered(turn.text)
            if name:
                return Mention(name.value, turn.index, name.start, name.end, 0.6)
    return None


def _agent_name(question: Question, reading: Reading) -> Answer:
    for turn in reading.turns:
        if not turn.by_user:
            name = introduced(turn.text)
            if name:
                return ok(
                    question,
                    name.value,
                    confidence=name.certain,
                    reasoning=f"The agent says their name is “{name.value}”.",
                    evidence=(turn.quote(name.start, name.end),),
                )
    return unsaid(question, "The agent gives no name")
