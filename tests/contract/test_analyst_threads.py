"""Questions to the analyst with their answers, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from tests.builders import NOON, Desk

from postcall.domain.people import Role
from postcall.errors import Conflict, ThreadNotFound
from postcall.storage.analyst_threads import (
    NewQuestion,
    Owner,
    delete_thread,
    find_last_reading,
    find_thread,
    forget_old_threads,
    keep_question,
    key_owner,
    list_threads,
    person_owner,
    read_questions,
)
from postcall.storage.keys import revoke_key
from postcall.storage.users import add_user, remove_user


def ann(desk: Desk) -> Owner:
    return Owner(desk.pk, "key:ann")


def keep(
    desk: Desk,
    text: str,
    *,
    thread: str | None = None,
    minute: int = 0,
    owner: Owner | None = None,
    read: bool = True,
    **most: int,
) -> str:
    new = NewQuestion(
        text=text,
        agent="clinic",
        time_zone="Europe/Berlin",
        asked_at=NOON + timedelta(minutes=minute),
        reading={"says": text} if read else None,
        answer={"answer": f"About {text}"},
    )
    return desk.record.write(lambda c: keep_question(c, owner or ann(desk), thread, new, **most))


def titles(desk: Desk, owner: Owner) -> list[str]:
    return [each.title for each in desk.record.read(lambda c: list_threads(c, owner))]


def test_a_thread_holds_its_questions_in_the_order_of_asking(desk: Desk) -> None:
    thread = keep(desk, "How many?")
    assert keep(desk, "And last month?", thread=thread, minute=1) == thread
    found = desk.record.read(lambda c: read_questions(c, ann(desk), thread))
    assert [(each.number, each.text, each.answer["answer"]) for each in found] == [
        (1, "How many?", "About How many?"),
        (2, "And last month?", "About And last month?"),
    ]
    assert (found[0].agent, found[0].time_zone, found[0].asked_at) == ("clinic", "Europe/Berlin", NOON)
    one = desk.record.read(lambda c: find_thread(c, ann(desk), thread))
    assert (one.title, one.questions, one.updated_at) == ("How many?", 2, NOON + timedelta(minutes=1))


def test_the_thread_that_was_asked_in_last_stands_first(desk: Desk) -> None:
    first = keep(desk, "First")
    keep(desk, "Second", minute=1)
    keep(desk, "Third", thread=first, minute=2)
    assert titles(desk, ann(desk)) == ["First", "Second"]


def test_a_follow_up_goes_on_from_the_last_question_that_could_be_read(desk: Desk) -> None:
    thread = keep(desk, "How many?")
    keep(desk, "Purple monkey?", thread=thread, minute=1, read=False)
    assert desk.record.read(lambda c: find_last_reading(c, ann(desk), thread)) == {"says": "How many?"}
    unread = keep(desk, "Purple monkey?", read=False)
    assert desk.record.read(lambda c: find_last_reading(c, ann(desk), unread)) is None


@pytest.mark.parametrize("owner", ["key:bob", "person:ann", "operator"])
def test_nobody_reads_or_changes_the_thread_of_another(desk: Desk, owner: str) -> None:
    thread, other = keep(desk, "How many?"), Owner(desk.pk, owner)
    assert titles(desk, other) == []
    for look in (find_thread, read_questions, find_last_reading):
        with pytest.raises(ThreadNotFound):
            desk.record.read(lambda c, look=look: look(c, other, thread))  # type: ignore[misc]
    with pytest.raises(ThreadNotFound):
        keep(desk, "And?", thread=thread, owner=other)
    with pytest.raises(ThreadNotFound):
        desk.record.write(lambda c: delete_thread(c, other, thread))
    assert titles(desk, ann(desk)) == ["How many?"]


def test_a_deleted_thread_is_gone_with_its_questions(desk: Desk) -> None:
    thread = keep(desk, "How many?")
    keep(desk, "Others?")
    desk.record.write(lambda c: delete_thread(c, ann(desk), thread))
    assert titles(desk, ann(desk)) == ["Others?"]
    with pytest.raises(ThreadNotFound):
        desk.record.read(lambda c: read_questions(c, ann(desk), thread))


def test_a_thread_says_when_it_is_full(desk: Desk) -> None:
    thread = keep(desk, "One")
    keep(desk, "Two", thread=thread)
    with pytest.raises(Conflict, match="2 questions"):
        keep(desk, "Three", thread=thread, most_questions=2)


def test_the_oldest_thread_makes_room_for_a_new_one(desk: Desk) -> None:
    other = Owner(desk.pk, "operator")
    keep(desk, "Of somebody else", owner=other)
    for minute, title in enumerate(("One", "Two", "Three")):
        keep(desk, title, minute=minute, most_threads=2)
    assert titles(desk, ann(desk)) == ["Three", "Two"]
    assert titles(desk, other) == ["Of somebody else"]


def test_threads_that_nobody_asked_in_for_long_are_forgotten_with_their_questions(desk: Desk) -> None:
    old = keep(desk, "Long ago")
    gone_on_with = keep(desk, "Long ago too")
    keep(desk, "Lately", thread=gone_on_with, minute=60)
    other = Owner(desk.pk, "operator")
    keep(desk, "Of somebody else", owner=other)
    now, kept = NOON + timedelta(minutes=61), timedelta(minutes=30)
    assert desk.record.write(lambda c: forget_old_threads(c, now=now, kept=kept)) == 2
    assert titles(desk, ann(desk)) == ["Long ago too"] and titles(desk, other) == []
    with pytest.raises(ThreadNotFound):
        desk.record.read(lambda c: read_questions(c, ann(desk), old))
    assert len(desk.record.read(lambda c: read_questions(c, ann(desk), gone_on_with))) == 2


def test_people_who_ask_in_one_thread_at_once_each_get_a_place_in_it(desk: Desk) -> None:
    thread = keep(desk, "First")
    with ThreadPoolExecutor(8) as askers:
        list(askers.map(lambda number: keep(desk, f"Number {number}", thread=thread), range(16)))
    found = desk.record.read(lambda c: read_questions(c, ann(desk), thread))
    assert [each.number for each in found] == list(range(1, 18))
    assert {each.text for each in found} == {"First", *(f"Number {number}" for number in range(16))}


def test_threads_begun_at_once_are_no_more_than_may_be_kept(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as askers:
        list(askers.map(lambda number: keep(desk, f"Number {number}", minute=number, most_threads=3), range(16)))
    assert len(titles(desk, ann(desk))) == 3


def test_who_gets_the_address_of_somebody_removed_reads_nothing_of_theirs(desk: Desk) -> None:
    def add() -> None:
        desk.record.write(
            lambda c: add_user(c, desk.pk, email="Mara@clinic.example", name="Mara", role=Role.READER, password="kept",
                               now=NOON)
        )  # fmt: skip

    add()
    mara, other = person_owner(desk.pk, "mara@clinic.example"), person_owner(desk.pk, "ann@clinic.example")
    keep(desk, "Who shouts at us?", owner=mara)
    keep(desk, "How many?", owner=other)
    desk.record.write(lambda c: remove_user(c, desk.pk, "mara@clinic.example"))
    add()
    assert titles(desk, mara) == [] and titles(desk, other) == ["How many?"]


def test_what_a_key_asked_goes_when_it_is_revoked(desk: Desk) -> None:
    till, other = desk.key().key, desk.key().key
    for each in (till, other):
        keep(desk, "How many?", owner=key_owner(desk.pk, each.id))
    desk.record.write(lambda c: revoke_key(c, desk.account, till.id, now=NOON))
    assert titles(desk, key_owner(desk.pk, till.id)) == []
    assert titles(desk, key_owner(desk.pk, other.id)) == ["How many?"]
