"""The words of a question as times are read from them: in small letters, without typos, numbers in digits.

Months and weekdays keep their name only where they are meant as one: not `you may call`, `a Sunday`, `she sat`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

LONGEST = 4000
"""Characters that are read: nobody asks a longer question."""

_TOKEN = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]\d{1,2}:\d{2}(?::\d{2})?)?(?![\d-])"
    r"|\d{4}-?[Ww]\d{1,2}(?!\w)|\d{4}-\d{2}(?![\d-])|(?<![\d/])(?:0?[1-9]|1[0-2])/(?:19|20)\d{2}(?![\d/])"
    r"|\d{1,2}\.\d{1,2}\.\d{4}(?!\d)|\d{1,2}/\d{1,2}(?:/\d{4})?(?![\d/])"
    r"|\d{1,2}:\d{2}(?!\d)|\d+(?:[.,]\d+)*"
    r"|[ap]\.\s?m\b\.?|o['’]\s?clock|[^\W\d_]+(?:['’][^\W\d_]+)?|[^\w\s]|_+",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»|(?<!\w)'[^']+'(?!\w)")
_NUMBERS = {
    name: str(number)
    for number, name in enumerate(
        (
            *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
            *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
        ),
        start=1,
    )
} | {"thirty": "30", "sixty": "60", "ninety": "90", "few": "3", "couple": "2"}
_SAME = {
    **{name[:3]: name for name in MONTHS if name != "may"},
    **{name[:3]: name for name in WEEKDAYS},
    **{"sept": "september", "tues": "tuesday", "thur": "thursday", "thurs": "thursday", "weds": "wednesday"},
    **{"hrs": "hours", "hr": "hour", "mins": "minutes", "min": "minute", "yr": "year", "wk": "week", "wks": "weeks"},
    **{"versus": "vs", "till": "until", "til": "until", "prior": "before", "midday": "noon", "weekend's": "weekend"},
    **{"–": "-", "—": "-", "‑": "-", "−": "-"},
}
_WORDS = (
    *MONTHS,
    *WEEKDAYS,
    *(f"{name}s" for name in WEEKDAYS),
    *(
        "yesterday",
        "today",
        "tomorrow",
        "morning",
        "afternoon",
        "evening",
        "mornings",
        "afternoons",
        "evenings",
        "weekend",
        "weekends",
        "weekday",
        "weekdays",
    ),
    *("quarter", "quarters", "month", "months", "before", "since", "between", "hourly", "weekly", "monthly", "daily"),
    *("busiest", "compare", "compared", "previous", "noon"),
)
_UNITS = ("hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years", "quarter", "quarters")
_BEFORE_UNIT = {"last", "past", "this", "previous", "per", "by", "each", "every"}
_ENGLISH = frozenset(
    {
        *("daisy", "toddy", "toady", "precious", "singe", "quartet", "monthly"),
        *(
            "match",
            "marsh",
            "larch",
            "macho",
            "sundry",
            "mundane",
            "being",
            "mouth",
            "mouths",
            "moth",
            "moths",
            "quart",
        ),
        *("afford", "gaily", "dairy", "dally", "comparer", "warning", "mourning", "since", "sincere", "moon", "soon"),
        *("weekday", "weekdays", "weekend", "weekends", "weakly", "compares", "comparing", "month", "evening", "apron"),
        *(
            "words",
            "work",
            "weeds",
            "need",
            "seek",
            "meek",
            "say",
            "may",
            "way",
            "pay",
            "hear",
            "near",
            "dear",
            "their",
        ),
        *(
            "bear",
            "your",
            "our",
            "four",
            "hours",
            "tear",
            "wear",
            "years",
            "dates",
            "date",
            "wee",
            "peek",
            "web",
            "reek",
        ),
    }
)
"""Words that are right as they are, however near they come to one of ours."""
_NAMES = frozenset((*MONTHS, *WEEKDAYS))
_DOUBTFUL = frozenset({"may", "march", "mar", "sat", "sun", "wed", "mon", "dec", "jan", "jun", "sep", "oct", "apr"})
_CUES = frozenset(
    {
        *("in", "of", "since", "during", "until", "before", "after", "from", "to", "through", "between", "for", "vs"),
        *("with", "against", "than", "last", "this", "early", "late", "mid", "by", "over", "on", "compare", "next"),
        *("compared", "every", "each", "past", "previous", "around", "within", "-", "/", "("),
    }
)
_SUBJECTS = frozenset(
    {
        *("i", "we", "you", "they", "he", "she", "it", "be", "have", "not", "also", "still", "need", "want", "call"),
        *("callers", "people", "a", "an", "the", "get", "ask", "our", "my", "one", "there", "or"),
    }
)
"""What follows `may` where it is a verb."""
_SAID = frozenset(
    {"mention", "mentions", "mentioning", "say", "says", "saying", "word", "words", "phrase", "contain", "containing"}
)
_CALLED = frozenset({"called", "named", "name"})
_BOOKED = re.compile(r"(book|reserv|schedul|appointment|part(y|ies)$|table|made$|plan|deliver|is$|was$|are$|were$)")


@dataclass(frozen=True, slots=True)
class Word:
    """One word, number or sign of a question."""

    start: int
    end: int
    written: str
    reads: str
    """What it is taken for; `~` where it is no part of a time."""


@dataclass(frozen=True, slots=True)
class Words:
    """A question as times are read from it."""

    text: str
    """What its words read as, with one space between them."""
    words: tuple[Word, ...]
    starts: tuple[int, ...]
    """Where each word begins in `text`."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the question a stretch of `text` stands."""
        first = max(bisect_right(self.starts, start) - 1, 0)
        last = max(bisect_right(self.starts, max(end - 1, start)) - 1, first)
        return self.words[first].start, self.words[last].end


def read_words(question: str) -> Words:
    """The words of a question; what stands in quotation marks is what somebody said, and no time."""
    hidden = _QUOTED.sub(lambda quoted: "~" * len(quoted[0]), question[:LONGEST])
    written = [
        Word(found.start(), found.end(), found[0], _plain(found[0]))
        for found in _TOKEN.finditer(hidden)
        if found[0].lower() not in {"'s", "’s"}
    ]
    words = _no_ordinals(tuple(_read(written, at) for at in range(len(written))))
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word.reads) + 1
    return Words(" ".join(word.reads for word in words), words, tuple(starts))


def _plain(written: str) -> str:
    """In small letters, without `'s`, numbers in digits."""
    small = written.lower().replace("’", "'")
    if small.replace(" ", "").replace(".", "") in {"am", "pm"}:
        return small.replace(" ", "").replace(".", "")
    if small.startswith("o'") and small.endswith("clock"):
        return "oclock"
    small = small.removesuffix("'s")
    return _NUMBERS.get(small, small)


def _no_ordinals(words: Sequence[Word]) -> tuple[Word, ...]:
    """`14th` as one word, 14."""
    joined: list[Word] = []
    for word in words:
        last = joined[-1] if joined else None
        if last and last.reads.isdigit() and last.end == word.start and word.reads in {"st", "nd", "rd", "th"}:
            joined[-1] = Word(last.start, word.end, last.written + word.written, last.reads)
        else:
            joined.append(word)
    return tuple(joined)


def _read(words: Sequence[Word], at: int) -> Word:
    """What one word is taken for, among the others."""
    word = words[at]
    plain = word.reads
    before = words[at - 1].reads if at else ""
    name = "hours" if plain == "h" and before.isdigit() else _SAME.get(plain, plain)
    if plain not in _NAMES and name == plain and plain.isalpha():
        name = _without_typo(plain, before)
    if name.removesuffix("s") in _NAMES and not _is_meant(words, at, plain, name):
        return Word(word.start, word.end, word.written, "~")
    return Word(word.start, word.end, word.written, name if name != "~" else plain)


def _without_typo(plain: str, before: str) -> str:
    """The word that was meant, where it is one letter away, or two of a long one."""
    if plain in _ENGLISH or plain in _WORDS or plain in _UNITS or not 3 <= len(plain) <= 14:
        return plain
    if before in _BEFORE_UNIT or before.isdigit():
        near = [unit for unit in _UNITS if OSA.distance(plain, unit, score_cutoff=1) <= 1]
        if near and len(plain) >= 3:
            return min(near, key=lambda unit: (len(unit) != len(plain), unit))
    for known in _WORDS:
        if len(known) >= 5 and known[0] == plain[0]:
            most = 2 if len(known) >= (8 if known in _NAMES else 9) else 1
            if abs(len(known) - len(plain)) <= most and OSA.distance(plain, known, score_cutoff=most) <= most:
                return known
    return plain


def _is_meant(words: Sequence[Word], at: int, plain: str, name: str) -> bool:
    """Whether a month or weekday is meant by this word."""
    before = words[at - 1].reads if at else ""
    after = words[at + 1].reads if at + 1 < len(words) else ""
    if before in _SAID or (before in _CALLED and not after.isdigit()):
        return False
    if before == "good" or (before == "with" and plain != name):  # with Marco
        return False
    if before in {"a", "an"}:
        return at > 1 and words[at - 2].reads == "on" and name in WEEKDAYS
    if before == "for" and name in WEEKDAYS and at > 1 and _BOOKED.match(words[at - 2].reads):
        return False
    numbered = after.isdigit() or before.isdigit()
    if plain in _DOUBTFUL or plain != name:
        if plain == "may" and after in _SUBJECTS and not before.isdigit():
            return False
        big = at == 0 or words[at].written[0].isupper()
        capital = plain in {"may", "march"} and big and after not in {"to", "into"}
        beside = before in {"and", ",", "or", "&"} and at > 1 and _is_name(words[at - 2].reads)
        ends = after in {"", "?", ".", "!", ",", "vs", "-", ":"} and plain in {"may", "march"}
        joined = after in {"-", "to", "and", "or", "vs", ","} and at + 2 < len(words) and _is_name(words[at + 2].reads)
        misspelt = plain not in _SAME and plain not in _NAMES and len(plain) >= 6
        return before in _CUES or numbered or capital or beside or joined or ends or misspelt
    return True


def _is_name(plain: str) -> bool:
    return _SAME.get(plain, plain).removesuffix("s") in _NAMES or plain.isdigit()
