"""Nobody waits twice for the values that questions may name, and nobody learns those of others."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.builders import AGENT, Desk, StepClock, a_call

from postcall.analyst.names.kept_terms import VALUES_LAST, KeptTerms
from postcall.analyst.names.known_terms import read_carried, read_names
from postcall.domain.analysis import KnownTerm
from postcall.domain.queries import Query, Row
from postcall.errors import AgentNotFound, ReportsBuilding
from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.storage.agents import find_agent_row
from postcall.storage.database import Record


class Watched(Reports):
    """Counts what it is asked, and can be down."""

    asked = 0
    down = False

    async def rows(self, account_pk: int, query: Query) -> tuple[Row, ...]:
        self.asked += 1
        if self.down:
            raise ReportsBuilding(None)
        return await super().rows(account_pk, query)


@pytest.fixture
def reports(record: Record, tmp_path: Path, clock: StepClock) -> Iterator[Watched]:
    made = Watched(record, Index(record, tmp_path / "index.duckdb", clock=clock))
    with made:
        yield made


@pytest.fixture
def kept(record: Record, reports: Watched, clock: StepClock) -> KeptTerms:
    return KeptTerms(record, reports, clock=clock)


async def rooms(kept: KeptTerms, desk: Desk, agents: frozenset[int] | None = None) -> tuple[object, ...]:
    """The values of ROOM, once nothing is being read any more."""
    found = await kept.of(desk.pk, agents=agents, agent=None)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others, return_exceptions=True)
    return _values(found, "metric.ROOM")


def _values(terms: tuple[KnownTerm, ...], name: str) -> tuple[object, ...]:
    return next((each.values for each in terms if each.name == name), ())


def test_a_new_value_is_known_after_a_minute_and_nobody_waits_for_it(
    desk: Desk, kept: KeptTerms, clock: StepClock
) -> None:
    async def ask() -> list[tuple[object, ...]]:
        desk.hand_in(a_call("one", metrics={"ROOM": "blue"}))
        told = [await rooms(kept, desk)]
        desk.hand_in(a_call("two", metrics={"ROOM": ["green", "blue"]}))
        told.append(await rooms(kept, desk))
        clock.advance(VALUES_LAST.total_seconds())
        return [*told, await rooms(kept, desk), await rooms(kept, desk)]

    assert run_aside(ask()) == [("blue",), ("blue",), ("blue",), ("blue", "green")]


def test_a_new_name_is_known_at_once_with_its_values(desk: Desk, kept: KeptTerms) -> None:
    async def ask() -> tuple[object, ...]:
        desk.hand_in(a_call("one"))
        assert await rooms(kept, desk) == ()
        desk.hand_in(a_call("two", metrics={"ROOM": "blue"}))
        return await rooms(kept, desk)

    assert run_aside(ask()) == ("blue",)


def test_all_who_ask_at_once_have_the_calls_read_once(desk: Desk, kept: KeptTerms, reports: Watched) -> None:
    desk.hand_in(a_call(metrics={"ROOM": "blue"}))

    async def ask(times: int) -> int:
        before = reports.asked
        found = await asyncio.gather(*(kept.of(desk.pk, agents=None, agent=None) for _ in range(times)))
        assert {_values(each, "metric.ROOM") for each in found} == {("blue",)}
        return reports.asked - before

    first = run_aside(ask(20))
    assert 0 < first < 20
    assert run_aside(ask(20)) == 0, "also on another event loop"


def test_one_who_leaves_does_not_take_the_reading_along(desk: Desk, kept: KeptTerms) -> None:
    desk.hand_in(a_call(metrics={"ROOM": "blue"}))

    async def ask() -> tuple[object, ...]:
        leaving = asyncio.create_task(kept.of(desk.pk, agents=None, agent=None))
        staying = asyncio.create_task(kept.of(desk.pk, agents=None, agent=None))
        await asyncio.sleep(0)
        leaving.cancel()
        return _values(await staying, "metric.ROOM")

    assert run_aside(ask()) == ("blue",)


def test_values_that_cannot_be_read_anew_stay_as_they_were(
    desk: Desk, kept: KeptTerms, reports: Watched, clock: StepClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask() -> tuple[object, ...]:
        desk.hand_in(a_call(metrics={"ROOM": "blue"}))
        await rooms(kept, desk)
        reports.down = True
        clock.advance(VALUES_LAST.total_seconds())
        return await rooms(kept, desk)

    assert run_aside(ask()) == ("blue",)
    assert "could not be read" in caplog.text


def test_whoever_asks_first_while_the_reports_are_made_is_told(desk: Desk, kept: KeptTerms, reports: Watched) -> None:
    reports.down = True
    with pytest.raises(ReportsBuilding):
        run_aside(kept.of(desk.pk, agents=None, agent=None))
    reports.down = False
    desk.hand_in(a_call(metrics={"ROOM": "blue"}))
    assert _values(run_aside(kept.of(desk.pk, agents=None, agent=None)), "metric.ROOM") == ("blue",)


def test_each_key_keeps_what_it_may_see(desk: Desk, kept: KeptTerms) -> None:
    desk.hand_in(a_call("one", metrics={"ROOM": "mine"}))
    desk.hand_in(a_call("two", agent="bank", metrics={"ROOM": "theirs"}))
    mine = frozenset({desk.record.read(lambda c: find_agent_row(c, desk.pk, AGENT).pk)})
    assert run_aside(rooms(kept, desk)) == ("mine", "theirs")
    assert run_aside(rooms(kept, desk, mine)) == ("mine",)
    assert run_aside(rooms(kept, desk, frozenset())) == ()


def test_an_agent_that_there_is_not_is_said_so_each_time(desk: Desk, kept: KeptTerms) -> None:
    for _ in range(2):
        with pytest.raises(AgentNotFound):
            run_aside(kept.of(desk.pk, agents=None, agent="nobody"))


def test_of_very_many_calls_the_newest_days_are_looked_at(desk: Desk, reports: Watched, record: Record) -> None:
    for day, room in enumerate(("old", "new", "newest"), start=1):
        desk.hand_in(a_call(room, metrics={"ROOM": room}, started_at=desk.clock().replace(day=day, month=2)))

    async def ask(enough: int) -> set[object]:
        names = await read_names(record, reports, desk.pk, None, slugs=None)
        return set((await read_carried(reports, desk.pk, names, enough=enough)).values["metric.ROOM"])

    assert run_aside(ask(2)) == {"newest", "new"}
    assert run_aside(ask(100)) == {"newest", "new", "old"}


def test_notes_are_no_values(desk: Desk, reports: Watched, record: Record) -> None:
    desk.hand_in(a_call(metrics={"NOTE": ["short", "long " * 100]}))

    async def ask() -> tuple[object, ...]:
        names = await read_names(record, reports, desk.pk, None, slugs=None)
        return (await read_carried(reports, desk.pk, names)).values["metric.NOTE"]

    assert run_aside(ask()) == ("short",)
