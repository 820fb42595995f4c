"""A question as words, each with its place; slips in the words that every question is made of are put right."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rapidfuzz.distance import OSA

_WORD = re.compile(r"\d+(?:st|nd|rd|th|am|pm)\b|\d+(?:[.,]\d+)*|[^\W\d_]\w*(?:[-'’]\w+)*|\w+|[<>]=?|[%,;:?!.()\"“”–-]")
_SLIP_WORDS = (
    "average median percentile percentage proportion fraction portion number longest shortest highest lowest different "
    "distinct frequent common commonest compare compared comparison versus against conversations mention mentions "
    "mentioned mentioning distribution develop trend busiest latest newest share minutes seconds total altogether "
    "reasons weekly monthly hourly before because longer shorter"
)
_SLIPS = frozenset(_SLIP_WORDS.split())
"""Words that say what is wanted, long enough for a slip to be told from another word."""
_FILLER_WORDS = (
    "patients patient guests members visitors shoppers passengers "
    "a about account all also am among an and any anybody anyone are as ask at be been being but by call called caller "
    "callers calling calls came can case cases chat chats client clients clock come comes conversation conversations "
    "could customer customers data day days did do does doing done each end ended ever every everybody everyone "
    "everything find for from gave gives giving stated provided provide get gets getting give given "
    "go got great had handle handled happen happened has have he "
    "hello her here hers hi him his how i if in into is it its just know known like made make makes many me mean much "
    "my need now of off on one ones only or our out over people person persons phone please put "
    "really said say says she "
    "show so some somebody someone started take taken takes tell than thanks that the their them then there these they "
    "thing things this those to too took try tried told up us use user users very want wants was we week were what "
    "what's when where whether which who whom whose why will with without work would you your yours start starts "
    "altogether together either neither both record recorded records contain contains see seen last next previous "
    "earlier later again "
    "more most less least least than over under above below exactly often overall total number numbers count times "
    "time hour hours minute minutes second seconds reached had't hasn't it's that's made where's not no n't don't "
    "didn't doesn't wasn't weren't isn't aren't never none nothing vs versus compared compare against between across "
    "during while per regarding concerning lately recently daily weekly monthly hourly "
    "we've i'd i'm seem seemed seems become "
    "became agent because "
    "ai assistant bot voice fact rate rates share percent percentage"
)
FILLERS = frozenset(_FILLER_WORDS.split())
"""Words that a reading may leave aside: they say nothing that changes a number."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a mark of a question."""

    text: str
    """In lower case, and without the slip where there was one."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """What a pattern found, in the places of the question as it was written."""

    start: int
    end: int
    groups: tuple[str | None, ...]
    spans: tuple[tuple[int, int], ...]
    """Of each group; (-1, -1) where it took no part."""


class Wording:
    """The words of a question one after the other, to be searched with patterns in which one space is between words."""

    def __init__(self, text: str, *, known: Collection[str] = ()) -> None:
        self.words = tuple(_words(text, frozenset(known)))
        self.joined = " ".join(word.text for word in self.words)
        self._starts: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        at = 0
        for word in self.words:
            self._starts[at] = word.start
            at += len(word.text)
            self._ends[at] = word.end
            at += 1

    def find(self, pattern: re.Pattern[str]) -> Place | None:
        """Where the pattern stands first."""
        return next(self.each(pattern), None)

    def has(self, pattern: re.Pattern[str]) -> bool:
        """Whether it stands anywhere."""
        return pattern.search(self.joined) is not None

    def each(self, pattern: re.Pattern[str]) -> Iterator[Place]:
        """Every place."""
        for found in pattern.finditer(self.joined):
            if found.end() > found.start():
                spans = tuple(self._span(found, index) for index in range(1, pattern.groups + 1))
                start, end = self._span(found, 0)
                yield Place(start, end, found.groups(), spans)

    def between(self, start: int, end: int) -> str:
        """The words that lie in a part of the question."""
        return " ".join(word.text for word in self.words if start <= word.start and word.end <= end)

    def _span(self, found: re.Match[str], group: int) -> tuple[int, int]:
        start, end = found.span(group)
        if start < 0:
            return -1, -1
        while start < end and self.joined[start] == " ":
            start += 1
        while end > start and self.joined[end - 1] == " ":
            end -= 1
        first = max((at for at in self._starts if at <= start), default=0)
        last = min((at for at in self._ends if at >= end), default=len(self.joined))
        return self._starts.get(first, 0), self._ends.get(last, 0)


_SHORT_SLIPS = frozenset({"many", "what", "which"})
_HOW = ("many", "much", "often", "long")
_SHORTEST, _LONG = 4, 6
"""Letters of a word that is put right; a short one only to words that begin questions."""


def fold(text: str) -> str:
    """In lower case, and as long as before."""
    return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)


def _words(text: str, known: frozenset[str]) -> Iterator[Word]:
    before = ""
    for found in _WORD.finditer(fold(text)):
        written = found.group().replace("’", "'")
        before = _after_how(written) if before == "how" else _put_right(written, known)
        yield Word(before, found.start(), found.end())


def _after_how(word: str) -> str:
    """`mny` and `muhc` behind `how` are put right, short as they are."""
    near = [each for each in _HOW if OSA.distance(word, each, score_cutoff=1) <= 1]
    return near[0] if near and not is_idle(word) else word


def _put_right(word: str, known: frozenset[str]) -> str:
    if len(word) < _SHORTEST or word in _SLIPS or is_idle(word) or word in known:
        return word
    if word[:-1] in _SLIPS or word[:-1] in known or word + "s" in known:
        return word
    near = [
        each
        for each in (_SLIPS if len(word) >= _LONG else _SHORT_SLIPS)
        if OSA.distance(word, each, score_cutoff=1) <= 1
    ]
    return near[0] if len(near) == 1 else word


_KINDS = re.compile(
    r"^(?:p\d+|\d+th|percentile|average|avg|mean|median|top|main|common|commonest|frequent\w*|popular|"
    r"typical|trend|develop\w*|"
    r"distribution|compar\w*|longest|shortest|highest|lowest|max\w*|min\w*|different|distinct|unique|"
    r"proportion|portion|fraction|part|differ\w*|"
    r"list|open|display|quota|ratio|busiest|quietest|better|worse|higher|lower|longer|shorter|fewer|"
    r"reached|everything|else|rest|same|"
    r"volume|amount|sum|separately|respectively|level|value|values|kind|kinds|sort|type|types|named?|"
    r"first|second|third|complete(?:ness)?|breakdown|mix|split|"
    r"far|seem\w*|together|both|single|recent|newest|latest|slowest|fastest|ranked|ranking|size|spent|"
    r"spend|grow\w*|evol\w*|mostly|"
    r"largest|biggest|smallest|earliest|worst|best|usual(?:ly)?|normal(?:ly)?|generally|basically|currently|actually|going|getting|up|down|changed?|changes|"
    r"overview|summary|recap|others|true|asking|want(?:ing)?|numbers?|figures?|stats?|statistics|kpis?|talk(?:ed)?|busier|quieter|faster|slower|quicker|happen|occur|"
    r"plot|chart|graph|curve|improv\w*|declin(?:e|es|ing)|increas\w*|decreas\w*|rising|falling|dropping|"
    r"slow|fast|quickly|often|frequency|since|until|till|instead|saying|examples?|summari[sz]e|themes?|due|fetch|dollars?|euros?|used|wanted)$"
)


def is_idle(word: str) -> bool:
    """Whether a word says only what sort of answer is wanted, or nothing that changes a number."""
    return word in FILLERS or _KINDS.match(word) is not None
