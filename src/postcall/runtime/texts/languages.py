"""Languages by the codes that projects use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

_NAMES: Final[dict[str, str]] = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fil": "Filipino",
    "fr": "French",
    "ga": "Irish",
    "gl": "Galician",
    "gu": "Gujarati",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ms": "Malay",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pa": "Punjabi",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "yue": "Cantonese",
    "zh": "Chinese",
}


def is_english(code: str) -> bool:
    """Whether the code is of any English."""
    return _primary(code) == "en"


def language_name(code: str) -> str:
    """`German (de-AT)` for `de-AT`; the code itself where its language is not in our list."""
    name = _NAMES.get(_primary(code))
    if name is None:
        return code
    return f"{name} ({code})" if "-" in code else name


def _primary(code: str) -> str:
    return code.replace("_", "-").partition("-")[0].lower()


def spoken_language(code: str | None, spoken: Sequence[str]) -> str | None:
    """The project's spelling of a language, whatever the case; `fr` stands for its only French. None: it has none."""
    wanted = (code or "").replace("_", "-").casefold()
    same = [language for language in spoken if language.casefold() == wanted]
    base = [language for language in spoken if language.casefold().split("-")[0] == wanted]
    return next(iter([*same, *base]), None)
