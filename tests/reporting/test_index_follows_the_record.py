"""What is committed is in the numbers: at once for who asks, within a second for who watches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from tests.builders import AGENT, NOON, Desk, StepClock, a_call, a_question, an_answer, findings, silent
from tests.reporting.counter import Counter, a_query, define, eventually, where

from postcall.domain.calls import CallStatus
from postcall.domain.metrics import MetricType
from postcall.domain.queries import Coverage
from postcall.errors import AgentNotFound, BadInput
from postcall.intake.call_format import read_end_body
from postcall.intake.service import take_end
from postcall.reporting import building
from postcall.reporting.index import Index, wait_until_ready
from postcall.reporting.index_file import IndexFile
from postcall.reporting.record_rows import key_ranges
from postcall.reporting.reports import Reports
from postcall.storage.agents import find_agent_row
from postcall.storage.calls import queue_extraction, remove_calls
from postcall.storage.changes import note_changes
from postcall.storage.metric_definitions import MetricChange, change_metric
from postcall.storage.schema import calls


def test_a_call_is_in_the_numbers_as_soon_as_it_is_accepted(counter: Counter) -> None:
    assert counter.count() == 0
    for number in range(3):
        counter.take(1, first=number)
        assert counter.count() == number + 1
        assert counter.ids()[0].startswith("call-")


def test_a_change_reaches_the_index_within_a_second_though_nobody_asks(desk: Desk, index_file: Path) -> None:
    index = Index(desk.record, index_file, clock=desk.clock)
    with Reports(desk.record, index):
        index.start()
        assert wait_until_ready(index, timeout_s=20)
        for number in range(3):
            desk.hand_in(a_call(f"call-{number}"))
            took = eventually(lambda number=number: index.count() == number + 1, within_s=10)  # type: ignore[misc]
            assert took < 1.5  # the half second more is for a machine that is busy with other tests
        assert index.behind() == 0
        assert index.lag() == 0


def test_a_call_that_is_replaced_counts_as_what_it_is_now(counter: Counter) -> None:
    counter.write("call-1", {"OLD": True, "PRICE": 5}, channel="voice")
    assert counter.groups("field.channel") == {"voice": 1}
    counter.desk.hand_in(a_call("call-1", metrics={"PRICE": 7}, channel="webchat"), replace=True)
    assert counter.groups("field.channel") == {"webchat": 1}
    assert counter.number("sum", "metric.PRICE").value == 7
    assert counter.number("count", "metric.OLD").value == 0


def test_a_live_call_counts_apart_until_it_ends(counter: Counter) -> None:
    desk = counter.desk
    desk.hand_in(silent(a_call(status=CallStatus.IN_PROGRESS)))
    desk.hand_in(silent(a_call("call-2", status=CallStatus.PENDING)))
    desk.hand_in(a_call("call-3"))
    result = counter.ask(a_query())
    assert (result.calls, result.in_progress, result.rows[0].numbers[0].value) == (1, 2, 1)
    assert counter.ids() == ["call-3"]
    ending = msgspec.json.encode({})
    desk.record.write(take_end(desk.pk, "call-1", read_end_body(ending), key=None, body=ending, now=desk.clock()))
    result = counter.ask(a_query())
    assert (result.calls, result.in_progress) == (2, 1)
    assert counter.groups("field.status") == {"completed": 2, "pending": 1}


def test_a_call_that_is_removed_is_counted_no_more(counter: Counter) -> None:
    desk = counter.desk
    counter.take(3)
    assert counter.count() == 3

    def remove(connection: sa.Connection) -> None:
        agent_pk = find_agent_row(connection, desk.pk, AGENT).pk
        remove_calls(connection, agent_pk, id_prefix="call-1", now=desk.clock())

    desk.record.write(remove)
    assert counter.count() == 2
    assert sorted(counter.ids()) == ["call-0", "call-2"]


def test_answers_count_when_they_are_there_and_change_with_the_next_run(counter: Counter) -> None:
    desk = counter.desk
    desk.ask(a_question())
    desk.hand_in(a_call())
    assert counter.coverage("metric.booked") == Coverage("metric.booked", 1, 0, 0, 0, 0, not_asked=1)
    assert counter.count(where("field.extracted", "eq", False)) == 1
    desk.extract(an_answer("booked", True))
    assert counter.groups("metric.booked") == {True: 1}
    assert counter.count(where("field.extracted", "eq", True)) == 1
    desk.hand_in(a_call("call-1", "user: I changed my mind."), replace=True)
    assert counter.coverage("metric.booked").not_asked == 1
    desk.extract(an_answer("booked", False))
    assert counter.groups("metric.booked") == {False: 1}


def test_a_run_over_the_same_transcript_replaces_the_answers(counter: Counter) -> None:
    desk = counter.desk
    desk.ask(a_question())
    desk.hand_in(a_call())
    [job] = desk.claim()
    desk.finish(job, findings(an_answer("booked", status="unknown")))
    assert counter.coverage("metric.booked").unknown == 1

    def again(connection: sa.Connection) -> None:
        pk = connection.execute(sa.select(calls.c.pk)).scalar_one()
        queue_extraction(connection, pk, version=job.payload["version"], revision=1, now=desk.clock())

    desk.record.write(again)
    desk.extract(an_answer("booked", True))
    assert counter.coverage("metric.booked") == Coverage("metric.booked", 1, 1, 0, 0, 0, not_asked=0)


def test_a_metric_defined_later_reads_what_was_written_before(counter: Counter) -> None:
    counter.write("call-1", {"PARTY": "5"})
    counter.write("call-2", {"PARTY": 7})
    counter.write("call-3", {"PARTY": "a crowd"})
    counter.write("elsewhere", {"PARTY": "a crowd"}, agent="other")
    assert counter.groups("metric.PARTY") == {"5": 1, "7": 1, "a crowd": 2}
    define(counter.desk, "PARTY", MetricType.INTEGER)
    mine = {"agent": AGENT}
    assert counter.number("sum", "metric.PARTY", **mine).value == 12
    [cover] = counter.ask(a_query("count", "metric.PARTY", **mine)).coverage
    assert cover == Coverage("metric.PARTY", 3, have=2, unknown=0, invalid=1, error=0, not_asked=0)
    assert counter.groups("metric.PARTY", agent="other") == {"a crowd": 1}


def test_a_change_of_what_is_expected_is_seen_in_earlier_calls(counter: Counter) -> None:
    desk = counter.desk
    desk.ask(a_question())
    define(desk, "REASON", MetricType.STRING, "billing", "sales")
    counter.write("call-1", {"REASON": "Billing"})
    counter.write("call-2", {"REASON": "lost card"})
    assert counter.groups("metric.REASON") == {"billing": 1, None: 1}
    assert counter.coverage("metric.REASON").invalid == 1
    change = MetricChange(expected_values=("billing", "sales", "lost card"))
    desk.record.write(lambda c: change_metric(c, desk.pk, AGENT, "REASON", change, used=True, now=desk.clock()))
    assert counter.groups("metric.REASON") == {"billing": 1, "lost card": 1}


def test_a_question_after_a_long_absence_misses_nothing(counter: Counter) -> None:
    """More changes than are taken over at once."""
    desk = counter.desk
    counter.take(1)
    assert counter.count() == 1
    [pk] = desk.record.read(lambda c: list(c.execute(sa.select(calls.c.pk)).scalars()))
    for _ in range(3):
        desk.record.write(lambda c: note_changes(c, [pk] * 2_000, now=desk.clock()))
    counter.take(1, first=1)
    assert counter.count() == 2
    assert counter.index.behind() == 0


def test_an_index_is_opened_again_where_it_was_left(desk: Desk, index_file: Path) -> None:
    desk.hand_in(a_call())
    for number in range(2, 5):
        index = Index(desk.record, index_file, clock=desk.clock)
        with Reports(desk.record, index) as reports:
            assert Counter(desk, index, reports).count() == number - 1
            assert (index.reason is None) == (number > 2)  # it was built once, and then only opened
            desk.hand_in(a_call(f"call-{number}"))
    index = Index(desk.record, index_file, clock=desk.clock)
    with Reports(desk.record, index) as reports:
        assert Counter(desk, index, reports).count() == 4
        assert index.reason is None


def test_accounts_see_neither_calls_nor_names_nor_values_of_each_other(counter: Counter) -> None:
    mine, theirs = counter, counter.of("rival")
    mine.write("call-1", {"MINE": "secret", "BOTH": 1})
    theirs.write("call-1", {"THEIRS": "hidden", "BOTH": "x"}, channel="sms", agent="rivals-agent")
    theirs.write("call-2", {"BOTH": "y"}, agent="rivals-agent")
    assert (mine.count(), theirs.count()) == (1, 2)
    assert mine.groups("field.channel") == {"voice": 1}
    assert mine.groups("metric.BOTH") == {1: 1}
    assert theirs.groups("metric.BOTH") == {"x": 1, "y": 1}
    assert set(mine.names()) == {"MINE", "BOTH"}
    assert set(theirs.names()) == {"THEIRS", "BOTH"}
    assert mine.names()["BOTH"].kind == "number"
    assert theirs.ids() != mine.ids()
    with pytest.raises(BadInput) as caught:
        mine.count(where("metric.THEIRS", "exists"))
    assert "hidden" not in str(caught.value)
    assert str(caught.value).count("THEIRS") == 1  # as it was asked, and not as a name that is known
    with pytest.raises(AgentNotFound):
        mine.ask(a_query(agent="rivals-agent"))


def rows_of(index: IndexFile) -> list[str]:
    with index.cursor() as cursor:
        return sorted(repr(row) for row in cursor.execute("SELECT * FROM calls ORDER BY pk").fetchall())


def test_several_processes_build_the_same_index_as_one(counter: Counter, tmp_path: Path) -> None:
    desk = counter.desk
    desk.ask(a_question())
    define(desk, "PARTY", MetricType.INTEGER)
    for number in range(12):
        counter.write(f"call-{number}", {"PARTY": str(number), "TAG": ["ä\n'", "b"], 'odd.na"me': 0.5})
    for job in desk.claim(limit=6):
        desk.finish(job, findings(an_answer()))
    ranges = desk.record.read(lambda c: list(key_ranges(c, size=5)))
    assert len(ranges) == 3
    alone, together = (IndexFile.create(tmp_path / f"{name}.duckdb") for name in ("alone", "together"))
    alone_traits = building._fill_here(alone, desk.record, ranges, lambda *_: True)
    together_traits = building._fill_together(together, desk.record.url, ranges, lambda *_: True)
    assert len(rows_of(alone)) == 12
    assert rows_of(alone) == rows_of(together)
    assert alone_traits == together_traits
    alone.close()
    together.close()


def test_a_rebuild_gives_the_index_that_following_gave(counter: Counter) -> None:
    desk = counter.desk
    desk.ask(a_question())
    assert counter.count() == 0
    counter.write("call-1", {"PARTY": "5", "TAG": ["a", "b", "a"]})
    desk.extract(an_answer())
    counter.write("call-2", {"PARTY": "x"})
    define(desk, "PARTY", MetricType.INTEGER)
    queries = [
        a_query("sum", "metric.PARTY", group_by=("metric.TAG",)),
        a_query("rate", "metric.booked", group_by=("field.channel",)),
    ]
    before = [counter.ask(query) for query in queries]
    counter.index.rebuild("the test asked for it")
    assert [counter.ask(query) for query in queries] == before
    assert counter.names()["PARTY"].written


def test_results_are_remembered_only_while_nothing_changes(counter: Counter) -> None:
    query = a_query("sum", "metric.PRICE")
    counter.write("call-1", {"PRICE": 5})
    first = counter.ask(query)
    assert counter.ask(query) is first
    counter.write("call-2", {"PRICE": 6})
    assert counter.ask(query).rows[0].numbers[0].value == 11
    assert counter.of("rival").count() == 0
    assert counter.ask(replace(query, since=NOON)).calls == 0


def test_true_and_one_are_two_questions(counter: Counter) -> None:
    counter.write("call-1", {"A": True})
    counter.write("call-2", {"A": 1})
    counter.write("call-3", {"A": 1})
    asked = [counter.number("rate", "metric.A", value=value).count for value in (True, 1, True, "1")]
    assert asked == [1, 2, 1, 2]


def test_a_clock_that_stands_still_hides_no_change(counter: Counter, clock: StepClock) -> None:
    counter.take(2)
    assert counter.count() == 2
    counter.take(2, first=2)
    assert (counter.count(), clock()) == (4, NOON)
