"""The words of what was said, as search knows them: the same on either database.

Words are taken out here rather than by a database's own tokenizer, since no two of those agree: lower case, without
accents, in compatibility form, with ASCII digits. Apostrophes, hyphens and all other punctuation part words. Scripts
that are written without spaces have no words to be found that way: there each character is one, and several that stand
together are found as a phrase.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 100
"""Of a longer word, so many characters count: PostgreSQL takes no word of more than 2,046 bytes."""
TURN_END = "¶"
"""Stands between turns, so that no phrase begins in one and ends in the next; no word can contain it."""

_ASCII_WORD = re.compile(r"[a-z0-9]+")
_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3021, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),  # half-width Katakana
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
_SPELLS = frozenset({0, 7, 8, 9})
"""Combining classes of marks that make another letter (vowel signs, nukta, virama); all others are accents."""


@dataclass(frozen=True, slots=True)
class Said:
    """A word and where it stands."""

    word: str
    start: int
    end: int


def split_words(text: str) -> list[str]:
    """The words of a text in their order."""
    found = _ASCII_WORD.findall(text.lower()) if text.isascii() else text.translate(_FOLDED).split()
    return [word[:LONGEST] for word in found]


def locate_words(text: str) -> list[Said]:
    """The same words, each with its place in the text as it was given."""
    if text.isascii():
        return [Said(each[0][:LONGEST], each.start(), each.end()) for each in _ASCII_WORD.finditer(text.lower())]
    found: list[Said] = []
    word: list[str] = []
    start = end = 0
    for index, char in enumerate(text):
        folded = _FOLDED[ord(char)]
        if not folded and word and end == index:  # an accent that stands behind its letter
            end = index + 1
        for piece in folded:
            if piece != " ":
                if not word:
                    start = index
                word.append(piece)
                end = index + 1
            elif word:
                found.append(Said("".join(word)[:LONGEST], start, end))
                word = []
    if word:
        found.append(Said("".join(word)[:LONGEST], start, end))
    return found


def document_of(texts: Sequence[str]) -> str:
    """What is indexed of a transcript: its words parted by spaces, its turns by a sign that is no word."""
    return f" {TURN_END} ".join(" ".join(split_words(text)) for text in texts)


class _Folded(dict[int, str]):
    """What each character becomes, worked out when it is first met; a space parts words."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold(chr(code))
        return folded


def _fold(char: str) -> str:
    if any(first <= ord(char) <= last for first, last in _UNSPACED):
        # Not taken apart further than that: the parts of a syllable or of a voiced kana are no words.
        return " " + " ".join(_fold_piece(each) for each in unicodedata.normalize("NFKC", char)) + " "
    return "".join(_fold_piece(each) for each in unicodedata.normalize("NFKD", char).casefold())


def _fold_piece(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cf":
        return ""
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category.startswith("M"):
        return char if unicodedata.combining(char) in _SPELLS else ""
    return char if char.isalnum() else " "


_FOLDED = _Folded()
