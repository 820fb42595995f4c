"""Whether surviving quotes contain the value of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Final

from postcall.domain.answers import AnswerValue, Evidence
from postcall.domain.calls import Transcript
from postcall.domain.clocks import find_times
from postcall.domain.dates import find_dates
from postcall.domain.folding import plain, words
from postcall.domain.moments import says
from postcall.domain.numbers import digitised, digits_in, numbers_in
from postcall.domain.questions import QuestionType

_ARTICLES: Final = frozenset({"a", "an", "the", "el", "la", "los", "las", "un", "una"})
_SPOKEN_MARKS: Final = {
    "at": "@", "arroba": "@", "dot": ".", "punto": ".", "point": ".", "underscore": "_", "dash": "-", "hyphen": "-",
    "guion": "-", "plus": "+", "slash": "/",
}  # fmt: skip
_SELF = re.compile(r"\b(?:me|myself|conmigo|yo)\b", re.IGNORECASE)
_CLOCK_VALUE = re.compile(r"(\d{1,2}):(\d{2})(?: ?([ap])\.?m\.?)?", re.IGNORECASE)
_SHORT_CODE: Final = 3
"""A code of fewer digits must be all that was dictated in one go, or a 5 would be found in any telephone number."""


def supports(
    value: AnswerValue, kind: QuestionType, evidence: Sequence[Evidence], references: Sequence[datetime]
) -> bool:
    """Whether the quotes contain the value, each alone or all of them read one after the other.

    STRING: in the same words but for case, accents and punctuation; spelled-out letters, spoken digits, the "at" and
    "dot" of addresses, and for clock times and ISO dates any words that give them, count. DATETIME: the quotes give its
    date and, where it has one, its time; `references` are the moments from which "next Tuesday" may count. INTEGER:
    `says_number`. Other types: any quote supports them.
    """
    texts = [one.quote for one in evidence]
    if len(texts) > 1:
        texts += [" ".join(texts), " ".join(one.quote for one in sorted(evidence, key=lambda one: one.turn))]
    match kind:
        case QuestionType.STRING:
            text_value = str(value)
            dated = _is_date(text_value) and _gives_moment(texts, text_value, references)
            return dated or any(contains(text, text_value) for text in texts)
        case QuestionType.DATETIME:
            return _gives_moment(texts, str(value), references)
        case QuestionType.INTEGER:
            return isinstance(value, int) and any(says_number(text, value) for text in texts)
        case _:
            return bool(evidence)


def contains(text: str, value: str) -> bool:
    """Whether the value stands in the text, in one of the forms in which people say it."""
    wanted = words(value)
    if not wanted:
        return bool(value) and value in text
    said = words(text)
    return (
        _stands_in(wanted, said)
        or _stands_in(_without_articles(wanted), said)
        or _stands_in(words(digitised(plain(value))), words(digitised(plain(text))))
        or _spelled(wanted, said)
        or _dictated(value, text)
        or _addressed(value, text)
        or _clocked(value, text)
    )


def says_number(text: str, number: int) -> bool:
    """Whether the number is said in the text, in digits or words, or follows from the numbers said by one sum.

    "two adults and three children" says 5; "me and two friends" says 3.
    """
    said = numbers_in(text)
    number = abs(number)
    if number in said:
        return True
    parts = sorted(said)[:12]
    if _SELF.search(text) and number - 1 in said:
        return True
    return len(parts) > 1 and number in {sum(parts), *_pairs(parts)}


def bare_numbers(text: str, reference: datetime) -> set[int]:
    """The numbers of a text that are neither part of a date nor of a time of day."""
    _, rest = find_times(digitised(" ".join(plain(text).split())))
    _, rest = find_dates(rest, reference)
    return numbers_in(rest)


def spoken_anywhere(number: int, transcript: Transcript) -> bool:
    """Whether the number is said in any turn."""
    return any(abs(number) in numbers_in(turn.text) for turn in transcript)


def gives_date_only(evidence: Sequence[Evidence], moment: str, references: Sequence[datetime]) -> bool:
    """Whether the quotes give the moment's date but no time, so that a time of midnight is only padding."""
    return moment[11:19] == "00:00:00" and _gives_moment([one.quote for one in evidence], moment[:10], references)


def _gives_moment(texts: Iterable[str], moment: str, references: Sequence[datetime]) -> bool:
    date_said = time_said = False
    for text in texts:
        for reference in references:
            named, timed = says(text, moment, reference)
            date_said, time_said = date_said or named, time_said or timed
    return date_said and time_said


def _is_date(text: str) -> bool:
    try:
        return len(text) == 10 and text.isascii() and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _pairs(parts: Sequence[int]) -> set[int]:
    pairs = set()
    for index, a in enumerate(parts):
        for b in parts[index + 1 :]:
            pairs |= {a + b, b - a, a * b}
    return pairs


def _stands_in(wanted: Sequence[str], said: Sequence[str]) -> bool:
    if not wanted:
        return False
    first, length = wanted[0], len(wanted)
    if any(said[at : at + length] == wanted for at, word in enumerate(said) if word == first):
        return True
    return not first.isascii() and "".join(wanted) in "".join(said)  # scripts that do not part words


def _without_articles(wanted: list[str]) -> list[str]:
    start, end = 0, len(wanted)
    while start < end and wanted[start] in _ARTICLES:
        start += 1
    return wanted[start:end]


def _spelled(wanted: Sequence[str], said: Sequence[str]) -> bool:
    """`J O H N` or `j-o-h-n` for John; a longer word among the letters parts them."""
    joined = "".join(wanted)
    if len(joined) < 2:
        return False
    runs, run = [], ""
    for word in [*said, ""]:
        if len(word) == 1 or (word.isdigit() and run):
            run += word
            continue
        runs.append(run)
        run = ""
    return any(joined == run or (len(joined) >= _SHORT_CODE and joined in run) for run in runs)


def _dictated(value: str, text: str) -> bool:
    """A code or telephone number, said digit by digit, in pairs, or with letters between."""
    wanted = "".join(char for char in plain(value) if char.isalnum())
    if not any(char.isdigit() for char in wanted):
        return False
    if not wanted.isdigit():
        return len(wanted) >= _SHORT_CODE and _pieced_together(wanted, words(digitised(plain(text))))
    runs = digits_in(text)
    if wanted in runs:
        return True
    return len(wanted) >= _SHORT_CODE and any(wanted in run for run in [*runs, "".join(runs)])


def _pieced_together(wanted: str, said: Sequence[str]) -> bool:
    """Whether neighbouring words, written as one, are what is wanted."""
    for start in range(len(said)):
        joined = ""
        for word in said[start:]:
            joined += word
            if joined == wanted:
                return True
            if not wanted.startswith(joined):
                break
    return False


def _addressed(value: str, text: str) -> bool:
    """`jo dot smith at example dot com` for jo.smith@example.com."""
    if "@" not in value and "." not in value:
        return False
    said = words(digitised(plain(text)))
    return "".join(plain(value).split()) in "".join(_SPOKEN_MARKS.get(word, word) for word in said)


def _clocked(value: str, text: str) -> bool:
    """A clock time in another form: `18:45` for "evening 6:45"."""
    written = _CLOCK_VALUE.fullmatch(value.strip())
    if not written:
        return False
    hour, minute, half = int(written[1]), int(written[2]), (written[3] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        return False
    mentions, _ = find_times(digitised(" ".join(plain(text).split())))
    return any(time(hour, minute) in mention.options for mention in mentions)
