"""Numbers that callers give, in digits, in words, or one digit at a time."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from postcall.domain.folding import plain
from postcall.domain.numbers import number_runs, read_whole

_WRITTEN = re.compile(
    r"(?<![\w.,])(?P<sign>[-+−]?)[^\w\s.,+−-]?\s?(?P<digits>\d[\d.,' \u00a0]*\d|\d)(?P<more>[.,]?\w)?"
)
_POINT = re.compile(r"\b(?:point|dot|comma|coma|punto|virgule|komma)\b")
_DECIMAL_COMMA: Final = frozenset({"de", "es", "fr", "it", "pt", "nl", "pl", "ru", "sv", "da", "nb", "no", "fi", "cs"})
_MOST_DIGITS: Final = 40


def read_number(said: str, language: str) -> Decimal | None:
    """The one number in what was said; None where there is none or more than one.

    "1,500" and "1.500" are read as the language writes them; "twelve point five" is 12.5, "one two three" 123.
    """
    whole = read_whole(said)
    if whole is not None:
        return Decimal(whole) if len(str(whole)) <= _MOST_DIGITS else None
    spelled = plain(said)
    around = _POINT.split(spelled)
    if len(around) == 2:
        before, after = (read_digits_only(part) for part in around)
        return Decimal(f"{before}.{after}") if before and after else None
    written = list(_WRITTEN.finditer(spelled))
    if written:
        return _written(written, language)
    together = read_digits_only(spelled)
    negative = re.match(r"\W*(?:minus|menos|moins)\b", spelled)
    return Decimal(f"{'-' if negative else ''}{together}") if together and len(together) <= _MOST_DIGITS else None


def read_digits_only(said: str) -> str:
    """The digits of the one number in a text: a single number, or digits dictated one by one; else nothing."""
    runs = number_runs(plain(said))
    if len(runs) != 1:
        return ""
    (run,) = runs
    if len(run) > 1 and any(len(chunk.digits) != 1 for chunk in run):
        return ""
    return "".join(chunk.digits for chunk in run)


def read_digits(said: str) -> str:
    """The text with its spoken numbers as digits; those said in a row stand together: `a b five oh one`, `a b 501`."""
    spelled = plain(said) if said.isascii() else said.lower()
    if plain(spelled) != spelled:
        return said
    pieces, at = [], 0
    for run in number_runs(spelled):
        pieces += [said[at : run[0].start], "".join(chunk.digits for chunk in run)]
        at = run[-1].end
    return "".join([*pieces, said[at:]])


def _written(found: list[re.Match[str]], language: str) -> Decimal | None:
    if len(found) != 1 or (found[0]["more"] or "").strip(".,"):
        return None
    digits = re.sub(r"[' \u00a0]", "", found[0]["digits"])
    marks = [char for char in digits if char in ".,"]
    decimal = _decimal_mark(digits, marks, language)
    for mark in {*marks} - {decimal}:
        digits = digits.replace(mark, "")
    if decimal:
        digits = digits.replace(decimal, ".")
    try:
        number = Decimal(digits)
    except InvalidOperation:
        return None
    if len(digits) > _MOST_DIGITS:
        return None
    return -number if found[0]["sign"] in {"-", "−"} else number


def _decimal_mark(digits: str, marks: list[str], language: str) -> str | None:
    """Which of the marks parts the fraction: the last of two kinds; one alone unless it groups thousands."""
    if not marks or (len(marks) > 1 and len(set(marks)) == 1):
        return None
    if len(set(marks)) == 2:
        return marks[-1]
    comma = language.partition("-")[0].lower() in _DECIMAL_COMMA
    grouping = "." if comma else ","
    in_threes = len(digits.rpartition(marks[0])[2]) == 3
    return None if marks[0] == grouping and in_threes else marks[0]
