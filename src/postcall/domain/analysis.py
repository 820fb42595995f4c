"""What the analyst is asked, how it understood that, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from postcall.domain.calls import Json, JsonScalar
from postcall.domain.queries import Bucket, Query, Result


class QuestionKind(StrEnum):
    """What sort of answer is wanted."""

    COUNT = "count"
    RATE = "rate"
    MEASURE = "measure"
    """A sum, an average, a percentile, a least or most of something."""
    TOP = "top"
    """The commonest values, the longest or latest calls."""
    TREND = "trend"
    """A number in each of several stretches of time."""
    COMPARISON = "comparison"
    """A number in two periods or for two values."""
    LIST = "list"
    """Calls themselves."""
    SEARCH = "search"
    """Calls in which something was said."""
    DIFFERENCE = "difference"
    """Why some calls end otherwise than others."""
    THEMES = "themes"
    """What people say about something."""


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody asks. The account is not part of it: it comes from who asks."""

    text: str
    now: datetime
    """Aware; what `today` is meant against."""
    time_zone: str = "UTC"
    agent: str | None = None
    """A slug or id; None: of every agent that may be seen."""
    thread: str | None = None
    """The conversation that this goes on with."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time that some words of a question name."""

    start: int
    """Index of the first character of these words in the question."""
    end: int
    since: datetime | None
    """Aware; the period holds what began then or later. None: without a beginning."""
    until: datetime | None
    """Aware, and not in it. None: up to now."""
    says: str
    """In words, for whoever checks the reading: `8 to 14 June 2026`."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A part of the day, or days of the week, that some words name: a condition and not a period."""

    start: int
    end: int
    weekdays: tuple[str, ...] = ()
    """`Monday` and so on; empty: all."""
    first_minute: int | None = None
    """Of the day, from 0 to 1439."""
    last_minute: int | None = None
    """Included; before the first one where it goes over midnight, as `at night` does."""


@dataclass(frozen=True, slots=True)
class TimeWords:
    """All that a question says of time."""

    periods: tuple[Period, ...] = ()
    """In the order of the words; two where two periods are compared."""
    clocks: tuple[Clock, ...] = ()
    bucket: Bucket | None = None
    """`per day`, `weekly`, `month by month`."""
    bucket_span: tuple[int, int] | None = None
    """Where that, or whatever else it is grouped by, first stands in the question."""
    by_hour_of_day: bool = False
    """`busiest hour`, `by hour of day`: grouped by `field.hour`."""
    by_weekday: bool = False
    """`busiest day of the week`: grouped by `field.weekday`."""
    group_spans: tuple[tuple[int, int], ...] = ()
    """Where all words stand that group by time; `busiest` and `which` are among them."""


class NameKind(StrEnum):
    """What a name stands for."""

    FIELD = "field"
    METRIC = "metric"
    """Written by code."""
    ANSWER = "answer"
    """Of a question asked after the call."""


@dataclass(frozen=True, slots=True)
class KnownTerm:
    """A name that a question may mean."""

    name: str
    """As queries have it: `field.channel`, `metric.BOOKING_CONFIRMED`."""
    kind: NameKind
    type: str
    """`boolean`, `number`, `text` or `time`."""
    values: tuple[JsonScalar, ...] = ()
    """Those that are known: choices, expected values, and the commonest ones that calls have."""
    says: str = ""
    """Its definition, or the question's prompt."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Some words of a question that mean a name, or one of its values."""

    start: int
    end: int
    name: str
    """As queries have it."""
    value: JsonScalar = None
    """The value that is meant; None where only the name is."""
    has_value: bool = False
    negated: bool = False
    """`not booked`, `without insurance`."""
    score: float = 1.0
    """How sure, up to 1; of several that share words, the surest is taken."""
    values: tuple[JsonScalar, ...] = ()
    """Where the words fit several values alike, all of them: `restaurant` for two choices. `value` is the first."""
    others: tuple[Mention, ...] = ()
    """What else the same words may mean, the surest first; none of these has others itself."""


@dataclass(frozen=True, slots=True)
class Understood:
    """How a question was read: shown beside the answer, so that a wrong reading is seen and can be put right."""

    kind: QuestionKind
    queries: tuple[Query, ...]
    """What to ask the reports; none for a list or a search alone, which have `calls`."""
    calls: Query | None = None
    """Whose calls are wanted, where calls are."""
    says: str = ""
    """In one sentence."""
    taken: tuple[tuple[int, int, str], ...] = ()
    """Which words were taken for what: start, end, meaning."""
    left: tuple[str, ...] = ()
    """Words that may matter and were not understood."""


@dataclass(frozen=True, slots=True)
class AskBack:
    """A question that can mean several things, or that nothing here can answer."""

    says: str
    choices: tuple[Understood, ...] = ()
    """What it can mean; none: it cannot be answered."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and its result."""

    query: Query
    result: Result
    id: str = ""
    """`q1`: by this a number in an answer is marked."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A turn of a call that something rests on, checked: both exist, and may be seen."""

    call: str
    turn: int
    """From 0."""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """How much an answer rests on."""

    of: int
    """Calls that match."""
    n: int | None = None
    """Of a sample, how many were read; None: exact, of all."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """The answer to a question."""

    answer: str
    """Lines of sentences; one that begins with `- ` is an item of a list. What a sentence rests on is marked behind it:
    `412 [q1]` comes from the query of this id, `[s1]` from calls that were read, `[c2]` is the second of `citations`.
    """
    kind: QuestionKind | None
    understood: str
    asked: tuple[Asked, ...] = ()
    calls: tuple[str, ...] = ()
    """Ids of calls that the answer names, the most fitting first."""
    citations: tuple[Citation, ...] = ()
    basis: Basis | None = None
    not_covered: tuple[str, ...] = ()
    """What it does not rest on: metrics that are missing, a large unknown share, days without data."""
    thread: str | None = None
    asks_back: bool = False
    readings: tuple[str, ...] = ()
    """Other ways to read the question, to be chosen from."""
    choices: tuple[Understood, ...] = ()
    """Where it asks back, the same ready to be asked: one of them is given back as the reading."""
    shown: tuple[str, ...] = ()
    """Ids of those of `asked` that are the answer, to be drawn; the others are what its sentences rest on beside them.
    Empty: all are."""
    usage: Mapping[str, Json] = field(default_factory=dict)
    """Requests, tokens and seconds that it took, and what it might have taken."""
