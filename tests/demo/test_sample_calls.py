"""The sample calls as somebody who opens the list of calls would find them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postcall.demo import DEMO_AGENT_SLUG, generate_calls
from postcall.demo.clinic import CLINIC_NUMBER, CLINIC_ZONE
from postcall.demo.conversations import read_conversations
from postcall.demo.generator import VARIANT_B_SINCE
from postcall.domain.calls import CallStatus, Channel, Direction, DisconnectionReason, IncomingCall, Role
from postcall.domain.ids import CALL_ID, SLUG
from postcall.errors import BadInput

END = datetime(2026, 5, 13, 19, 20, tzinfo=UTC)
MANY = list(generate_calls(seed=1, count=1500, end=END))
CROWD = list(generate_calls(seed=3, count=12_000, end=END))
"""So many that chance cannot hide an overlap."""

ends = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1), timezones=st.just(UTC))
seeds = st.integers(min_value=0, max_value=2**32)


def started(call: IncomingCall) -> datetime:
    assert call.details.started_at is not None
    return call.details.started_at


def ended(call: IncomingCall) -> datetime:
    assert call.details.ended_at is not None
    return call.details.ended_at


def local(call: IncomingCall) -> datetime:
    return started(call).astimezone(CLINIC_ZONE)


def is_failed_booking(call: IncomingCall) -> bool:
    return any(write.name == "BOOKING_FAILED" for write in call.metrics)


def test_as_many_calls_as_asked_for_each_with_an_id_of_its_own() -> None:
    assert len(MANY) == 1500
    assert len({call.id for call in MANY}) == 1500
    assert all(call.id and call.id.startswith("demo-") and CALL_ID.fullmatch(call.id) for call in MANY)


def test_every_call_says_that_it_is_a_sample() -> None:
    assert SLUG.fullmatch(DEMO_AGENT_SLUG)
    assert all(call.details.metadata["sample"] is True for call in MANY)
    assert {call.details.agent for call in MANY} == {DEMO_AGENT_SLUG}


def test_the_same_seed_gives_the_same_calls_and_another_seed_others() -> None:
    again = list(generate_calls(seed=1, count=1500, end=END))
    other = list(generate_calls(seed=2, count=1500, end=END))
    assert again == MANY
    assert {call.turns for call in other} != {call.turns for call in MANY}
    assert not {call.id for call in other} & {call.id for call in MANY}


def test_the_zone_in_which_the_end_is_given_makes_no_difference() -> None:
    assert list(generate_calls(seed=1, count=50, end=END.astimezone(CLINIC_ZONE))) == list(
        generate_calls(seed=1, count=50, end=END)
    )


def test_an_end_without_a_time_zone_is_refused() -> None:
    with pytest.raises(BadInput, match="time zone"):
        next(generate_calls(seed=1, count=1, end=datetime(2026, 5, 13)))


def test_every_hand_written_conversation_turns_up() -> None:
    written = {conversation.key for conversation in read_conversations()}
    assert len(written) >= 44
    assert {call.details.metadata["conversation"] for call in MANY} == written


def test_hardly_two_calls_of_a_conversation_read_the_same() -> None:
    spoken = [
        tuple(turn.text for turn in call.turns)
        for call in MANY
        if call.details.metadata["conversation"] == "book-cleaning-regular"
    ]
    assert len(set(spoken)) == len(spoken) > 50


@settings(max_examples=40, deadline=None)
@given(seed=seeds, end=ends)
def test_newest_first_and_none_outside_the_60_days(seed: int, end: datetime) -> None:
    calls = list(generate_calls(seed=seed, count=40, end=end))
    assert all(newer >= older for newer, older in pairwise(map(started, calls)))
    assert all(started(call).utcoffset() == timedelta(0) for call in calls)
    assert all(end - timedelta(days=60) <= started(call) < ended(call) <= end for call in calls)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, end=ends)
def test_no_slot_is_left_unfilled(seed: int, end: datetime) -> None:
    for call in generate_calls(seed=seed, count=40, end=end):
        texts = [turn.text for turn in call.turns] + [str(write.value) for write in call.metrics]
        for text in texts:
            assert not set(text) & set("{}|[]") or "[inaudible]" in text, text
            assert text.strip() == text
            assert text
            assert "  " not in text


def test_turns_follow_one_another_within_the_call() -> None:
    for call in MANY:
        starts = [turn.start_s for turn in call.turns]
        assert all(start is not None for start in starts)
        known = [start for start in starts if start is not None]
        assert all(later > earlier for earlier, later in pairwise(known))
        assert call.details.duration_s is not None
        assert all(0 <= start < call.details.duration_s for start in known)
        assert ended(call) - started(call) == timedelta(seconds=call.details.duration_s)


def test_only_an_agent_who_answers_has_a_latency_and_it_fits_between_the_turns() -> None:
    answered = 0
    for call in MANY:
        for before, turn in pairwise(call.turns):
            if turn.role is Role.AGENT and before.role is Role.USER:
                assert turn.latency_s is not None
                assert turn.start_s is not None
                assert before.start_s is not None
                assert 0 < turn.latency_s < turn.start_s - before.start_s
                answered += 1
            else:
                assert turn.latency_s is None
    assert answered > 4000


def test_calls_have_from_none_to_thirty_turns() -> None:
    lengths = Counter(len(call.turns) for call in MANY)
    assert max(lengths) <= 30
    assert max(lengths) >= 25
    assert lengths[1] > 0
    assert all((len(call.turns) == 0) == (call.details.status is not CallStatus.COMPLETED) for call in MANY)


def test_an_unanswered_call_says_so() -> None:
    for call in MANY:
        if call.details.status in {CallStatus.NO_ANSWER, CallStatus.BUSY}:
            assert call.details.direction is Direction.OUTBOUND
            assert call.details.disconnection_reason == DisconnectionReason(call.details.status.value)


def test_the_mix_is_that_of_a_real_clinic() -> None:
    channels = Counter(call.details.channel for call in MANY)
    languages = Counter(call.details.language for call in MANY)
    assert channels[Channel.VOICE] > channels[Channel.WEBCHAT] > 20
    assert channels[Channel.SMS] > 20
    assert languages["es"] > 40
    assert languages["en"] > 10 * languages["es"]
    assert 150 < sum(call.details.direction is Direction.OUTBOUND for call in MANY) < 500
    assert {call.details.disconnection_reason for call in MANY} >= {
        DisconnectionReason.USER_HANGUP,
        DisconnectionReason.AGENT_HANGUP,
        DisconnectionReason.HANDOFF,
        DisconnectionReason.VOICEMAIL,
        DisconnectionReason.ERROR,
        DisconnectionReason.TIMEOUT,
    }


def test_spanish_calls_are_spanish() -> None:
    spanish = [call for call in MANY if call.details.language == "es"]
    assert len({call.details.metadata["conversation"] for call in spanish}) >= 4
    for call in spanish:
        words = " ".join(turn.text for turn in call.turns).lower()
        assert any(mark in words for mark in "¿ñáéíóú")


def test_a_handoff_names_where_to_and_the_call_ends_with_it() -> None:
    for call in MANY:
        is_handed_off = call.details.disconnection_reason is DisconnectionReason.HANDOFF
        assert is_handed_off == (call.details.handoff is not None)
        if call.details.handoff:
            assert call.details.handoff.destination
            assert all(
                write.value == call.details.handoff.destination for write in call.metrics if write.name == "HANDOFF_TO"
            )


def test_mornings_of_weekdays_are_busy_and_nights_are_quiet() -> None:
    weekdays = Counter(local(call).weekday() for call in MANY)
    hours = Counter(local(call).hour for call in MANY)
    assert all(weekdays[day] > weekdays[5] for day in range(5))
    assert weekdays[5] > weekdays[6]
    assert sum(hours[hour] for hour in range(8, 12)) > sum(hours[hour] for hour in range(12, 16))
    assert 0 < sum(hours[hour] for hour in (22, 23, 0, 1, 2, 3, 4, 5)) < 0.05 * len(MANY)
    saturday = [local(call).hour for call in MANY if local(call).weekday() == 5]
    assert sum(hour < 13 for hour in saturday) > 2 * sum(hour >= 13 for hour in saturday)


def test_nobody_is_called_or_put_through_while_the_clinic_is_closed() -> None:
    for call in MANY:
        at = local(call)
        is_closed = at.hour < 8 or at.hour >= {4: 17, 5: 13, 6: 0}.get(at.weekday(), 18)
        if is_closed:
            assert call.details.direction is Direction.INBOUND
            assert call.details.handoff is None or call.details.handoff.destination == "after-hours line"


def test_bookings_fail_more_often_since_variant_b() -> None:
    old = [call for call in MANY if call.details.variant == "a"]
    new = [call for call in MANY if call.details.variant == "b"]
    assert all(END - started(call) < VARIANT_B_SINCE for call in new)
    assert len(new) > 100
    failing_before = sum(map(is_failed_booking, old)) / len(old)
    failing_since = sum(map(is_failed_booking, new)) / len(new)
    assert failing_since > 2 * failing_before > 0


def test_nobody_is_in_two_calls_at_once_even_when_the_lines_are_hot() -> None:
    numbers: dict[str, datetime] = {}
    for call in CROWD:
        caller = call.details.from_number if call.details.direction is Direction.INBOUND else call.details.to_number
        if caller is None:
            assert call.details.channel is Channel.WEBCHAT
            continue
        assert caller != CLINIC_NUMBER
        assert caller[5:10] == "55501", "a number that is kept free for fiction"
        assert caller not in numbers or ended(call) < numbers[caller]
        numbers[caller] = started(call)


def test_no_call_is_still_going_on_at_the_end() -> None:
    assert max(map(ended, CROWD)) <= END
    assert max(map(started, CROWD)) > END - timedelta(hours=1)


def test_metrics_are_named_and_typed_as_code_writes_them() -> None:
    kinds: dict[str, set[type]] = {}
    for call in MANY:
        for write in call.metrics:
            assert write.name == write.name.upper()
            assert write.name.replace("_", "").isalpha()
            assert write.at is not None
            assert started(call) < write.at < ended(call)
            kinds.setdefault(write.name, set()).add(float if type(write.value) is int else type(write.value))
    assert all(len(types) == 1 for types in kinds.values()), kinds
    assert kinds["BOOKING_CONFIRMED"] == {bool}
    assert kinds["SLOTS_OFFERED"] == kinds["QUOTED_PRICE"] == {float}
    assert kinds["INTENT"] == {str}


def test_some_names_are_written_twice_and_some_are_forgotten() -> None:
    writes = [Counter(write.name for write in call.metrics) for call in MANY]
    assert any(count > 1 for names in writes for count in names.values())
    cleanings = [
        names
        for call, names in zip(MANY, writes, strict=True)
        if call.details.metadata["conversation"] == "book-cleaning-regular"
    ]
    assert 0 < sum("BOOKING_CONFIRMED" not in names for names in cleanings) < 0.3 * len(cleanings)
