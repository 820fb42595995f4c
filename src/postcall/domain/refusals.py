"""Whether somebody who was called has said that they do not want to be called.

Fixed phrases, so that anybody can tell why a number is on the do-not-call list, and calls are heard alike with and
without a model. English, German, French and Spanish; what is said in other words or languages is not heard here.
"""

from __future__ import annotations

import re

from postcall.domain.calls import Role, Transcript
from postcall.domain.folding import words

_CLAUSE = re.compile(r"[.,;:!?…\n–—]+|\s-\s")
_CONDITION = re.compile(r"(?:and |but |so )?(?:if|when|unless|because|why|wenn|falls|warum|weil|si|cuando|pourquoi)\b")
"""Such a clause supposes or asks it: `if you do not call me`."""

_LAST_WORDS = 60
"""Of a clause are looked at: nobody speaks longer without a pause."""

_PARTS = {
    "not": r"(?:do not|dont|never|not to|stop|quit|no longer)",
    "call": r"(?:(?:ever|keep) )?(?:call|calling|phone|phoning|ring|ringing|contact|contacting|telephone|telephoning)",
    "me": r"(?:me|us|here|(?:on )?(?:me on )?(?:this|my|our) (?:number|phone|house|home|line))",
    "tail": r"(?: (?:here|ever|again|anymore|any ?more|any longer|at all|back|please|thank you|thanks|okay|ok|sir|"
    r"madam|on this number|for (?:this|that|anything)|about (?:this|that|it|anything)))*",
    "list": r"(?:call |calling |phone |contact |contacts |marketing |mailing )*(?:list|lists|database|records|system)",
}
_ASKING = [
    r"\b%(not)s %(call)s %(me)s%(tail)s$",
    r"\b(?:do not|dont|never) want (?:you|you guys|you people|anyone|anybody) to %(call)s %(me)s%(tail)s$",
    r"\b(?:do not|dont|never) (?:want|wish|like) to be (?:called|phoned|contacted|rung)%(tail)s(?: by .*)?$",
    r"\b(?:do not|dont) (?:want|need) (?:any|any more|to (?:get|receive)(?: any)?(?: more)?) (?:phone )?calls"
    r"(?: (?:from|like|about) .*)?%(tail)s$",
    r"\bno more (?:phone )?calls%(tail)s$",
    r"\b(?:take|remove|delete|get|strike) (?:me|us|my (?:phone )?number|this number|my name|our number) "
    r"(?:off|out of|from) (?:of )?(?:your|the|this|that|all your) %(list)s\b",
    r"\b(?:put|add|place) (?:me|us|my (?:phone )?number|this number) (?:on|to|onto) (?:your|the|a) do not call list\b",
    r"\b(?:lose|delete|erase|forget) (?:my|our|this) (?:phone )?number%(tail)s$",
    # German; accents are gone, ß is ss
    r"\bruf(?:en|t)?(?: sie)? (?:mich|uns|hier|diese nummer)(?: bitte)? (?:nicht|nie|niemals)"
    r"(?: (?:mehr|wieder|noch ?mal|mehr wieder))?(?: an)?$",
    r"\b(?:will|mochte|wunsche)(?: \w+){0,3} (?:nicht|keine|nie)(?: \w+)?(?: mehr)? "
    r"(?:angerufen|kontaktiert|anrufe)(?: werden)?(?: mehr)?$",
    r"\bkeine (?:weiteren )?anrufe mehr(?: bitte)?$",
    r"\b(?:streichen|nehmen|loschen)(?: sie)?(?: bitte)? (?:mich|uns|meine nummer)(?: bitte)? (?:aus|von) "
    r"(?:ihrer|der|ihren|deiner|eurer) (?:anruf|telefon|kontakt)?(?:liste|listen|datenbank|kartei)\b",
    r"\bloschen sie(?: bitte)? meine (?:telefon)?nummer$",
    # French
    r"\bne (?:(?:me|nous) (?:r?appelez|contactez|telephonez|r?appelle|contacte)|mappelez|mappelle)"
    r" (?:plus|jamais)(?: jamais)?(?: (?:svp|sil vous plait))?$",
    r"\b(?:arretez|cessez) (?:de |d)(?:me|nous|mappeler|nous appeler)\b(?: (?:appeler|contacter))?$",
    r"\b(?:ne veux|ne souhaite|veux|souhaite) (?:plus|pas) (?:etre (?:appelee?|contactee?|derangee?)|dappels?)\b",
    r"\b(?:retirez|enlevez|supprimez|effacez) (?:moi|nous|mon numero) de (?:votre|vos|la) (?:listes?|fichiers?|base)\b",
    r"\b(?:supprimez|effacez) mon numero$",
    # Spanish
    r"\bno (?:me|nos) (?:vuelvan?|vuelvas) a (?:llamar|contactar)(?: (?:mas|nunca|por favor))*$",
    r"\bno vuelv(?:an?|as) a (?:llamarme|llamarnos|contactarme)(?: (?:mas|nunca|por favor))*$",
    r"\bno (?:me|nos) (?:llamen?|llames|contacten?) (?:mas|nunca|de nuevo|otra vez)(?: por favor)?$",
    r"\b(?:deje|dejen|deja|pare|paren) de (?:llamarme|llamarnos|llamar)(?: por favor)?$",
    r"\bno quiero (?:que (?:me|nos) (?:llamen?|llames|contacten?)|recibir(?: mas)? llamadas|mas llamadas)(?: mas)?\b",
    r"\b(?:quiten?|quiteme|saquen?|saqueme|borren?|borreme|eliminen?|elimineme)(?:me|nos)?(?: mi numero)? de "
    r"(?:su|la|sus|tu) (?:lista|listas|base)\b",
]
_ASKS = re.compile("|".join(pattern % _PARTS for pattern in _ASKING))


def find_refusal(transcript: Transcript) -> str | None:
    """What the person called said by which they asked not to be called any more; None where they said nothing such.

    `Don't call me before noon` is none. One that is heard wrongly costs a call that is not placed, and is taken off the
    list again; so in doubt this hears one.
    """
    for turn in transcript:
        if turn.role is Role.USER and any(map(_asks, _CLAUSE.split(turn.text))):
            return turn.text
    return None


def _asks(clause: str) -> bool:
    said = " ".join(words(clause)[-_LAST_WORDS:])
    return bool(_ASKS.search(said)) and not _CONDITION.match(said)
