"""A file of contacts is read as it was meant, or refused in words; what is in its cells is data."""

from __future__ import annotations

import codecs
import csv
import io
import tracemalloc
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.outbound.csv_files import contacts, many, phones, read

from postcall.domain.audiences import Contact
from postcall.errors import BadInput
from postcall.outbound.contacts import MAX_COLUMNS, BadRow, read_contacts
from postcall.outbound.uploads import read_file

TWO = "firstName,lastName,phoneNumber\nZoë,Müller,+4930901820\nUser,2,14155550123"


@pytest.mark.parametrize(
    "content",
    [
        TWO.encode(),
        TWO.encode("utf-8-sig"),
        TWO.encode("latin-1"),
        TWO.encode("utf-16"),
        codecs.BOM_UTF16_BE + TWO.encode("utf-16-be"),
        TWO.replace("\n", "\r\n").encode(),
        TWO.replace("\n", "\r").encode(),
        (TWO + "\n").encode(),
        (TWO + "\r\n\r\n,,\r\n").encode("utf-8-sig"),
        TWO.replace(",", ";").encode("latin-1"),
        TWO.replace(",", "\t").encode("utf-16"),
        ('"' + TWO.replace(",", '";"').replace("\n", '"\n"') + '"').encode(),
    ],
    ids=[
        *("utf-8", "mark", "latin-1", "utf-16", "utf-16-be", "crlf", "cr", "final newline", "empty rows"),
        *("semicolons", "tabs", "quoted semicolons"),
    ],
)
def test_a_file_is_read_whatever_wrote_it(content: bytes) -> None:
    assert contacts(content) == [
        Contact("+4930901820", {"firstName": "Zoë", "lastName": "Müller", "phoneNumber": "+4930901820"}),
        Contact("+14155550123", {"firstName": "User", "lastName": "2", "phoneNumber": "14155550123"}),
    ]


def test_the_signs_of_windows_are_read() -> None:
    [contact] = contacts("phoneNumber,note\n+14155550123,€ 5 – “soon”".encode("cp1252"))
    assert contact.data["note"] == "€ 5 – “soon”"


def test_cells_in_quotes_hold_commas_and_line_ends() -> None:
    content = b'name,phoneNumber,note\r\n"Roe, Jane",+14155550123,"two\r\nlines ""quoted"""\r\nDoe,+14155550124,'
    jane, doe = contacts(content)
    assert jane.data == {"name": "Roe, Jane", "phoneNumber": "+14155550123", "note": 'two\r\nlines "quoted"'}
    assert doe.data["note"] == ""


def test_a_row_with_a_comma_too_many_is_named_by_its_line_and_dials_nobody() -> None:
    content = b'firstName,lastName,phoneNumber\nA,"x\ny",+14155550123\nRoe, Jane,2,+14155550124\nB,3,+1415555012x\nC'
    first, *bad = read(content)
    assert isinstance(first, Contact)
    assert bad == [
        BadRow(4, "4 cells under 3 headings: a cell with a comma needs quotes"),
        BadRow(5, "'+1415555012x' is not a phone number"),
        BadRow(6, "no phone number"),
    ]


def test_the_usual_heading_stands_in_for_one_that_is_not_there() -> None:
    content = b"firstName,phoneNumber\nA,+14155550123"
    assert phones(content, columns=("mobile", "phoneNumber")) == ["+14155550123"]
    both = b"phoneNumber,mobile\n+14155550123,+14155550124"
    assert phones(both, columns=("mobile", "phoneNumber")) == ["+14155550124"]
    assert phones(b"name, PhoneNumber \nA,+14155550123") == ["+14155550123"]


def test_formulas_and_instructions_are_data() -> None:
    evil = '=HYPERLINK("x")'
    [contact] = contacts(f'phoneNumber,name\n+14155550123,"{evil.replace(chr(34), chr(34) * 2)}"'.encode())
    assert contact.data["name"] == evil


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (b"name,phone\nA,+14155550123", "no column 'phoneNumber'; it has name, phone"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not a CSV of text"),
        (b"\x1f\x8b\x08\x08junk\x9c\x02\xff", "not a CSV of text"),
        (b"PK\x03\x04\x14\x00\x08\x08", "not a CSV of text"),
        (b"phoneNumber\n+1415\x005550123", "not a CSV of text"),
        (codecs.BOM_UTF16_LE + b"a", "not a CSV of text"),
        ("phoneNumber\n+14155550123".encode("utf-16-le"), "not a CSV of text"),
        (b'phoneNumber,name\n+14155550123,"never closed\n+14155550124,B', "row that begins on line 2"),
        (b'phoneNumber,name\n+14155550123,"a" b', "row that begins on line 2"),
        (b"phoneNumber,a,a\n+14155550123,1,2", "'a' more than once"),
        (b"phoneNumber" + b",c" * MAX_COLUMNS, "columns"),
        (b"phoneNumber," + b"c" * 200 + b"\n+14155550123,", "more than 100 characters"),
        (b"phoneNumber,name\n+14155550123," + b"x" * 200_000, "row that begins on line 2"),
    ],
    ids=[
        *("nothing", "empty lines", "only a mark", "other columns", "picture", "gzip", "zip", "null byte"),
        *("half a sign", "no mark", "open quote", "closed too early", "twice", "wide", "long heading", "huge cell"),
    ],
)
def test_what_is_no_table_of_contacts_is_refused_in_words(content: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        read(content)


def test_a_column_that_was_promised_has_to_be_there() -> None:
    with pytest.raises(BadInput, match="no column 'crmId'"):
        read(b"phoneNumber\n+14155550123", also="crmId")


QUOTING: tuple[Literal[0, 1], ...] = (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
_CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
_HEADING = _CELL.map(str.strip).filter(lambda text: text and text.casefold() != "phonenumber")


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Headings, the first of them the numbers', and rows."""
    others = draw(st.lists(_HEADING, max_size=4, unique=True))
    rows = draw(st.lists(st.tuples(*[_CELL for _ in others]), max_size=6))
    numbers = [f"+1415555{1000 + index}" for index in range(len(rows))]
    return ["phoneNumber", *others], [[number, *row] for number, row in zip(numbers, rows, strict=True)]


@given(
    tables(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
    st.sampled_from(QUOTING),
    st.booleans(),
)
def test_what_a_program_wrote_is_read_back(
    table: tuple[list[str], list[list[str]]], encoding: str, quoting: Literal[0, 1], final: bool
) -> None:
    header, rows = table
    written = io.StringIO()
    # It leaves a carriage return without quotes where lines end otherwise.
    csv.writer(written, quoting=quoting, lineterminator="\r\n").writerows([header, *rows])
    text = written.getvalue() if final else written.getvalue().removesuffix("\r\n")
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        assume(False)
    if encoding == "latin-1":
        assume(not any("\x80" <= sign <= "\x9f" for sign in text) and not _is_utf_8(content))
    elif encoding == "utf-8":
        assume(not text.startswith("\ufeff"))
    assert [list(contact.data.items()) for contact in contacts(content)] == [
        list(zip(header, row, strict=True)) for row in rows
    ]


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return not content.isascii()


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda junk: b"phoneNumber,a\n+14155550123," + junk))
def test_junk_is_read_or_refused_and_never_breaks_anything(content: bytes) -> None:
    try:
        rows = read(content)
    except BadInput as error:
        assert error.message
    else:
        assert all(row.line > 1 if isinstance(row, BadRow) else row.phone for row in rows)


class CountedFile(io.BytesIO):
    """Counts what is read of it."""

    read_so_far = 0

    def read1(self, size: int | None = -1, /) -> bytes:
        found = super().read1(-1 if size is None else size)
        self.read_so_far += len(found)
        return found


def test_rows_come_while_the_file_is_still_being_read() -> None:
    file = CountedFile(many(20_000))
    rows = read_contacts(file, phone_columns=("phoneNumber",))
    next(rows)
    begun = file.read_so_far
    assert begun < file.getbuffer().nbytes / 10
    for _ in range(9_999):
        next(rows)
    assert 0.4 < file.read_so_far / file.getbuffer().nbytes < 0.6


def test_what_was_read_waits_on_disk_and_not_in_memory() -> None:
    file = io.BytesIO(many(8_000, line="{number}," + "what is known of somebody " * 10))
    tracemalloc.start()
    try:
        with read_file(file, phone_columns=("phoneNumber",)) as found:
            assert found.count == len({contact.phone for contact in found}) == 8_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < file.getbuffer().nbytes  # as objects its rows would take a multiple of their text


def test_a_file_is_read_as_often_as_somebody_asks() -> None:
    with read_file(io.BytesIO(many(3)), phone_columns=("phoneNumber",)) as found:
        assert list(found) == list(found)


def test_a_file_with_faults_names_the_first_and_counts_the_others() -> None:
    content = many(3) + b"\n" + b"\n".join(b"nobody,%d" % index for index in range(8))
    with pytest.raises(BadInput) as refused:
        read_file(io.BytesIO(content), phone_columns=("phoneNumber",))
    assert refused.value.message.startswith("Nothing was stored, for 8 of the rows cannot be called: line 5: 'nobody'")
    assert refused.value.message.endswith("line 9: 'nobody' is not a phone number; and 3 more")


def test_a_number_that_comes_again_is_counted_however_it_is_written() -> None:
    content = b"phoneNumber\n+14155550123\n1 (415) 555-0123\n+14155550124"
    with read_file(io.BytesIO(content), phone_columns=("phoneNumber",)) as found:
        assert (found.count, found.repeated) == (2, 1)
