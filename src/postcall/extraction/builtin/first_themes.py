"""Themes of calls to businesses of any trade: wrong number, emergency, cancel, move, reminder, complaint and more.

The lines are about dealings with businesses in general; none may be written for the calls of one.
"""

from __future__ import annotations

from postcall.extraction.builtin.theme import MINE, THING, theme

FIRST_THEMES = (
    theme(
        "wrong number",
        r"\bwrong (?:number|person|place)|\bmisdial|\bnot for us\b",
        r"\bwrong (?:number|place|company)\b|\bdial(?:l?ed)? (?:it )?wrong|\bmisdial|\bdigit wrong|\b(?:is|isn't|is "
        r"not) "
        r"this (?:not )?(?:the )?(?!an? emergency|correct|right|a good|possible|something|covered|included|normal|the "
        r"right)(?:[\w']+ ){1,4}(?:on|at|in|street|place|restaurant|shop|store|hotel|office|clinic|bank)\b|"
        r"\bnúmero equivocado",
        1.5,
        negatable=False,
    ),
    theme(
        "emergency",
        r"\bemergenc|\burgent|\bcannot wait|\bcan't wait|\bimmediate danger|\bsevere\b|\bhazard|\burgencia",
        r"\bemergenc|\b(?:bleeding|blood everywhere|swell(?:ing|s|ed)|swollen|fainted|unconscious|can'?t breathe|"
        r"on fire|smoke|smell(?:s|ing)? (?:of )?gas|gas leak|flood(?:ed|ing)|burst|sparks?|electric shock|excruciating|"
        r"unbearable|severe pain|(?:a lot of|terrible|awful|so much|really bad|"
        r"extreme|horrible|such) pain|hurts (?:so|really|very|like) (?:bad|much|badly|hell|crazy)|me duele mucho|"
        r"killing me|really,? really (?:painful|hurts)|water (?:is )?(?:pouring|everywhere|coming "
        r"through)|locked out|emergencia|sangr\w+|hinchad\w+)\b",
        1.5,
    ),
    theme(
        "cancel",
        r"\bcancel|\btermin(?:at|ation)|\bend (?:the|their) (?:contract|service|subscription)|\bwants? to leave|"
        r"\bchurn|"
        r"\bunsubscrib|\bcalled? off|\bdropped\b|\banul",
        rf"\bcancel\w*\b(?! (?:policy|fee))|\bcall (?:it|that|this) off|\b(?:end|terminate|close|stop|quit|get out of) "
        rf"{MINE} (?:\w+ ){{0,2}}(?:contract|subscription|service|membership|plan|account|policy|lease)|\b(?:won'?t|"
        rf"don'?t|"
        rf"no longer|not) (?:be )?(?:need|want|coming|able to come|make it)\w*\b[^.?!]{{0,20}}\b(?:any ?more|after "
        rf"all|at "
        rf"all)|\b(?:take|get) (?:me|us|my name) off (?:the )?(?:list|schedule|calendar)|\banular|\bcancelar|\bdarme "
        rf"de baja",
        1.3,
        negatable=False,
    ),
    theme(
        "move",
        r"\bre-?schedul|^move[ds]?$|\b(?:be|is|was|were|slot|appointment|visit|booking) moved\b|\bmove (?:an?|the|"
        r"their|it) "
        r"(?!house|home|new)|\bpostpon|\b(?:change|modif\w+|alter|shift) "
        r"(?:of |an? |the |to )?(?:existing |agreed )?(?:\w+ )?(?:appointment|booking|reservation|date|time|slot|"
        r"order|visit)|"
        r"\b(?:booking|appointment|reservation|order|date|time)[ _]chang|^change\b|\banother (?:date|time|day)\b",
        rf"\bre-?schedul\w*|\b(?:move|push|change|switch|shift|postpone|bring|swap|delay) (?:back |forward |up "
        rf")?{MINE} "
        rf"(?:\w+['’]?s? ){{0,3}}(?:{THING}|date|time|day|delivery)\b|\b(?:move|push|change|switch) it\b|\b(?:need|"
        rf"have|like|"
        rf"want) to (?:move|push|postpone|change) (?:it|{MINE}|mon|tues|wednes|thurs|fri|satur|sun|\d)|"
        rf"\b(?:can'?t|cannot|won'?t|not (?:going to|gonna) (?:be able to )?) ?(?:make|work|come)\b[^.?!]{{0,25}}"
        rf"(?:\b(?:it|then|mon|tues|wednes|thurs|fri|satur|sun|tomorrow|today|on|at)\w*)|\bnot going to work\b|"
        rf"\bearlier "
        rf"(?:appointment|slot|date|time)\b|\b(?:different|another|other|later) (?:day|time|date)\b(?! (?:off|ago))|"
        rf"\bcan we do \w+ instead|\brunning late|\bstuck (?:in|on)\b[^.?!]{{0,30}}\b(?:traffic|train|highway|road)|"
        rf"\bcambiar (?:mi|la) (?:cita|hora|reserva)|\bno voy a poder ir",
        1.25,
        negatable=False,
    ),
    theme(
        "reminder",
        r"\bremind|\b(?:called|calls|call) to confirm|\bconfirmation call|\bconfirm(?:s|ing|"
        r"ation)?\b.{0,20}\b(?:appointment|"
        r"booking|reservation|visit)|\boutbound",
        r"\bremind(?:er|ing)? (?:you|of|about|call)?|\b(?:calling|call|ringing|wanted) to confirm\b|\bjust "
        r"confirming\b|"
        r"\bconfirm(?:ing)? (?:your|my|the) (?:\w+ )?(?:appointment|visit|booking|reservation)|\brecordar(?:le)?\b",
        1.3,
    ),
    theme(
        "complaint",
        r"\bcomplain|\bdissatisf|\bunhappy with|\bgrievance|\bdone badly|\bbad (?:service|experience)|\bqueja|"
        r"\bfeedback",
        r"\b(?:make|file|lodge|have|submit|register) an? (?:\w+ )?complaint|\bcomplain(?:t|ing)?\b|\b(?:really |very "
        r"|so )?not "
        r"(?:very |at all |really )?happy (?:with|about)|\bunacceptable|\b(?:terrible|horrible|awful|shoddy|poor|"
        r"bad) (?:job|"
        r"service|work|experience|treatment)|\b(?:was|were|been) (?:so |very |really |extremely )?rude|\bnobody "
        r"(?:told|said|"
        r"came|called)|\bqueja|\bi(?:'m| am) (?:really |very |so )?not (?:very )?happy|\b(?:damaged|ruined|scratched|"
        r"broke) my\b",
        1.1,
        negatable=False,
    ),
    theme(
        "billing",
        r"\bbill(?:ing|s|ed)?\b|\binvoice|\bcharg(?:e|es|ed|ing)\b|\bpayment|\bstatement|\bovercharg|\bfactura|"
        r"\bbalance due|"
        r"\bpay(?:ing)?\b",
        r"\b(?:my|the|a|this|that|last|your) (?:\w+ ){0,2}(?:bill|invoice|statement|balance|installment)s?\b(?! of)|"
        r"\bbilled\b|"
        r"\b(?:over|double|wrongly )?charged\b|\b(?:a|an|this|the|extra|late|equipment|\$?\d+ dollars?) (?:\w+ "
        r")?(?:charge|fee)\b|"
        r"\bi (?:still )?owe\b|\bowe you\b|\bpay (?:my|the|this|that|it|all|off|in)\b|\bpayment plan|"
        r"\binstal?lments?\b|\bmy "
        r"(?:card|account) (?:was|got|has been) (?:charged|debited)|\bpaid twice|\breceipt\b|\bfactura|\bcobr\w+",
        1.1,
        negatable=False,
    ),
    theme(
        "insurance",
        r"\binsur|\bcoverage\b|\bcovers\b|\bseguro",
        r"\binsurance\b|\bin[- ]network\b|\b(?:accept|take)\b(?=[^.?!]{0,40}\b(?:insurance|plans?|ppo|hmo|medicare|"
        r"medicaid)\b)|\b(?:is|are|would) (?:it|that|this|they|\w+) (?:be )?covered\b|\bco-?pay|\bdeductible|"
        r"\b(?:ppo|hmo)\b|\bdo "
        r"you (?:guys )?(?:accept|take) (?!walk|cards?|credit|cash|new|orders?|returns?|checks?|care|it (?:back|"
        r"off))[\w ]{2,30}(?:\?|$)|"
        r"\bseguro (?:dental|médico)",
        1.0,
    ),
    theme(
        "price",
        r"\bpric(?:e|es|ing)\b|\bcosts?\b|\bquot(?:e|es|ation)\b|\bestimate|\bfees?\b|\brates?\b|\bprecio",
        r"\bhow much (?:is|are|does|do|would|will|for|it|to|a|the|you)\b|\bwhat(?:'s| is| are| does| do| would| "
        r"will)?\b"
        r"[^.?!]{0,50}\b(?:cost|price|charge|run me|set me back|fee|rates?)\b|\b(?:price|quote|estimate) (?:for|on|"
        r"of)\b|"
        r"\b(?:prices|pricing|a quote|an estimate|what it costs|how expensive)\b|\bcuánto (?:cuesta|cobran|vale|sale)",
        1.2,
        negatable=False,
    ),
    theme(
        "medical",
        r"\bmedic(?:al|ine|ation)|\bprescription|\baftercare|\bcare after|\bsymptom|\btreatment advice|\bhealth "
        r"question",
        r"\b(?:prescri\w+|refill|antibiotic\w*|ibuprofen|medication|medicine|painkiller|pills?|dose|dosage|side "
        r"effects?|"
        r"stitches|receta|medicina)\b|\bis (?:that|this|it) normal\b|\bsafe to take|\bcan i (?:eat|drink|smoke|"
        r"exercise|"
        r"shower|take)\b",
        1.1,
    ),
    theme(
        "refund status",
        r"\brefund[_ ]status|\bstatus of (?:a |the |their )?refund|\bwaiting for (?:a|their|the) refund",
        r"\b(?:where|when|status|still|yet|haven'?t|hasn'?t|not|waiting|never)\b[^.?!]{0,60}\b(?:refund|money(?: "
        r"back)?|"
        r"reimburse\w*)\b|\b(?:refund|money|reimburse\w*)\b[^.?!]{0,60}\b(?:yet|status|still|hasn'?t|haven'?t|never|"
        r"not (?:"
        r"here|arrived|come|in)|where|waiting)\b",
        1.4,
        negatable=False,
    ),
    theme(
        "refund",
        r"\brefund(?![_ ]status)|\bmoney back|\breimburs",
        r"\b(?:get|want|like|need|ask for|request|have|give)\b[^.?!]{0,25}\b(?:refund|my money back|reimbursement)\b",
        0.9,
    ),
    theme(
        "exchange",
        r"\bexchang|\bswap|\breplace",
        r"\b(?:exchange|swap|trade)\b|\b(?:different|bigger|smaller|larger|another|wrong) (?:size|colou?r)\b|\bsize "
        r"(?:up|down)\b|"
        r"\btoo (?:small|big|tight|large|short|long|loose)\b|\breplacement\b",
        1.0,
    ),
    theme(
        "return",
        r"\breturn(?:s|_| re|ing|ed)|\breturn\b|\bsend(?:ing)? (?:it |something |an item )?back|\bdevol",
        rf"\b(?:return|send back|bring back|take back|send) {MINE} (?:\w+ ){{0,4}}(?:back)?|\b(?:return|send) (?:it|"
        rf"them|this|"
        rf"these|something)\b(?: back)?|\bto return\b|\bwant to send\b|\breturn (?:policy|label)|\bdevolver",
        0.9,
    ),
    theme(
        "wrong order",
        r"\border[_ ](?:issue|problem|error|wrong)|\bwrong (?:item|order|product|size|food)|\bmissing (?:item|"
        r"product|part)|"
        r"\bincorrect (?:item|order)|\bincomplete order|\bproblem with (?:an|the|their) order",
        r"\bwrong (?:\w+ )?(?:item|order|one|jacket|shirt|product|size|colou?r|address|pizza|food|thing|dish|package|"
        r"topping)\b|"
        r"\b(?:sent|got|gave|received|delivered|brought|was sent) (?:me |us )?(?:the |a )?(?:wrong|different|only)\b|"
        r"\b(?:item|"
        r"part|piece|side|drink|something|things?)s? (?:is|are|was|were) missing|\b(?:forgot|left (?:out|off)|"
        r"without) (?:the|my|our) \w+|\bi (?:said|"
        r"asked for|told you) no \w+|\bmissing (?:from|an?|the|one|two|"
        r"my)\b|\bnot "
        r"what (?:i|we) ordered|\b(?:i|we) ordered\b[^.?!]{0,60}\b(?:and|but)\b[^.?!]{0,12}\b(?:got|received|only|"
        r"came|is|are)\b",
        1.3,
        negatable=False,
    ),
    theme(
        "delivery",
        r"\bdeliver(?:y|ies)|\bshipping|\bshipment|\bpackage|\bparcel|\blate\b|\bdelay|\btracking|\bhas not arrived",
        r"\b(?:still|there'?s) (?:still )?(?:nobody|no one|nothing|no sign)\b|\b(?:an|two|three|half an|\d+) "
        r"(?:hours?|minutes) "
        r"(?:and a half )?ago\b[^.?!]{0,40}\bstill\b|\bwhere(?:'s| is| on earth is| the \w+ "
        r"is)\b[^.?!]{0,25}\b(?:package|parcel|order|delivery|food|pizza|driver|"
        r"shipment|stuff|things?)\b|\b(?:package|parcel|order|delivery|food|shipment|driver)\b[^.?!]{0,40}\b(?:late|"
        r"hasn'?t|"
        r"not (?:here|arrived|come)|never (?:came|arrived|showed)|still|supposed|arriv\w+|yet)\b|\b(?:hasn'?t|"
        r"haven'?t|never|"
        r"didn'?t|not) (?:\w+ )?(?:arrived?|shown? up|been delivered|come|came|got(?:ten)? (?:my|the|it)|received)\b|\b"
        r"supposed to (?:be here|arrive|come|be delivered)|\btracking\b|\bwaiting (?:for )?(?:over|more than|an hour|"
        r"two|"
        r"almost|my (?:order|food|package))",
        1.15,
        negatable=False,
    ),
    theme(
        "status",
        r"\bstatus\b|\bprogress\b|\balready in\b|\bask(?:s|ing)? about it|\bupdate on|\bfollow(?:ing)?[- ]?up|"
        r"\bpending\b",
        r"\b(?:is|are) (?:it|they|my \w+|the \w+) (?:ready|done|finished|fixed|approved)\b|\bany (?:news|update|"
        r"progress|word)\b|"
        r"\bstatus\b|\bhow (?:far|long (?:until|till|before))\b|\bwhen (?:will|can|is|are)\b[^.?!]{0,40}\b(?:ready|"
        r"done|"
        r"finished|back|fixed|pick (?:it|him|her|them) up)\b|\bfollow(?:ing)? up\b|\bchecking (?:on|up)\b|"
        r"\b(?:dropped|left) "
        r"(?:it|my \w+|the \w+) (?:off|with you|there)",
        1.2,
        negatable=False,
    ),
)
