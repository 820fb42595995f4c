"""How many tokens a text takes, guessed from its characters and rather too high than too low."""

from __future__ import annotations

from typing import Final

ASCII_CHARACTERS_PER_TOKEN: Final = 3.5
"""English runs at about four; JSON, digits and names at fewer."""
OTHER_BYTES_PER_TOKEN: Final = 2.0
"""Of UTF-8, beyond ASCII: a Cyrillic or Arabic letter counts one token, a Chinese character one and a half."""


def estimate_tokens(text: str) -> int:
    """An upper estimate for any common tokenizer."""
    if text.isascii():
        return int(len(text) / ASCII_CHARACTERS_PER_TOKEN) + 1
    plain = len(text.encode("ascii", "ignore"))
    others = len(text.encode("utf-8", "replace")) - plain
    return int(plain / ASCII_CHARACTERS_PER_TOKEN + others / OTHER_BYTES_PER_TOKEN) + 1
