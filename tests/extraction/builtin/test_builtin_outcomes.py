"""How calls end, in the words of choices that no rule knows."""

from __future__ import annotations

import pytest
from tests.extraction.builtin.talk import answer, talk

from postcall.domain.calls import Transcript

ENDINGS = (
    *("booked", "rescheduled", "cancelled", "confirmed", "booking_failed"),
    *("handed_off", "message_taken", "answered", "other"),
)
HOW = (
    "How did the call end? booked: a new visit was made. rescheduled: a visit was moved. cancelled: a visit was "
    "cancelled. confirmed: an existing visit was confirmed. booking_failed: a visit was wanted and none was made. "
    "handed_off: the caller was passed to a person. message_taken: a message or a call back was taken down. "
    "answered: a question was answered. other: none of these."
)


def visit(*lines: str) -> Transcript:
    return talk("A: Garden Street Vets, hello.", *lines)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (visit("U: Can I bring my dog in?", "A: Monday at ten?", "U: Yes.", "A: Then Monday at ten."), "booked"),
        (
            visit("U: I need to move my visit.", "A: Monday at ten instead?", "U: Fine.", "A: Done, see you then."),
            "rescheduled",
        ),
        (visit("U: Please cancel my visit on Friday.", "A: It's cancelled.", "U: Thanks."), "cancelled"),
        (
            visit("U: I want to cancel it.", "A: Are you sure?", "U: No, leave it, I'll come.", "A: We leave it then."),
            "confirmed",
        ),
        (
            talk(
                "A: Hi, this is Sam from Garden Street Vets, I'm calling to remind you of your visit on Friday.",
                "U: Yes, I'll be there.",
                "A: Great, bye.",
            ),
            "confirmed",
        ),
        (
            visit(
                "U: I'd like to book a visit for this week.", "A: I'm sorry, we're fully booked.", "U: Too bad, bye."
            ),
            "booking_failed",
        ),
        (visit("U: I want to talk to the doctor.", "A: I'm putting you through, please hold."), "handed_off"),
        (
            visit("U: Is the doctor in?", "A: No, but I'll leave her a message, she'll call you back.", "U: Thanks."),
            "message_taken",
        ),
        (visit("U: How late are you open?", "A: Until six on weekdays.", "U: Good to know, thanks."), "answered"),
        (visit("U: Is this the bakery?", "A: No, you have the wrong number.", "U: Sorry."), "other"),
    ],
)
def test_the_way_a_call_ended_is_what_came_of_it_last(call: Transcript, expected: str) -> None:
    assert answer(call, HOW, "ENUM", *ENDINGS).value == expected


def test_what_was_done_before_it_failed_does_not_count() -> None:
    call = visit(
        "U: I'd like an appointment.",
        "A: Tuesday at nine?",
        "U: Yes.",
        "A: I'm sorry, I was unable to book that.",
        "U: Oh.",
    )
    assert answer(call, HOW, "ENUM", *ENDINGS).value == "booking_failed"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("You're down for Tuesday at 3 PM.", True),
        ("Perfect, Tuesday at 3 PM it is.", True),
        ("I'm putting you in for Tuesday at 3.", True),
        ("Consider it booked.", True),
        ("Nothing is free that day, I'm sorry.", False),
        ("I can't reach the calendar, please call again later.", False),
    ],
)
def test_a_booking_is_heard_in_the_many_ways_to_confirm_one(said: str, expected: bool) -> None:
    call = visit("U: I'd like to make an appointment for my cat, Tuesday at three.", f"A: {said}", "U: Okay, bye.")
    assert answer(call, "Did the agent book an appointment and say that it is done?", "BOOLEAN").value is expected


def test_the_time_is_given_with_the_date_that_was_booked() -> None:
    call = visit("U: A table for Friday?", "A: You're booked for Friday, March 6th at 7 pm.", "U: Great.")
    found = answer(call, "When is the table booked for? Date and time. No value if nothing is booked.", "DATETIME")
    assert found.value == "2026-03-06T19:00:00"


def test_a_time_in_spanish_is_given_with_its_date() -> None:
    call = talk(
        "A: ¿En qué le ayudo?",
        "U: Necesito una cita.",
        "A: Tengo el viernes 6 de marzo a las tres y media de la tarde. ¿Está bien?",
        "U: Sí, está bien.",
        "A: Listo, queda el viernes 6 de marzo a las tres y media de la tarde.",
    )
    found = answer(call, "When is the visit that was booked? Date and time; null if nothing was booked.", "DATETIME")
    assert found.value == "2026-03-06T15:30:00"


REASONS = ("new_visit", "price", "complaint", "other")
WHY = (
    "Why did they call? new_visit: a visit is wanted. price: what something costs. complaint: they are unhappy. "
    "other: else."
)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (
            visit("U: My dog limps.", "A: I have Tuesday at nine.", "U: Nine is good.", "A: Booked, Tuesday at nine."),
            "new_visit",
        ),
        (visit("U: What would a check-up run me?", "A: Fifty dollars.", "U: Okay."), "price"),
        (visit("U: I want to make a complaint about last week.", "A: I'm sorry. I'll pass it on."), "complaint"),
        (visit("U: Is this the pharmacy?", "A: No, this is the vet, wrong number.", "U: Sorry, bye."), "other"),
    ],
)
def test_the_reason_is_what_the_call_turns_out_to_be_about(call: Transcript, expected: str) -> None:
    assert answer(call, WHY, "ENUM", *REASONS).value == expected
