"""Doing what a model asks for: every tool reads through the reports, kept to what its user may see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from postcall.analyst.asking import CONVERSATIONS, Asking, counting
from postcall.analyst.budget import Budget
from postcall.analyst.planning.plain_columns import name_plainly
from postcall.analyst.planning.tool_results import (
    MOST_TERMS,
    sampled,
    tell,
    tell_asked,
    tell_call,
    tell_found,
    tell_sample,
    tell_terms,
)
from postcall.analyst.planning.tool_shapes import METRICS, QUERY, READ, SAMPLE, SEARCH, TOOLS
from postcall.analyst.steps import Step, StepKind
from postcall.analyst.themes.finding import Progress, Themes, read_themes
from postcall.analyst.themes.reading import Reader
from postcall.analyst.themes.sampling import MOST_CALLS, sample_calls, sample_similar
from postcall.domain.analysis import Asked, Basis, KnownTerm, NameKind
from postcall.domain.keys import Principal
from postcall.domain.queries import Measure, MeasureKind, Query
from postcall.domain.said_words import split_words
from postcall.errors import BadInput, PostcallError
from postcall.llm.chat_shapes import ToolCall
from postcall.reporting.query_format import read_query
from postcall.reporting.reading import read_object, read_text, read_whole
from postcall.reporting.reports import Reports
from postcall.services import Services
from postcall.storage.said import Said, read_said_of

MOST_ARGUMENTS = 20_000
"""Characters of one call's arguments."""
MOST_BEHIND = 20
"""Calls that are named as those behind a number."""
_FOUND = 20
_QUOTED = 5
"""Found calls whose turns are shown to the model."""
_LIMIT = 200
"""Rows of a query that names no limit."""
_JSON = msgspec.json.Decoder(Any)
_PERIOD = ("since", "until")
_QUERY_KEYS = (*_PERIOD, "measures", "group_by", "filters", "having", "order", "limit", "compare", "text")


@dataclass(frozen=True, slots=True)
class Told:
    """What a tool returned."""

    text: str
    """For the model."""
    failed: bool = False


class Toolbox:
    """The tools of one question, and all that they have returned."""

    def __init__(
        self,
        services: Services,
        reports: Reports,
        who: Principal,
        *,
        agent: str | None,
        time_zone: str,
        now: datetime,
        terms: Sequence[KnownTerm],
        budget: Budget,
        reader: Reader | None = None,
        stop: asyncio.Event | None = None,
    ) -> None:
        """`reader` reads samples; without it they are only drawn. `stop`, once set, ends the reading."""
        self._services = services
        self._reports = reports
        self._who = who
        self._asking = Asking(services, reports, who, agent=agent)
        self._time_zone = time_zone
        self._now = now
        self._terms = terms
        self._budget = budget
        self._reader = reader
        self._stop = stop
        self._seen: dict[str, Said | None] = {}
        self.asked: dict[str, Asked] = {}
        """Results of queries, by id."""
        self.samples: dict[str, Asked] = {}
        """What samples said, by id; no query gives the same."""
        self.bases: dict[str, Basis] = {}
        """Of how many calls each sample is."""
        self.counted: dict[str, str] = {}
        """By the id of a sample that of the query that counts the calls it is of."""
        self.found: dict[str, tuple[str, ...]] = {}
        """Ids of the calls that searches found, by the id of the query that counts them."""

    async def run(self, call: ToolCall) -> AsyncGenerator[Step | Told, None]:
        """Steps, and at last what to tell the model: also of what went wrong, so that it can do better."""
        try:
            given = _arguments(call)
            match call.name:
                case QUERY.name:
                    work = self._query(given)
                case SEARCH.name:
                    work = self._search(given)
                case SAMPLE.name:
                    work = self._sample(given)
                case READ.name:
                    work = self._read(given)
                case METRICS.name:
                    work = self._list(given)
                case _:
                    names = ", ".join(tool.name for tool in TOOLS)
                    raise BadInput(f"there is no tool {call.name[:50]!r}; there are {names}")
            async for each in work:
                yield each
        except PostcallError as error:
            yield Told(tell({"error": str(error)[:1_000]}), failed=True)

    async def find_said(self, call_id: str) -> Said | None:
        """What was said in a call; None where there is none that its user may see and that reports count."""
        if call_id not in self._seen:
            self._seen[call_id] = await self._look_up(call_id)
        return self._seen[call_id]

    async def behind(self, asked: Asked) -> tuple[str, ...]:
        """The newest calls behind a result; where each of its groups is a call, these."""
        if asked.query.group_by == ("field.id",):
            return tuple(str(row.group[0]) for row in asked.result.rows if row.group[0] is not None)[:MOST_BEHIND]
        if not asked.result.calls:
            return ()
        bare = replace(counting(asked.query), measures=())
        return (await self._asking.calls(bare, limit=MOST_BEHIND)).ids

    async def _query(self, given: Mapping[str, object]) -> AsyncGenerator[Step | Told, None]:
        read_object(given, "body", _QUERY_KEYS)
        query = self._read_query(given)
        if not query.measures:
            raise BadInput('measures: at least one is needed, such as {"measure": "conversations"}', field="measures")
        yield Step(StepKind.ASKING, "Asking the reports.")
        query = name_plainly(query)
        asked = await self._ask(query if query.limit is not None else replace(query, limit=_LIMIT))
        yield Step(StepKind.ASKED, f"{asked.result.calls:,} calls match.", asked=asked)
        yield Told(tell(tell_asked(asked)))

    async def _search(self, given: Mapping[str, object]) -> AsyncGenerator[Step | Told, None]:
        read_object(given, "body", ("words", "filters", "limit", *_PERIOD))
        words = None if given.get("words") is None else read_text(given["words"], "words", most=500)
        limit = _whole(given, "limit", most=_FOUND, default=_FOUND)
        query = replace(self._read_query(_without(given, "words", "limit")), measures=(CONVERSATIONS,), text=words)
        yield Step(StepKind.ASKING, "Looking for calls." if words is None else f"Searching for “{words}”.")
        asked = await self._ask(query)
        yield Step(StepKind.ASKED, f"{asked.result.calls:,} calls match.", asked=asked)
        keys = await self._asking.calls(query, limit=limit)
        self.found[asked.id] = keys.ids
        found = []
        if words is not None:
            found = [said for each in keys.ids[:_QUOTED] if (said := await self.find_said(each)) is not None]
        yield Told(tell(tell_found(asked, keys.ids, found, words)))

    async def _read(self, given: Mapping[str, object]) -> AsyncGenerator[Step | Told, None]:
        read_object(given, "body", ("call", "from_turn"))
        call_id = read_text(given.get("call"), "call", most=300)
        first = _whole(given, "from_turn", least=0, most=1_000_000, default=0)
        yield Step(StepKind.CALLS, f"Reading call {call_id}.")
        said = await self.find_said(call_id)
        if said is None:
            raise BadInput(f"call: there is no call {call_id[:100]!r}", field="call")
        yield Told(tell(tell_call(said, first)))

    async def _sample(self, given: Mapping[str, object]) -> AsyncGenerator[Step | Told, None]:
        read_object(given, "body", ("filters", "words", "like", "n", "look_for", *_PERIOD))
        most = _whole(given, "n", most=MOST_CALLS, default=100)
        read = self._read_query(_without(given, "words", "like", "n", "look_for"))
        words = None if given.get("words") is None else read_text(given["words"], "words", most=500)
        query = await self._asking.keep(replace(read, measures=(CONVERSATIONS,), text=words))
        looked_for = given.get("look_for")
        question = "" if looked_for is None else read_text(looked_for, "look_for", most=1_000)
        like, account = given.get("like"), self._who.account_pk
        if like is None:
            sample = await sample_calls(self._reports, account, query, now=self._now, most=most)
        else:
            text = read_text(like, "like", most=1_000)
            sample = await sample_similar(
                self._services, self._reports, account, query, text,
                agent_pks=self._who.agents, now=self._now, most=most,
            )  # fmt: skip
        themes: Themes | None = None
        if question and self._reader is not None and sample.pks:
            reading = read_themes(
                self._reader, self._services.record, question, sample,
                budget=self._budget, now=self._now, stop=self._stop,
            )  # fmt: skip
            async for each in reading:
                if isinstance(each, Progress):
                    says = f"Reading calls: {each.done} of {each.of}."
                    yield Step(StepKind.CONVERSATIONS, says, done=each.done, of=each.of)
                else:
                    themes = each
        name = f"s{len(self.samples) + 1}"
        counted = await self._ask(counting(replace(query, since=sample.since, until=sample.until)))
        self.samples[name] = sampled(name, sample, themes)
        self.bases[name] = Basis(of=sample.of, n=len(sample.ids) if themes is None else themes.n)
        self.counted[name] = counted.id
        yield Told(tell(tell_sample(self.samples[name], sample, themes)))

    async def _list(self, given: Mapping[str, object]) -> AsyncGenerator[Step | Told, None]:
        read_object(given, "body", ("search", *_PERIOD))
        wanted = given.get("search")
        words = set() if wanted is None else set(split_words(read_text(wanted, "search", most=500)))
        terms = [term for term in self._terms if not words or words & _words_of(term)] or list(self._terms)
        names = [term.name for term in terms[:MOST_TERMS] if term.kind is not NameKind.FIELD]
        yield Step(StepKind.READING, "Looking up names.")
        coverage = None
        if names:
            measures = tuple(Measure(MeasureKind.SHARE, of=name, name=name) for name in names[:40])
            coverage = await self._ask(replace(self._read_query(_without(given, "search")), measures=measures))
        yield Told(tell(tell_terms(terms, coverage)))

    async def _ask(self, query: Query) -> Asked:
        [asked] = await self._asking.ask([query])
        self.asked[asked.id] = asked
        return asked

    def _read_query(self, given: Mapping[str, object]) -> Query:
        """In the time zone of the question; which agents count is never for the model to say."""
        return read_query({**given, "time_zone": self._time_zone})

    async def _look_up(self, call_id: str) -> Said | None:
        try:
            query = read_query({"filters": [{"field": "field.id", "op": "eq", "value": call_id}]})
        except BadInput:
            return None
        keys = await self._asking.calls(replace(query, measures=(CONVERSATIONS,)), limit=1)
        if call_id not in keys.ids:
            return None
        account = self._who.account_pk
        return await self._services.record.read_async(lambda c: read_said_of(c, account, call_id))


def _arguments(call: ToolCall) -> Mapping[str, object]:
    if len(call.arguments) > MOST_ARGUMENTS:
        raise BadInput("the arguments are too long")
    try:
        given = _JSON.decode(call.arguments or "{}")
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise BadInput("the arguments are no JSON") from None
    if not isinstance(given, dict):
        raise BadInput("the arguments must be an object")
    # Models write null for what they leave out.
    return {key: value for key, value in given.items() if value is not None}


def _whole(given: Mapping[str, object], key: str, *, least: int = 1, most: int, default: int) -> int:
    return default if given.get(key) is None else read_whole(given[key], key, least=least, most=most)


def _without(given: Mapping[str, object], *keys: str) -> dict[str, object]:
    return {key: value for key, value in given.items() if key not in keys}


def _words_of(term: KnownTerm) -> set[str]:
    return {
        *split_words(term.name.replace("_", " ")),
        *split_words(term.says),
        *split_words(" ".join(map(str, term.values))),
    }
