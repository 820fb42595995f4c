"""DATETIME, and STRING or INTEGER questions that ask for a day or a time of day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from postcall.domain.answers import Answer
from postcall.extraction.builtin.dates import WEEKDAYS, DateMention, find_dates, find_loose_dates
from postcall.extraction.builtin.happenings import Event, is_confirmed, weigh
from postcall.extraction.builtin.numbers import digitise
from postcall.extraction.builtin.prompt import Question
from postcall.extraction.builtin.reading import Reading, Utterance
from postcall.extraction.builtin.replies import ok, unsaid
from postcall.extraction.builtin.times import TimeMention, find_times
from postcall.extraction.builtin.tracking import Finder, Mention, asked_by, deals, quote_of, settle, settle_deal

BIRTH = re.compile(r"\b(?:birth|born|dob|birthday|birthdate|nacimiento|urodz\w+)\b", re.IGNORECASE)
_PAST = re.compile(
    r"\b(?:birth\w*|born|dob|happened|occurred|incident|accident|purchased?|bought|started|began|since when|last "
    r"(?:visit|time|service)|when did|stolen|lost|arrived)\b",
    re.IGNORECASE,
)
_DAY_ASKED = re.compile(
    r"\b(?:date|day|when|what time|which day|weekday|how soon|birth\w*|born|dob|start|end|until|from|cuándo|fecha|"
    r"día|kiedy|data|dzień|check[- ]?in|check[- ]?out|leav\w*|return\w*|arriv\w*|stay)\b",
    re.IGNORECASE,
)
_TIME_ASKED = re.compile(
    r"\b(?:what time|when|which time|time|hour|how early|how late|hora|godzin\w+|o której)\b", re.IGNORECASE
)
_WANTS_TIME = re.compile(r"\b(?:time|hour|hh:mm|o'clock|when exactly|date and time|datetime)\b", re.IGNORECASE)
_ENDING = re.compile(
    r"\b(?:check[-_ ]?out|end(?:s|ing)?|return(?:s|ing)?|drop[-_ ]?off|until|last day|leav(?:e|es|ing) the|move[- "
    r"]?out|expir\w+|salida)\b",
    re.IGNORECASE,
)
_END_CUE = re.compile(
    r"\b(?:until|till|til|through|thru|to|and|check(?:ing)?[- ]?out|return(?:ing|s|ed)?|drop(?:ping)?(?:[- "
    r"]?it)?[- ]?off|back|end(?:ing|s)?|leav(?:e|ing)|hasta|do)"
    r"(?:\s+(?:on|it|date|day|is|will|be|the|by|at|of|for|a|in|around|morning|afternoon))*\s*$",
    re.IGNORECASE,
)
_PROMISED = re.compile(r"\b(?:promis\w*|pay_?by|pay by|agreed? to pay|will pay|payment date)\b", re.IGNORECASE)
"""What is agreed on is a payment, which nothing books."""
_KEPT = re.compile(r"\b(?:confirm\w*|kept|keeps?)\b", re.IGNORECASE)
"""An arrangement that stood before the call and was only confirmed in it is asked about as well."""
_START_CUE = re.compile(
    r"\b(?:from|starting|start|check(?:ing)?[- ]?in|pick(?:ing)?(?:[- ]?it)?[- ]?up|arriv\w+|begin\w*|depart\w*|"
    r"leaving|for|on|desde|od)"
    r"(?:\s+(?:on|it|date|day|is|will|be|the|by|at|of|a|in|around))*\s*$",
    re.IGNORECASE,
)


def today(question: Question, reading: Reading) -> date:
    """The day of the conversation: the prompt's, else the call's."""
    return question.reference or reading.reference.date()


def wants_end(question: Question) -> bool:
    """It asks for the end of a stay or period, rather than its beginning."""
    return question.has(_ENDING)


def answer_datetime(question: Question, reading: Reading) -> Answer:
    """The date that the call settles on, with the time where one is said and asked for."""
    if question.has(BIRTH):
        return _answer_birth(question, reading)
    day = _settle(question, reading, day_finder(question, reading), _DAY_ASKED)
    if day is None:
        return unsaid(question, _why_not(question, reading, "No date that answers this is said"))
    assert isinstance(day.value, date)
    value = day.value.isoformat()
    quotes = [quote_of(reading, day)]
    if _WANTS_TIME.search(question.text) and not re.search(r"YYYY-MM-DD(?!T)", question.metric.prompt):
        clock = _settle(question, reading, time_finder(question), _TIME_ASKED)
        if clock is not None:
            value = f"{value}T{clock.value}:00"
            quotes.append(quote_of(reading, clock))
    who = "caller" if reading.turns[day.turn].by_user else "agent"
    words = reading.turns[day.turn].text[day.start : day.end]
    return ok(
        question,
        value,
        confidence=day.certain * 0.85,
        reasoning=f"The {who} says “{words}”, which is {value}.",
        evidence=quotes,
    )


def answer_time(question: Question, reading: Reading) -> Answer:
    """A time of day as HH:MM."""
    clock = _settle(question, reading, time_finder(question), _TIME_ASKED)
    if clock is None:
        return unsaid(question, _why_not(question, reading, "No time that answers this is said"))
    words = reading.turns[clock.turn].text[clock.start : clock.end]
    return ok(
        question,
        str(clock.value),
        confidence=clock.certain,
        reasoning=f"The time agreed on is “{words}”.",
        evidence=(quote_of(reading, clock),),
    )


def settle_day(question: Question, reading: Reading, *, numbered: bool = False) -> Mention | None:
    """The day that the call settles on, for questions of any type; with `numbered`, only one said with its number."""
    find = day_finder(question, reading)

    def find_numbered(turn: Utterance, expected: bool) -> Iterator[Mention]:
        for mention in find(turn, expected):
            if any(char.isdigit() for char in digitise(turn.text[mention.start : mention.end]).text):
                yield mention

    return _settle(question, reading, find_numbered if numbered else find, _DAY_ASKED)


def weekday_of(reading: Reading, mention: Mention) -> int | None:
    """The weekday that the words of a mention name, 0 for Monday; None where they name none."""
    words = reading.turns[mention.turn].text[mention.start : mention.end].lower()
    return next((number for name, number in WEEKDAYS.items() if re.search(rf"\b{name}\b", words)), None)


def _settle(question: Question, reading: Reading, finder: Finder, asked: re.Pattern[str]) -> Mention | None:
    if not question.gated:
        return settle(reading, finder, asked)
    found = settle_deal(reading, finder, asked)
    if found is None and _PROMISED.search(question.core) and Event.PLANNED in weigh(reading):
        return settle(reading, finder, asked)
    if found is None and _KEPT.search(question.text) and is_confirmed(reading):
        return settle(reading, finder, asked) or _first(reading, finder)
    return found


def _first(reading: Reading, finder: Finder) -> Mention | None:
    """What the agent names first, such as the appointment that is then confirmed."""
    return next((each for turn in reading.turns if not turn.by_user for each in finder(turn, False)), None)


def _why_not(question: Question, reading: Reading, otherwise: str) -> str:
    if question.gated and not deals(reading):
        return "The agent confirms no booking or purchase"
    return otherwise


def day_finder(question: Question, reading: Reading) -> Finder:
    """Finds days; of a period only the end that is asked for."""
    now = today(question, reading)
    past = question.has(_PAST)
    end = wants_end(question)

    def find(turn: Utterance, expected: bool) -> Iterator[Mention]:
        mentions = find_dates(turn.text, today=now, day_first=question.day_first, past=past)
        for each in _wanted(turn.text, mentions, end=end):
            yield Mention(each.value, turn.index, each.start, each.end, each.certain * (1.0 if expected else 0.9))

    return find


def _wanted(text: str, mentions: tuple[DateMention, ...], *, end: bool) -> list[DateMention]:
    if len(mentions) < 2:
        return [each for each in mentions if not _is_other_end(text, each, end=end)]
    kept = [each for each in mentions if _follows_end_cue(text, each) == end]
    if kept:
        return kept
    return [mentions[-1] if end else mentions[0]]


def _follows_end_cue(text: str, mention: DateMention) -> bool:
    before = text[max(0, mention.start - 40) : mention.start]
    return bool(_END_CUE.search(before)) or bool(re.search(r"\d(?:st|nd|rd|th)?\s?[-–]\s?$", before))


def _is_other_end(text: str, mention: DateMention, *, end: bool) -> bool:
    before = text[max(0, mention.start - 40) : mention.start]
    if re.match(r"(?:until|till|from)\b", text[mention.start : mention.end], re.IGNORECASE):
        before += text[mention.start : mention.end].split()[0]
    if end:
        return bool(_START_CUE.search(before)) and not _END_CUE.search(before)
    strong = re.search(
        r"\b(?:until|till|return(?:ing)?|check(?:ing)?[- ]?out|drop(?:ping)?[- ]?(?:it )?off|through|"
        r"hasta)(?:\s+(?:on|it|date|is|the|by|at|of|will|be))*\s*$",
        before,
        re.IGNORECASE,
    )
    return bool(strong)


def time_finder(question: Question) -> Finder:
    """Finds times of day, as `HH:MM`; a bare hour counts as afternoon from one to six where nothing was said."""

    def find(turn: Utterance, expected: bool) -> Iterator[Mention]:
        mentions = find_times(turn.text, bare=expected and turn.by_user)
        for each in mentions:
            if _is_duration(turn.text, each):
                continue
            yield Mention(_hhmm(each), turn.index, each.start, each.end, 0.85 if each.sure_half else 0.55)

    del question
    return find


def _hhmm(mention: TimeMention) -> str:
    hour = mention.value.hour
    if not mention.sure_half and 1 <= hour <= 6:
        hour += 12
    return f"{hour:02d}:{mention.value.minute:02d}"


def _is_duration(text: str, mention: TimeMention) -> bool:
    return bool(
        re.match(
            r"\s*(?:people|persons|guests|minutes?|mins?|hours?|tickets?|nights?|days?|of us|dollars|credits|years?)\b",
            text[mention.end :],
            re.IGNORECASE,
        )
    )


def _answer_birth(question: Question, reading: Reading) -> Answer:
    """The birthday that most of the caller's answers name; read as past, and from runs of digits where it was
    asked for."""
    now = today(question, reading)
    votes: dict[date, list[Mention]] = {}
    for turn in reading.user_turns:
        expected = asked_by(reading, turn, BIRTH)
        found = find_dates(turn.text, today=now, day_first=question.day_first, past=True)
        if expected and not any(each.has_year for each in found):
            found = find_loose_dates(turn.text, today=now, day_first=question.day_first is not False) or found
        for each in found:
            if each.has_year and each.value <= now and (expected or BIRTH.search(turn.text)):
                votes.setdefault(each.value, []).append(
                    Mention(each.value, turn.index, each.start, each.end, each.certain)
                )
    if not votes:
        return unsaid(question, "The caller gives no date of birth")
    best = max(votes.values(), key=lambda found: (sum(each.certain for each in found), found[-1].turn))
    value = best[0].value
    assert isinstance(value, date)
    return ok(
        question,
        value.isoformat(),
        confidence=0.6 + 0.1 * len(best),
        reasoning=f"The caller gives {value.isoformat()} as the date of birth.",
        evidence=[quote_of(reading, each) for each in best],
    )
