"""A record that goes back to before there was an analyst, and forward again."""

from __future__ import annotations

from tests.builders import NOON, Desk, a_call
from tests.contract.going_back import go_back

from postcall.storage.analyst_threads import NewQuestion, Owner, keep_question, list_threads
from postcall.storage.database import open_record


def test_calls_stay_and_threads_begin_anew(database_url: str) -> None:
    record = open_record(database_url)
    desk = Desk(record)
    desk.hand_in(a_call("call-1", "user: Hello.", metrics={"STEP": 1}))
    before, owner = desk.read("call-1"), Owner(desk.pk, "operator")
    new = NewQuestion("How many?", None, "UTC", NOON, None, {"answer": "One."})
    record.write(lambda c: keep_question(c, owner, None, new))
    record.close()
    go_back(database_url, "0007", without={"analyst_threads", "analyst_questions", "analyst_readings"})
    record = open_record(database_url)
    assert Desk(record).read("call-1") == before
    assert record.read(lambda c: list_threads(c, owner)) == ()
    thread = record.write(lambda c: keep_question(c, owner, None, new))
    assert [each.id for each in record.read(lambda c: list_threads(c, owner))] == [thread]
    record.close()
