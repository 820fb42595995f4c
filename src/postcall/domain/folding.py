"""Text made comparable: how two spellings of the same words become equal."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""A null byte, which PostgreSQL refuses, and lone surrogates, which UTF-8 cannot hold."""


def plain(text: str) -> str:
    """Lower case without accents, in compatibility form, with ASCII digits: `Ｐeña ٣` becomes `pena 3`."""
    if text.isascii():
        return text.lower()
    kept = []
    for char in unicodedata.normalize("NFKD", text).casefold():
        category = unicodedata.category(char)
        if category == "Nd":
            kept.append(str(unicodedata.digit(char)))
        elif category not in {"Mn", "Cf"}:
            kept.append(char)
    return "".join(kept)


def words(text: str) -> list[str]:
    """The words and numbers of a text, made plain; punctuation, underscores and hyphens only part them."""
    return _WORD.findall(plain(text).replace("'", "").replace("’", ""))


def storable(text: str) -> str:
    """The text without what a database cannot hold: null bytes go, a lone surrogate becomes U+FFFD."""
    return _UNSTORABLE.sub(lambda found: "" if found.group() == "\x00" else "�", text)
