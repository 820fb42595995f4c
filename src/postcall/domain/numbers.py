"""Numbers as they are written and spoken: digits, and the words of English and Spanish.

A spoken number reaches us as chunks ("nineteen ninety", "five five five oh one"), which stand for one number or for
several. `number_runs` keeps the chunks, so that each caller can read them its own way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from postcall.domain.folding import plain

_ONES_EN = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_ONES_ES = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis"
_MORE_EN = "seventeen eighteen nineteen"
_MORE_ES = (
    "diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis "
    "veintisiete veintiocho veintinueve"
)
_TENS_EN = "twenty thirty forty fifty sixty seventy eighty ninety"
_TENS_ES = "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
_HUNDREDS_ES = "cien doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
_ORDINALS_EN = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth"
)
_ORDINAL_TENS_EN = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"

_SMALL: Final[dict[str, int]] = {
    **{word: n for n, word in enumerate(f"{_ONES_EN} {_MORE_EN}".split())},
    **{word: n for n, word in enumerate(f"{_ONES_ES} {_MORE_ES}".split())},
    "ciento": 100,
    "dozen": 12,
}
_TENS: Final[dict[str, int]] = {
    **{word: 10 * n for n, word in enumerate(_TENS_EN.split(), start=2)},
    **{word: 10 * n for n, word in enumerate(_TENS_ES.split(), start=3)},
}
_HUNDREDS: Final[dict[str, int]] = {
    **{word: 100 * n for n, word in enumerate(_HUNDREDS_ES.split(), start=1)},
    "ciento": 100,
}
_SCALES: Final[dict[str, int]] = {"thousand": 1000, "mil": 1000, "million": 10**6, "millon": 10**6, "millones": 10**6}
_ORDINALS: Final[dict[str, int]] = {
    **{word: n for n, word in enumerate(_ORDINALS_EN.split(), start=1)},
    **{word: 10 * n for n, word in enumerate(_ORDINAL_TENS_EN.split(), start=2)},
    "primero": 1,
}
_TIMES: Final[dict[str, int]] = {"once": 1, "twice": 2, "thrice": 3}
"""Apart from the others, since `once` is eleven in Spanish: both readings are possible."""
_TIMES_WORD = re.compile(rf"\b(?:{'|'.join(_TIMES)})\b")
_REPEATS: Final[dict[str, int]] = {"double": 2, "triple": 3}
_NAMED = {*_SMALL, *_TENS, *_HUNDREDS, *_SCALES, *_ORDINALS, "hundred"}

_TOKEN = re.compile(
    r"(?P<digits>\d{1,3}(?:[,.]\d{3})+(?!\d)|\d+(?!\d))(?P<fraction>[.,]\d+)?(?P<suffix>st|nd|rd|th)?(?![^\W\d_])"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<mixed>\d+)"
)
_WHOLE = re.compile(r"(?P<sign>[-+−]?)(?P<number>\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+)(?:\.0*)?(?:st|nd|rd|th)?")
_LINKS = re.compile(r"[\s\-–]*")
"""What may stand between the chunks of one number; a comma or a full stop begins a new one."""
_MAX_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Chunk:
    """A number said in one breath: `twenty five`, `5th`, `1,500`."""

    digits: str
    """Without signs and separators; leading zeros are kept as they were said."""
    start: int
    end: int
    """Where it stands in the plain text that was read."""
    ordinal: bool
    spoken: bool
    """In words rather than digits."""


def number_runs(plain_text: str) -> list[list[Chunk]]:
    """The numbers of a text that `folding.plain` has made plain; chunks that follow one another directly form a run."""
    runs: list[list[Chunk]] = []
    for chunk in _chunks(plain_text):
        if runs and _LINKS.fullmatch(plain_text, runs[-1][-1].end, chunk.start):
            runs[-1].append(chunk)
        else:
            runs.append([chunk])
    return runs


def numbers_in(text: str) -> set[int]:
    """Every whole number that a reader could take from the text.

    `nineteen ninety` gives 19, 90 and 1990. A decimal such as 5.5 gives nothing.
    """
    made_plain = plain(text)
    found: set[int] = {_TIMES[word] for word in _TIMES_WORD.findall(made_plain)}
    for run in number_runs(made_plain):
        digits = [chunk.digits for chunk in run]
        for first in range(len(digits)):
            for last in range(first + 1, min(len(digits), first + _MAX_DIGITS) + 1):
                joined = "".join(digits[first:last])
                if len(joined) <= _MAX_DIGITS:
                    found.add(int(joined))
    return found


def digits_in(text: str) -> list[str]:
    """Each run of numbers as one string of digits, as a telephone number or a code is dictated."""
    return ["".join(chunk.digits for chunk in run) for run in number_runs(plain(text))]


def read_whole(text: str) -> int | None:
    """The whole number that this text is, in digits or words; None where it is anything more or less than that."""
    spelled = plain(text).strip(" \t\r\n.!?\"'“”‘’")
    written = _WHOLE.fullmatch(spelled)
    if written:
        digits = re.sub(r"\D", "", written["number"])
        if len(digits) > 4000:  # int() refuses more digits than that
            return None
        return -int(digits) if written["sign"] in {"-", "−"} else int(digits)
    negative = spelled.removeprefix("minus ").removeprefix("menos ")
    runs = number_runs(negative)
    if len(runs) != 1 or len(runs[0]) != 1:
        return None
    (chunk,) = runs[0]
    if not chunk.spoken or negative[: chunk.start] not in {"", "a "} or chunk.end != len(negative):
        return None
    return -int(chunk.digits) if negative != spelled else int(chunk.digits)


def digitised(plain_text: str) -> str:
    """The text with its spoken numbers in digits: `march twenty fifth nineteen ninety` becomes `march 25th 1990`."""
    pieces, at = [], 0
    for run in number_runs(plain_text):
        spoken = [chunk for chunk in run if chunk.spoken]
        if not spoken:
            continue
        if len(run) == 2 and len(spoken) == 2 and _is_century(run[0], run[1]):
            pieces += [plain_text[at : run[0].start], run[0].digits + run[1].digits]
            at = run[1].end
            continue
        for index, chunk in enumerate(run):
            if index < len(run) - 1 and len(run) == 3 and index == 1 and _is_century(run[1], run[2]):
                pieces += [plain_text[at : chunk.start], run[1].digits + run[2].digits]
                at = run[2].end
                break
            pieces += [plain_text[at : chunk.start], chunk.digits + ("th" if chunk.ordinal else "")]
            at = chunk.end
    pieces.append(plain_text[at:])
    return "".join(pieces)


def _is_century(first: Chunk, second: Chunk) -> bool:
    return first.digits in {"18", "19", "20"} and len(second.digits) == 2 and not first.ordinal and not second.ordinal


def _chunks(text: str) -> list[Chunk]:
    tokens = [found for found in _TOKEN.finditer(text) if found["word"] is None or _may_count(found["word"])]
    chunks: list[Chunk] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token["word"] is None:
            chunk = _written(token)
            if chunk is not None:
                chunks.append(chunk)
            at += 1
            continue
        group = [token]
        while (
            at + len(group) < len(tokens)
            and tokens[at + len(group)]["word"] is not None
            and _LINKS.fullmatch(text, group[-1].end(), tokens[at + len(group)].start())
        ):
            group.append(tokens[at + len(group)])
        chunks.extend(_spoken(group))
        at += len(group)
    return chunks


def _may_count(word: str) -> bool:
    return word in _NAMED or word in {"and", "y", "oh"} or word in _REPEATS


def _written(token: re.Match[str]) -> Chunk | None:
    fraction = token["fraction"]
    if fraction and fraction[1:].strip("0"):
        return None
    digits = re.sub(r"\D", "", token["digits"] or token["mixed"] or "")
    return Chunk(digits, token.start(), token.end(), ordinal=bool(token["suffix"]), spoken=False)


def _spoken(tokens: list[re.Match[str]]) -> list[Chunk]:
    words = [token.group() for token in tokens]
    chunks, at = [], 0
    while at < len(words):
        repeat = _REPEATS.get(words[at])
        if repeat and at + 1 < len(words) and 0 <= _SMALL.get(words[at + 1], -1) < 10:
            digits, end, ordinal = str(_SMALL[words[at + 1]]) * repeat, at + 2, False
        elif words[at] == "oh":
            digits, end, ordinal = "0", at + 1, False
        else:
            number, end, ordinal = _cardinal(words, at)
            if end == at:
                at += 1
                continue
            digits = str(number)
        chunks.append(Chunk(digits, tokens[at].start(), tokens[end - 1].end(), ordinal=ordinal, spoken=True))
        at = end
    return chunks


def _cardinal(words: list[str], at: int) -> tuple[int, int, bool]:
    """The longest number that begins at `at`, where it ends, and whether it is an ordinal."""
    total, scale_below = 0, 10**9
    start = at
    while True:
        number, end, ordinal = _below_thousand(words, at)
        if end == at and at < len(words) and words[at] == "mil" and at == start:
            number = 1  # Spanish says `mil` for a thousand
        elif end == at:
            break
        if end < len(words) and _SCALES.get(words[end], scale_below) < scale_below and not ordinal:
            scale_below = _SCALES[words[end]]
            total += number * scale_below
            at = end + 1
            following = at + 1 if at < len(words) and words[at] == "and" else at
            if _below_thousand(words, following)[1] == following:
                return total, at, False
            at = following
            continue
        if total and number >= scale_below:
            break
        return total + number, end, ordinal
    return total, at, False


def _below_thousand(words: list[str], at: int) -> tuple[int, int, bool]:
    hundreds, end = 0, at
    if at < len(words) and words[at] in _HUNDREDS:
        hundreds, end = _HUNDREDS[words[at]], at + 1
    elif at + 1 < len(words) and words[at + 1] == "hundred" and 0 < _SMALL.get(words[at], 0) < 100:
        hundreds, end = 100 * _SMALL[words[at]], at + 2
    if not hundreds:
        return _below_hundred(words, at)
    rest = end + 1 if end < len(words) and words[end] == "and" else end
    number, after, ordinal = _below_hundred(words, rest)
    return (hundreds + number, after, ordinal) if after > rest else (hundreds, end, False)


def _below_hundred(words: list[str], at: int) -> tuple[int, int, bool]:
    if at >= len(words):
        return 0, at, False
    word = words[at]
    if word in _TENS:
        unit = at + 2 if at + 1 < len(words) and words[at + 1] == "y" else at + 1
        if unit < len(words):
            if 0 < _SMALL.get(words[unit], 0) < 10:
                return _TENS[word] + _SMALL[words[unit]], unit + 1, False
            if 0 < _ORDINALS.get(words[unit], 0) < 10 and unit == at + 1:
                return _TENS[word] + _ORDINALS[words[unit]], unit + 1, True
        return _TENS[word], at + 1, False
    if word in _SMALL:
        return _SMALL[word], at + 1, False
    if word in _ORDINALS:
        return _ORDINALS[word], at + 1, True
    return 0, at, False
