"""Remarks on calls, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from tests.builders import Desk, a_call

from postcall.domain.remarks import MAX_TEXT, BadReason, NewRemark, Remark, RemarkKind
from postcall.errors import BadInput, CallNotFound, RemarkNotFound
from postcall.storage.remarks import add_remark, list_remarks, remove_remark


def add(desk: Desk, kind: str, **more: Any) -> Remark:
    remark = NewRemark(RemarkKind(kind), **more)
    return desk.record.write(lambda c: add_remark(c, desk.pk, "call-1", remark, now=desk.clock()))


def listed(desk: Desk) -> tuple[Remark, ...]:
    return desk.record.read(lambda c: list_remarks(c, desk.pk, "call-1"))


def test_remarks_are_kept_in_the_order_given_with_who_and_when(desk: Desk) -> None:
    desk.hand_in(a_call())
    bad = add(desk, "bad", turn=0, reason=BadReason.TOO_LONG, text=" He rambles. ", who="Ana")
    desk.clock.advance(60)
    note = add(desk, "note", text="Call her back 🙂")
    assert listed(desk) == (bad, note)
    assert (bad.text, bad.who, bad.reason, bad.turn, bad.revision) == ("He rambles.", "Ana", BadReason.TOO_LONG, 0, 1)
    assert (note.turn, note.who, (note.at - bad.at).total_seconds()) == (None, None, 60)


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        ("good", {}, "turn"),
        ("good", {"turn": 2}, "turn"),
        ("good", {"turn": -1}, "turn"),
        ("good", {"turn": 1}, "kind"),
        ("missing_topic", {"turn": 0}, "kind"),
        ("bad", {"turn": 0}, "reason"),
        ("good", {"turn": 0, "reason": BadReason.TOO_LONG}, "reason"),
        ("note", {}, "text"),
        ("note", {"text": " \x00 "}, "text"),
        ("note", {"text": "x", "turn": 0}, "turn"),
        ("note", {"text": "x" * (MAX_TEXT + 1)}, "text"),
        ("note", {"text": "x", "who": "x" * 201}, "who"),
    ],
)
def test_a_remark_that_does_not_fit_its_turn_is_refused(
    desk: Desk, kind: str, more: dict[str, Any], field: str
) -> None:
    desk.hand_in(a_call())
    with pytest.raises(BadInput) as refused:
        add(desk, kind, **more)
    assert refused.value.field == field
    assert listed(desk) == ()


def test_a_remark_says_of_which_transcript_it_is(desk: Desk) -> None:
    desk.hand_in(a_call())
    add(desk, "wrong_transcription", turn=1)
    desk.hand_in(a_call("call-1", "user: something else"), replace=True)
    later = add(desk, "missing_topic", turn=0)
    assert [each.revision for each in listed(desk)] == [1, 2]
    assert later.revision == 2


def test_a_remark_is_taken_away_once_and_only_by_its_account(desk: Desk) -> None:
    desk.hand_in(a_call())
    remark = add(desk, "good", turn=0)
    other = Desk(desk.record, desk.clock, account="other")
    with pytest.raises(CallNotFound):
        desk.record.write(lambda c: remove_remark(c, other.pk, "call-1", remark.id))
    assert desk.record.write(lambda c: remove_remark(c, desk.pk, "call-1", remark.id)) == remark
    assert listed(desk) == ()
    with pytest.raises(RemarkNotFound):
        desk.record.write(lambda c: remove_remark(c, desk.pk, "call-1", remark.id))
