"""What pages, interfaces and commands ask for: numbers, the calls behind them, and the names there are."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import duckdb

from postcall.domain.queries import All, Bucket, Condition, Filter, GroupValue, Operator, Order, Query, Result, Row
from postcall.domain.views import Position
from postcall.errors import BadInput, ReportsBuilding
from postcall.reporting.asked_names import needs_other_names
from postcall.reporting.buckets import bucket_bounds, period_before
from postcall.reporting.compile import Compiler, Scope
from postcall.reporting.fetching import fetch_rows, find_span, with_offsets
from postcall.reporting.found_calls import Found
from postcall.reporting.index import Index
from postcall.reporting.known_names import find_other_names
from postcall.reporting.mentions import metric_names, only_live_environment
from postcall.reporting.periods import read_zone
from postcall.reporting.projection import Trait
from postcall.reporting.record_rows import agent_slugs
from postcall.reporting.remembering import Remembered, is_small, key_of, key_of_text
from postcall.reporting.results import make_coverage
from postcall.reporting.searches import Searches
from postcall.storage.agents import find_agent_row
from postcall.storage.database import Record

T = TypeVar("T")
_THREADS = 4
"""Questions answered at once; each uses every core for itself."""
_BUCKETS = frozenset(bucket.value for bucket in Bucket)


@dataclass(frozen=True, slots=True)
class KnownName:
    """A metric name that some call of the account carries."""

    name: str
    """Without `metric.`; with its case."""
    agent: str
    """The slug of the agent whose calls carry it."""
    written: bool
    """Code wrote it in a call."""
    asked: bool
    """A question of this identifier was asked."""
    built_in: bool
    """postcall itself gives it to every call."""
    kind: str
    """`boolean`, `number` or `text`; `mixed` where calls differ, empty where none has a value."""


@dataclass(frozen=True, slots=True)
class CallKeys:
    """Some of the calls behind a number, the newest first."""

    pks: tuple[int, ...]
    ids: tuple[str, ...]
    next: Position | None
    newest: datetime | None = None
    """When the first of them began."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a query was answered."""

    sql: str
    rows_read: int
    seconds: float
    plan: str


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """How the index stands."""

    state: str
    """`ready`, `building` or `failed`."""
    calls: int
    behind: int
    """Changes that are not in it yet."""
    lag_s: float
    bytes: int
    reason: str | None
    """Why it was last built anew."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whose calls a query is about, as the record knows it."""

    account_pk: int
    agent_pks: frozenset[int] | None
    """None: every agent."""
    found: Found | None


class Reports:
    """The one way to a number. Every method may be awaited from any event loop."""

    def __init__(self, record: Record, index: Index) -> None:
        self._record = record
        self._index = index
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="reports-ask")
        self._results = Remembered[Result]()
        self._rows = Remembered[tuple[Row, ...]]()
        self._totals = Remembered[tuple[int, ...]]()
        self._searches = Searches(record, index)

    def __enter__(self) -> Reports:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index."""
        self._threads.shutdown()
        self._index.close()

    async def run(self, account_pk: int, query: Query) -> Result:
        """The numbers. BadInput where the query names what cannot be measured, with the nearest names there are."""
        return await self._aside(lambda: self.run_now(account_pk, query))

    async def explain(self, account_pk: int, query: Query) -> Explanation:
        """The SQL, how many rows it read, and how long it took."""
        return await self._aside(lambda: self._patiently(lambda: self._explain(account_pk, query)))

    async def calls(
        self,
        account_pk: int,
        query: Query,
        *,
        group: tuple[GroupValue, ...] | None = None,
        after: Position | None = None,
        limit: int = 50,
        misfits_of: str | None = None,
        order: Sequence[Order] = (),
        offset: int = 0,
    ) -> CallKeys:
        """The calls behind a row of the query's result (all rows where `group` is None), the newest first.

        With `misfits_of`, a metric: only those in which nothing of it fits. `order`, by fields, comes before the newest
        first; only pages by `offset` go with it, since `after` and `next` are places in the order of time.
        """
        if group is not None:
            query = replace(query, filters=All((calls_behind(query, group),)))
        return await self._aside(
            lambda: self._patiently(
                lambda: self._calls(account_pk, query, after, limit, misfits_of=misfits_of, order=order, offset=offset)
            )
        )

    async def count(self, account_pk: int, query: Query) -> int:
        """How many calls the query finds, as `run` says it; quicker where nothing is to be measured."""
        return await self._aside(lambda: self._patiently(lambda: self._count_calls(account_pk, query)))

    async def rows(self, account_pk: int, query: Query) -> tuple[Row, ...]:
        """The rows of `run` alone, where nobody is told of how many calls they are known; that costs as much again."""
        return await self._aside(lambda: self._patiently(lambda: self._rows_alone(account_pk, query)))

    async def names(self, account_pk: int, agent: str | None = None) -> tuple[KnownName, ...]:
        """Every metric name that calls carry."""
        return await self._aside(lambda: self._patiently(lambda: self._names(account_pk, agent)))

    async def status(self) -> IndexStatus:
        """How the index stands."""
        return await self._aside(self.status_now)

    async def rebuild(self) -> IndexStatus:
        """Make the index anew; queries are answered from the old one meanwhile. Returns when it is done."""

        def rebuild() -> IndexStatus:
            self._index.rebuild("it was asked for")
            return self.status_now()

        return await asyncio.to_thread(rebuild)

    def run_now(self, account_pk: int, query: Query) -> Result:
        """`run`, on this thread."""
        return self._patiently(lambda: self._run(account_pk, query))

    def status_now(self) -> IndexStatus:
        """`status`, on this thread."""
        index = self._index
        state = "ready" if index.is_ready else "failed" if index.failed else "building"
        return IndexStatus(state, index.count(), index.behind(), index.lag(), index.size(), index.reason)

    async def _aside(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Ask again where the index turned out to be broken: by then it was built anew, or is about to be."""
        try:
            return ask()
        except ReportsBuilding:
            return ask()
        except OverflowError:
            raise BadInput("these times lie too near to an end of the calendar") from None

    def _run(self, account_pk: int, query: Query) -> Result:
        asked = self._asked(account_pk, query)
        earlier = self._earlier(query)
        names = metric_names(query)
        with self._index.seeing() as (cursor, generation):
            key = key_of(account_pk, generation, query, asked.found)
            known = self._results.recall(key)
            if known is not None:
                return known
            scope = self._scope(asked, query, cursor)
            rows = fetch_rows(cursor, query, scope, earlier)
            calls, in_progress, coverage = make_coverage(names, self._count(cursor, generation, query, scope, names))
        result = Result(
            query=query,
            rows=rows,
            coverage=coverage,
            calls=calls,
            in_progress=in_progress,
            notes=_notes(query),
            lag_s=self._index.lag() if self._index.is_behind else 0.0,
        )
        if is_small(query, rows):
            self._results.remember(key, result)
        return result

    def _rows_alone(self, account_pk: int, query: Query) -> tuple[Row, ...]:
        asked = self._asked(account_pk, query)
        earlier = self._earlier(query)
        with self._index.seeing() as (cursor, generation):
            key = key_of(account_pk, generation, query, asked.found)
            known = self._rows.recall(key)
            if known is None:
                known = fetch_rows(cursor, query, self._scope(asked, query, cursor), earlier)
                if is_small(query, known):
                    self._rows.remember(key, known)
            return known

    def _count(
        self, cursor: duckdb.DuckDBPyConnection, generation: int, query: Query, scope: Scope, names: Sequence[str]
    ) -> tuple[int, ...]:
        """What `Compiler.totals` asks for: the same for many queries of a page or a comparison."""
        totals = Compiler(query, scope).totals(names)
        key = key_of_text(scope.account_pk, generation, repr(totals))
        counted = self._totals.recall(key)
        if counted is None:
            counted = cursor.execute(totals.sql, totals.parameters).fetchone() or ()
            self._totals.remember(key, counted)
        return counted

    def _explain(self, account_pk: int, query: Query) -> Explanation:
        asked = self._asked(account_pk, query)
        with self._index.reading() as cursor:
            statement = Compiler(query, self._scope(asked, query, cursor)).rows()
            began = time.perf_counter()
            cursor.execute(statement.sql, statement.parameters).fetchall()
            seconds = time.perf_counter() - began
            analysed = cursor.execute(
                f"EXPLAIN (ANALYZE, FORMAT json) {statement.sql}", statement.parameters
            ).fetchall()
        plan = analysed[0][1]
        return Explanation(statement.sql, int(json.loads(plan)["query"]["total_rows_scanned"]), seconds, plan)

    def _calls(self, account_pk: int, query: Query, after: Position | None, limit: int, **more: Any) -> CallKeys:
        asked = self._asked(account_pk, query)
        place = (after.started_at, after.pk) if after else None
        with self._index.reading() as cursor:
            compiler = Compiler(query, self._scope(asked, query, cursor))
            statement = compiler.call_keys(after=place, limit=limit + 1, **more)
            rows = cursor.execute(statement.sql, statement.parameters).fetchall()
        shown = rows[:limit]
        last = shown[-1] if len(rows) > limit else None
        return CallKeys(
            pks=tuple(row[0] for row in shown),
            ids=tuple(row[1] for row in shown),
            next=Position(last[2].replace(tzinfo=UTC), last[0]) if last else None,
            newest=shown[0][2].replace(tzinfo=UTC) if shown else None,
        )

    def _count_calls(self, account_pk: int, query: Query) -> int:
        asked = self._asked(account_pk, query)
        with self._index.seeing() as (cursor, generation):
            counted = self._count(cursor, generation, query, self._scope(asked, query, cursor), ())
        return make_coverage((), counted)[0]

    def _names(self, account_pk: int, agent: str | None) -> tuple[KnownName, ...]:
        agent_pk = self._agent_pk(account_pk, agent)
        with self._index.reading():
            traits = self._index.traits_by_agent(account_pk)
        slugs = self._record.read(lambda c: agent_slugs(c, account_pk))
        return tuple(
            KnownName(
                name=name,
                agent=slugs[pk],
                written=Trait.WRITTEN in trait,
                asked=Trait.ASKED in trait,
                built_in=Trait.BUILT_IN in trait,
                kind=_kind(trait),
            )
            for (pk, name), trait in sorted(traits.items())
            if agent_pk in (None, pk) and pk in slugs
        )

    def _agent_pk(self, account_pk: int, agent: str | None) -> int | None:
        if agent is None:
            return None
        return int(self._record.read(lambda c: find_agent_row(c, account_pk, agent)).pk)

    def _agent_pks(self, account_pk: int, query: Query) -> frozenset[int] | None:
        """The agents whose calls count; None: every one."""
        named = self._agent_pk(account_pk, query.agent)
        if named is None:
            return query.among
        return frozenset({named}) & (query.among if query.among is not None else {named})

    def _asked(self, account_pk: int, query: Query) -> _Asked:
        return _Asked(account_pk, self._agent_pks(account_pk, query), self._searches.find(account_pk, query))

    def _scope(self, asked: _Asked, query: Query, cursor: duckdb.DuckDBPyConnection) -> Scope:
        """With what is known of the names in the state that the cursor sees."""
        scope = Scope(
            account_pk=asked.account_pk,
            agent_pks=asked.agent_pks,
            traits=self._index.traits(asked.account_pk, asked.agent_pks),
            others=frozenset(),
            questions=frozenset(),
            zone=read_zone(query.time_zone),
            offsets=(),
            found=asked.found,
        )
        since, until = query.since, query.until
        if since is None or until is None:
            first, last = find_span(cursor, asked.account_pk)
            since, until = since or first, until or last
        scope = with_offsets(scope, since, until)
        if needs_other_names(query, scope):
            others = self._record.read(lambda c: find_other_names(c, asked.account_pk, asked.agent_pks))
            scope = replace(scope, others=others.known, questions=others.questions)
        return scope

    def _earlier(self, query: Query) -> Query | None:
        if not query.compare:
            return None
        if query.since is None or query.until is None:
            raise BadInput("compare: needs since and until, to know which period comes before", field="compare")
        since, until = period_before(query.since, query.until, read_zone(query.time_zone))
        return replace(query, since=since, until=until, having=(), order=(), limit=None, compare=False)


def calls_behind(query: Query, group: tuple[GroupValue, ...]) -> Filter:
    """The condition that names exactly the calls of a row: the query's filters and its group's values.

    A bucket becomes a pair of conditions on `field.started_at`.
    """
    zone = read_zone(query.time_zone)
    parts: list[Filter] = list(query.filters.parts)
    for name, value in zip(query.group_by, group, strict=True):
        if name in _BUCKETS:
            try:
                since, until = bucket_bounds(Bucket(name), str(value), zone)
            except (ValueError, OverflowError):
                raise BadInput(f"group: {str(value)[:100]!r} names no {name}", field="group") from None
            parts.append(Condition("field.started_at", Operator.GTE, since.isoformat()))
            parts.append(Condition("field.started_at", Operator.LT, until.isoformat()))
        elif value is None:
            parts.append(Condition(name, Operator.NOT_EXISTS))
        else:
            parts.append(Condition(name, Operator.EQ, value))
    return All(tuple(parts))


def _notes(query: Query) -> tuple[str, ...]:
    return ("Only calls of the live environment.",) if only_live_environment(query) else ()


def _kind(trait: Trait) -> str:
    kinds = {Trait.BOOLEAN: "boolean", Trait.NUMBER: "number", Trait.TEXT: "text"}
    found = [name for flag, name in kinds.items() if flag in trait]
    return "mixed" if len(found) > 1 else found[0] if found else ""
