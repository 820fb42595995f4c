"""What speech recognition tends to get wrong, put right before the agent reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from postcall.runtime.projects.model import Correction
from postcall.runtime.texts.expressions import Match, compiled, wrapped

MOST_CHARACTERS = 5_000
"""Longer inputs are typed or pasted, not misheard."""

_GROUP = re.compile(r"\\(?:g<(?P<named>\w+)>|(?P<number>\d{1,2}))")


def correct(text: str, corrections: Sequence[Correction]) -> str:
    """The text with the corrections applied in their order, each to what the last one left.

    `full` replaces the text where the expression is all of it (but for space and closing punctuation), `partial` each
    match that stands for whole words, `substring` each match. Case makes no difference. An expression that cannot be
    read, or takes too long, changes nothing.
    """
    if len(text) > MOST_CHARACTERS:
        return text
    for correction in corrections:
        corrected = _apply(text, correction)
        if len(corrected) <= MOST_CHARACTERS:  # a few replacements that hold their own expression fill any memory
            text = corrected
    return text


def _apply(text: str, correction: Correction) -> str:
    pattern = compiled(_bounded(correction), ignore_case=True)
    if pattern is None:
        return text
    try:
        if correction.kind == "full":
            found = pattern.fullmatch(text.strip().rstrip(".?!,"))
            found = found or pattern.fullmatch(text.strip())
            return text if found is None else _filled(correction.replacement, found)
        return pattern.sub(lambda found: _filled(correction.replacement, found), text)
    except TimeoutError:
        return text


def _bounded(correction: Correction) -> str:
    if correction.kind != "partial":
        return correction.pattern
    return wrapped(correction.pattern, r"(?<!\w)", r"(?!\w)")


def _filled(replacement: str, found: Match) -> str:
    """The replacement with its groups; one that does not exist or took no part is empty."""

    def group(asked: re.Match[str]) -> str:
        try:
            return found.group(asked["named"] or int(asked["number"])) or ""
        except IndexError:
            return ""

    return _GROUP.sub(group, replacement)
