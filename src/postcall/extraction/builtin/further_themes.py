"""Themes of calls to businesses of any trade: defect, stranded, outage, slow, access, set-up, upgrade and more.

The lines are about dealings with businesses in general; none may be written for the calls of one.
"""

from __future__ import annotations

from postcall.extraction.builtin.theme import theme

FURTHER_THEMES = (
    theme(
        "defect",
        r"\btechnical|\btech[_ ]support|\btroubleshoot|\bdefect|\bfault(?:y)?\b|\bbroken|\bbroke\b|\bdamaged?\b|"
        r"\brepair|\bmalfunction|\bnot working|\bmaintenance|\bnoises?\b|"
        r"\bstopped working|\bproduct[_ ](?:issue|problem)",
        r"\b(?:broke(?:n)?|broken down|stopped working|doesn'?t (?:work|turn on|start|open|close|lock|flush|heat|"
        r"drain)|does not "
        r"(?:work|turn on|start)|won'?t (?:turn on|start|open|close|lock|flush|heat|drain|charge)|isn'?t working|not "
        r"working|"
        r"quit working|cracked|torn|ripped|leak(?:s|ing|y)?|dripping|pouring|overflow(?:ing|s)?|clogged|fell (?:off|"
        r"apart)|defective|faulty|"
        r"dead on "
        r"arrival|came apart|(?:making|makes?|awful|strange|weird|grinding|squeaking|rattling|"
        r"clunking)\b[^.?!]{0,25}\bnoise|"
        r"out of order|no (?:heat|hot water|power)|damaged|tripp(?:ed|ing))\b",
        1.0,
        negatable=False,
    ),
    theme(
        "stranded",
        r"\bbreakdown|\btow\b|\bstranded|\bmust be fetched|\broadside|\bdoes not move",
        r"\b(?:tow(?:ed|ing)?|tow truck|stranded|roadside|broke(?:n)? down|side of the road|on the shoulder|won'?t "
        r"start|engine "
        r"(?:died|quit|stopped)|flat (?:tire|tyre)|stuck on (?:route|the (?:road|highway|motorway|interstate|"
        r"freeway)|highway))\b",
        1.4,
        negatable=False,
    ),
    theme(
        "outage",
        r"\btechnical|\btech[_ ]support|\btroubleshoot|\bno[_ ](?:connection|signal|internet|power|service|water|"
        r"heat)|\boutage|\bline is dead|\bis down\b|\bdropping|"
        r"\bpower cut|\binterruption",
        r"\b(?:internet|wi-?fi|connection|line|network|signal|power|electricity|lights?|water|gas|heating?|service|"
        r"phone)\b"
        r"[^.?!]{0,25}\b(?:is|are|has been|was|been|'s|keeps?|went|gone|goes|got|have been)?\s*(?:down|out|dead|off|"
        r"gone|"
        r"dropping|cutting out|cut off|lost)\b|\bno (?:internet|connection|signal|power|electricity|water|service)\b|"
        r"\boutage\b|"
        r"\bkeeps? (?:dropping|cutting|disconnecting|losing)|\bnothing works\b|\bblackout\b",
        1.3,
        negatable=False,
    ),
    theme(
        "slow",
        r"\btechnical|\btech[_ ]support|\btroubleshoot|\bslow|\bspeed\b|\bperformance|\blag\b",
        r"\bslow(?:er|ly)?\b|\bbuffer\w*|\btakes? (?:forever|ages|so long|too long) to (?:load|open|start)|"
        r"\bmegabits?\b|\bmbps\b|"
        r"\blag(?:s|ging|gy)?\b|\bcrawl\w*",
        1.2,
        negatable=False,
    ),
    theme(
        "access",
        r"\baccount[_ ]access|\blog[- _]?in\b|\bpassword|\bsign[- _]?in\b|\blocked out|\bcredentials|\busername|"
        r"\baccess to (?:an|"
        r"the|their) account",
        r"\b(?:get|log|sign|logging|signing) (?:in|into|on|onto)\b[^.?!]{0,20}|\bforgot(?:ten)? my|\breset (?:my|"
        r"the) password|"
        r"\b(?:can'?t|cannot|unable to) (?:access|log|sign|get into)|\blocked out of my account|\bmy password\b|"
        r"\bverification "
        r"code",
        1.2,
        negatable=False,
    ),
    theme(
        "set-up",
        r"\bset[- _]?up\b|\binstall|\bconfigur|\bhelp with new|\bhow to use|\bactivat",
        r"\bset(?:ting)? (?:it |this |my \w+ |the \w+ |everything )?up\b|\binstall\w*|\bhow (?:do|can|to) (?:i |you |"
        r"we )?(?:use|"
        r"change|connect|pair|activate|find|turn|set)|\b(?:can'?t|don'?t know how to) figure out|\bactivate\b|\bnew "
        r"(?:router|"
        r"phone|device|modem|machine|tv|box|equipment)\b",
        1.1,
        negatable=False,
    ),
    theme(
        "upgrade",
        r"\bupgrad|\b(?:faster|bigger|better|higher|larger) (?:or \w+ )?(?:plan|package|tier)|\bplan[_ ]change",
        r"\bupgrade\b|\b(?:faster|bigger|better|higher|larger|premium|gigabit|unlimited) (?:\w+ )?(?:plan|package|"
        r"tier|tariff|"
        r"internet|speed|option)\b|\bmore (?:data|speed|bandwidth|storage)\b|\bswitch to (?:the|a) (?:\w+ )?(?:plan|"
        r"package)",
        1.3,
    ),
    theme(
        "moving home",
        r"\b(?:house|home)[_ ]mov|\bmov(?:e|ing) (?:house|home|in|out)\b|\bnew address|\brelocat|\bmove[_ ](?:in|"
        r"out)\b|\bmoving\b",
        r"\b(?:we'?re|we are|i'?m|i am|are|am) (?:all )?moving\b(?! (?:it|the|my|this|that))|\bmove[ds]? (?:in|out|"
        r"house|home|to "
        r"(?:a|an|another|our|my) (?:new )?(?:place|house|home|apartment|flat|city|address))\b|\bnew (?:address|"
        r"place|house|home|"
        r"apartment)\b|\brelocat\w+",
        1.1,
    ),
    theme(
        "book",
        r"\bbook(?:ing|ed)?\b|\bschedul(?:e|ing)\b|\breserv|\bnew (?:appointment|order|booking|reservation|visit)|"
        r"\bmake an "
        r"appointment|\bappointment[_ ]request|\bplac(?:e|es|ing) an order|\bnew[_ ]order|\border[_ ](?:placement|"
        r"new|food)|"
        r"\b(?:viewing|visit|table|appointment)s? (?:is |are )?(?:wanted|requested|asked)|\bagendar|\breservar",
        r"\b(?:book|schedule|reserve)\b(?! (?:is|was|again))|\b(?:make|get|have|want|need|like|set up|arrange|find|"
        r"give me|needs?)"
        r"\b[^.?!]{0,30}\b(?:appointment|reservation|booking|table|viewing|visit|slot|check-?up|"
        r"consultation|showing|"
        r"tour|haircut|physical|inspection)\b|\b(?:come|get|bring (?:it|her|him|them|my \w+)|fit me|squeeze me|see "
        r"(?:me|him|"
        r"her)|take (?:me|us)) in\b|\bneeds? to be seen|\bi'?d like to order|\b(?:want|like|can i) (?:to )?(?:order|"
        r"get) (?:a|an|"
        r"two|three|some|one|\d)\b|\bplace an order|\b(?:appt|appointment) (?:pls|please)|\b(?:an? |any )(?:opening|"
        r"availabilit\w+)|\bon the calendar|\bdue for (?:a|an|my|its)\b|\bsign (?:me )?up\b|\bhacer una (?:cita|"
        r"reserva)|\b(?:"
        r"quiero|necesito|quisiera|sacar)\b[^.?!]{0,30}\b(?:cita|reserva)",
        0.9,
    ),
    theme(
        "advice on goods",
        r"\bproduct[_ ](?:question|info|inquiry)|\bquestion about (?:a|the) product|\bitem[_ ](?:question|query)|"
        r"\bpre-?sale",
        r"\b(?:is|are|does|do) (?:the|this|that|these|those|it|your) (?:[\w-]+ ){0,4}(?:warm|waterproof|big|large|"
        r"fit|work with|"
        r"compatible|come (?:in|with)|made|machine|safe|suitable|good for|enough|available|in stock|vegan|spicy|"
        r"gluten)\b|\bwhat "
        r"(?:size|colou?rs?|material)\b|\bdo you (?:have|sell|carry|stock)\b|\bquick question\b",
        1.0,
    ),
    theme(
        "information",
        r"\binformation\b|\binfo\b|\bquestion$|\b(?:inquiry|enquiry|query)$|\bopening hours|\bhours\b|\baddress\b|"
        r"\bdirections|\bgeneral (?:question|inquiry|"
        r"enquiry)|"
        r"\bwhere\b.{0,15}\bis\b|\banything is asked|\bquestions?\b(?=.{0,20}\b(?:such as|about|hours|like)\b)|"
        r"^question\b|\bfaq",
        r"\b(?:what time|when|how late|until when)\b[^.?!]{0,30}\b(?:open|close|closing|opening|there)\b|\b(?:are|is|"
        r"were) "
        r"(?:you|you guys|the \w+|it|they) (?:still )?(?:open|closed)\b|\b(?:opening|business|office|your) hours\b|"
        r"\bwhere "
        r"(?:are|is|do i|can i|exactly)\b[^.?!]{0,25}\b(?:you|your|located|park|office|shop|store|entrance)\b|"
        r"\bcan'?t find "
        r"you\b|\b(?:directions|parking|your address|wheelchair)\b|\bjust (?:a (?:quick )?question|wondering|wanted "
        r"to (?:know|"
        r"ask))\b|\b(?:am i|are we|is it) allowed\b|"
        r"\b(?:is it|would it be) (?:okay|ok|possible|alright)\b|\bdo you (?:guys )?(?:offer|have|do|deliver|speak|"
        r"allow|treat|fix|provide|work)\b|\bhow (?:do|"
        r"would|can) i "
        r"(?:go about|get|apply)|\ba qué hora|\bhorario|\bdónde (?:están|queda)",
        0.75,
    ),
    theme(
        "viewing",
        r"\bviewings?\b|\bshowings?\b|\btours?\b|\bto be seen\b|\btest drive|\bsite visit",
        r"\b(?:take a look at|come (?:and )?(?:see|look)|have a look at|view|tour|visit|see) (?:it|the|this|that|"
        r"your|one of)\b|"
        r"\b(?:love|like|want) to (?:take|have) a look|\bis (?:it|that|this|the [\w ]{1,30}) still (?:available|for "
        r"(?:rent|sale))|"
        r"\b(?:saw|found|interested in) (?:the|your|an?)\b[^.?!]{0,40}\b(?:listing|apartment|flat|house|bedroom|"
        r"property|ad)\b|"
        r"\btest drive\b",
        1.1,
    ),
    theme(
        "noise",
        r"\bnoise\b(?!s)|\bneighbou?r|\bdisturbance",
        r"\b(?:loud|noise|noisy|partying|blasting|barking|banging|shouting|screaming|stomping)\b|\b(?:people|"
        r"neighbou?rs?) "
        r"(?:above|below|upstairs|downstairs|next door)\b|\bneighbou?rs?\b",
        1.1,
        negatable=False,
    ),
    theme(
        "locked out",
        r"\block[- _]?out|\blocked out|\blost keys?|\bkeys?\b",
        r"\b(?:lost|forgot|misplaced|dropped|can'?t find|stole\w*) (?:my|the|our) keys?\b|\blocked (?:myself |"
        r"ourselves )?out\b(?! "
        r"of my account)|\blet me in\b|\bnew keys?\b",
        1.3,
        negatable=False,
    ),
    theme(
        "notice",
        r"\bmove[- _]?out|\bgives? notice|\bnotice\b|\bend(?:s|ing)? (?:of )?(?:the |their )?(?:lease|tenancy|"
        r"contract)",
        r"\b(?:give|giving|gave|hand in|put in) (?:my |our |you )?notice\b|\bmov(?:e|ing) out\b|\b(?:end|ending|"
        r"terminate|break) "
        r"(?:my|our|the) (?:lease|tenancy|contract)\b|\b(?:i'?ll|we'?ll|i'?m|we'?re) (?:be )?(?:leaving|out) (?:by|"
        r"at|in|on|the)\b",
        1.3,
    ),
    theme(
        "group",
        r"\bcatering|\bgroup|\bevents?\b|\bpart(?:y|ies)\b|\bbulk|\blarge order|\bcorporate",
        r"\b(?:catering|banquet|reception|(?:team|office|company|business|staff) (?:lunch|dinner|party|event|outing|"
        r"meeting)|"
        r"birthday|wedding|private (?:room|event|party)|(?:for|of|around|about) (?:\d{2,3}|twenty|thirty|forty|fifty|"
        r"sixty|a hundred)"
        r"(?: or so)? (?:people|guests|persons|heads))\b",
        1.1,
    ),
    theme(
        "extension",
        r"\bextension|\bpayment[_ ](?:plan|arrangement)|\barrears|\blate payment|\bhardship|\bcannot pay|\brent\b",
        r"\b(?:can'?t|cannot|unable to|not able to|trouble) pay\b|\b(?:late|behind) (?:with|on) (?:the|my|our)\b|"
        r"\bmore time to pay|"
        r"\bpay (?:it |that |half |part |some )?(?:later|next (?:week|month|friday))|\bpayment plan|"
        r"\binstal?lments?\b|\blost my job|"
        r"\bpaycheck\b|\b(?:pay|paying) (?:my |the )?rent\b",
        1.1,
        negatable=False,
    ),
    theme(
        "collections",
        r"\bcollections?\b|\boverdue|\bpast[- ]due|\bdebt|\boutstanding (?:balance|payment)|\barrears",
        r"\boverdue\b|\bpast[- ]due\b|\boutstanding (?:balance|amount|payment|invoice)|\bunpaid\b|\bcollections?\b|"
        r"\bdebt\b",
        1.3,
        negatable=False,
    ),
    theme(
        "fraud",
        r"\bfraud|\bunauthori[sz]ed|\bscam|\bsuspicious|\bstolen|\bidentity",
        r"\b(?:didn'?t|did not|never) (?:make|authori[sz]e|buy|order|do) (?:that|this|it|these|those|any)\b|"
        r"\bfraud\w*|\bscam\w*|"
        r"\bunauthori[sz]ed|\bstolen\b|\bhacked\b|\bsuspicious\b|\bdon'?t recogni[sz]e\b",
        1.3,
        negatable=False,
    ),
    theme(
        "lost card",
        r"\b(?:lost|stolen|missing|damaged|replace\w*)[_ ]card|\bcard[_ ](?:lost|stolen|replacement)",
        r"\b(?:lost|misplaced|stole|can'?t find) my (?:\w+ )?card\b|\bcard (?:was|got|has been) (?:lost|stolen|eaten|"
        r"swallowed)|"
        r"\b(?:new|replacement) card\b",
        1.3,
        negatable=False,
    ),
    theme(
        "reading",
        r"\bmeter|\breading\b|\busage\b|\bconsumption",
        r"\bmeter\b|\b(?:my|the) (?:reading|usage|consumption)\b|\bkilowatt|\bkwh\b",
        1.2,
        negatable=False,
    ),
    theme(
        "update details",
        r"\b(?:update|change)[_ ](?:of[_ ])?(?:\w+[_ ])?(?:details|address|information|contact|phone|e?-?mail|name)|"
        r"\b(?:address|details|contact|name)[_ ](?:change|update)|\baccount[_ ]update|\bmanage[_ ]account",
        r"\b(?:change|update|correct) (?:my|our|the) (?:\w+ )?(?:address|e?-?mail|phone|number|name|details|card|"
        r"contact|"
        r"information|bank)\b|\bnew (?:address|phone number|e?-?mail|card|bank account)\b|\bwrong (?:address|"
        r"e?-?mail|name) on\b",
        1.2,
    ),
    theme(
        "job",
        r"\bjobs?\b|\bhiring|\bcareer|\bemployment|\bapplication\b|\brecruit",
        r"\b(?:hiring|resume|résumé|job (?:opening|application|interview)|applied for|vacanc\w+|apply for (?:a|the) "
        r"(?:job|"
        r"position))\b",
        1.3,
    ),
)
