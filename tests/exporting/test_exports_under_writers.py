"""Twenty exports while eight clients write: together they hold the record exactly, and repeat nothing."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.engine import Connection
from tests.builders import AGENT, Desk, a_call, a_question, a_turn, an_answer, findings
from tests.exporting.offices import Copy, Office, check_hashes, manifest_of, rows

from postcall.domain.answers import Extraction, ExtractionStatus
from postcall.domain.calls import CallStatus, MetricWrite
from postcall.domain.ids import new_extraction_id
from postcall.exporting.work import PartSize
from postcall.storage.agents import find_agent_row
from postcall.storage.calls import find_call_row, remove_calls
from postcall.storage.extractions import store_extraction
from postcall.storage.live_calls import append_metrics, append_turns, end_call

CLIENTS = 8
EXPORTS = 20
WRITES = 20
"""At least, between two exports."""


@dataclass
class Client:
    """Writes calls of its own, asks them again, changes them and takes them away."""

    desk: Desk
    number: int
    stop: threading.Event
    live: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    written: int = 0
    failed: BaseException | None = None

    def run(self) -> None:
        random = Random(self.number)
        try:
            while not self.stop.is_set():
                self.write_something(random)
                self.written += 1
                self.stop.wait(0.01)  # so that the exports get their turn as well
        except BaseException as error:  # noqa: BLE001 - raised by the test
            self.failed = error

    def write_something(self, random: Random) -> None:
        deed = random.randrange(10)
        if deed < 2 or not self.over:
            call_id = f"client-{self.number}-{self.written}"
            self.desk.hand_in(a_call(call_id, metrics={"N": random.randrange(5), f"M{random.randrange(9)}": "yes"}))
            self.over.append(call_id)
        elif deed < 6:
            self.extract(random.choice(self.over), random)
        elif deed == 6:
            again = a_call(random.choice(self.over), "user: Something else.", metrics={"N": [self.written, 0.5]})
            self.desk.hand_in(again, replace=True)
        elif deed == 7:
            call_id = f"live-{self.number}-{self.written}"
            self.desk.hand_in(a_call(call_id, status=CallStatus.IN_PROGRESS))
            self.live.append(call_id)
        elif deed == 8 and self.live:
            self.say_more(random.choice(self.live), random)
        else:
            gone = self.over.pop(random.randrange(len(self.over)))
            self.desk.record.write(lambda c: self.remove(c, gone))

    def extract(self, call_id: str, random: Random) -> None:
        now = self.desk.clock()
        found = findings(an_answer(value=random.random() < 0.5), summary=f"Summary {self.written}.")

        def store(connection: Connection) -> None:
            row = find_call_row(connection, self.desk.pk, call_id)
            run = Extraction(
                new_extraction_id(), call_id, 1, row.revision, ExtractionStatus.FINISHED, None, None, found, now, now
            )
            store_extraction(connection, row.pk, run)

        self.desk.record.write(store)

    def say_more(self, call_id: str, random: Random) -> None:
        record, pk, now = self.desk.record, self.desk.pk, self.desk.clock()
        record.write(lambda c: append_turns(c, pk, call_id, [a_turn("user: And more.")], now=now))
        record.write(lambda c: append_metrics(c, pk, call_id, [MetricWrite("LIVE", self.written)], now=now))
        if random.random() < 0.3:
            ending = {"status": CallStatus.COMPLETED, "ended_at": now, "duration_s": 3.0}
            record.write(lambda c: end_call(c, pk, call_id, ending, now=now))
            self.live.remove(call_id)

    def remove(self, connection: Connection, call_id: str) -> None:
        agent_pk = find_agent_row(connection, self.desk.pk, AGENT).pk
        # Also those whose ids begin so, such as client-1-1 and client-1-10: they are gone for this client as well.
        remove_calls(connection, agent_pk, id_prefix=call_id, now=self.desk.clock())
        self.over = [each for each in self.over if not each.startswith(call_id)]


def whole(copy: Copy, call_id: str) -> tuple[Any, ...]:
    """All that a copy has of a call."""
    return (copy.calls.get(call_id), *(copy.rows.get(table, {}).get(call_id) for table in sorted(copy.rows)))


def test_twenty_exports_while_eight_clients_write_hold_the_record_exactly(desk: Desk, tmp_path: Path) -> None:
    desk.ask(a_question())
    stop = threading.Event()
    clients = [Client(desk, number, stop) for number in range(CLIENTS)]
    threads = [threading.Thread(target=client.run) for client in clients]
    office, copy = Office(desk, tmp_path / "out", size=PartSize(40, 10_000_000)), Copy()
    for thread in threads:
        thread.start()
    try:
        for number in range(EXPORTS):
            while sum(client.written for client in clients) < number * WRITES and not any(
                client.failed for client in clients
            ):
                stop.wait(0.002)
            take_in_what_is_new(copy, office.export(incremental=number > 0, transcripts=True))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert [client.failed for client in clients] == [None] * CLIENTS
    take_in_what_is_new(copy, office.export(incremental=True, transcripts=True))
    assert_is_the_record(copy, desk)
    assert sum(client.written for client in clients) >= (EXPORTS - 1) * WRITES
    nothing = manifest_of(office.export(incremental=True, transcripts=True))
    assert (nothing.calls, nothing.deleted) == (0, 0)


def take_in_what_is_new(copy: Copy, folder: Path) -> None:
    """And make sure that nothing in it was known, and no call stands in it twice."""
    check_hashes(folder)
    ids = [row["call_id"] for row in rows(folder, "calls")]
    assert len(ids) == len(set(ids)) == manifest_of(folder).calls
    before = {call_id: whole(copy, call_id) for call_id in ids}
    gone = [row["call_id"] for row in rows(folder, "deleted")]
    assert set(gone) <= set(copy.calls)
    copy.take_in(folder)
    assert [call_id for call_id in ids if whole(copy, call_id) == before[call_id]] == []


def assert_is_the_record(copy: Copy, desk: Desk) -> None:
    """Every call of the record as its own page has it, and no other."""
    there = {row.call.id: row.call for row in desk.page(limit=100_000).rows}
    assert set(copy.calls) == set(there)
    for call_id in there:
        file, row = desk.read(call_id), copy.calls[call_id]
        assert row["status"] == file.call.details.status
        assert row["revision"] == file.call.revision
        assert row["summary"] == (file.extraction.findings.summary if file.extraction else None)
        assert row["extraction_id"] == (file.extraction.id if file.extraction else None)
        for metric in file.metrics:
            assert float(row[metric.name]) == metric.value if metric.name == "N" else str(metric.value)
        answers = [] if file.extraction is None else list(file.extraction.findings.answers)
        assert [
            (each["question"], each["value"], [tuple(quote.values()) for quote in each["evidence"]])
            for each in copy.rows.get("answers", {}).get(call_id, [])
        ] == [
            (each.identifier, str(each.value).lower(), [(one.turn, one.quote) for one in each.evidence])
            for each in answers
        ]
        said = [turn["text"] for turn in copy.rows["turns"].get(call_id, [])]
        assert said == [turn.text for turn in file.turns]
