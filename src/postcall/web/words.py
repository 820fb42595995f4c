"""Values as people read them."""

from __future__ import annotations

from datetime import datetime

from postcall.domain.answers import Answer, AnswerStatus
from postcall.domain.calls import MetricValue
from postcall.domain.questions import QuestionType

NONE = "–"
"""Where there is nothing to show."""

_WITHOUT_VALUE = {
    AnswerStatus.UNKNOWN: "not said",
    AnswerStatus.INVALID: "no usable answer",
    AnswerStatus.ERROR: "could not be asked",
}
# Control characters have no glyph, and browsers drop or alter some of them: show their pictures, one for one.
_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}


def visible(text: str) -> str:
    """The text with its control characters visible; each character stays at its place."""
    return text.translate(_PICTURES)


def moment(at: datetime) -> str:
    """`21 Nov 2026, 05:29` in the moment's own zone; pages show UTC and say so."""
    return f"{at.day} {at:%b %Y, %H:%M}"


def clock(at: datetime) -> str:
    """`05:29:07`."""
    return f"{at:%H:%M:%S}"


def duration(seconds: float | None) -> str:
    """`45 s`, `2 min 05 s` or `1 h 02 min`."""
    if seconds is None:
        return NONE
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def offset(seconds: float) -> str:
    """Where in the call: `0:07`, `12:30` or `1:02:03`."""
    whole = int(seconds)
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"


def answer_value(answer: Answer) -> str:
    """The value in words, or why there is none."""
    if answer.status is not AnswerStatus.OK:
        return _WITHOUT_VALUE[answer.status]
    if answer.type is QuestionType.DATETIME and isinstance(answer.value, str):
        return iso_moment(answer.value)
    return scalar(answer.value)


def scalar(value: MetricValue | None) -> str:
    """A value of any type: `Yes`, `1,234`, `2.5` or the text itself."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e15 else f"{value:g}"
    return visible(value)


def iso_moment(text: str) -> str:
    """`Thu 5 Mar 2026`, with `, 15:00` and the offset where they are given; another text stays as it is."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return visible(text)
    day = f"{at:%a} {at.day} {at:%b %Y}"
    if "T" not in text:
        return day
    zone = f" {at:%Z}" if at.tzinfo else ""
    return f"{day}, {at:%H:%M:%S}{zone}" if at.second else f"{day}, {at:%H:%M}{zone}"


def confidence(value: float) -> str:
    """`0.82`."""
    return f"{value:.2f}"


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 call`, `1,500 calls`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def shorten(text: str, length: int) -> str:
    """The text, cut at `length` characters with an ellipsis."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def first_line(text: str, length: int = 180) -> str:
    """The first line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return shorten(visible(lines[0]), length) if lines else ""


def version(number: int) -> str:
    """`version 3`, or that it was a draft, which was called to try it."""
    return f"version {number}" if number > 0 else "a draft that was tried"


def spelled(code: str) -> str:
    """A member of a closed set in words: `no_answer` is `no answer`."""
    return code.replace("_", " ")
