"""Whole calls of several trades: reasons, results, counts and values."""

from __future__ import annotations

import pytest
from tests.extraction.builtin.talk import answer, ask, talk

from postcall.domain.answers import AnswerStatus
from postcall.domain.calls import Transcript
from postcall.extraction.builtin import Background

INTERNET = talk(
    "A: Thanks for calling, this is Nora. How can I help?",
    "U: Hi, my internet has been down since Monday and I already called twice about this.",
    "A: I'm sorry to hear that. I can send a technician on Friday at 2 pm, would that work?",
    "U: No, I work Fridays. Can you do Saturday morning?",
    "A: Saturday at 9:30 am is available. Shall I book that?",
    "U: Yes please.",
    "A: Okay, a technician is scheduled for Saturday March 7th at 9:30 am. You'll also get a credit of $25.",
    "U: Great, thanks. This has been really frustrating.",
    "A: I understand. Is there anything else?",
    "U: No, bye.",
)
RETURN = talk(
    "A: Hello, Pine support.",
    "U: Hi, I'd like to return a jacket, it is too small.",
    "A: Would you like an exchange or a refund?",
    "U: A refund please.",
    "A: Okay, I've processed a refund of 59 dollars to your card.",
    "U: Awesome.",
    "A: How would you rate this call from 1 to 5?",
    "U: I'd say five.",
)
TABLE = talk(
    "A: Good evening.",
    "U: Hi can I get a table for four tomorrow at half past seven?",
    "A: I'm afraid 7:30 is fully booked, but I have 8:15.",
    "U: Sure, 8:15 works. One of us is vegan.",
    "A: Alright, table for four, tomorrow at 8:15 pm. See you then!",
)
FAILED = talk(
    "A: Hello.",
    "U: I'd like to book a room for two from the 9th until the 12th.",
    "A: Please confirm: a room for 2 from March 9th to March 12th.",
    "U: Yes, that's right.",
    "A: I'm sorry, I was unable to complete the booking.",
    "U: Never mind then, bye.",
)
STAY = (*FAILED[:4], *talk("A: Your room is booked.", "U: Thank you!"))
SALES = talk(
    "A: Hello, is this Laura?",
    "U: Yes speaking.",
    "A: I'm calling about our analytics product.",
    "U: Not really, we already use another tool and we're happy with it.",
    "A: Could I call you back next week?",
    "U: No, please take me off your list.",
)
MOVED = talk(
    "A: Good morning.",
    "U: I need to move my appointment with Dr. Patel, I can't make it Thursday.",
    "A: I have Monday at 11:20.",
    "U: That works.",
    "A: Great, I've moved your appointment to Monday the 9th at 11:20.",
)
TRANSFERRED = talk(
    "A: How can I help?", "U: I want to talk to a real person!", "A: Okay, transferring you to an agent."
)
HOTELS = ("hotel_book", "hotel_search")
ORDERS = ("order_place", "order_cancel", "order_status")
BOOKED_WHEN = "For which date is the booking? Null if nothing was booked."


@pytest.mark.parametrize(
    ("call", "prompt", "expected"),
    [
        (INTERNET, "Was an appointment booked?", True),
        (INTERNET, "Was the issue resolved?", True),
        (INTERNET, "Has the customer called before about this?", True),
        (INTERNET, "Did the customer ask to speak to a human?", False),
        (INTERNET, "Did the caller become annoyed?", True),
        (INTERNET, "Did the customer mention a competitor?", False),
        (INTERNET, "Did the conversation run to its natural end, or was it cut off?", True),
        (RETURN, "Was a refund issued?", True),
        (RETURN, "Was a replacement sent?", False),
        (TABLE, "Was a reservation made?", True),
        (TABLE, "Did the caller mention dietary restrictions?", True),
        (FAILED, "Was a booking completed and confirmed?", False),
        (FAILED, "Did an attempted booking fail?", True),
        (FAILED, "Did the agent carry out the caller's request? Answer false if it failed.", False),
        (FAILED, "Did the caller ask for a booking to be made?", True),
        (STAY, "Did an attempted booking fail?", False),
        (STAY, "Did the caller cancel the booking?", False),
        (MOVED, "Did the patient cancel an appointment?", False),
        (MOVED, "Was the appointment rescheduled?", True),
        (TRANSFERRED, "Was the call handled without a human?", False),
        (TRANSFERRED, "Did the caller ask for a human agent?", True),
        (TRANSFERRED, "Was the call transferred to an agent?", True),
        (SALES, "Is the prospect interested?", False),
        (SALES, "Did they ask to be removed from the call list?", True),
    ],
)
def test_yes_or_no_is_told_by_what_was_said(call: Transcript, prompt: str, expected: bool) -> None:
    found = answer(call, prompt, "BOOLEAN")
    assert found.value is expected, found.reasoning
    assert found.evidence or (found.confidence or 0) <= 0.5


@pytest.mark.parametrize(
    ("call", "prompt", "choices", "expected"),
    [
        (INTERNET, "Why did the customer call?", ("billing_question", "technical_issue", "other"), "technical_issue"),
        (RETURN, "Reason for contact", ("shipping_delay", "return_item", "account_help", "other"), "return_item"),
        (RETURN, "How did the call end?", ("refund", "exchange", "escalated"), "refund"),
        (TABLE, "What did the caller want?", ("hotel_booking", "table_booking", "taxi_booking"), "table_booking"),
        (SALES, "Call disposition", ("interested", "callback_requested", "do_not_call"), "do_not_call"),
        (talk("A: Yes?", "U: I'd like to book a room."), "Reason?", (*HOTELS, "plane_book"), "hotel_book"),
        (talk("A: Yes?", "U: I'm looking for a hotel, what is there?"), "Reason?", HOTELS, "hotel_search"),
        (talk("A: Yes?", "U: I want to cancel my order."), "Reason?", ORDERS, "order_cancel"),
        (talk("A: Yes?", "U: Where is my order?"), "Reason?", ORDERS, "order_status"),
    ],
)
def test_the_choice_that_the_words_speak_for_is_named(
    call: Transcript, prompt: str, choices: tuple[str, ...], expected: str
) -> None:
    found = answer(call, prompt, "ENUM", *choices)
    assert found.value == expected, found.reasoning


def test_a_description_in_the_prompt_counts_as_words_of_its_choice() -> None:
    call = talk("A: Yes?", "U: There is a strange whistling when I brake.")
    prompt = "Reason? (alpha: strange noises when driving or braking; beta: oil and fluids)"
    assert answer(call, prompt, "ENUM", "alpha", "beta").value == "alpha"


def test_options_in_the_prompt_stand_for_choices() -> None:
    prompt = "Primary reason. Options: shipping delay, return or refund of an item, other"
    assert answer(RETURN, prompt).value in ("return", "refund of an item")


def test_a_fallback_choice_is_taken_where_nothing_fits() -> None:
    found = answer(talk("A: Yes?", "U: Bananas."), "Reason for the call?", "ENUM", "billing", "repair", "other")
    assert (found.value, found.status) == ("other", AnswerStatus.OK)


def test_no_choice_is_guessed_where_none_fits() -> None:
    assert answer(talk("A: Yes?", "U: Bananas."), "Reason?", "ENUM", "billing", "repair").value is None


def test_the_last_agreed_value_wins_over_those_refused_or_taken_back() -> None:
    assert answer(INTERNET, "At what time (24-hour HH:MM) is the booked visit?").value == "09:30"
    assert answer(INTERNET, "Date and time of the booked visit", "DATETIME").value == "2026-03-07T09:30:00"
    assert answer(TABLE, "At what time (HH:MM) is the reservation? Null if not booked.").value == "20:15"
    assert answer(TABLE, BOOKED_WHEN, "DATETIME").value == "2026-03-05"


@pytest.mark.parametrize("kind", ["DATETIME", "STRING", "INTEGER"])
def test_nothing_is_invented_about_a_booking_that_failed(kind: str) -> None:
    prompts = {
        "DATETIME": BOOKED_WHEN,
        "STRING": "At what time (HH:MM) is the booking? Null if nothing was booked.",
        "INTEGER": "How many people is the confirmed booking for? Null if nothing was confirmed.",
    }
    found = answer(FAILED, prompts[kind], kind)
    assert (found.value, found.status) == (None, AnswerStatus.UNKNOWN)


def test_both_ends_of_a_stay_are_told_apart() -> None:
    assert answer(STAY, "On which day of the month does the booked hotel stay begin?", "INTEGER").value == 9
    assert answer(STAY, "On which day of the month does the booked hotel stay end?", "INTEGER").value == 12


def test_people_and_money_and_ratings_are_counted() -> None:
    assert answer(TABLE, "How many guests is the confirmed reservation for?", "INTEGER").value == 4
    assert answer(RETURN, "How many dollars were refunded?", "INTEGER").value == 59
    assert answer(INTERNET, "How much credit, in dollars, was the customer given?", "INTEGER").value == 25
    assert answer(RETURN, "Which rating from 1 to 5 did the customer give?", "INTEGER").value == 5
    assert answer(SALES, "How many questions did the agent ask?", "INTEGER").value == 2


def test_a_day_first_birthday_follows_the_prompt() -> None:
    call = talk("A: Your date of birth?", "U: 3/4/1990")
    assert answer(call, "What is the date of birth? Spoken dates are day first.", "DATETIME").value == "1990-04-03"
    assert answer(call, "What is the date of birth?", "DATETIME").value == "1990-03-04"


def test_the_prompts_own_day_counts_for_relative_dates() -> None:
    prompt = "For which date is the booking? The conversation takes place on 2019-03-01. Null if nothing was booked."
    assert answer(TABLE, prompt, "DATETIME").value == "2019-03-02"


def test_a_summary_names_who_what_and_the_outcome() -> None:
    call = (*talk("A: Your name?", "U: Daniel Okafor"), *INTERNET[1:])
    summary = ask(call).summary
    assert "Daniel Okafor" in summary
    assert "internet has been down" in summary
    assert "technician is scheduled" in summary


def test_words_of_every_call_count_less() -> None:
    choices = ("billing", "repair")
    call = talk("A: Yes?", "U: A question about the invoice, the washer leaks.")
    everyday = [talk("U: invoice question", "A: yes invoice")] * 40
    background = Background.of([*everyday, call])
    assert Background.loads(background.dumps()) == background
    assert background.merge(background).calls == 2 * background.calls
    assert background.rarity("invoic") < background.rarity("washer")
    findings = ask(call, background=background)
    assert findings.analyser == "built-in"
    assert answer(call, "Reason?", "ENUM", *choices).value in choices
