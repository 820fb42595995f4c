"""Words of a question that say what sort of answer is wanted: how many, which share, the longest, by week."""

from __future__ import annotations

import re
from dataclasses import dataclass

from postcall.analyst.reading.words import Place, Wording
from postcall.domain.queries import Bucket, Denominator, MeasureKind

_NUMBER = (
    (MeasureKind.P99, r"p99|99th percentile|99 ?% percentile"),
    (MeasureKind.P95, r"p95|95th percentile|95 ?% percentile"),
    (MeasureKind.P90, r"p90|90th percentile|90 ?% percentile"),
    (MeasureKind.P50, r"median|p50|50th percentile"),
    (MeasureKind.DISTINCT, r"(?:different|distinct|unique)"),
    (
        MeasureKind.AVERAGE,
        r"averages?|mean|avg|typical|typically|on average|how (?:fast|quickly|slow)|"
        r"how long (?:do|does|did|are|is|was|were)(?! the (?:longest|shortest))",
    ),
    (MeasureKind.SUM, r"sum|add(?:s|ed)? up|how many (?:minutes|hours|seconds)|how much time|summed"),
    (
        MeasureKind.MAX,
        r"longest|highest|maximum|max|largest|biggest|slowest|priciest|"
        r"costliest|most expensive|latest(?= [^ ]+-| time| day)|worst(?= latency)",
    ),
    (MeasureKind.MIN, r"shortest|lowest|minimum|min|smallest|cheapest|earliest|fastest|quickest"),
)  # fmt: skip
MEASURES = tuple((kind, re.compile(rf"\b(?:{words})(?![\w-])")) for kind, words in _NUMBER)
_TOTAL = re.compile(r"\b(?:in total|total|altogether|overall sum)\b")
_RATE = re.compile(
    r"\b(?:shares?|percentages?|percent|per cent|proportion|portion|fraction|(?:what|which) part|ratio|rates?|quota|"
    r"how (?:often|common|frequently|frequent|likely|complete)|likelihood|coverage|one in how many)\b|%"
)
_COVERAGE = re.compile(
    r"\b(?:have one|has one|have any|has any|with any|we know|is known|are known|was known|known|gave|"
    r"given|give|gives|stated?|named?|"
    r"filled|complete|coverage|have an? [^ ]+|has an? [^ ]+|have a value|has a value|recorded)\b"
)
_ASKED = re.compile(
    r"\b(?:where|in which|when|that|whom|which) (?:we|was|were|it was|they were) (?:ever )?asked\b|"
    r"\bof (?:all )?(?:those )?asked\b|\bwe asked\b|\bcalls asked\b"
)
_ANSWERED = re.compile(
    r"\b(?:(?:where|when|if|in which) (?:it|this|that|we|they|the [^ ]+|an? [^ ]+) (?:was|were|is|are|"
    r"has been|did|do|could|can)? ?"
    r"(?:tried|known?|judged|answered|recorded|said|stated|attempted|measured|given|tell|determined|"
    r"clear)|where known|if known|when known|"
    r"of (?:the )?(?:known|answered)(?: ones)?|out of (?:all )?(?:the |those )?(?:known|answered|"
    r"failed|failures|tried)|among (?:the )?(?:known|answered)|"
    r"of (?:all )?the [^ ]+ made|of those (?:that|who|with|where)? ?(?:we know|are known|known|"
    r"answered|have one|said)|bookings made)\b"
)
_ALL_CALLS = re.compile(
    r"\b(?:(?:out )?of (?:all|the total) (?:the |our )?(?:calls|conversations)|"
    r"as a share of all calls)\b(?! (?:in|where|that|we|with|who))"
)
_TOP = re.compile(
    r"\b(?:top|most (?:common|frequent|popular|frequently|often|commonly|typical|\w+ed)|commonest|"
    r"(?:the )?most(?= (?:\?|often|$))|most$|the most|mostly|mainly|"
    r"main|biggest|leading|favou?rite|busiest|quietest|(?:least|rarest) ?(?:common|frequent|often|"
    r"popular)?|highest|lowest|best|worst|"
    r"takes? the (?:longest|shortest)|by (?:count|frequency|number|volume)|ranking|ranked|"
    r"rank|most (?:of )?(?:the |our )?(?:calls|callers|people|customers)|"
    r"(?:do|does|did|have) (?:the )?most)\b(?! (?:part of|recent|one))"
)
_RISING = re.compile(
    r"\b(?:least|rarest|lowest|quietest|fewest|shortest|smallest|worst booking|bottom|fastest|quickest)\b"
)
_MOST, _LEAST = r"\b(?:most|top|highest)\b", r"\b(?:least|bottom|lowest|fewest)\b"
_BOTH_ENDS = re.compile(rf"{_MOST}.*\b(?:and|or) .*{_LEAST}|{_LEAST}.*\b(?:and|or) .*{_MOST}")
"""All are wanted then, the most first."""
_LIST = re.compile(
    r"^(?:(?:please|can you|could you|i want to|i'd like to|let me|now) )*(?:list|show|give|open|"
    r"display|pull|see|find|get|bring|fetch|i need|play|read)\b"
    r"|\b(?:those calls|the calls themselves|examples?|call ids|ids of|list of|(?:please )?show me|let me see)\b"
    r"|^(?:in )?(?:which|what) (?:(?!(?:do|does|did|had|has|have|is|are|was|were|of|by|per|in|for|on|with|share|"
    r"part|days?)\b)\w+ ){0,3}(?:calls|conversations|chats|callers|ones)\b|^who\b"
    r"|^(?:the )?(?:\w+ )?(?:most recent|newest|latest|longest|shortest|slowest|oldest)\b"
)
_RECENT = re.compile(r"\b(?:most recent|newest|latest|last \d+(?= calls| conversations| chats))\b")
_LONG = re.compile(
    r"\b(longest|shortest|slowest|quickest|fastest)\b(?: (?:running )?(calls|conversations|chats|call|"
    r"conversation|ones))?"
)
_CALLS_WITH = re.compile(r"\b(?:calls|conversations|chats) with (?:the )?(highest|lowest|largest|smallest)\b( calls)?")
_COUNT = re.compile(
    r"\b(?:how many|number of|count|how much|volume|amount of|tally|total (?:number )?of|how many times)\b"
)
_TREND = re.compile(
    r"\b(?:trend|trends|develop\w*|over time|evol\w+|time series|changed? over|go(?:ing|ne)? (?:up|down)|"
    r"how (?:has|have|did|does|do|is) .*\bchang(?:e|ed|es|ing)|timeline|by date|distribution|spread|grow\w*|"
    r"(?:getting|becoming) (?:\w+ )?(?:better|worse|longer|shorter|faster|slower|more|less|fewer|higher|lower|\w+ier)|"
    r"(?:get|gets|got|become|became) (?:better|worse|longer|shorter|faster|slower)|"
    r"improv\w*|declin(?:e|es|ing)|increas\w*|decreas\w*|rising|falling|dropping|plot|chart|graph|curve|lately)\b"
)
_CHANGED = re.compile(r"\bwhat(?: has| have|'s| is)? (?:changed|new|become different)\b|^(?:any )?changes?\b")
_REASONS = re.compile(r"\b(?:reasons?|causes?|grounds|topics)\b")
_ABOUT = re.compile(
    r"\bwhat\b.*\b(?:call|ask|contact|ring|write|reach out)(?:s|ed|ing)? (?:us |in |you )?(?:about|for)"
    r"(?= (?:in|on|this|last|the most|most|mostly|since|during|when|at|today|yesterday)\b|$| [?.,])"
    r"|^why (?:do|did|are|were|have) .*\b(?:call|calling|called|ring|phone|contact)(?: us| in)?"
    r"(?= (?:in|on|this|last|since|during|at|today|yesterday)\b|$| [?.,])"
)
_INVENTORY = re.compile(
    r"^(?:what|which) .*\b(?:are|is) there\b|^(?:what|which) .*\b(?:exist|do (?:we|you|calls) have)\b|\blist of\b"
)
_TWICE = re.compile(
    r"\b(?:call|ring|phone|contact)(?:s|ed|ing)? (?:us |in |back )?(?:((?:more than )?twice)|"
    r"more than once|several times|multiple times|many times|repeatedly|again|at least twice|"
    r"(?:at least |more than )?(two|three|four|five|\d+) (?:or more )?times)\b"
)
_HOW_ARE = re.compile(
    r"^how (?!many|much|often|long|likely|common|frequent\w*|do|does|did|is|are|was|were|come|about|"
    r"well|fast|quickly|slow)(\w+) (?:are|is|were|was|do|did)\b"
)
_OFTEN_CALLS = re.compile(
    r"^how (?:often|frequently) (?:did|does|do|has|have) .*\b(?:call|called|phone|phoned|ring)\b(?! (?:about|for))"
)
_SPREAD = re.compile(r"\b(?:distribution|breakdown|break down|split|spread|mix|broken down|divided?|distributed)\b")
_COMPARE = re.compile(
    r"\b(?:vs|versus|compared?|comparison|against|better|worse|more often|less often|higher|lower|longer|shorter|"
    r"differ|ratio|more|less|fewer|"
    r"slower|faster|quicker|larger|bigger|smaller|greater|\w+ier|rather than|relative to|as opposed to|each|"
    r"instead of)\b"
)
_VERSUS = re.compile(
    r"\b(?:vs|versus|compared (?:with|to)|against|or|and|with|rather than|as opposed to|than|from|to)\b"
)
_OTHERS = re.compile(
    r"\b(?:everyone|everybody|everything|anyone|all) (?:else|others?)\b|\bthe (?:rest|others?)\b|"
    r"\b(?:vs|versus|against|compared (?:to|with)) (?:the )?"
    r"(?:first[- ]time|returning|existing|regular|ordinary|older|known|non-\w+) \w+|"
    r"\bother (?:calls|callers|ones)\b|\bothers\b|\bthan other\b|"
    r"\b(?:one|ones|those|calls) (?:that|who|which) (?:don't|doesn't|didn't|do not|does not|did not|aren't|isn't|"
    r"wasn't|weren't|are not|is not|was not|were not)$|\b(?:those|ones|calls) without$|\band other \w+s\b|"
    r"\bnormal (?:calls|ones)\b"
)
_DIFFERENCE = re.compile(
    r"\b(?:what(?: is|'s| has| was|s)? ?(?:so )?(?:different|changed)|what (?:do|does|"
    r"did) .*\bchange\b|differ|differs|differences?|what sets|what distinguishes|"
    r"what (?:makes|made) )\b"
)
_WHY_FAIL = re.compile(
    r"\bwhy (?:are|is|do|does|did|were|was|have|has) .*\b(?:fail\w*|worse|drop\w*|declin\w*|fall\w*|fell|"
    r"go\w* (?:up|down)|ris\w+|rose|low|lower|high|higher|increas\w*|decreas\w*|more|fewer|go\w* wrong)\b"
)
_WHY = re.compile(r"^(?:and |so )?why\b|\bwhat causes\b")
_THEMES = re.compile(
    r"\b(?:what (?:(?:are|is) the (?:main |common |typical |usual )?(?:things|themes?|complaints?|"
    r"topics?|concerns|issues|problems|words|arguments|excuses).*|"
    r"are (?:people|callers?|customers?|patients?)(?: 's|'s|s')? (?:complaints|concerns|worries|problems)\b.*|"
    r"(?:complaints|concerns|worries|objections|problems) (?:do|did|have|are)\b.*|(?:is|was|gets?) (?:being )?said\b.*|"
    r".*\b(?:do|does|did) .*\b(?:say|describe|complain|tell|mention|think|feel|dislike|like|struggle|"
    r"want|ask|talk)\b.*|(?:are|were|is) .*\b(?:saying|telling|complaining|describing|struggling)\b.*)|"
    r"themes?|summari[sz]e|^(?:the )?(?:complaints|concerns|worries|objections) (?:of|from|in|about|among|when|by)\b.*|"
    r"(?:main|common|top|biggest|usual|typical|chief) (?:\w+ )?(?:complaints|concerns|worries|objections)|"
    r"how do (?:people|callers|customers) (?:describe|explain|justify|react|feel)|what (?:annoys|"
    r"upsets|frustrates|bothers|confuses))\b"
)
_EACH = re.compile(
    r"\b(?:by|per|for (?:each|every)|(?:in|on|of) each|each|every|across|group(?:ed)? by|split by|"
    r"broken down by|break down by|breakdown by|"
    r"depending on|over the|for the different|for different|by the)\b"
)
_HOURS = re.compile(
    r"\b(?:by|per|each|over the|busiest|quietest|which|what) (?:the )?(?:hours?(?: of (?:the )?day)?|"
    r"time of day)\b|^(?:at )?(?:when|what time) (?:do|does|did|are|is|were|was) .*\bmost\b"
)
_WEEKDAYS = re.compile(
    r"\b(?:by|per|each|over the|busiest|quietest|which|what) (?:the )?(?:weekdays?|days? of (?:the )?week)\b"
)
_BUSIEST = re.compile(
    r"\b(?:busiest|quietest|best|worst|strongest|weakest|slowest|biggest|record|(?:which|what) (?=day|week|month)) ?"
    r"(?:single |calendar )?(day|week|month)\b(?! of (?:the )?week)"
)
_TYPICAL = re.compile(r"\b(?:typical|average|normal|usual|ordinary|regular) (hour|day|week|month)\b")
_AND_BUCKET = re.compile(r"\b(?:by|per|each) [^,?]*?(?:and|,) (?:by |per |each )?(hour|day|week|month)\b")
_YES_OR_NO = re.compile(r"^(?:is|are|was|were|do|does|did|has|have)\b")
_MORE = re.compile(
    r"\b(?:more|less|fewer|better|worse|longer|shorter|faster|slower|quicker|higher|lower|\w{3,}ier)\b(?! than \d)"
)
_PLURAL_CALLS = re.compile(r"^(?:(?:all|the|our|any|these|those) )?(?:[^ ]+ ){0,4}?(?:calls|conversations|chats)\b")
_FOLLOWS = re.compile(
    r"^(?:and|now|then|ok|okay|but|what about|how about|what of|only|just|same|the same|also|instead|"
    r"without|excluding|except|for|in|by|per|"
    r"those|these|of (?:those|these|them)|them|split|break|group|with|as a (?:share|rate|percentage)|"
    r"show (?:me )?(?:them|those|these|the calls)|which ones|list (?:them|those)|"
    r"why|yesterday|today|last|this|since)\b"
)


@dataclass(frozen=True, slots=True)
class Cues:
    """What the words of a question ask for; of several, a reading takes the one that leaves the least over."""

    measure: MeasureKind | None
    measure_at: Place | None
    rate: Place | None
    coverage: bool
    denominator: Denominator | None
    top: Place | None
    rising: bool
    """The least first."""
    listing: bool
    recent: bool
    longest: Place | None
    count: Place | None
    trend: bool
    spread: bool
    """How calls fall on the values of what is named: `distribution of outcomes`."""
    compare: bool
    versus: tuple[Place, ...]
    others: bool
    """`everyone else`: what is named is compared with the rest."""
    difference: bool
    difference_at: Place | None
    changed: bool
    """`what changed`: two stretches of time are compared, or two versions."""
    themes: bool
    why: bool
    reasons: Place | None
    about: bool
    """`what do callers ask for`: why they call."""
    inventory: bool
    """`what intents are there`: the values themselves."""
    how_are: bool
    """`how satisfied are callers`: all moods are told."""
    twice: Place | None
    """`called more than once`."""
    total: bool
    each: tuple[Place, ...]
    hours: bool
    weekdays: bool
    busiest: Bucket | None
    typical: Bucket | None
    """`on a typical day`: a number in each of them."""
    and_by: Bucket | None
    """`by channel and day`."""
    doubts: bool
    """`do new patients book more`: compared with the others, who are not named."""
    bare: bool
    """`calls since Friday`: their number is wanted, or they themselves."""
    follows: bool
    """It begins as what goes on from a question before does."""


def find_cues(wording: Wording) -> Cues:
    """All of them."""
    found = next(((kind, place) for kind, words in MEASURES if (place := wording.find(words))), None)
    themes = wording.has(_THEMES) and not wording.has(_COUNT)
    why = wording.has(_WHY)
    failing = wording.has(_WHY_FAIL)
    busiest = wording.find(_BUSIEST)
    often = wording.find(_OFTEN_CALLS)
    typical, and_by = wording.find(_TYPICAL), wording.find(_AND_BUCKET)
    if typical is not None:
        found = None
    return Cues(
        measure=found[0] if found else None,
        measure_at=found[1] if found else None,
        rate=wording.find(_RATE) if often is None else None,
        coverage=wording.has(_COVERAGE),
        denominator=_denominator(wording),
        top=wording.find(_TOP),
        rising=wording.has(_RISING) and not wording.has(_BOTH_ENDS),
        listing=wording.has(_LIST),
        recent=wording.has(_RECENT),
        longest=wording.find(_LONG) or wording.find(_CALLS_WITH),
        count=wording.find(_COUNT) or often,
        trend=wording.has(_TREND),
        spread=wording.has(_SPREAD),
        compare=wording.has(_COMPARE),
        versus=tuple(wording.each(_VERSUS)),
        others=wording.has(_OTHERS),
        difference=wording.has(_DIFFERENCE) or failing,
        difference_at=wording.find(_DIFFERENCE),
        changed=wording.has(_CHANGED),
        themes=themes or (why and not failing),
        why=why,
        reasons=wording.find(_REASONS),
        about=wording.has(_ABOUT),
        inventory=wording.has(_INVENTORY),
        how_are=wording.has(_HOW_ARE),
        twice=wording.find(_TWICE),
        total=wording.has(_TOTAL),
        each=tuple(wording.each(_EACH)),
        hours=wording.has(_HOURS),
        weekdays=wording.has(_WEEKDAYS),
        busiest=Bucket(busiest.groups[0] or "day") if busiest else None,
        typical=Bucket(typical.groups[0]) if typical and typical.groups[0] else None,
        and_by=Bucket(and_by.groups[0]) if and_by and and_by.groups[0] else None,
        doubts=wording.has(_YES_OR_NO) and wording.has(_MORE),
        bare=wording.has(_PLURAL_CALLS),
        follows=wording.has(_FOLLOWS),
    )


def _denominator(wording: Wording) -> Denominator | None:
    if wording.has(_ASKED):
        return Denominator.ASKED
    if wording.has(_ANSWERED):
        return Denominator.ANSWERED
    return Denominator.CALLS if wording.has(_ALL_CALLS) else None
