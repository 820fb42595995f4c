"""The phrases by which a question may name what there is: of each name its words, its values and their synonyms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from postcall.analyst.names.definition_words import LONGEST, heads_of, pairs_in
from postcall.analyst.names.phrase_shapes import SAID, Phrase, about_of, clauses, content
from postcall.analyst.names.question_words import key_of, keys_of, spelled
from postcall.analyst.names.spelling import is_common
from postcall.analyst.names.synonyms import OF_BOOLEANS, OF_NAMES, OF_NUMBERS, field_synonyms, read_phrases
from postcall.analyst.names.value_phrases import phrases_of_values
from postcall.analyst.names.word_sets import (
    ASKING,
    BRINGS_ABOUT,
    EMPTY,
    EMPTY_IN_FLAGS,
    GENERIC,
    PREPOSITIONS,
    UNITS,
    VAGUE,
)
from postcall.domain.analysis import KnownTerm, NameKind
from postcall.domain.builtin_metrics import BUILT_IN
from postcall.extraction.builtin.text import STOP
from postcall.reporting.fields import FIELDS

NAME, CORE, FLAG, DEED, PART = 0.95, 0.83, 0.9, 0.7, 0.55
"""How sure: all words of a name; a name without its empty words, a flag's; one word of several."""
_SOME: Final = 0.72
"""Some words of a name of three or more, side by side: `queue wait` of `queueWaitSec`."""
_SAID_ONCE: Final = 0.5
"""A word of the definition alone that no other definition has."""
_PAIR, _GIST = 0.6, 0.66
"""Two words that stand side by side in the definition; all that a short one says."""
_SAYS_SO: Final = 0.8
"""Words that the definition itself gives for true or false."""
_PREFIX: Final = 0.505
"""A word with which many names begin: less than one of several words of one name."""
_OFTEN: Final = 3
"""Names that begin alike: the word is what all is about."""
_SPELLED: Final = 4
"""Letters of a word in which slips are looked for at all."""
_MERE_DEEDS: Final = frozenset({"requested", "mentioned", "confirmed", "completed", "needed", "promised", "received"})
"""They say too little of what was done."""
_GENERIC_KEYS: Final = frozenset(key_of(word) for word in GENERIC)
_FALSE: Final = re.compile(r"([^.;?()]*?)\(\s*(?:false|no)\s*\)", re.IGNORECASE)
_TRUE: Final = re.compile(r"([^.;?()]*?)\(\s*(?:true|yes)\s*\)", re.IGNORECASE)
_FALSE_IF = re.compile(r"\b(?:answer\s+)?false\s+(?:if|when|where)\s+([^.;]*)", re.IGNORECASE)


class PhraseBook:
    """Every phrase for some terms, found by the words of a question."""

    def __init__(self, phrases: Iterable[Phrase]) -> None:
        self.phrases = tuple(phrases)
        self.vocabulary = frozenset(word for each in self.phrases for word in each.texts if len(word) >= _SPELLED)
        """Every word that is long enough to be misspelled."""
        often = Counter(key for each in self.phrases for key in set(each.keys))
        self._by_rarest: dict[str, list[tuple[int, Phrase]]] = {}
        for at, each in enumerate(self.phrases):
            rarest = min(each.keys, key=lambda key: often[key])
            self._by_rarest.setdefault(rarest, []).append((at, each))

    def among(self, keys: frozenset[str]) -> list[Phrase]:
        """Those of which a question with these words holds all, in the order of the terms."""
        found = [pair for key in keys for pair in self._by_rarest.get(key, ()) if keys.issuperset(pair[1].keys)]
        return [phrase for _, phrase in sorted(found, key=lambda pair: pair[0])]


@lru_cache(maxsize=8)
def phrase_book(terms: tuple[KnownTerm, ...]) -> PhraseBook:
    """The phrases for these terms."""
    return PhraseBook(_phrases_of(terms))


def _phrases_of(terms: tuple[KnownTerm, ...]) -> Iterator[Phrase]:
    prefixes = _prefixes(terms)
    found = (phrase for term in terms for phrase in _of_term(term))
    named = [_as_prefix(phrase, prefixes) for phrase in found]
    kept = [
        each for each in named if each.keys and each.weight > 0 and (each.weight >= NAME - 0.1 or not _is_generic(each))
    ]
    said = Counter(key for term in terms for key in set(keys_of(term.says[:LONGEST])))
    for each in kept:
        yield replace(each, weight=_SAID_ONCE) if _is_said_once(each, said) else each


def _is_said_once(phrase: Phrase, said: Mapping[str, int]) -> bool:
    """Whether a word of a definition stands in no other one; `back` and the like may mean anything all the same."""
    once = phrase.weight == SAID and said[phrase.keys[0]] == 1
    return once and not (phrase.has_value and (is_common(phrase.texts[0]) or is_common(phrase.keys[0])))


@lru_cache(maxsize=4_000)
def _of_term(term: KnownTerm) -> tuple[Phrase, ...]:
    """Kept, for most terms stay as they are when a new value of one is seen."""
    return (*_of_names(term), *phrases_of_values(term), *_of_synonyms(term))


def _prefixes(terms: Iterable[KnownTerm]) -> frozenset[str]:
    """Words with which many names begin: `pkg` of `pkg-size` and `pkg-weight` is what all is about, and names none."""
    names = [keys_of(term.name.partition(".")[2]) for term in terms if term.name.startswith("metric.")]
    first = Counter(keys[0] for keys in names if len(keys) > 1)
    return frozenset(key for key, times in first.items() if times >= _OFTEN)


def _as_prefix(phrase: Phrase, prefixes: frozenset[str]) -> Phrase:
    """One that is only what many names begin with means none of them where anything surer is said."""
    if len(phrase.keys) != 1 or phrase.keys[0] not in prefixes or phrase.weight > DEED or phrase.values:
        return phrase
    return replace(phrase, weight=0.0 if phrase.has_value else min(phrase.weight, _PREFIX))


def _is_generic(phrase: Phrase) -> bool:
    return (
        len(phrase.keys) == 1 and (phrase.texts[0] in GENERIC or phrase.keys[0] in _GENERIC_KEYS) and not phrase.exactly
    )


def _of_names(term: KnownTerm) -> Iterator[Phrase]:
    of, _, name = term.name.partition(".")
    if of == "field":
        return  # what fields are called in words is all in the synonyms: `from` and `to` are no names
    built_in = name in BUILT_IN and term.says == BUILT_IN[name].definition
    less = 0.14 if built_in else 0.05 if name.casefold() in FIELDS else 0.0
    words = spelled(name)
    yield from _named(term, " ".join(words), NAME - less - (0.04 if len(words) == 1 else 0.0))
    core = tuple(word for word in words if not _is_empty(word, term))
    if core != words and any(word not in STOP for word in core):
        vague = all(word in VAGUE for word in core) or words[-1] in PREPOSITIONS
        weight = 0.5 if vague else FLAG if term.type == "boolean" else CORE
        yield from _named(term, " ".join(core), weight - less)
    if term.type == "boolean" and not core and not built_in:
        # `completed` of `call_completed`, a word that is left out beside any other
        yield from _named(term, " ".join(word for word in words if word not in EMPTY), PART + 0.01 - less)
    said = _without_vague_end(core)
    for some in _some_of(core):
        yield from _named(term, " ".join(some), (CORE if some == said else _SOME) - less)
    if len(core) > 1:
        for word in core:
            if word not in VAGUE and word not in STOP and len(word) > 2:
                yield from _named(term, word, _weight_of(word, term) - less)
    if not built_in:
        yield from _of_definition(term)


def _weight_of(word: str, term: KnownTerm) -> float:
    """Of one word of several; a flag's is a little surer: `claims` are those filed rather than their amounts."""
    if _is_deed(word, term):
        return DEED
    if term.type == "boolean" and _is_done_to(word, spelled(term.name.partition(".")[2])):
        return 0.0
    return PART + 0.01 if term.type == "boolean" else PART


def _is_deed(word: str, term: KnownTerm) -> bool:
    """Whether it is what was done, as in a flag named `APPOINTMENT_BOOKED`: people leave out to what."""
    return term.type == "boolean" and word.endswith("ed") and word not in _MERE_DEEDS


def _is_done_to(word: str, words: Sequence[str]) -> bool:
    """Whether it is there without the deed: an issue need not be resolved, but a claim is one that was filed."""
    deed = words[-1]
    mere = deed in _MERE_DEEDS or deed in EMPTY_IN_FLAGS or deed in BRINGS_ABOUT
    return deed.endswith("ed") and not mere and word != deed


def _is_empty(word: str, term: KnownTerm) -> bool:
    if term.type == "number" and word in UNITS:
        return True
    return word in EMPTY or (term.type == "boolean" and word in EMPTY_IN_FLAGS)


def _without_vague_end(words: tuple[str, ...]) -> tuple[str, ...]:
    """`payment link` of `payment_link_sent`: what the thing itself is called."""
    while len(words) > 2 and words[-1] in VAGUE:
        words = words[:-1]
    return words


def _some_of(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Neighbours, fewer than all, of which one says something."""
    for length in range(2, len(words)):
        for at in range(len(words) - length + 1):
            some = words[at : at + length]
            if not any(word in STOP for word in (some[0], some[-1])) and not all(map(_says_little, some)):
                yield some


def _named(term: KnownTerm, text: str, weight: float) -> Iterator[Phrase]:
    """Of a flag, its name means that it is true."""
    keys, flag = keys_of(text), term.type == "boolean"
    if not keys:
        return
    common = all(word in STOP or word in EMPTY for word in spelled(text))
    yield Phrase(
        keys,
        spelled(text),
        term.name,
        weight,
        True if flag else None,
        flag,
        in_order=common,
        about=about_of(term, keys),
    )


def _of_definition(term: KnownTerm) -> Iterator[Phrase]:
    """What the definition gives for true and for false; all that it says, and its single words, with little weight."""
    if term.type == "boolean":
        yield from _of_yes_and_no(term)
    mine = frozenset(keys_of(term.name.partition(".")[2]))
    flag = term.type == "boolean"
    told = [word for word in spelled(term.says[:LONGEST]) if len(word) > 2]
    gist = tuple(word for word in told if word not in STOP and word not in ASKING)
    if 3 <= len(gist) <= 4 and not all(map(_says_little, gist)):
        keys = keys_of(" ".join(gist))
        yield Phrase(keys, gist, term.name, _GIST, True if flag else None, flag, about=about_of(term, keys))
    for pair in dict.fromkeys(pairs_in(term.says) if flag else pairwise(told)):
        keys = keys_of(" ".join(pair))
        if len(keys) == 2 and not any(_says_little(word) for word in pair) and not term.values:
            yield Phrase(keys, pair, term.name, _PAIR, True if flag else None, flag, in_order=not flag)
    if not flag and mine.isdisjoint(keys_of(term.says[:LONGEST])):
        for words, sure in heads_of(term.says):
            yield Phrase(keys_of(" ".join(words)), words, term.name, sure)
    for word in dict.fromkeys(told):
        if len(word) > 3 and not _says_little(word):
            keys = keys_of(word)
            if len(keys) == 1 and keys[0] not in mine and not term.values:
                yield Phrase(
                    keys, (word,), term.name, SAID, True if term.type == "boolean" else None, term.type == "boolean",
                    about=about_of(term, keys),
                )  # fmt: skip


def _of_yes_and_no(term: KnownTerm) -> Iterator[Phrase]:
    """`or was it cut off or abandoned part-way (false)?`: the words before the bracket."""
    for part in (
        each for pattern in (_FALSE, _FALSE_IF) for said in pattern.findall(term.says) for each in clauses(said)
    ):
        keys = content(part)
        if keys:
            yield Phrase(keys, spelled(part), term.name, _SAYS_SO if len(keys) > 1 else 0.6, False, True)
        if len(keys) > 2 and not _says_little(first := next(word for word in spelled(part) if word not in STOP)):
            yield Phrase((key_of(first),), (first,), term.name, 0.6, False, True)  # `abandoned` of `abandoned part-way`
    for said in _TRUE.findall(term.says):
        words = tuple(word for word in spelled(said) if not _says_little(word))
        if 2 <= len(words) <= 4:
            yield Phrase(keys_of(" ".join(words)), words, term.name, _SAYS_SO, True, True)


def _says_little(word: str) -> bool:
    return word in STOP or word in EMPTY or word in VAGUE or word in GENERIC


def _of_synonyms(term: KnownTerm) -> Iterator[Phrase]:
    if term.kind is NameKind.FIELD:
        for each in field_synonyms():
            if each.name == term.name:
                yield Phrase(
                    keys_of(each.phrase), spelled(each.phrase), term.name, each.weight, each.value, each.has_value,
                    each.in_order, exactly=each.exactly,
                )  # fmt: skip
        return
    flag = term.type == "boolean"
    mine = frozenset(keys_of(term.name.partition(".")[2]))
    core = frozenset(keys_of(" ".join(each for each in spelled(term.name.partition(".")[2]) if each not in EMPTY)))
    table = OF_BOOLEANS if flag else OF_NUMBERS if term.type == "number" else OF_NAMES
    for head, phrases in table.items():
        heads = frozenset(keys_of(head))
        if heads <= mine if table is not OF_NAMES else term.type == "text" and heads in (mine, core):
            for phrase, weight, in_order, exactly in read_phrases(phrases):
                value = True if flag else None
                yield Phrase(
                    keys_of(phrase), spelled(phrase), term.name, weight, value, flag, in_order, exactly=exactly
                )  # fmt: skip
