"""Words that names join and people part, or the other way round: `voiceprint`, `voice print`, `queuewaitsec`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from postcall.analyst.names.question_words import Word, key_of, spelled
from postcall.configure.name_words import split_name
from postcall.domain.analysis import KnownTerm
from postcall.extraction.builtin.text import STOP

_SHORTEST: Final = 6
"""Letters of a joined word: shorter ones may be words of their own."""
_MOST_PARTS: Final = 5


def compounds_of(terms: Iterable[KnownTerm]) -> Mapping[str, tuple[str, ...]]:
    """Each name and value of a few words, written as one, with its words."""
    found: dict[str, tuple[str, ...]] = {}
    for term in terms:
        for text in (term.name.partition(".")[2], *(each for each in term.values if isinstance(each, str))):
            words = spelled(text)
            if 1 < len(words) <= _MOST_PARTS:
                found.setdefault("".join(words), words)
                found.setdefault("".join(split_name(text)), words)  # as written, with what was shortened
    return {joined: words for joined, words in found.items() if len(joined) >= _SHORTEST}


def part_compounds(words: Iterable[Word], compounds: Mapping[str, tuple[str, ...]]) -> list[Word]:
    """The words, with a name that was written as one as the words that it is made of, all in its place."""
    return [
        replace(word, text=part, key=key_of(part)) for word in words for part in compounds.get(word.text, (word.text,))
    ]


def join_parts(words: Sequence[Word], known: Collection[str]) -> list[Word]:
    """The words, with two that a name or value has as one as that one: `voice mail` where there is `voicemail`."""
    joined: list[Word] = []
    for word in words:
        last = joined[-1] if joined else None
        whole = f"{last.text}{word.text}" if last is not None else ""
        fits = len(whole) >= _SHORTEST and whole in known and not (word.text in known and word.text in STOP)
        if last is not None and fits and last.part == word.part and not last.negates:
            joined[-1] = replace(last, text=whole, key=key_of(whole), end=word.end)
        else:
            joined.append(word)
    return joined
