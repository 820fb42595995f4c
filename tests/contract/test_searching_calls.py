"""Full-text search: the same words find the same calls on either database."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import combinations_with_replacement

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.builders import Desk, a_call, some_turns

from postcall.domain.searching import matching_turns, read_search, search_matches
from postcall.storage.calls import find_call_row, remove_calls
from postcall.storage.search import find_calls, search_calls, search_keys

_WORDS = (
    "refund",
    "refunds",
    "the",
    "card",
    "Tuesday",
    "té",
    "straße",
    "STRASSE",
    "ΟΔΟΣ",
    "οδός",
    "予約",
    "約",
    "がか",
)
_MORE = ("कु", "क", "مَرحبا", "مرحبا", "٣", "3", "half-past", "½", "l'hôtel", "hotel", "🙂", "or", "OR", "ไทย", "x" * 120)
_texts = st.lists(st.sampled_from(_WORDS + _MORE) | st.text(max_size=4), max_size=6).map(" ".join)
_searches = st.lists(
    st.sampled_from(
        (*_WORDS, *_MORE, '"the card"', '"予約', '"', "-the", "-", "ref*", "*", "OR", "NEAR(", "document:card")
    )
    | st.text(max_size=5),
    max_size=5,
).map(" ".join)


def _hand_in(desk: Desk, *calls: Sequence[str]) -> None:
    for number, texts in enumerate(calls):
        desk.hand_in(a_call(f"call-{number}", *(f"user: {text}" for text in texts)))


def _found(desk: Desk, words: str) -> list[str]:
    def look(connection):  # type: ignore[no-untyped-def]
        keys = search_calls(connection, desk.pk, words, limit=None)
        by_key = {find_call_row(connection, desk.pk, call_id).pk: call_id for call_id in desk.ids()}
        return [by_key[key] for key in keys]

    found: list[str] = desk.record.read(look)
    return found


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("refund", {"call-0", "call-1"}),
        ("refund card", {"call-0"}),
        ("refund -card", {"call-1"}),
        ('"my card"', {"call-0"}),
        ('"card my"', set()),
        ("appoint*", {"call-2"}),
        ("appoint", set()),
        ("tea OR appointment", {"call-1", "call-2"}),
        ("hôtel", {"call-2"}),
        ("HOTEL", {"call-2"}),
        ("-refund", {"call-2"}),
        ('"tea hotel"', set()),
        ("document:refund", set()),
        ("", set()),
        ('"" () *', set()),
    ],
)
def test_words_find_the_calls_in_which_they_are_said(desk: Desk, words: str, expected: set[str]) -> None:
    _hand_in(
        desk,
        ["I want a refund", "on my card"],
        ["The refund was fine", "tea"],
        ["An appointment at l’Hôtel"],
    )
    assert set(_found(desk, words)) == expected


def test_the_newest_call_comes_first(desk: Desk) -> None:
    _hand_in(desk, ["hello"], ["hello"], ["hello"])
    assert _found(desk, "hello") == ["call-2", "call-1", "call-0"]


def test_a_phrase_does_not_run_from_one_turn_into_the_next(desk: Desk) -> None:
    _hand_in(desk, ["I said thank", "you did not"], ["thank you"])
    assert _found(desk, '"thank you"') == ["call-1"]


def test_a_word_late_in_a_very_long_call_is_found(desk: Desk) -> None:
    _hand_in(desk, ["again and " * 300] * 60 + ["finally and truly"])
    assert _found(desk, '"finally and truly"') == ["call-0"]


def test_a_replaced_transcript_is_found_by_its_new_words_only(desk: Desk) -> None:
    desk.hand_in(a_call("call-1", "user: apples"))
    desk.hand_in(a_call("call-1", "user: pears"), replace=True)
    assert (_found(desk, "apples"), _found(desk, "pears")) == ([], ["call-1"])


def test_a_removed_call_leaves_nothing_that_another_could_be_found_by(desk: Desk) -> None:
    _hand_in(desk, ["apples, l’été"])
    row = desk.record.read(lambda c: find_call_row(c, desk.pk, "call-0"))
    assert desk.record.write(lambda c: remove_calls(c, row.agent_pk, id_prefix="call-", now=desk.clock())) == 1
    _hand_in(desk, ["pears"])
    assert (_found(desk, "apples OR ete"), _found(desk, "pears")) == ([], ["call-0"])


def test_another_accounts_calls_are_not_found(desk: Desk) -> None:
    _hand_in(desk, ["apples"])
    other = Desk(desk.record, desk.clock, account="other")
    assert _found(other, "apples") == []


def test_hits_can_be_narrowed_to_an_agent_and_are_counted_beyond_the_limit(desk: Desk) -> None:
    for number in range(3):
        desk.hand_in(a_call(f"call-{number}", "user: apples"))
    desk.hand_in(a_call("elsewhere", "user: apples", agent="shop"))
    agent = desk.record.read(lambda c: find_call_row(c, desk.pk, "call-0")).agent_pk
    hits = desk.record.read(lambda c: find_calls(c, desk.pk, read_search("apples"), agent_pk=agent, limit=2))
    assert hits.total == 3
    assert {hit.id for hit in hits.calls} <= {"call-0", "call-1", "call-2"}
    assert len(hits.calls) == 2


@pytest.mark.parametrize(
    "words", ["word " * 2_000, "a OR " * 2_000, "-a " * 3_000, '"' + "a b " * 2_500 + '"', "a* " * 3_000]
)
def test_ten_kilobytes_of_anything_can_be_searched_for(desk: Desk, words: str) -> None:
    _hand_in(desk, ["word a b"])
    texts = ["word a b"]
    assert _found(desk, words) == (["call-0"] if search_matches(read_search(words), texts) else [])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(st.lists(_texts, min_size=1, max_size=3), min_size=1, max_size=4), words=_searches)
@example(calls=[["\x00 a"], ["a"]], words="a OR OR OR b")
@example(calls=[["予約をお願い"], ["予 約"]], words="予約*")
def test_both_databases_find_what_a_plain_reading_finds(desk: Desk, calls: list[list[str]], words: str) -> None:
    agent = desk.record.read(lambda c: [find_call_row(c, desk.pk, each).agent_pk for each in desk.ids()])
    if agent:
        desk.record.write(lambda c: remove_calls(c, agent[0], id_prefix="", now=desk.clock()))
    stored = [[text.replace("\x00", "").encode("utf-8", "replace").decode() for text in texts] for texts in calls]
    _hand_in(desk, *stored)
    search = read_search(words)
    expected = {f"call-{number}" for number, texts in enumerate(stored) if search_matches(search, texts)}
    assert set(_found(desk, words)) == expected
    if all(each.required for each in search.alternatives):
        spoken = [some_turns(*(f"user: {text}" for text in texts)) for texts in stored]
        lit = {f"call-{number}" for number, turns in enumerate(spoken) if matching_turns(turns, search)}
        assert expected <= lit, "the page of a call that was found has something to light up"


@pytest.mark.parametrize("words", ["refund", '"the card"', "ref*", "-Tuesday", "card OR Tuesday", "refund -Tuesday"])
def test_a_search_between_two_keys_finds_what_the_whole_one_finds_there(desk: Desk, words: str) -> None:
    _hand_in(desk, ["refund"], ["the card"], ["refund the card"], ["Tuesday"], ["refunds on Tuesday"], [])
    whole = desk.record.read(lambda c: search_calls(c, desk.pk, words, limit=None))
    assert whole
    for first, last in combinations_with_replacement(range(min(whole), max(whole) + 1), 2):
        found = desk.record.read(partial(search_keys, account_pk=desk.pk, words=words, first=first, last=last))
        assert sorted(found, reverse=True) == [each for each in whole if first <= each <= last]
