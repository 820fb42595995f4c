"""What people say when they are annoyed, confused, changing their mind, asking for a person, and so on.

Each cue is a pattern over one turn of one side. English, with common Spanish and Polish forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from postcall.domain.calls import Role
from postcall.extraction.builtin.reading import Reading, Utterance

_I = re.IGNORECASE

ASKS_HUMAN = re.compile(
    r"\b(?:(?:speak|talk|chat|connect|transfer|put|get|pass|want|need|give|reach|have|prefer|let me|hablar|"
    r"rozmawiać)\b[^.?!]{0,40}\b(?:human|person|someone|somebody|"
    r"real (?:person|agent|human)|live (?:agent|person)|representative|rep|operator|manager|supervisor|agent|"
    r"receptionist|advis[eo]r|persona|agente|alguien|supervisor|"
    r"człowiek\w*|konsultant\w*)|^(?:agent|human|representative|operator|real person)\b[\s.!,]*(?:please)?[.!]*$|"
    r"\b(?:want|need|like|rather|can i|could i|may i|let me|please) (?:to )?(?:just )?(?:speak|talk) (?:to|with) "
    r"(?!you\b|my\b|"
    r"me\b|it\b|the (?:bank|insur\w+)|him about|her about)\w+|(?:a|real) human\b|not (?:a|talk to a) (?:bot|robot|"
    r"machine))",
    _I,
)
_TRANSFERS = (
    r"\b(?:(?:i'?ll|i will|let me|i'?m going to|i can|i am|i'?m|we'?ll|going to) (?:now |just |go ahead and "
    r")?(?:transfer(?:ring)?|connect(?:ing)?|put(?:ting)? (?:you|your call) "
    r"through|pass(?:ing)? you|hand(?:ing)? you|escalat(?:e|ing)|forward(?:ing)?|rout(?:e|ing))|transferring "
    r"(?:you|your)|connecting (?:you|your)|please hold while|"
    r"(?:has been|have|i've|was) (?:transferred|escalated|connected|forwarded)|let my (?:manager|supervisor) know|"
    r"le (?:paso|transfiero|comunico)|łączę|przełącz\w+)"
)
TRANSFERRED = re.compile(_TRANSFERS, _I)
CALLED_BEFORE = re.compile(
    r"\b(?:(?:call|phon|ring|spok|talk|contact|chatt|reach|email|wr)\w*\b[^.?!]{0,40}\b(?:before|already|last "
    r"(?:week|time|month|night)|yesterday|earlier|previously|again|twice|"
    r"several times|(?:two|three|four|\d) times|the other day|this morning|days? ago|weeks? ago|first time)|"
    r"(?:second|third|fourth|2nd|3rd|4th) (?:time|call)|again about|"
    r"calling (?:you )?(?:back|again)|call(?:ed|ing) back|following up|follow up on|keep (?:calling|getting)|"
    r"already (?:called|spoke|told|explained|talked|contacted)|i was told (?:before|last)|"
    r"i called|ya (?:he )?llam\w+|otra vez|dzwonił\w* już|już dzwoni\w+|ponownie)",
    _I,
)
VOICEMAIL = re.compile(
    r"\b(?:voice ?mail|answering machine|(?:leave|record) (?:a|your|me a|us a)(?: \w+)? message|after the (?:beep|"
    r"tone)|at the (?:beep|tone)|(?:can'?t|cannot|unable to|not able to|not available to) "
    r"(?:come to the phone|take your call|answer)|(?:is|are) not available (?:right now|to take)|you(?:'ve| have) "
    r"reached|mailbox|buzón|poczt\w+ głosow\w+|deje (?:su|un) mensaje)\b",
    _I,
)
WRONG_NUMBER = re.compile(
    r"\b(?:wrong (?:number|person|place|company|department)|(?:no one|nobody) (?:here )?(?:by|with|called) that name|"
    r"misdial\w*|dialed (?:the )?wrong|didn'?t mean to call|called by (?:mistake|accident)|"
    r"isn'?t this the|is this not the|thought this was|(?:have|got) the wrong (?:number|place|person|company)|"
    r"dial(?:l?ed)? "
    r"(?:it )?wrong|a digit wrong|número equivocado|me equivoqué de número|"
    r"pomyłka|zły numer)\b",
    _I,
)
ANNOYED = re.compile(
    r"\b(?:ridiculous|unacceptable|outrageous|annoy(?:ed|ing)|frustrat\w+|angry|furious|pissed|mad at|"
    r"upset(?:ting)?|fed up|sick (?:of|and tired)|tired of (?:this|waiting|your)|useless|"
    r"incompetent|idiots?|stupid|dumb|moron|pathetic|terrible (?:service|experience)|horrible|awful (?:service)|"
    r"worst|disgust\w+|disgrace\w*|rude|waste of (?:my )?time|wasting my time|"
    r"hurry (?:up|it up)|took (?:too|so) long|taking (?:too|so|forever)|how long (?:does|is|will) (?:this|it) "
    r"(?:take|going)|are you (?:kidding|serious|deaf|stupid|even|listening|dumb)|"
    r"what(?:'s| is) wrong with you|what the (?:hell|heck|f\w+)|wtf|for god'?s sake|goddamn|damn(?: it)?|hell no|"
    r"bull ?sh\w+|crap|sucks?|shut up|f+u+c*k\w*|shit\w*|ass(?:hole)?|"
    r"i (?:already|just) (?:told|said|gave|explained|answered)|i'?ve (?:already )?(?:told|said)|listen to me|how "
    r"many times|never (?:again|using|coming|calling)|unbelievable|joke|nonsense|"
    r"(?:want|speak|talk)\b.{0,20}\b(?:manager|supervisor)|lousy|not (?:helpful|happy|satisfied|pleased|"
    r"acceptable)|unhappy|dissatisf\w+|disappoint\w+|complain\w*|sue|scam\w*|"
    r"inaceptable|ridículo|enojad\w+|molest\w+|harto|pésimo|skandal|wkurz\w+|niedopuszczaln\w+|żenad\w+)\b|[!?]{3,}",
    _I,
)
PLEASED = re.compile(
    r"\b(?:thank(?:s| you) (?:so|very) much|thanks a (?:lot|million|bunch)|(?:so|very|really|extremely|super) "
    r"(?:helpful|happy|pleased|kind|good|nice)|awesome|amazing|fantastic|wonderful|excellent|brilliant|"
    r"perfect|love(?:ly| it| that)|great(?: job| service| help|,|!)|appreciate|you(?:'ve| have) been|happy with|"
    r"satisfied|pleased|delighted|best|muchas gracias|excelente|perfecto|"
    r"bardzo dziękuj\w+|świetnie|super)\b",
    _I,
)
CHANGED_MIND = re.compile(
    r"\b(?:changed? my mind|(?:oh|oops|um|hmm|uh|no|but|ok|okay)?,? ?\b(?:wait|hold on)\b(?! (?:time|list|for|"
    r"until|longer))|on second thought|second thoughts?|never ?mind|scratch that|forget (?:it|that|about)|"
    r"instead|(?:i|i've) (?:just|totally|almost|completely) (?:remembered|realized|realised|forgot)|i forgot|"
    r"i(?:'d| would) rather|come to think|let'?s (?:change|make it|switch|try)|can (?:we|you|i) (?:change|switch|"
    r"make it)|"
    r"could (?:we|you|i) (?:change|switch|make it)|make (?:it|that) .{1,30} instead|no,? make it|actually,? (?:i|"
    r"can|could|make|let|no|it|my|wait|the|that|we|could)|change (?:it|that|the|my)|"
    r"don'?t want (?:it|that|to) any ?more|mejor|cambié de (?:opinión|idea)|jednak|rozmyślił\w+)\b",
    _I,
)
CONFUSED = re.compile(
    r"\b(?:confus\w+|(?:don'?t|do not|didn'?t|not|can'?t|cannot) (?:quite |really )?(?:understand|get it|follow|"
    r"know|remember|recall)|not sure|unsure|what do you mean|what does that mean|i'?m lost|"
    r"makes? no sense|doesn'?t make sense|huh|pardon|say that again|repeat that|come again|who (?:are you|is "
    r"this)|where am i|what (?:is|was) (?:that|it) again|how do i|what\?|no entiendo|no comprendo|"
    r"nie rozumiem|nie wiem)\b",
    _I,
)
RUDE_AGENT = re.compile(
    r"\b(?:not my (?:problem|fault|job)|calm down|shut up|stupid|idiot|whatever|i don'?t care|as i (?:already "
    r")?(?:said|told)|i already told you|you (?:need|have) to listen|stop (?:asking|wasting)|"
    r"hurry up|are you (?:kidding|serious|stupid|done)|get lost|hang(?:ing)? up on you|that'?s ridiculous)\b",
    _I,
)
CALLBACK = re.compile(
    r"\b(?:call(?:ing)? (?:me|us|you|him|her|them) back|(?:give|gave|giving) (?:me|you|us) a (?:call|ring|buzz)|"
    r"(?:ring|phone) (?:me|you|us) back|return(?:ing)? (?:my|your) call|call ?back|reach me (?:at|on|later)|"
    r"(?:will|can|could|they'?ll|someone will) (?:call|phone|contact|ring) (?:you|me)|devolver la llamada|me "
    r"(?:pueden )?llam\w+|oddzwoni\w+)\b",
    _I,
)
DO_NOT_CALL = re.compile(
    r"\b(?:(?:take|remove|delete) (?:me|us|my (?:number|name)) (?:off|from)|stop (?:calling|contacting|phoning)|"
    r"(?:don'?t|do not|never) (?:ever )?(?:call|contact|phone|ring) (?:me|us|here|this|again)|"
    r"unsubscribe|opt(?:ing)? out|off (?:your|the) (?:call(?:ing)? )?list)\b",
    _I,
)
NOT_INTERESTED = re.compile(
    r"\b(?:not (?:really )?interested|no,? thanks?|no,? thank you|not (?:really|at all|right now|for us|for me)|"
    r"we(?:'re| are) (?:happy|fine|good) with|i(?:'m| am) (?:happy|fine|good) with|already (?:have|use|using|got)|"
    r"(?:don'?t|do not) (?:need|want)|(?:take|remove) (?:me|us) (?:off|from)|too expensive|can'?t afford|no me "
    r"interesa|nie jestem zainteresowan\w+)\b",
    _I,
)
INTERESTED = re.compile(
    r"\b(?:i(?:'m| am) interested|we(?:'re| are) interested|sounds (?:good|great|interesting|perfect)|tell me "
    r"more|sign (?:me|us) up|send (?:me|us)|i(?:'d| would) (?:like|love) to|let'?s (?:do|set|schedule|book)|"
    r"very interested|me interesa|jestem zainteresowan\w+)\b",
    _I,
)
GAVE_UP = re.compile(
    r"\b(?:never ?mind|forget (?:it|about it|this|that)|i'?ll (?:just )?(?:try|go|call|look|find|do it|use|"
    r"take)\b.{0,30}\b(?:else\w*|another|myself|later|somewhere|scooter|walk)|no thanks?,? (?:bye|goodbye)|"
    r"i give up|not worth|olvíd\w+|nieważne)\b",
    _I,
)


@dataclass(frozen=True, slots=True)
class Heard:
    """A cue where it is said."""

    turn: Utterance
    start: int
    end: int


def hear(reading: Reading, pattern: re.Pattern[str], role: Role | None) -> Iterator[Heard]:
    """Each turn of that side (None: of either) in which the cue is said, once a turn."""
    for turn in reading.turns:
        if role is None or turn.role is role:
            match = pattern.search(turn.text)
            if match:
                yield Heard(turn, match.start(), match.end())
