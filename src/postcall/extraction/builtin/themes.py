"""What people call businesses about, whatever the trade: to book, to move, to ask the price, because something broke.

A theme is known by what a choice says about itself, and by what a caller says; the two use other words (`billing`
against "why did you charge me twice"). The lines are about dealings with businesses in general; none may be written for
the calls of one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from postcall.extraction.builtin.acts import negated
from postcall.extraction.builtin.cues import WRONG_NUMBER, hear
from postcall.extraction.builtin.prompt import Choice, Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.text import Sentence, identifier_words

_I = re.IGNORECASE
BY_NAME, BY_DESCRIPTION = 1.0, 0.75
"""How surely a choice has a theme that its name or only its description tells."""
DENIED = -0.6
"""What a theme counts that the caller denies: `it's not an emergency`."""
_LATER_TURNS = (1.0, 0.75, 0.45, 0.3, 0.2)
"""What a theme counts in the caller's first, second … turn that says something; reasons are said first."""
_THING = r"(?:appointment|visit|booking|reservation|slot|table|order|service|session|class|meeting|viewing|inspection)s?"
_MINE = r"(?:my|our|the|an?|this|that|mi|la)"


@dataclass(frozen=True, slots=True)
class Theme:
    """One reason to call."""

    name: str
    choice: re.Pattern[str]
    """What a choice says that stands for it."""
    cue: re.Pattern[str]
    """What a caller says."""
    weight: float = 1.0
    """Above 1 for what outweighs all else that is said, below 1 for what is said in passing too."""
    negatable: bool = True
    """Whether "not" before the cue takes it back."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A theme where it is said."""

    theme: Theme
    score: float
    turn: int
    start: int
    end: int


def _theme(name: str, choice: str, cue: str, weight: float = 1.0, *, negatable: bool = True) -> Theme:
    return Theme(name, re.compile(choice, _I), re.compile(cue, _I), weight, negatable)


_THEMES = (
    _theme(
        "wrong number",
        r"\bwrong (?:number|person|place)|\bmisdial|\bnot for us\b",
        r"\bwrong (?:number|place|company)\b|\bdial(?:l?ed)? (?:it )?wrong|\bmisdial|\bdigit wrong|\b(?:is|isn't|is not) "
        r"this (?:not )?(?:the )?(?!an? emergency|correct|right|a good|possible|something|covered|included|normal|the "
        r"right)(?:[\w']+ ){1,4}(?:on|at|in|street|place|restaurant|shop|store|hotel|office|clinic|bank)\b|"
        r"\bnúmero equivocado",
        1.5,
        negatable=False,
    ),
    _theme(
        "emergency",
        r"\bemergenc|\burgent|\bcannot wait|\bcan't wait|\bimmediate danger|\bsevere\b|\bhazard|\burgencia",
        r"\bemergenc|\b(?:bleeding|blood everywhere|swell(?:ing|s|ed)|swollen|fainted|unconscious|can'?t breathe|"
        r"on fire|smoke|smell(?:s|ing)? (?:of )?gas|gas leak|flood(?:ed|ing)|burst|sparks?|electric shock|excruciating|"
        r"unbearable|severe pain|(?:a lot of|terrible|awful|so much|really bad|"
        r"extreme|horrible|such) pain|hurts (?:so|really|very|like) (?:bad|much|badly|hell|crazy)|me duele mucho|killing me|really,? really (?:painful|hurts)|water (?:is )?(?:pouring|everywhere|coming "
        r"through)|locked out|emergencia|sangr\w+|hinchad\w+)\b",
        1.5,
    ),
    _theme(
        "cancel",
        r"\bcancel|\btermin(?:at|ation)|\bend (?:the|their) (?:contract|service|subscription)|\bwants? to leave|\bchurn|"
        r"\bunsubscrib|\bcalled? off|\bdropped\b|\banul",
        rf"\bcancel\w*\b(?! (?:policy|fee))|\bcall (?:it|that|this) off|\b(?:end|terminate|close|stop|quit|get out of) "
        rf"{_MINE} (?:\w+ ){{0,2}}(?:contract|subscription|service|membership|plan|account|policy|lease)|\b(?:won'?t|don'?t|"
        rf"no longer|not) (?:be )?(?:need|want|coming|able to come|make it)\w*\b[^.?!]{{0,20}}\b(?:any ?more|after all|at "
        rf"all)|\b(?:take|get) (?:me|us|my name) off (?:the )?(?:list|schedule|calendar)|\banular|\bcancelar|\bdarme de baja",
        1.3,
        negatable=False,
    ),
    _theme(
        "move",
        r"\bre-?schedul|^move[ds]?$|\b(?:be|is|was|were|slot|appointment|visit|booking) moved\b|\bmove (?:an?|the|their|it) "
        r"(?!house|home|new)|\bpostpon|\b(?:change|modif\w+|alter|shift) "
        r"(?:of |an? |the |to )?(?:existing |agreed )?(?:\w+ )?(?:appointment|booking|reservation|date|time|slot|order|visit)|"
        r"\b(?:booking|appointment|reservation|order|date|time)[ _]chang|^change\b|\banother (?:date|time|day)\b",
        rf"\bre-?schedul\w*|\b(?:move|push|change|switch|shift|postpone|bring|swap|delay) (?:back |forward |up )?{_MINE} "
        rf"(?:\w+['’]?s? ){{0,3}}(?:{_THING}|date|time|day|delivery)\b|\b(?:move|push|change|switch) it\b|\b(?:need|have|like|"
        rf"want) to (?:move|push|postpone|change) (?:it|{_MINE}|mon|tues|wednes|thurs|fri|satur|sun|\d)|"
        rf"\b(?:can'?t|cannot|won'?t|not (?:going to|gonna) (?:be able to )?) ?(?:make|work|come)\b[^.?!]{{0,25}}"
        rf"(?:\b(?:it|then|mon|tues|wednes|thurs|fri|satur|sun|tomorrow|today|on|at)\w*)|\bnot going to work\b|\bearlier "
        rf"(?:appointment|slot|date|time)\b|\b(?:different|another|other|later) (?:day|time|date)\b(?! (?:off|ago))|"
        rf"\bcan we do \w+ instead|\brunning late|\bstuck (?:in|on)\b[^.?!]{{0,30}}\b(?:traffic|train|highway|road)|"
        rf"\bcambiar (?:mi|la) (?:cita|hora|reserva)|\bno voy a poder ir",
        1.25,
        negatable=False,
    ),
    _theme(
        "reminder",
        r"\bremind|\b(?:called|calls|call) to confirm|\bconfirmation call|\bconfirm(?:s|ing|ation)?\b.{0,20}\b(?:appointment|"
        r"booking|reservation|visit)|\boutbound",
        r"\bremind(?:er|ing)? (?:you|of|about|call)?|\b(?:calling|call|ringing|wanted) to confirm\b|\bjust confirming\b|"
        r"\bconfirm(?:ing)? (?:your|my|the) (?:\w+ )?(?:appointment|visit|booking|reservation)|\brecordar(?:le)?\b",
        1.3,
    ),
    _theme(
        "complaint",
        r"\bcomplain|\bdissatisf|\bunhappy with|\bgrievance|\bdone badly|\bbad (?:service|experience)|\bqueja|\bfeedback",
        r"\b(?:make|file|lodge|have|submit|register) an? (?:\w+ )?complaint|\bcomplain(?:t|ing)?\b|\b(?:really |very |so )?not "
        r"(?:very |at all |really )?happy (?:with|about)|\bunacceptable|\b(?:terrible|horrible|awful|shoddy|poor|bad) (?:job|"
        r"service|work|experience|treatment)|\b(?:was|were|been) (?:so |very |really |extremely )?rude|\bnobody (?:told|said|"
        r"came|called)|\bqueja|\bi(?:'m| am) (?:really |very |so )?not (?:very )?happy|\b(?:damaged|ruined|scratched|broke) my\b",
        1.1,
        negatable=False,
    ),
    _theme(
        "billing",
        r"\bbill(?:ing|s|ed)?\b|\binvoice|\bcharg(?:e|es|ed|ing)\b|\bpayment|\bstatement|\bovercharg|\bfactura|\bbalance due|"
        r"\bpay(?:ing)?\b",
        r"\b(?:my|the|a|this|that|last|your) (?:\w+ ){0,2}(?:bill|invoice|statement|balance|installment)s?\b(?! of)|\bbilled\b|"
        r"\b(?:over|double|wrongly )?charged\b|\b(?:a|an|this|the|extra|late|equipment|\$?\d+ dollars?) (?:\w+ )?(?:charge|fee)\b|"
        r"\bi (?:still )?owe\b|\bowe you\b|\bpay (?:my|the|this|that|it|all|off|in)\b|\bpayment plan|\binstal?lments?\b|\bmy "
        r"(?:card|account) (?:was|got|has been) (?:charged|debited)|\bpaid twice|\breceipt\b|\bfactura|\bcobr\w+",
        1.1,
        negatable=False,
    ),
    _theme(
        "insurance",
        r"\binsur|\bcoverage\b|\bcovers\b|\bseguro",
        r"\binsurance\b|\bin[- ]network\b|\b(?:accept|take)\b(?=[^.?!]{0,40}\b(?:insurance|plans?|ppo|hmo|medicare|"
        r"medicaid)\b)|\b(?:is|are|would) (?:it|that|this|they|\w+) (?:be )?covered\b|\bco-?pay|\bdeductible|\b(?:ppo|hmo)\b|\bdo "
        r"you (?:guys )?(?:accept|take) (?!walk|cards?|credit|cash|new|orders?|returns?|checks?|care|it (?:back|off))[\w ]{2,30}(?:\?|$)|"
        r"\bseguro (?:dental|médico)",
        1.0,
    ),
    _theme(
        "price",
        r"\bpric(?:e|es|ing)\b|\bcosts?\b|\bquot(?:e|es|ation)\b|\bestimate|\bfees?\b|\brates?\b|\bprecio",
        r"\bhow much (?:is|are|does|do|would|will|for|it|to|a|the|you)\b|\bwhat(?:'s| is| are| does| do| would| will)?\b"
        r"[^.?!]{0,50}\b(?:cost|price|charge|run me|set me back|fee|rates?)\b|\b(?:price|quote|estimate) (?:for|on|of)\b|"
        r"\b(?:prices|pricing|a quote|an estimate|what it costs|how expensive)\b|\bcuánto (?:cuesta|cobran|vale|sale)",
        1.2,
        negatable=False,
    ),
    _theme(
        "medical",
        r"\bmedic(?:al|ine|ation)|\bprescription|\baftercare|\bcare after|\bsymptom|\btreatment advice|\bhealth question",
        r"\b(?:prescri\w+|refill|antibiotic\w*|ibuprofen|medication|medicine|painkiller|pills?|dose|dosage|side effects?|"
        r"stitches|receta|medicina)\b|\bis (?:that|this|it) normal\b|\bsafe to take|\bcan i (?:eat|drink|smoke|exercise|"
        r"shower|take)\b",
        1.1,
    ),
    _theme(
        "refund status",
        r"\brefund[_ ]status|\bstatus of (?:a |the |their )?refund|\bwaiting for (?:a|their|the) refund",
        r"\b(?:where|when|status|still|yet|haven'?t|hasn'?t|not|waiting|never)\b[^.?!]{0,60}\b(?:refund|money(?: back)?|"
        r"reimburse\w*)\b|\b(?:refund|money|reimburse\w*)\b[^.?!]{0,60}\b(?:yet|status|still|hasn'?t|haven'?t|never|not (?:"
        r"here|arrived|come|in)|where|waiting)\b",
        1.4,
        negatable=False,
    ),
    _theme(
        "refund",
        r"\brefund(?![_ ]status)|\bmoney back|\breimburs",
        r"\b(?:get|want|like|need|ask for|request|have|give)\b[^.?!]{0,25}\b(?:refund|my money back|reimbursement)\b",
        0.9,
    ),
    _theme(
        "exchange",
        r"\bexchang|\bswap|\breplace",
        r"\b(?:exchange|swap|trade)\b|\b(?:different|bigger|smaller|larger|another|wrong) (?:size|colou?r)\b|\bsize (?:up|down)\b|"
        r"\btoo (?:small|big|tight|large|short|long|loose)\b|\breplacement\b",
        1.0,
    ),
    _theme(
        "return",
        r"\breturn(?:s|_| re|ing|ed)|\breturn\b|\bsend(?:ing)? (?:it |something |an item )?back|\bdevol",
        rf"\b(?:return|send back|bring back|take back|send) {_MINE} (?:\w+ ){{0,4}}(?:back)?|\b(?:return|send) (?:it|them|this|"
        rf"these|something)\b(?: back)?|\bto return\b|\bwant to send\b|\breturn (?:policy|label)|\bdevolver",
        0.9,
    ),
    _theme(
        "wrong order",
        r"\border[_ ](?:issue|problem|error|wrong)|\bwrong (?:item|order|product|size|food)|\bmissing (?:item|product|part)|"
        r"\bincorrect (?:item|order)|\bincomplete order|\bproblem with (?:an|the|their) order",
        r"\bwrong (?:\w+ )?(?:item|order|one|jacket|shirt|product|size|colou?r|address|pizza|food|thing|dish|package|topping)\b|"
        r"\b(?:sent|got|gave|received|delivered|brought|was sent) (?:me |us )?(?:the |a )?(?:wrong|different|only)\b|\b(?:item|"
        r"part|piece|side|drink|something|things?)s? (?:is|are|was|were) missing|\bmissing (?:from|an?|the|one|two|my)\b|\bnot "
        r"what (?:i|we) ordered|\b(?:i|we) ordered\b[^.?!]{0,60}\b(?:and|but)\b[^.?!]{0,12}\b(?:got|received|only|came|is|are)\b",
        1.3,
        negatable=False,
    ),
    _theme(
        "delivery",
        r"\bdeliver(?:y|ies)|\bshipping|\bshipment|\bpackage|\bparcel|\blate\b|\bdelay|\btracking|\bhas not arrived",
        r"\bwhere(?:'s| is| on earth is| the \w+ is)\b[^.?!]{0,25}\b(?:package|parcel|order|delivery|food|pizza|driver|"
        r"shipment|stuff|things?)\b|\b(?:package|parcel|order|delivery|food|shipment|driver)\b[^.?!]{0,40}\b(?:late|hasn'?t|"
        r"not (?:here|arrived|come)|never (?:came|arrived|showed)|still|supposed|arriv\w+|yet)\b|\b(?:hasn'?t|haven'?t|never|"
        r"didn'?t|not) (?:\w+ )?(?:arrived?|shown? up|been delivered|come|came|got(?:ten)? (?:my|the|it)|received)\b|\b"
        r"supposed to (?:be here|arrive|come|be delivered)|\btracking\b|\bwaiting (?:for )?(?:over|more than|an hour|two|"
        r"almost|my (?:order|food|package))",
        1.15,
        negatable=False,
    ),
    _theme(
        "status",
        r"\bstatus\b|\bprogress\b|\balready in\b|\bask(?:s|ing)? about it|\bupdate on|\bfollow(?:ing)?[- ]?up|\bpending\b",
        r"\b(?:is|are) (?:it|they|my \w+|the \w+) (?:ready|done|finished|fixed|approved)\b|\bany (?:news|update|progress|word)\b|"
        r"\bstatus\b|\bhow (?:far|long (?:until|till|before))\b|\bwhen (?:will|can|is|are)\b[^.?!]{0,40}\b(?:ready|done|"
        r"finished|back|fixed|pick (?:it|him|her|them) up)\b|\bfollow(?:ing)? up\b|\bchecking (?:on|up)\b|\b(?:dropped|left) "
        r"(?:it|my \w+|the \w+) (?:off|with you|there)",
        1.2,
        negatable=False,
    ),
    _theme(
        "defect",
        r"\bdefect|\bfault(?:y)?\b|\bbroken|\bbroke\b|\bdamaged?\b|\brepair|\bmalfunction|\bnot working|\bmaintenance|\bnoises?\b|"
        r"\bstopped working|\bproduct[_ ](?:issue|problem)",
        r"\b(?:broke(?:n)?|broken down|stopped working|doesn'?t (?:work|turn on|start|open|close|lock|flush|heat|drain)|does not "
        r"(?:work|turn on|start)|won'?t (?:turn on|start|open|close|lock|flush|heat|drain|charge)|isn'?t working|not working|"
        r"quit working|cracked|torn|ripped|leak(?:s|ing|y)?|dripping|clogged|fell (?:off|apart)|defective|faulty|dead on "
        r"arrival|came apart|(?:making|makes?|awful|strange|weird|grinding|squeaking|rattling|clunking)\b[^.?!]{0,25}\bnoise|"
        r"out of order|no (?:heat|hot water|power)|damaged|tripp(?:ed|ing))\b",
        1.0,
        negatable=False,
    ),
    _theme(
        "stranded",
        r"\bbreakdown|\btow\b|\bstranded|\bmust be fetched|\broadside|\bdoes not move",
        r"\b(?:tow(?:ed|ing)?|tow truck|stranded|roadside|broke(?:n)? down|side of the road|on the shoulder|won'?t start|engine "
        r"(?:died|quit|stopped)|flat (?:tire|tyre)|stuck on (?:route|the (?:road|highway|motorway|interstate|freeway)|highway))\b",
        1.4,
        negatable=False,
    ),
    _theme(
        "outage",
        r"\bno[_ ](?:connection|signal|internet|power|service|water|heat)|\boutage|\bline is dead|\bis down\b|\bdropping|"
        r"\bpower cut|\binterruption",
        r"\b(?:internet|wi-?fi|connection|line|network|signal|power|electricity|lights?|water|gas|heating?|service|phone)\b"
        r"[^.?!]{0,25}\b(?:is|are|has been|was|been|'s|keeps?|went|gone|goes|got|have been)?\s*(?:down|out|dead|off|gone|"
        r"dropping|cutting out|cut off|lost)\b|\bno (?:internet|connection|signal|power|electricity|water|service)\b|\boutage\b|"
        r"\bkeeps? (?:dropping|cutting|disconnecting|losing)|\bnothing works\b|\bblackout\b",
        1.3,
        negatable=False,
    ),
    _theme(
        "slow",
        r"\bslow|\bspeed\b|\bperformance|\blag\b",
        r"\bslow(?:er|ly)?\b|\bbuffer\w*|\btakes? (?:forever|ages|so long|too long) to (?:load|open|start)|\bmegabits?\b|\bmbps\b|"
        r"\blag(?:s|ging|gy)?\b|\bcrawl\w*",
        1.2,
        negatable=False,
    ),
    _theme(
        "access",
        r"\baccount[_ ]access|\blog[- _]?in\b|\bpassword|\bsign[- _]?in\b|\blocked out|\bcredentials|\busername|\baccess to (?:an|"
        r"the|their) account",
        r"\b(?:get|log|sign|logging|signing) (?:in|into|on|onto)\b[^.?!]{0,20}|\bforgot(?:ten)? my|\breset (?:my|the) password|"
        r"\b(?:can'?t|cannot|unable to) (?:access|log|sign|get into)|\blocked out of my account|\bmy password\b|\bverification "
        r"code",
        1.2,
        negatable=False,
    ),
    _theme(
        "set-up",
        r"\bset[- _]?up\b|\binstall|\bconfigur|\bhelp with new|\bhow to use|\bactivat",
        r"\bset(?:ting)? (?:it |this |my \w+ |the \w+ |everything )?up\b|\binstall\w*|\bhow (?:do|can|to) (?:i |you |we )?(?:use|"
        r"change|connect|pair|activate|find|turn|set)|\b(?:can'?t|don'?t know how to) figure out|\bactivate\b|\bnew (?:router|"
        r"phone|device|modem|machine|tv|box|equipment)\b",
        1.1,
        negatable=False,
    ),
    _theme(
        "upgrade",
        r"\bupgrad|\b(?:faster|bigger|better|higher|larger) (?:or \w+ )?(?:plan|package|tier)|\bplan[_ ]change",
        r"\bupgrade\b|\b(?:faster|bigger|better|higher|larger|premium|gigabit|unlimited) (?:\w+ )?(?:plan|package|tier|tariff|"
        r"internet|speed|option)\b|\bmore (?:data|speed|bandwidth|storage)\b|\bswitch to (?:the|a) (?:\w+ )?(?:plan|package)",
        1.3,
    ),
    _theme(
        "moving home",
        r"\b(?:house|home)[_ ]mov|\bmov(?:e|ing) (?:house|home|in|out)\b|\bnew address|\brelocat|\bmove[_ ](?:in|out)\b|\bmoving\b",
        r"\b(?:we'?re|we are|i'?m|i am|are|am) (?:all )?moving\b(?! (?:it|the|my|this|that))|\bmove[ds]? (?:in|out|house|home|to "
        r"(?:a|an|another|our|my) (?:new )?(?:place|house|home|apartment|flat|city|address))\b|\bnew (?:address|place|house|home|"
        r"apartment)\b|\brelocat\w+",
        1.1,
    ),
    _theme(
        "book",
        r"\bbook(?:ing|ed)?\b|\bschedul(?:e|ing)\b|\breserv|\bnew (?:appointment|order|booking|reservation|visit)|\bmake an "
        r"appointment|\bappointment[_ ]request|\bplac(?:e|es|ing) an order|\bnew[_ ]order|\border[_ ](?:placement|new|food)|"
        r"\b(?:viewing|visit|table|appointment)s? (?:is |are )?(?:wanted|requested|asked)|\bagendar|\breservar",
        r"\b(?:book|schedule|reserve)\b(?! (?:is|was|again))|\b(?:make|get|have|want|need|like|set up|arrange|find|give me|needs?)"
        r"\b[^.?!]{0,30}\b(?:appointment|reservation|booking|table|viewing|visit|slot|check-?up|cleaning|consultation|showing|"
        r"tour|haircut|physical|inspection)\b|\b(?:come|get|bring (?:it|her|him|them|my \w+)|fit me|squeeze me|see (?:me|him|"
        r"her)|take (?:me|us)) in\b|\bneeds? to be seen|\bi'?d like to order|\b(?:want|like|can i) (?:to )?(?:order|get) (?:a|an|"
        r"two|three|some|one|\d)\b|\bplace an order|\b(?:appt|appointment) (?:pls|please)|\b(?:an? |any )(?:opening|"
        r"availabilit\w+)|\bon the calendar|\bdue for (?:a|an|my|its)\b|\bsign (?:me )?up\b|\bhacer una (?:cita|reserva)|\b(?:"
        r"quiero|necesito|quisiera|sacar)\b[^.?!]{0,30}\b(?:cita|reserva)",
        0.9,
    ),
    _theme(
        "advice on goods",
        r"\bproduct[_ ](?:question|info|inquiry)|\bquestion about (?:a|the) product|\bitem[_ ](?:question|query)|\bpre-?sale",
        r"\b(?:is|are|does|do) (?:the|this|that|these|those|it|your) (?:[\w-]+ ){0,4}(?:warm|waterproof|big|large|fit|work with|"
        r"compatible|come (?:in|with)|made|machine|safe|suitable|good for|enough|available|in stock|vegan|spicy|gluten)\b|\bwhat "
        r"(?:size|colou?rs?|material)\b|\bdo you (?:have|sell|carry|stock)\b|\bquick question\b",
        1.0,
    ),
    _theme(
        "information",
        r"\binformation\b|\binfo\b|\bopening hours|\bhours\b|\baddress\b|\bdirections|\bgeneral (?:question|inquiry|enquiry)|"
        r"\bwhere\b.{0,15}\bis\b|\banything is asked|\bquestions?\b(?=.{0,20}\b(?:such as|about|hours|like)\b)|^question\b|\bfaq",
        r"\b(?:what time|when|how late|until when)\b[^.?!]{0,30}\b(?:open|close|closing|opening|there)\b|\b(?:are|is|were) "
        r"(?:you|you guys|the \w+|it|they) (?:still )?(?:open|closed)\b|\b(?:opening|business|office|your) hours\b|\bwhere "
        r"(?:are|is|do i|can i|exactly)\b[^.?!]{0,25}\b(?:you|your|located|park|office|shop|store|entrance)\b|\bcan'?t find "
        r"you\b|\b(?:directions|parking|your address|wheelchair)\b|\bjust (?:a (?:quick )?question|wondering|wanted to (?:know|"
        r"ask))\b|\bdo you (?:guys )?(?:offer|have|do|deliver|speak|allow|treat|fix|provide|work)\b|\bhow (?:do|would|can) i "
        r"(?:go about|get|apply)|\ba qué hora|\bhorario|\bdónde (?:están|queda)",
        0.75,
    ),
    _theme(
        "job",
        r"\bjobs?\b|\bhiring|\bcareer|\bemployment|\bapplication\b|\brecruit",
        r"\b(?:hiring|resume|résumé|job (?:opening|application|interview)|applied for|vacanc\w+|apply for (?:a|the) (?:job|"
        r"position))\b",
        1.3,
    ),
)


@lru_cache(maxsize=4_096)
def themes_of(choice: Choice) -> tuple[tuple[Theme, float], ...]:
    """The themes that a choice stands for: those of its name, else those of its description."""
    name = " ".join(identifier_words(choice.value))
    described = choice.description_text
    by_name = [(theme, BY_NAME) for theme in _THEMES if theme.choice.search(name)]
    found = {theme.name for theme, _ in by_name}
    by_text = [
        (theme, BY_DESCRIPTION) for theme in _THEMES if theme.name not in found and theme.choice.search(described)
    ]
    return (*by_name, *(by_text if not by_name else [(theme, sure / 2) for theme, sure in by_text]))


def hear_themes(reading: Reading, *, by_agent: bool) -> tuple[Heard, ...]:
    """The themes that the one who calls speaks of, each where it is said most clearly; `by_agent`: the agent calls."""
    best: dict[str, Heard] = {}
    said = 0
    for turn in reading.turns:
        if turn.by_user is by_agent or not turn.content:
            continue
        if said >= len(_LATER_TURNS):
            break
        for heard in _in_turn(turn, _LATER_TURNS[said]):
            if by_agent and heard.theme.name == "book":
                continue  # `you have an appointment` asks for none
            if heard.theme.name not in best or heard.score > best[heard.theme.name].score:
                best[heard.theme.name] = heard
        said += 1 if len(turn.content) > 1 or said else 0
    for wrong in hear(reading, WRONG_NUMBER, None):
        theme = _THEMES[0]
        best[theme.name] = Heard(theme, theme.weight, wrong.turn.index, wrong.start, wrong.end)
    return tuple(best.values())


def _in_turn(turn: Utterance, weight: float) -> Iterator[Heard]:
    for sentence in turn.sentences[:12]:
        for theme in _THEMES:
            match = theme.cue.search(sentence.text)
            if match and _SUPPOSED.search(sentence.text[: match.start()]) and not turn.by_user:
                continue
            if match and theme.negatable and _denied(sentence, match.start()):
                yield Heard(theme, DENIED * weight, turn.index, sentence.start, sentence.start + match.end())
            elif match:
                start = sentence.start + match.start()
                yield Heard(theme, weight * theme.weight, turn.index, start, sentence.start + match.end())


_SUPPOSED = re.compile(r"\b(?:if|in case|unless)\b[^,;]{0,25}$", _I)


_WITHOUT = re.compile(r"\b(?:(?:don'?t|do not|doesn'?t) have|without|have no|has no|no)\s+(?:\w+\s+)?$", _I)


def _denied(sentence: Sentence, start: int) -> bool:
    if sentence.asks:
        return bool(_WITHOUT.search(sentence.text[:start]))
    return negated(sentence.text, before=start)


def theme_named(name: str) -> Theme:
    """One of the themes, by its name."""
    return next(theme for theme in _THEMES if theme.name == name)


def theme_support(question: Question, themes: Iterable[Heard]) -> dict[str, Heard]:
    """For each choice that a heard theme speaks for: the theme, with what it counts for that choice.

    A theme that several choices have says little about which of them it is.
    """
    heard = {each.theme.name: each for each in themes}
    if not heard:
        return {}
    have = {choice.value: themes_of(choice) for choice in question.choices}
    holders: dict[str, float] = {}
    for found in have.values():
        for theme, sure in found:
            holders[theme.name] = holders.get(theme.name, 0.0) + sure
    support: dict[str, Heard] = {}
    for value, found in have.items():
        for theme, sure in found:
            each = heard.get(theme.name)
            if each is None:
                continue
            score = each.score * sure / max(1.0, holders[theme.name])
            if value not in support or abs(score) > abs(support[value].score):
                support[value] = Heard(theme, score, each.turn, each.start, each.end)
    return support
