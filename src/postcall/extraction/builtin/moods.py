"""ENUM questions whose choices are moods: how the caller feels, by what they say and how late in the call."""

from __future__ import annotations

import re
from functools import lru_cache

from postcall.domain.answers import Answer, Evidence
from postcall.domain.calls import Role
from postcall.extraction.builtin import cues
from postcall.extraction.builtin.acts import negated
from postcall.extraction.builtin.prompt import Choice, Question
from postcall.extraction.builtin.reading import Reading
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.text import identifier_words

_I = re.IGNORECASE
_LEVELS = (
    (
        -2,
        re.compile(
            r"\b(?:very|extremely|highly|strongly) (?:negative|unhappy|dissatisfied|upset|angry|bad)|\bfurious|"
            r"\bhostile|"
            r"\babusive|\boutraged|\bangry\b",
            _I,
        ),
    ),
    (
        2,
        re.compile(
            r"\b(?:very|extremely|highly) (?:positive|happy|satisfied|pleased|good)|\bdelighted|\bthrilled|\becstatic|"
            r"\benthusiastic",
            _I,
        ),
    ),
    (
        -1,
        re.compile(
            r"\bnegativ|\bunhappy|\bdissatisf|\bunsatisf|\bfrustrat|\bannoy|\bupset|\birritat|\bdisappoint|\bimpatient|"
            r"\bworried|\banxious|\bsad\b|\bbad\b|\bstressed|\bmolest|\benojad|\bdisgruntled|\bconcerned",
            _I,
        ),
    ),
    (
        0,
        re.compile(
            r"\bneutral|\bmixed|\bcalm|\bokay\b|\bnormal|\bindifferent|\bmatter[- ]of[- ]fact|\bbalanced|\baverage|"
            r"\bunemotional",
            _I,
        ),
    ),
    (
        1,
        re.compile(
            r"\bpositiv|\bhappy|\bsatisf|\bpleased|\bcontent(?:ed)?\b|\bgrateful|\brelieved|\bfriendly|\bgood\b|\bglad|"
            r"\bcontent[oa]|\bthankful|\bcheerful",
            _I,
        ),
    ),
)
_STRONG_GOOD = re.compile(
    r"\b(?:thank(?:s| you) (?:so|very) much|thanks a (?:lot|million|bunch|ton)|(?:so|very|really|extremely|super) "
    r"(?:helpful|happy|"
    r"pleased|kind|nice|easy|quick|fast|glad|grateful|sweet|good of you)|awesome|amazing|fantastic|wonderful|"
    r"excellent|brilliant|"
    r"lovely|love (?:it|that|you|this)|(?:what|such) a relief|relie(?:f|ved)|life ?saver|saved (?:me|my)|made my "
    r"(?:day|week)|"
    r"you'?(?:re| are|ve been) (?:the best|an angel|great|wonderful|so|very|super|really|a star)|mind at ease|much "
    r"better|way "
    r"better|good news|that'?s (?:great|perfect|awesome)|thank (?:god|goodness|heavens)|bless (?:you|him|her)|yay|"
    r"hooray|happy with|"
    r"(?:really|so|very much) appreciate|appreciate (?:your|you|the)|muchas gracias|muchísimas gracias|excelente|qué "
    r"(?:bueno|alivio|amable)|muy amable|dios (?:la|lo|le) bendiga|bardzo dziękuj\w+|świetnie)\b",
    _I,
)
_WEAK_GOOD = re.compile(
    r"\b(?:great|perfect|cool|nice|good|glad|appreciate|thanks|thank you|gracias|perfecto|super|cheers|sounds "
    r"good)\b",
    _I,
)
_WEAK_BAD = re.compile(
    r"\b(?:for nothing|not (?:impressed|good enough|acceptable|okay|fair|right|funny)|just great|whatever|you people|"
    r"i'?m (?:done|"
    r"out of patience)|(?:can'?t|cannot|don'?t) believe|seriously|come on|oh come on|kidding|for (?:crying|christ|"
    r"heaven)|nobody "
    r"(?:told|does|can|helps?|knows|cares|answers|calls?)|no one (?:told|does|can|helps?|knows|cares|answers|calls?)|"
    r"every "
    r"(?:single )?time|(?:still|again) (?:no|not|nothing|waiting|haven'?t|hasn'?t)|i(?:'ve| have)? (?:been "
    r")?wait(?:ed|ing)|ugh|"
    r"what a (?:mess|shame|pain|waste|joke)|(?:you|he|she|they)(?:'d| had)? better|(?:don'?t|stop|quit) call(?:ing)? "
    r"me|take me off|"
    r"remove my|how hard (?:is|can)|this is (?:crazy|insane|too much|absurd|not|bad|the (?:second|third|fourth))|"
    r"that'?s (?:crazy|"
    r"insane|absurd|not (?:right|fair|good|acceptable|my problem)|too (?:late|long|bad|much)|bad|a shame|unfortunate|"
    r"terrible)|"
    r"third time|no,? no,? no|no no\b|lost (?:a|my) (?:customer|patient|business|"
    r"patience)|find (?:another|"
    r"someone else|a different)|i expect|want to complain|complaint|robot|bot\b|more than a (?:week|month)|never "
    r"(?:mind|works?|"
    r"again)|not (?:really )?happy|not very|too expensive|a rip ?-?off|worse|awful|terrible|horrible|damn|hell|oh no|"
    r"upset|no es "
    r"(?:justo|posible)|siempre lo mismo|qué (?:coraje|barbaridad|mal))\b",
    _I,
)
MOST = 2.0
"""What a turn counts at most: one outburst is one."""


@lru_cache(maxsize=2_048)
def level_of(choice: Choice) -> int | None:
    """How good the mood is that a choice names, from -2 to 2; None where it names none."""
    name = " ".join(identifier_words(choice.value))
    return next((level for level, pattern in _LEVELS if pattern.search(name)), None)


def answer_mood(question: Question, reading: Reading) -> Answer | None:
    """The choice nearest to the caller's mood; None where the choices are no moods."""
    levels = {choice.value: level for choice in question.choices if (level := level_of(choice)) is not None}
    others = len(
        [choice for choice in question.choices if choice.value not in levels and choice.value != question.fallback]
    )
    if len(levels) < 2 or others > 1 or min(levels.values()) >= 0 or max(levels.values()) < 0:
        return None
    role = question.about or Role.USER
    turns = [turn for turn in reading.turns if turn.role is role and turn.tokens]
    machine = next(cues.hear(reading, cues.VOICEMAIL, Role.USER), None)
    if not turns or (machine is not None and machine.turn.index < 2):
        return unsaid(question, "Too little is said to show a mood")
    good, bad, quotes = _measure(reading, role)
    value = _choose(levels, good, bad)
    level = levels[value]
    shown = [quote for sign, quote in quotes if sign * level > 0]
    if not shown:
        said = sum(len(turn.content) for turn in turns)
        if said < 2 and question.fallback is not None and question.fallback not in levels:
            return unsaid(question, "Too little is said to show a mood")
        return ok(
            question, value, confidence=0.45, reasoning=f"The mood is {value}, for want of strong words either way."
        )
    return ok(
        question,
        value,
        confidence=0.45 + 0.1 * min(abs(good - bad), 3),
        reasoning=f"The mood is {value}, by “{shown[-1].quote}”.",
        evidence=shown[::-1],
    )


def _measure(reading: Reading, role: Role) -> tuple[float, float, list[tuple[int, Evidence]]]:
    """How much is said in good and in bad mood; what is said towards the end counts more."""
    good = bad = 0.0
    quotes: list[tuple[int, Evidence]] = []
    count = len(reading.turns)
    for turn in reading.turns:
        if turn.role is not role:
            continue
        late = 1.3 if turn.index >= count - 4 else 0.8
        up = _score(turn.text, ((_STRONG_GOOD, 1.0), (_WEAK_GOOD, 0.3)))
        down = _score(turn.text, ((cues.ANNOYED, 1.0), (_WEAK_BAD, 0.6)))
        if down[0] >= 0.6 and up[0] <= 0.3:
            up = (0.0, None)  # `great, so no present` is no praise
        for sign, (score, place) in ((1, up), (-1, down)):
            if score >= 0.6 and place is not None:
                quotes.append((sign, turn.quote_around(place[0], place[1])))
        good += min(up[0], MOST) * late
        bad += min(down[0], MOST) * late
    return good, bad, quotes


def _score(text: str, patterns: tuple[tuple[re.Pattern[str], float], ...]) -> tuple[float, tuple[int, int] | None]:
    total = 0.0
    place: tuple[int, int] | None = None
    for pattern, weight in patterns:
        for number, match in enumerate(pattern.finditer(text)):
            if number >= 3:
                break
            if negated(text, before=match.start()) and not match.group().lower().startswith(
                ("not", "no ", "don", "can")
            ):
                continue
            total += weight
            place = place or (match.start(), match.end())
    return total, place


def _choose(levels: dict[str, int], good: float, bad: float) -> str:
    if bad >= 0.6 and bad >= good * 0.8:
        wanted = -2 if bad >= 2.4 else -1
    elif good >= 1.0:
        wanted = 2 if good >= 3.5 else 1
    else:
        wanted = 0
    sign = (wanted > 0) - (wanted < 0)

    def distance(item: tuple[str, int]) -> tuple[bool, int, int]:
        level = item[1]
        return ((level > 0) - (level < 0) != sign, abs(level - wanted), abs(level))

    return min(levels.items(), key=distance)[0]
