"""What a sentence does in a conversation: asks, offers, asks to confirm, accepts, refuses, thanks, closes.

English, with the commonest Spanish and Polish forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto

from postcall.domain.calls import Role
from postcall.extraction.builtin.text import Sentence


class Act(Enum):
    """One thing that a turn does; a turn may do several."""

    QUESTION = auto()
    OFFER = auto()
    """The agent proposes to do something, or proposes a value, and waits."""
    CHECK = auto()
    """The agent repeats details and asks whether they are right."""
    ANYTHING_ELSE = auto()
    ACCEPT = auto()
    REFUSE = auto()
    THANKS = auto()
    FAREWELL = auto()
    APOLOGY = auto()


_ASKING = re.compile(
    r"^(?:(?:and|so|but|ok(?:ay)?|great|sure|right|alright|well|thanks?|thank you|hi|hello|um|uh|also|then|now|"
    r"perfect|of course"
    r"|certainly|absolutely)[\s,.!]+){0,3}"
    r"(?:(?:can|could|may|might|would|will|shall|should|do|does|did|is|are|was|were|have|has) (?:i|we|you|he|she|"
    r"it|they|that|this"
    r"|there|the|your|my|anyone|someone)\b|what\b|which\b|when\b|where\b|who\b|whose\b|why\b|how\b|any\b|at "
    r"what\b|for how\b|on what\b"
    r"|in which\b|in what\b|for which\b|(?:please )?(?:tell|give) me (?:your|the)|(?:please )?(?:provide|state|"
    r"spell|verify|confirm) "
    r"|i(?:'ll| will)? (?:just )?need (?:your|the)\b|may i\b|name\b.{0,20}$|[¿]|cuál|cuándo|cómo|dónde|quién|qué|"
    r"me puede|podría|puedo"
    r"|czy\b|jak\b|kiedy\b|gdzie\b|jaki\b|jaka\b|jakie\b|proszę (?:podać|powiedzieć))",
    re.IGNORECASE,
)
_OFFER = re.compile(
    r"\b(?:would you like|would you care|do you want|want me to|like me to|shall i|should i|shall we|should we|"
    r"can i (?:go ahead|book"
    r"|reserve|schedule|confirm|make|place|put|set|offer|add|send)|may i (?:go ahead|book|reserve|schedule|"
    r"confirm|place)|how about|"
    r"what about|would (?:that|this|it) (?:work|be|suit|do)|does (?:that|this|it) (?:work|sound|suit)|(?:is|are) "
    r"(?:that|this|it|those) "
    r"(?:ok|okay|fine|good|alright|convenient|acceptable|suitable)|interested in|is that something|sound (?:good|"
    r"ok|okay)|"
    r"works? for you|care for|i can (?:offer|book|schedule|reserve)|(?:quiere|desea|le gustaría|quisiera)|czy "
    r"(?:chce|chciał))",
    re.IGNORECASE,
)
_CHECK = re.compile(
    r"\b(?:(?:please|kindly|can you|could you|need (?:you|your|to)|do you|your|let me|just|wish|want to|like to|i|"
    r"for)\s+(?:\w+\s+)?"
    r"(?:re)?confirm(?:ation)?\b|confirm (?:that|these|this|the|your|you|if|whether|booking|with|again|it|"
    r"following|details|:)|to confirm|"
    r"confirming|to verify|verify (?:that|these|this|the)|double[- ]check|is (?:that|this|everything|it|all) (?:all )?"
    r"(?:correct|right|accurate|ok|okay)|(?:^|[,.] )(?:correct|right)\?|to (?:review|summari[sz]e|recap)\b|am i "
    r"right|did i get that|so (?:you|that)(?:'d| would)? "
    r"(?:like|want|need)|you(?:'d| would) like (?:to|a|an|\d|me to)|you(?:'re| are) (?:looking to|wanting to)|you "
    r"(?:want|need) "
    r"(?:to|a|an|\d)|es correcto|confirme\b|zgadza się|czy dobrze)",
    re.IGNORECASE,
)
_ANYTHING_ELSE = re.compile(
    r"\b(?:anything|something|any ?thing|what) else\b|\banything more\b|\bany (?:other|more|further) "
    r"(?:questions?|help|assistance|"
    r"concerns?|requests?)|\b(?:algo|alguna cosa) más|\bcoś jeszcze|\bw czymś jeszcze",
    re.IGNORECASE,
)
_ACCEPT = re.compile(
    r"^(?:(?:oh|ok(?:ay)?|well|um+|uh+|hmm+|ah|great|good|alright|all right|actually|no problem|wow|thanks?|thank "
    r"you|cool|perfect|"
    r"wonderful|excellent|awesome)[\s,.!]+){0,3}"
    r"(?:yes|yeah|yep|yup|ya|yea|sure|correct|right|exactly|absolutely|definitely|certainly|of course|please do|"
    r"go ahead|do it|let'?s "
    r"(?:do|go|book|take)|that'?s (?:right|correct|fine|good|great|perfect|it|ok|okay|what i|the one)|that (?:is|"
    r"will be|would be|sounds|"
    r"works|looks|seems|will work|would work|time works|one)|it (?:is|sounds|works|looks|all looks)|sounds? "
    r"(?:good|great|perfect|fine|"
    r"nice|ok|okay|like)|works for me|(?:ok|okay|fine|great|perfect|good|alright|cool|wonderful|excellent|"
    r"awesome)(?=$|[\s,.!])|book it|"
    r"book that|please book|i(?:'d| would) (?:like|love) (?:that|to)|i(?:'ll| will) take|i do\b|i am\b|i would\b|"
    r"i accept|i agree|"
    r"this (?:is|sounds|works|one)|all (?:good|correct|right)|everything(?:'s| is| looks)|sí|si\b|claro|correcto|"
    r"perfecto|vale|de acuerdo|"
    r"por supuesto|tak\b|zgadza się|oczywiście|dobrze|jasne)",
    re.IGNORECASE,
)
_REFUSE = re.compile(
    r"^(?:(?:oh|ok(?:ay)?|well|um+|uh+|hmm+|ah|actually|sorry|thanks?|thank you|great|alright|cool|good|nice|"
    r"perfect)[\s,.!]+){0,3}"
    r"(?:no\b(?! (?:problem|worries))|nope|nah|not (?:right now|now|at (?:this|the) (?:time|moment)|yet|today|"
    r"really|for now|interested|"
    r"necessary|needed|just yet|currently|exactly)|never ?mind|forget (?:it|about it|that)|don'?t (?:book|bother|"
    r"worry|do)|i don'?t "
    r"(?:want|need|think|like)|i do not (?:want|need|think|like)|that'?s not|that is not|that (?:won'?t|doesn'?t|"
    r"does not|will not)|i'?d "
    r"rather not|i (?:can'?t|cannot|won'?t)|cancel (?:it|that)|wrong\b|incorrect|no,? gracias|nie\b)|"
    r"\b(?:never ?mind|forget (?:it|about it)|no thanks|no thank you|not interested|i(?:'ll| will) pass|changed "
    r"my mind|i'?d rather not|"
    r"don'?t (?:need|want) (?:to|it|that|any|a)|hold off|not (?:at the moment|right now|at this time|just yet))\b",
    re.IGNORECASE,
)
_THANKS = re.compile(r"\b(?:thank|thanks|thx|appreciate|grateful|gracias|dziękuj\w+|cheers)\b", re.IGNORECASE)
_FAREWELL = re.compile(
    r"\b(?:good ?-?bye|bye|have a (?:\w+ ){0,2}(?:day|one|night|evening|time|weekend|trip|stay|flight|ride|meal|"
    r"afternoon)|take care|see you|"
    r"talk (?:soon|later)|enjoy (?:your|the)|good ?night|that(?:'s| is| was|'ll be| will be| would be) (?:all|it|"
    r"everything)|adiós|hasta "
    r"luego|do widzenia|do usłyszenia)\b",
    re.IGNORECASE,
)
_APOLOGY = re.compile(
    r"\b(?:sorry|apologi[sz]e|apologies|unfortunately|regret|lo siento|przepraszam|niestety)\b", re.IGNORECASE
)
_NEGATION = re.compile(
    r"\b(?:not|never|no|nobody|nothing|none|neither|nor|without|cannot|unable|hardly|\w+n['’]t|nunca|nie|nigdy|"
    r"bez|sin)\b",
    re.IGNORECASE,
)


_NO_TROUBLE = re.compile(
    r"\b(?:no|not a|not any) (?:problem|worr(?:y|ies)|trouble|bother|issue)\b|\bno,(?= (?:i|we|it|that|"
    r"you)\b)",
    re.IGNORECASE,
)
"""Words that hold a "no" and deny nothing."""


def is_question(sentence: Sentence) -> bool:
    """It asks, with or without a question mark."""
    return sentence.asks or bool(_ASKING.match(sentence.text))


def is_check(sentence: Sentence) -> bool:
    """It repeats details to have them confirmed."""
    return bool(_CHECK.search(sentence.text))


def accepts(text: str) -> bool:
    """The words agree to what was asked or offered just before."""
    return bool(_ACCEPT.match(text.strip())) and not refuses(text)


def refuses(text: str) -> bool:
    """The words decline what was asked or offered just before."""
    return bool(_REFUSE.search(text.strip()))


def negated(text: str, *, before: int | None = None) -> bool:
    """A negation stands in the text, or in the last six words before the position."""
    if before is None:
        return bool(_NEGATION.search(text))
    clause = re.split(r"[.;!?]|,? but ", _NO_TROUBLE.sub(" ", text[:before]))[-1]
    return bool(_NEGATION.search(" ".join(clause.split()[-6:])))


def acts_of(parts: Iterable[Sentence], role: Role) -> frozenset[Act]:
    """Everything that a turn of that side does."""
    found: set[Act] = set()
    for number, part in enumerate(parts):
        found |= _shared_acts(part)
        if role is Role.AGENT:
            found |= _agent_acts(part)
        elif number < 2:
            if _REFUSE.search(part.text):
                found.add(Act.REFUSE)
            elif _ACCEPT.match(part.text):
                found.add(Act.ACCEPT)
    return frozenset(found)


def _shared_acts(part: Sentence) -> set[Act]:
    found = set()
    if is_question(part):
        found.add(Act.QUESTION)
    for act, pattern in ((Act.THANKS, _THANKS), (Act.FAREWELL, _FAREWELL), (Act.APOLOGY, _APOLOGY)):
        if pattern.search(part.text):
            found.add(act)
    return found


def _agent_acts(part: Sentence) -> set[Act]:
    found = set()
    if _ANYTHING_ELSE.search(part.text):
        return {Act.ANYTHING_ELSE, Act.QUESTION}
    if is_check(part):
        found.add(Act.CHECK)
    if _OFFER.search(part.text) and (part.asks or is_question(part) or part.text.lower().startswith("how about")):
        found.add(Act.OFFER)
    return found
