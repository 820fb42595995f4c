"""Which calls are read where there are too many."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from tests.aside import run_aside
from tests.builders import NOON, Desk, StepClock, a_call, silent
from tests.reporting.counter import Counter, a_query, where

from postcall.analyst.themes.sampling import Sample, sample_calls, sample_similar
from postcall.domain.calls import Channel
from postcall.domain.queries import Query
from postcall.reporting.index import Index
from postcall.reporting.reports import Reports
from postcall.services import Services
from postcall.settings import read_settings
from postcall.storage.database import open_record

CALLS = 120
MOST = 20


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Counter]:
    """One call a day and back; every fourth by web chat, every tenth without a word, every fifth about a refund."""
    folder = tmp_path_factory.mktemp("sampling")
    (folder / "postcall.db").write_bytes(migrated_file.read_bytes())
    clock, record = StepClock(), open_record(f"sqlite:///{folder / 'postcall.db'}")
    desk = Desk(record, clock)
    for number in range(CALLS):
        said = "I want my money back for the broken kettle." if number % 5 == 1 else "I want to book a table."
        call = a_call(
            f"call-{number}",
            "agent: Hello?",
            f"user: {said}",
            channel=Channel.WEBCHAT if number % 4 == 0 else Channel.VOICE,
            started_at=NOON - timedelta(days=number, hours=1),
        )
        desk.hand_in(silent(call) if number % 10 == 0 else call)
    index = Index(record, folder / "index.duckdb", clock=clock)
    with Reports(record, index) as reports:
        yield Counter(desk, index, reports)
    record.close()


def draw(counter: Counter, query: Query | None = None, *, seed: str = "", most: int = MOST, days: int = 90) -> Sample:
    return run_aside(
        sample_calls(counter.reports, counter.desk.pk, query or a_query(), now=NOON, seed=seed, most=most, days=days)
    )


def draw_similar(counter: Counter, text: str, query: Query | None = None) -> Sample:
    services = Services(counter.desk.record, read_settings({"POSTCALL_DATA": "/nowhere"}), counter.desk.clock)
    drawn = sample_similar(
        services, counter.reports, counter.desk.pk, query or a_query(), text, agent_pks=None, now=NOON, most=MOST
    )
    return run_aside(drawn)


def test_the_same_calls_are_drawn_each_time_and_others_with_another_seed(counter: Counter) -> None:
    assert draw(counter).ids == draw(counter).ids
    assert set(draw(counter, seed="another").ids) != set(draw(counter).ids)


def test_no_call_is_drawn_twice_and_none_without_words(counter: Counter) -> None:
    drawn = draw(counter)
    assert len(set(drawn.ids)) == len(drawn.ids) == MOST
    assert all(counter.desk.read(each).turns for each in drawn.ids)
    assert drawn.by_chance
    assert not drawn.whole


def test_every_call_has_about_the_same_chance(counter: Counter) -> None:
    tally = Tally(each for seed in range(60) for each in draw(counter, seed=str(seed), days=365).ids)
    expected = 60 * MOST / (CALLS * 0.9)
    assert len(tally) == CALLS * 0.9
    assert 0.2 * expected < min(tally.values())
    assert max(tally.values()) < 2.2 * expected


def test_a_smaller_sample_is_the_beginning_of_a_larger_one(counter: Counter) -> None:
    assert draw(counter, most=5).ids == draw(counter, most=15).ids[:5]


def test_a_new_call_changes_at_most_one_place(counter: Counter) -> None:
    before = set(draw(counter, days=365).ids)
    counter.desk.hand_in(a_call("call-new", started_at=NOON - timedelta(days=300)))
    assert len(before - set(draw(counter, days=365).ids)) <= 1


def test_only_calls_of_the_filter_are_drawn_and_all_where_they_are_few(counter: Counter) -> None:
    query = a_query("conversations", None, where("field.channel", "eq", "webchat"))
    drawn = draw(counter, query, most=500)
    wanted = [number for number in range(90) if number % 4 == 0]
    assert set(drawn.ids) == {f"call-{number}" for number in wanted if number % 10}
    assert drawn.of == len(wanted)
    assert drawn.spoken == len(drawn.ids)
    assert drawn.whole


def test_only_the_last_days_are_looked_at_and_that_is_said(counter: Counter) -> None:
    drawn = draw(counter, most=500)
    assert drawn.of == 90
    assert drawn.notes == ("Only calls of the last 90 days are read.",)
    assert drawn.since == NOON - timedelta(days=90)
    lately = draw(counter, a_query(since=NOON - timedelta(days=7), until=NOON), most=500)
    assert (lately.of, lately.notes) == (7, ())


def test_a_period_long_ago_keeps_its_end(counter: Counter) -> None:
    until = NOON - timedelta(days=10)
    drawn = draw(counter, a_query(until=until), most=500)
    assert (drawn.since, drawn.until) == (until - timedelta(days=90), until)
    assert drawn.of == 90
    assert drawn.notes == ("Only calls of the last 90 days of that time are read.",)


def test_a_period_without_older_calls_is_not_said_to_be_cut(counter: Counter) -> None:
    until = NOON - timedelta(days=100)
    drawn = draw(counter, a_query(until=until), most=500, days=365)
    assert (drawn.since, drawn.until, drawn.notes) == (None, until, ())


def test_similar_calls_are_those_about_it_and_meet_the_filter(counter: Counter) -> None:
    query = a_query("conversations", None, where("field.channel", "eq", "webchat"))
    drawn = draw_similar(counter, "refund of the money for a broken kettle", query)
    about = {f"call-{number}" for number in range(90) if number % 5 == 1 and number % 4 == 0}
    assert set(drawn.ids[: len(about)]) == about
    assert not drawn.by_chance
    assert "compared" in drawn.notes[-1]


def test_agents_that_may_not_be_seen_give_no_calls(counter: Counter) -> None:
    nobody = a_query(among=frozenset())
    assert draw(counter, nobody).ids == ()
    assert draw_similar(counter, "a broken kettle", nobody).ids == ()
