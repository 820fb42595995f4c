"""Whether a quote stands where the model says it stands, and whether it bears out the answer."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from postcall.domain.answers import Evidence
from postcall.domain.calls import Transcript

SLIPS_PER_CHARACTER: Final = 0.1
"""Of an inexact quote, so many characters may differ; a quote shorter than ten must be exact."""
_MAX_INEXACT: Final = 1_000
"""Longer quotes must be exact, since the search for a near match costs the product of both lengths."""
_SAME: Final = str.maketrans(
    dict.fromkeys("‘’‚‛`´ʼ′", "'") | dict.fromkeys("“”„‟«»″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_NEGATION_WORDS: Final = "no not never none nobody nothing cannot neither nor nunca nada nadie jamas sin"
_NEGATIONS: Final = frozenset(_NEGATION_WORDS.split())
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def verify_quote(quote: str, turn_index: int, transcript: Transcript) -> Evidence | None:
    """The words of the named turn that the quote stands for; None where it does not stand in that turn.

    Case, white space, the style of quotation marks, and marks at either end do not count, and a small share of
    letters may differ; digits and negations may not. The evidence holds the words as they stand in the turn.
    """
    if not 0 <= turn_index < len(transcript):
        return None
    text = transcript[turn_index].text
    exact = quote.strip()
    if not _has_substance(exact):
        return None
    start = _find_whole(exact, text)
    if start is not None:
        return Evidence(turn_index, text[start : start + len(exact)])
    wanted = _trimmed(_folded(exact)[0])
    if not wanted:
        return None
    folded, origins = _folded(text)
    start = _find_whole(wanted, folded)
    found = (start, start + len(wanted)) if start is not None else _find_near(wanted, folded)
    if found is None:
        return None
    return Evidence(turn_index, text[origins[found[0]] : origins[found[1] - 1] + 1])


def _has_substance(text: str) -> bool:
    """Letters, digits or symbols such as emoji, rather than white space and punctuation alone."""
    return any(char.isalnum() or unicodedata.category(char) in {"So", "Sc"} for char in text)


def _find_whole(wanted: str, text: str) -> int | None:
    """Where the words begin, as whole words: `art` does not stand in `party`, nor 5 in 15."""
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if not _joins(text, start) and not _joins(text, end):
            return start
        start = text.find(wanted, start + 1)
    return None


def _joins(text: str, at: int) -> bool:
    """Whether the characters on both sides of a place belong to one word, in scripts that part words."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after):
        return True
    if before.isdigit() or after.isdigit():
        return before.isdigit() and after.isdigit()
    return _cased(before) and _cased(after)


def _cased(char: str) -> bool:
    return char.isalpha() and char.lower() != char.upper()


def _folded(text: str) -> tuple[str, list[int]]:
    """The text made comparable, and for each of its characters the index of the one it came from."""
    folded: list[str] = []
    origins: list[int] = []
    spaced = True
    for index, char in enumerate(text):
        if char.isspace():
            if not spaced:
                folded.append(" ")
                origins.append(index)
            spaced = True
            continue
        if char.isascii():
            if char < " " or char == "\x7f":
                continue
            parts = char.lower()
        else:
            if unicodedata.category(char) in {"Cf", "Cs", "Co"}:  # marks of direction and joiners are not seen
                continue
            parts = unicodedata.normalize("NFKD", char.translate(_SAME)).casefold()
        if char == "`":
            parts = "'"
        folded.append(parts)
        origins.extend([index] * len(parts))
        spaced = parts.endswith(" ")
    return "".join(folded), origins


def _trimmed(folded: str) -> str:
    """Without the quotation marks, ellipses and other punctuation at either end."""
    start, end = 0, len(folded)
    while start < end and _is_mark(folded[start]):
        start += 1
    while end > start and _is_mark(folded[end - 1]):
        end -= 1
    return folded[start:end]


def _is_mark(char: str) -> bool:
    return char == " " or unicodedata.category(char)[0] == "P"


def _find_near(wanted: str, text: str) -> tuple[int, int] | None:
    """The stretch of the text nearest to the words, as whole words, where it is near enough."""
    slips = int(len(wanted) * SLIPS_PER_CHARACTER)
    if not slips or len(wanted) > _MAX_INEXACT or len(wanted) > len(text) + slips:
        return None
    from rapidfuzz import fuzz
    from rapidfuzz.distance import Levenshtein

    nearest = fuzz.partial_ratio_alignment(wanted, text, score_cutoff=100 * (1 - 2 * SLIPS_PER_CHARACTER))
    if nearest is None:
        return None
    found: tuple[int, int, int] | None = None
    for start in _edges(text, nearest.dest_start, slips):
        for end in _edges(text, nearest.dest_end, slips):
            if end <= start:
                continue
            distance = Levenshtein.distance(wanted, text[start:end], score_cutoff=slips)
            if distance <= slips and (found is None or distance < found[0]):
                found = (distance, start, end)
    if found is None or not _same_facts(wanted, text[found[1] : found[2]]):
        return None
    return found[1], found[2]


def _edges(text: str, near: int, reach: int) -> list[int]:
    """The places near this one where a word begins or ends."""
    places = range(max(0, near - reach), min(len(text), near + reach) + 1)
    return [place for place in places if not _joins(text, place)]


def _same_facts(wanted: str, found: str) -> bool:
    """What a slip may not change: the digits, and whether it is denied."""
    return _digits(wanted) == _digits(found) and _denials(wanted) == _denials(found)


def _digits(text: str) -> list[str]:
    return [char for char in text if char.isdigit()]


def _denials(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word in _NEGATIONS or word.endswith("n't")]
