"""How far the worker is, on either database."""

from __future__ import annotations

from tests.builders import Desk, a_call, an_answer, findings

from postcall.intake.service import extract_again
from postcall.storage.work_counts import WorkDone, count_work


def counted(desk: Desk) -> WorkDone:
    """What the record says now."""
    return desk.record.read(lambda c: count_work(c, desk.pk))


def test_a_call_counts_once_wherever_it_stands(desk: Desk) -> None:
    for name in ("answered", "failed", "running", "waiting"):
        desk.hand_in(a_call(name))
    desk.hand_in(a_call("silent", "agent: Hello?"))
    answered, failed, _ = desk.claim(limit=3)
    desk.finish(answered, findings(an_answer()))
    desk.finish(failed, findings(), failure="it broke")
    assert counted(desk) == WorkDone(answered=1, failed=1, waiting=2, open_jobs=2)
    assert counted(desk).total == 4


def test_a_call_that_is_asked_again_stays_answered(desk: Desk) -> None:
    desk.hand_in(a_call())
    desk.extract(an_answer())
    desk.record.write(extract_again(desk.pk, "call-1", now=desk.clock()))
    assert counted(desk) == WorkDone(answered=1, failed=0, waiting=0, open_jobs=1)


def test_a_failed_call_that_is_asked_again_is_waiting(desk: Desk) -> None:
    desk.hand_in(a_call())
    [job] = desk.claim()
    desk.finish(job, findings(), failure="it broke")
    desk.record.write(extract_again(desk.pk, "call-1", now=desk.clock()))
    assert counted(desk) == WorkDone(answered=0, failed=0, waiting=1, open_jobs=1)


def test_another_accounts_calls_are_not_counted(desk: Desk) -> None:
    Desk(desk.record, desk.clock, account="other").hand_in(a_call())
    assert counted(desk) == WorkDone(answered=0, failed=0, waiting=0, open_jobs=0)
