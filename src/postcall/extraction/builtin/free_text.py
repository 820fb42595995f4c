"""STRING questions that want a sentence, an amount, or whatever was answered to the agent's own question."""

from __future__ import annotations

import re

from postcall.domain.answers import Answer, Evidence
from postcall.domain.calls import Role
from postcall.extraction.builtin.acts import Act, is_question
from postcall.extraction.builtin.lexicon import expansions
from postcall.extraction.builtin.numbers import find_numbers
from postcall.extraction.builtin.outcomes import OutcomeKind
from postcall.extraction.builtin.places import bare_answer
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.text import Sentence, content, stem, words

_I = re.IGNORECASE
_ABOUT_END = re.compile(
    r"\b(?:outcome|result|resol\w+|next steps?|action items?|follow[- ]?up|agreed|end(?:ed)?|conclu\w+|promised)\b", _I
)
_WHOLE = re.compile(r"\b(?:summar\w+|overview|note|notes|outline|what happened|resumen)\b", _I)
_SMALL_TALK = re.compile(
    r"^(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|yes|yeah|ok(?:ay)?|um+|uh+|oh|so|well|thanks?|"
    r"thank you|please|hola|buenos días|"
    r"buenas tardes|dzień dobry|there|how are you|i'?m (?:fine|good|well)|this is \w+|my name is \w+(?: \w+)?|not "
    r"(?:too )?bad|can you hear me)\b[\s,.!?'-]*)+$",
    _I,
)
_NEED = re.compile(
    r"\b(?:i(?:'d| would) (?:like|love|want)|i(?:'m| am) (?:calling|looking|trying|having|wondering|interested|"
    r"here|phoning|ringing)|i (?:need|want|have|got|can'?t|"
    r"cannot|was|wanted|lost|forgot|ordered|bought|received|wish|keep|feel|think|would)|i'?ve (?:got|been|had|"
    r"lost)|my \w+|can you|could you|can i|could i|"
    r"help|problem|issue|quiero|necesito|quisiera|tengo|me gustaría|chcę|chciał\w+|potrzebuję|mam|please|"
    r"there(?:'s| is)|how (?:do|can|much|long)|is there|do you)\b",
    _I,
)
_GENERIC = frozenset(
    map(
        stem,
        words(
            """caller customer user client patient agent call say said mention mentioned state stated give given provide
    provided want wanted ask asked conversation transcript name value answer question return unknown null did what
    which type kind specific exact please report reported during speak number main talk tell told describe have need
    use used booking booked"""
        ),
    )
)


def answer_free_text(question: Question, reading: Reading) -> Answer:
    """The caller's own sentence about the matter, or the agent's about the outcome; verbatim, since it must be true."""
    if _ABOUT_END.search(question.text) and not _WHOLE.search(question.text):
        return _outcome_sentence(question, reading)
    found = reason_sentence(reading)
    if found is None:
        return unsaid(question, "The caller does not say what the call is about")
    turn, sentence = found
    return ok(
        question,
        sentence.text,
        confidence=0.5,
        reasoning="This is the caller's first sentence that says what they need.",
        evidence=(Evidence(turn.index, sentence.text),),
    )


def _outcome_sentence(question: Question, reading: Reading) -> Answer:
    for outcome in reversed(reading.outcomes):
        text = reading.turns[outcome.turn].text[outcome.start : outcome.end]
        return ok(
            question,
            text,
            confidence=0.5,
            reasoning="This is the agent's last sentence about a result.",
            evidence=(Evidence(outcome.turn, text),),
        )
    return unsaid(question, "The agent states no outcome")


def reason_sentence(reading: Reading) -> tuple[Utterance, Sentence] | None:
    """The caller's first sentence that says what they need; small talk and bare answers do not."""
    fallback: tuple[Utterance, Sentence] | None = None
    for turn in reading.user_turns[:12]:
        for sentence in turn.sentences:
            if _SMALL_TALK.match(sentence.text) or len(content(sentence.text)) < 2:
                continue
            if _NEED.search(sentence.text):
                return turn, sentence
            if fallback is None and len(sentence.text.split()) >= 4:
                fallback = turn, sentence
    return fallback


def answer_money(question: Question, reading: Reading) -> Answer:
    """An amount as it is said, in a sentence about what the question names; of several the last."""
    subject = _subject(question)
    best: tuple[float, Utterance, int, int] | None = None
    for turn in reading.turns:
        for number in find_numbers(turn.text):
            if not number.money:
                continue
            overlap = len(subject & turn.content)
            score = overlap + 0.01 * turn.index
            if best is None or score >= best[0]:
                best = (score, turn, number.start, number.end)
    if best is None or (question.gated and not any(outcome.good for outcome in reading.outcomes)):
        return unsaid(question, "No amount that answers this is said")
    _, turn, start, end = best
    value = turn.text[start:end].strip()
    return ok(
        question,
        value,
        confidence=0.55,
        reasoning=f"The amount said is “{value}”.",
        evidence=(turn.quote_around(start, end),),
    )


def answer_asked(question: Question, reading: Reading, *, about: Role) -> Answer:
    """What the caller answers where the agent asks for the same thing."""
    if question.gated and not any(
        outcome.kind in (OutcomeKind.BOOKED, OutcomeKind.DONE) for outcome in reading.outcomes
    ):
        return unsaid(question, "Nothing that this asks about was done")
    subject = _subject(question)
    best: tuple[float, Utterance] | None = None
    for turn in reading.turns:
        if turn.role is about or Act.ANYTHING_ELSE in turn.acts:
            continue
        score = max((_match(subject, sentence) for sentence in turn.sentences if is_question(sentence)), default=0.0)
        if score >= 0.5 and (best is None or score > best[0]):
            best = (score, turn)
    if best is not None:
        for reply in reading.replies_to(best[1].index):
            given = bare_answer(reply.text, words=10)
            if given:
                in_digits = re.fullmatch(r"\d(?:[\s-]?\d)+", given.value) is not None
                return ok(
                    question,
                    re.sub(r"[\s-]", "", given.value) if in_digits else given.value,
                    confidence=0.3 + 0.3 * min(best[0], 1.0),
                    reasoning=f"The agent asks “{_question_of(best[1], subject)}”, and the answer is “{given.value}”.",
                    evidence=(Evidence(reply.index, reply.text[given.start : given.end]),),
                )
    return _named_after(question, reading, subject, about)


def _named_after(question: Question, reading: Reading, subject: frozenset[str], about: Role) -> Answer:
    """`The make is Toyota`: what stands behind the thing's own name."""
    for turn in reading.turns:
        if turn.role is not about:
            continue
        for token in turn.tokens:
            if token.stem in subject:
                after = re.match(
                    r"(?:'s)?\s*(?:is|was|:|=|will be|would be)\s+(?P<value>[^.,;!?\n]{2,60})",
                    turn.text[token.end :],
                    _I,
                )
                if after and "?" not in turn.text[token.end + after.end() : token.end + after.end() + 2]:
                    start = token.end + after.start("value")
                    value = after["value"].strip()
                    if not re.match(r"(?i)(?:not|that|what|it|there|this|wrong|broken|late|a|an|the problem)\b", value):
                        return ok(
                            question,
                            value,
                            confidence=0.45,
                            reasoning=f"“{token.word} {after.group().strip()}” is said.",
                            evidence=(turn.quote_around(start, start + len(value)),),
                        )
    return unsaid(question, "The transcript does not say")


def _subject(question: Question) -> frozenset[str]:
    return frozenset(word for word in question.words if word not in _GENERIC)


def _match(subject: frozenset[str], sentence: Sentence) -> float:
    """The share of the question's own words that a sentence holds, synonyms counting in part."""
    if not subject:
        return 0.0
    heard = set(content(sentence.text))
    score = 0.0
    for word in subject:
        if word in heard:
            score += 1.0
        else:
            score += max((weight * 0.5 for other, weight in expansions(word).items() if other in heard), default=0.0)
    return score / len(subject)


def _question_of(turn: Utterance, subject: frozenset[str]) -> str:
    return max(turn.sentences, key=lambda sentence: _match(subject, sentence)).text
