"""Phone numbers as people write them become E.164, or are refused."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postcall.errors import BadInput
from postcall.outbound.numbers import read_number


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("+14155550123", "+14155550123"),
        (" +1 (415) 555-0123 ", "+14155550123"),
        ("+1.415.555.0123", "+14155550123"),
        ("14155550123", "+14155550123"),
        ("1 (415) 555-0123", "+14155550123"),
        ("919876543210", "+919876543210"),
        ("+91 98765 43210", "+919876543210"),
        ("0044 20 7946 0018", "+442079460018"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("(+44) 20 7946 0018", "+442079460018"),
        ("+39 06 698 83145", "+390669883145"),
        ("\u202a+1\u00a0415\u2011555\u20110123\u202c", "+14155550123"),
        ("＋１４１５５５５０１２３", "+14155550123"),
        ("+1234567890", "+1234567890"),
        ("15551234567", "+15551234567"),
    ],
)
def test_a_number_is_read_however_it_is_written(written: str, meant: str) -> None:
    assert read_number(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "+", "call me", "12345", "+123", "+14155550123 ext 4", "1-800-FLOWERS", "+1234567890123456"),
        *("9.19877E+11", "14155550123.0", "+9999999999", "4155550123", "+1415555+0123", "1;2", "٣"),
    ],
)
def test_what_is_no_number_is_refused_in_the_known_words(written: str) -> None:
    with pytest.raises(BadInput, match="Invalid phone number"):
        read_number(written)


def test_a_number_without_its_country_is_not_dialled_abroad() -> None:
    with pytest.raises(BadInput):
        read_number("415 555 0123")
    assert read_number("415 555 0123", region="US") == "+14155550123"
    assert read_number("020 7946 0018", region="GB") == "+442079460018"
    assert read_number("+14155550123", region="GB") == "+14155550123"


@given(st.text(max_size=30) | st.from_regex(r"[+(]?[0-9 ().\-/]{0,25}", fullmatch=True))
def test_whatever_is_written_is_a_number_that_reads_the_same_again_or_is_refused(written: str) -> None:
    try:
        number = read_number(written)
    except BadInput as error:
        assert error.message == "Invalid phone number"
        return
    assert number.startswith("+") and number[1:].isascii() and number[1:].isdigit()
    assert 7 <= len(number) <= 16
    assert read_number(number) == number
    assert phonenumbers.parse(number).country_code
