"""Checking what a function sets: the language and what the listener prefers."""

from __future__ import annotations

from dataclasses import dataclass

from postcall.runtime.conv.plain import plain_text
from postcall.runtime.protocol import StaticProject


@dataclass
class ASRBiasing:
    """Words that the listener prefers."""

    keywords: list[str] | None = None
    custom_biases: dict[str, float] | None = None


def checked_biasing(keywords: object, custom_biases: object) -> ASRBiasing:
    """The two settings, copied. Raises ValueError for anything but a list of texts and a map from text to number."""
    words: list[str] | None = None
    biases: dict[str, float] | None = None
    if keywords is not None:
        if not isinstance(keywords, list) or not all(isinstance(word, str) for word in keywords):
            raise ValueError("keywords is no list of texts")
        words = [plain_text(word) for word in keywords]
    if custom_biases is not None:
        if not isinstance(custom_biases, dict) or not all(
            isinstance(word, str) and isinstance(bias, int | float) and not isinstance(bias, bool)
            for word, bias in custom_biases.items()
        ):
            raise ValueError("custom_biases is no map from text to number")
        biases = {plain_text(word): float(bias) for word, bias in custom_biases.items()}
    return ASRBiasing(words, biases)


def known_language(code: str, project: StaticProject) -> str | None:
    """The project's spelling of a language, whatever the case; `fr` stands for its only French."""
    spoken = tuple(dict.fromkeys((project.default_language, *project.languages)))
    wanted = code.replace("_", "-").casefold()
    for language in spoken:
        if language.casefold() == wanted:
            return language
    same = [language for language in spoken if language.casefold().split("-")[0] == wanted]
    return same[0] if same else None
