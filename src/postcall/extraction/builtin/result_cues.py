"""What agents and callers say when something is booked, moved, cancelled, sent, paid, passed on or cannot be done."""

from __future__ import annotations

import re

_I = re.IGNORECASE
HANDS = re.compile(
    r"\b(?:put(?:ting)? (?:you|your call|them) (?:through|on (?:with|to))|(?:transfer|connect|forward|switch)(?:ring|"
    r"ing)? "
    r"(?:you|your call|this call|the call)|(?:transfer|connect|escalate|forward)(?:ring|ting|"
    r"ing)?\b[^.?!]{0,40}\b(?:to|with) "
    r"(?:a|an|my|our|the|someone)\b|pass(?:ing)? you (?:on|over|to|along)|put (?:him|her|them|someone|my \w+|the "
    r"\w+) on\b|"
    r"hand(?:ing)? you (?:over|off|to)|"
    r"get(?:ting)? (?:you "
    r")?(?:a|my|someone|somebody|the) [^.?!]{0,30}\bon the (?:line|phone)|(?:is |are )?(?:coming|joining) on the "
    r"line|escalat"
    r"(?:e|ed|ing) (?:this|it|your|you)|(?:someone|colleague|specialist|agent|manager) will be (?:right )?with you|"
    r"stay on the "
    r"line|le (?:paso|comunico|transfiero)|la (?:paso|comunico)|łączę)\b",
    _I,
)
NOTES = re.compile(
    r"\b(?:(?:call|ring|phone|text|e-?mail|write|get|reach|message) (?:you |him |her |them )?(?:back|out)|(?:will|"
    r"'ll|can|"
    r"going to|should) (?:\w+ )?(?:call|ring|phone|contact|write to|e-?mail|text|be in touch with|reach|get back to) "
    r"(?:you|him|"
    r"her)\b|in touch\b|(?:leave|left|take|taken|took|pass|passed|passing|give|given)\b[^.?!]{0,30}\b(?:message|"
    r"note)\b|(?:i'?ve|"
    r"i have|i'?ll|let me|i) (?:just )?(?:pass(?:ed)? (?:it|that|this|every word|your|everything|the)|wr(?:ite|itten|"
    r"ote) (?:it |"
    r"that |this |everything )?down|note[d]? (?:it|that|this|down|everything)|ma(?:ke|de) a note)|(?:hear from (?:us|"
    r"him|her|"
    r"them))|le (?:devolver\w+|llamar\w+|vamos a llamar)|(?:dejo|dejar\w*|tomo|anot\w+) (?:el |un |su |le "
    r")?(?:mensaje|recado))"
    r"\b",
    _I,
)
CANCELS = re.compile(
    r"\b(?:cancel(?:l?ed|l?ing)|(?:taken|took|taking) (?:you|it|that|him|her|your \w+) (?:off|out)|removed (?:you|it|"
    r"that|your)|"
    r"called (?:it )?off|(?:contract|subscription|membership|service|account) (?:is |has been |will (?:be |stop |end "
    r"))(?:now "
    r")?(?:ended|closed|terminated|stopped|on)?|terminated|deleted (?:it|the|your)|cancelad[oa]|anulad[oa]|cancelé)\b",
    _I,
)
MOVES = re.compile(
    r"\b(?:moved|re-?scheduled|re-?booked|pushed (?:back|it|you)|switched (?:you|it|your|that)|changed (?:you|it|"
    r"your|that|the "
    r"(?:appointment|booking|date|time|reservation|delivery|slot)\b)|(?:you'?re|it'?s|that'?s) now (?:on|for|at|set "
    r"for)|"
    r"(?:appointment|booking|visit|reservation|delivery|slot) is now|new (?:appointment|date|time|slot|delivery) is|"
    r"swapped|"
    r"shifted|(?:nueva|otra) cita|cambiad[oa]|reprogramad[oa]|cambié|moví)\b",
    _I,
)
REFUNDS = re.compile(
    r"\b(?:refunded|(?:issued?|process(?:ed)?|sent|made|started|initiated|giv(?:e|en)|"
    r"approved)\b[^.?!]{0,20}\b(?:refund|credit)|"
    r"(?:credited|crediting)|(?:taken|took|taking|removed) (?:the|that|this|your) (?:\w+ ){0,3}(?:fee|charge)\w* off|"
    r"(?:removed|waived|reversed|dropped) (?:the|that|this|your|it)\b|\bmoney (?:back )?(?:is|will be|has been) "
    r"(?:on its way|sent|"
    r"back|returned)|(?:taken|knocked) [^.?!]{0,20} off (?:your|the) (?:next )?(?:bill|invoice|total|order)|"
    r"reembols\w+)\b",
    _I,
)
SENDS = re.compile(
    r"\b(?:(?:i'?m|i am|we'?re|we are|i'?ll|we'?ll|i will|we will|i'?ve|we'?ve|i have|i|we) (?:just |already |now |"
    r"going to |be |"
    r"also )?(?:sending|send|sent|ship(?:ping|ped)?|mail(?:ing|ed)?|e-?mail(?:ing|ed)?|post(?:ing|ed)?|"
    r"dispatch(?:ing|ed)?|"
    r"get(?:ting)? (?:a|the) \w+ (?:out|over) to you|put(?:ting)? (?:a|an|one|the|it|them)\b[^.?!]{0,30}\bin the "
    r"(?:mail|post))"
    r"|(?:make|making|bak(?:e|ing)|cook(?:ing)?|get(?:ting)?) (?:you|one|it|a) (?:a )?(?:new|fresh|another)|"
    r"(?:driver|courier|he|she|they)(?:'s| is|'re| are)? bringing|on (?:its|it's|the|their|his|her) way|in your "
    r"(?:inbox|mailbox)|goes out (?:today|tomorrow|this)|(?:has|have) "
    r"been (?:sent|"
    r"shipped|dispatched|mailed))\b",
    _I,
)
SENT_ASIDE = re.compile(
    r"\b(?:confirmation|reminder|receipt|text(?: message)?|sms|map|link|survey|details|summary|question|agreement|"
    r"form)\b",
    _I,
)
PAYS = re.compile(
    r"\b(?:(?:payment|card|amount|transaction)\b[^.?!]{0,30}\b(?:went|gone|go) through|payment (?:is |was |has been "
    r")?(?:"
    r"received|processed|accepted|complete\w*|made|taken|posted)|(?:received|processed|taken|took|posted) (?:your|"
    r"the|that|a) "
    r"(?:\w+ )?payment|paid (?:in full|off|up)|balance is (?:now )?(?:zero|clear\w*|settled|paid)|you'?re (?:all "
    r")?paid|charged "
    r"(?:your|the) card)\b",
    _I,
)
PLANS = re.compile(
    r"\b(?:payment (?:plan|arrangement|agreement)|inst(?:al|all)ments?|split (?:it|that|the|this|your)|monthly "
    r"payments|extension "
    r"(?:until|to|of)|(?:you|they|he|she)(?:'ll| will) pay|i(?:'ll| will| can) pay (?:it |that |the \w+ |you |half |"
    r"\$?\d+ )?(?:on|by|next|tomorrow|this|"
    r"when|in|at "
    r"the end))\b",
    _I,
)
WORKS = re.compile(
    r"\b(?:(?:it(?:'s| is)?|that(?:'s)?|everything|they(?:'re)?|all) (?:\w+ )?(?:works?|working|fixed|back (?:on|up|"
    r"online)?|"
    r"worked|running|solved)(?: now| again| fine)?|(?:i'?m|i am|got|we'?re) (?:back )?(?:in|online|on) (?:now|again)|"
    r"(?:much|way|a "
    r"lot) (?:better|faster)|(?:fast|good|normal|up|on|online|green|working) again|that did (?:it|the trick)|did the "
    r"trick|up and "
    r"running|(?:problem|issue|it)(?:'s| is| has been)? (?:now )?(?:fixed|resolved|solved|sorted)|ya (?:funciona|"
    r"sirve|quedó))\b",
    _I,
)
KEEPS = re.compile(
    r"\b(?:leave it (?:as it is|then|like that|there)?|keep (?:it|that|the|my|your)\b(?! (?:short|in mind|coming))|"
    r"stays? (?:as "
    r"it is|in the book|put|where)|i'?ll (?:be there|come|keep it)|we leave it|see you (?:then|on|tomorrow|there)|"
    r"(?:it'?s|that'?s|"
    r"you'?re|is) confirmed|thanks? (?:you )?for confirming|ahí estaré|confirmad[oa])\b",
    _I,
)
CANNOT = re.compile(
    r"\b(?:(?:can'?t|cannot|can not|couldn'?t|could not|unable to|not able to|won'?t be able to|don'?t|do not|"
    r"doesn'?t|isn'?t|"
    r"aren'?t|not|no) (?:\w+ ){0,3}?(?:help (?:you )?with|do (?:that|this|anything)|reach|find|book|make|get|say "
    r"when|tell you "
    r"when|offer|deliver|available|through|responding|answering|any (?:more )?(?:slots?|openings?|rooms?|time)|open|"
    r"room|have "
    r"anything|fit you|serve|cover)|nothing (?:is |has been |was )?(?:booked|free|available|open|left|i can do)|"
    r"(?:schedule|"
    r"system|computer|calendar)s? (?:is|are|seems?|still)\b[^.?!]{0,15}\b(?:down|broken|frozen)|fully booked|(?:call|"
    r"try) (?:us |"
    r"back |again )*(?:later|tomorrow|in an? )|no (?:puedo|podemos|hay|tenemos))\b",
    _I,
)
DECLINES = re.compile(
    r"\b(?:not interested|no,? (?:thanks?|thank you)|don'?t (?:want|need) (?:it|that|any|one)|take me off|stop "
    r"calling|don'?t call "
    r"me|remove my number|i(?:'ll| will) pass|not for me|too expensive|rather not|no me interesa)\b",
    _I,
)
IF = re.compile(r"\b(?:if|once|when|unless|until|in case|would|could|can|shall|may|might|should|before|si)\b", _I)
CAN_STILL = re.compile(r"\b(?:i can(?! (?:not|'t))|could|would|shall|if you)\b", _I)
SOMEBODY = re.compile(
    r"\b(?:someone|somebody|technician|plumber|engineer|electrician|mechanic|locksmith|driver|crew|team|nurse|doctor|"
    r"specialist|tow truck|ambulance|repair ?m[ae]n|handym[ae]n|inspector|colleague)\b",
    _I,
)
"""Who is sent comes to do something: that is a visit."""
