"""Contact details, codes and postcodes."""

from __future__ import annotations

import pytest
from tests.extraction.builtin.talk import answer, talk

from postcall.domain.answers import AnswerStatus
from postcall.extraction.builtin.identifiers import find_emails, find_postcodes


def test_an_account_number_said_digit_by_digit_is_joined() -> None:
    call = talk("A: What is your account number?", "U: It's 4 4 0 double 7 one 2.")
    found = answer(call, "Which account number did the caller give?")
    assert found.value == "4407712"
    assert found.evidence[0].turn == 1


def test_the_number_of_something_else_is_not_taken() -> None:
    call = talk("A: May I have your policy number?", "U: HB77302.", "A: Your claim number is CL-20981.")
    assert answer(call, "What is the policy number?").value == "HB77302"
    assert answer(call, "What is the claim number?").value == "CL-20981"


def test_a_code_said_letter_by_letter_is_put_together() -> None:
    call = talk("A: Your policy number, please?", "U: Yes it's H as in hotel, B, 7 7 3 0 2.")
    assert answer(call, "What is the policy number?").value == "HB77302"


def test_a_telephone_number_is_no_order_number() -> None:
    call = talk("A: How can I reach you?", "U: My phone is 555 213 8890.")
    assert answer(call, "Which order number did the customer give?").status is AnswerStatus.UNKNOWN
    assert answer(call, "What is the customer's phone number?").value == "555 213 8890"


@pytest.mark.parametrize(
    ("said", "address"),
    [("it's ana.k@mail.example", "ana.k@mail.example"), ("ana dot k at mail dot com", "ana.k@mail.com")],
)
def test_an_address_is_read_written_or_spoken(said: str, address: str) -> None:
    assert [each.value for each in find_emails(said)] == [address]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("SW1A 2AA", "SW1A 2AA"),
        ("s w 1 a 2 a a", "SW1A 2AA"),
        ("sierra whiskey 1 alpha 2 alpha alpha", "SW1A 2AA"),
        ("b s 1 for d j", "BS1 4DJ"),
        ("00-950", "00-950"),
        ("9 0 2 1 0", "90210"),
    ],
)
def test_a_postcode_is_read_in_the_ways_people_say_it(said: str, code: str) -> None:
    assert [each.value for each in find_postcodes(said, expected=True)] == [code]


def test_a_named_fallback_answers_for_what_was_not_given() -> None:
    found = answer(talk("U: Hi", "A: Hello"), "What is the e-mail address? Return 'unknown' if not mentioned.")
    assert (found.value, found.status, found.evidence) == ("unknown", AnswerStatus.OK, ())
