"""Letters and digits said one by one: `b as in bravo`, `s o 9`, `double u`, `J-O-H-N`."""

from __future__ import annotations

import re
from functools import lru_cache

from postcall.extraction.builtin.numbers import digitise

NATO = {
    "alpha": "a", "alfa": "a", "bravo": "b", "charlie": "c", "delta": "d", "echo": "e", "foxtrot": "f",
    "golf": "g", "hotel": "h",
    "india": "i", "juliet": "j", "juliett": "j", "kilo": "k", "lima": "l", "mike": "m", "november": "n",
    "oscar": "o", "papa": "p",
    "quebec": "q", "romeo": "r", "sierra": "s", "tango": "t", "uniform": "u", "victor": "v", "whiskey": "w",
    "whisky": "w",
    "xray": "x", "yankee": "y", "zulu": "z",
}  # fmt: skip
_LETTER_NAMES = {
    "ay": "a", "bee": "b", "be": "b", "see": "c", "sea": "c", "cee": "c", "dee": "d", "ee": "e", "eff": "f",
    "ef": "f", "gee": "g",
    "aitch": "h", "eye": "i", "jay": "j", "kay": "k", "el": "l", "ell": "l", "em": "m", "en": "n", "and": "n",
    "oh": "o", "pee": "p",
    "queue": "q", "cue": "q", "are": "r", "ar": "r", "ess": "s", "es": "s", "tee": "t", "tea": "t", "you": "u",
    "yu": "u", "vee": "v",
    "we": "v", "ex": "x", "why": "y", "zed": "z", "zee": "z",
    "won": "1", "to": "2", "too": "2", "for": "4", "ate": "8", "hate": "8", "ache": "8", "nein": "9",
}  # fmt: skip
"""What recognisers write for a letter or digit said alone; only used where letters and digits are expected."""
_AS_IN = re.compile(r"\b([a-z])\s+(?:as in|for|like|is for|than|wie|jak)\s+[a-z]+", re.IGNORECASE)
_DOUBLE_U = re.compile(r"\bdouble[\s-]?(?:you|u)\b", re.IGNORECASE)
_DOUBLE = re.compile(r"\bdouble\s+([a-z0-9])\b", re.IGNORECASE)
_FILLER = re.compile(
    r"\b(?:it'?s|it is|my|the|post ?code|zip|code|is|um+|uh+|er+|that'?s|yes|yeah|ok(?:ay)?|sure|please|so|space|"
    r"dash|hyphen|capital|lower"
    r"|letter|number|numbers|digits?|account|order|reference|sorry|no|well|and then|then)\b",
    re.IGNORECASE,
)
LETTER_RUN = re.compile(r"(?<![\w'])(?:[^\W\d_][\s.,-]+){2,}[^\W\d_](?![\w'])")


@lru_cache(maxsize=4_096)
def spelled_out(text: str) -> str:
    """A turn that is expected to be letters and digits, as upper-case letters and digits without spaces."""
    text = _AS_IN.sub(r"\1 ", text)
    text = _DOUBLE_U.sub("w", text)
    text = _DOUBLE.sub(r"\1 \1", text)
    text = _FILLER.sub(" ", digitise(text).text)
    parts = []
    for word in re.findall(r"[^\W_]+", text.lower()):
        if len(word) > 1 and not word.isdigit():
            word = NATO.get(word) or _LETTER_NAMES.get(word) or word
        parts.append(word)
    return "".join(parts).upper()


def letter_runs(text: str) -> tuple[str, ...]:
    """Words spelled letter by letter, such as `k i r s t y`, joined; three letters or more."""
    return tuple(re.sub(r"[\s.,-]+", "", match.group()) for match in LETTER_RUN.finditer(text))


def is_mostly_spelled(text: str) -> bool:
    """Most of the words are single letters or digits."""
    words = re.findall(r"[^\W_]+", text)
    return len(words) >= 3 and sum(len(word) <= 2 for word in words) * 2 > len(words)


def letters_of(text: str) -> str:
    """The letters of a turn that spells, joined and in small letters; empty for a turn that does not."""
    words = re.findall(r"[^\W_]+", text)
    short = sum(len(word) <= 3 for word in words)
    if not (is_mostly_spelled(text) or (len(words) >= 3 and short >= 0.7 * len(words))):
        return ""
    return "".join(char for char in spelled_out(text).lower() if char.isalpha())
