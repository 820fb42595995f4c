"""The phrases by which a question may name what there is: of each name its words, its values and their synonyms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Final

from postcall.analyst.question_words import key_of, keys_of, spelled
from postcall.analyst.synonyms import LANGUAGES, MOODS, OF_BOOLEANS, OF_NAMES, field_synonyms, read_phrases
from postcall.analyst.word_sets import EMPTY, EMPTY_IN_FLAGS, GENERIC, NEVER_ALONE, PREPOSITIONS, VAGUE
from postcall.domain.analysis import KnownTerm, NameKind
from postcall.domain.builtin_metrics import BUILT_IN
from postcall.domain.calls import JsonScalar
from postcall.extraction.builtin.lexicon import HEAD, expansions, is_trade
from postcall.extraction.builtin.text import STOP, stem
from postcall.reporting.fields import FIELDS

NAME, VALUE, CORE, FLAG, DEED, PART = 0.95, 0.85, 0.83, 0.9, 0.7, 0.55
"""How sure: all words of a name; those of a value; a name without its empty words, a flag's; one word of
several."""
SAID, SAID_ONCE = 0.4, 0.5
"""A word of the definition alone; one that no other definition has."""
PAIR = 0.6
"""Two words that stand side by side in the definition."""
CHOICE = 0.52
"""A word by which the definition describes a choice."""
SAYS_FALSE = 0.8
"""Words that the definition itself gives for false."""
_MERE_DEEDS: Final = frozenset({"requested", "mentioned", "confirmed", "completed", "needed", "promised", "received"})
"""They say too little of what was done."""
_GENERIC_KEYS: Final = frozenset(key_of(word) for word in GENERIC)
_FALSE = re.compile(r"([^.;?]*?)\(\s*(?:false|no)\s*\)", re.IGNORECASE)
_FALSE_IF = re.compile(r"\b(?:answer\s+)?false\s+(?:if|when|where)\s+([^.;]*)", re.IGNORECASE)
_PARTING = re.compile(r",|\bor\b|\band\b|;")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that mean a name or one of its values."""

    keys: tuple[str, ...]
    texts: tuple[str, ...]
    name: str
    weight: float
    value: JsonScalar = None
    has_value: bool = False
    in_order: bool = False
    """Next to one another, as they stand; otherwise in any order, with few words between."""
    about: frozenset[str] = frozenset()
    """Keys of the name's other words: where the question holds one, the phrase is surer."""
    needs_name: bool = False
    """Counts only beside the words of its name: `a`, `other`, `3`."""
    values: tuple[JsonScalar, ...] = ()
    exactly: bool = False
    """Only spelled just so: `agents`, which are ours, and not `agent`."""


@lru_cache(maxsize=4)
def phrases_of(terms: tuple[KnownTerm, ...]) -> tuple[Phrase, ...]:
    """Every phrase for these terms."""
    found = [phrase for term in terms for phrase in (*_of_names(term), *_of_values(term), *_of_synonyms(term))]
    kept = [phrase for phrase in found if phrase.weight >= NAME - 0.1 or not _is_generic(phrase)]
    said = Counter(phrase.keys for phrase in kept if phrase.weight == SAID)
    return tuple(
        replace(each, weight=SAID_ONCE) if said[each.keys] == 1 and each.weight == SAID else each for each in kept
    )


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
    if len(core) > 1:
        for word in core:
            if word not in VAGUE and word not in STOP and len(word) > 2:
                yield from _named(term, word, (DEED if _is_deed(word, term) else PART) - less)
    if not built_in:
        yield from _of_definition(term)


def _is_deed(word: str, term: KnownTerm) -> bool:
    """Whether it is what was done, as in a flag named `APPOINTMENT_BOOKED`: people leave out to what."""
    return term.type == "boolean" and word.endswith("ed") and word not in _MERE_DEEDS


def _is_empty(word: str, term: KnownTerm) -> bool:
    return word in EMPTY or (term.type == "boolean" and word in EMPTY_IN_FLAGS)


def _named(term: KnownTerm, text: str, weight: float) -> Iterator[Phrase]:
    """Of a flag, its name means that it is true."""
    keys, flag = keys_of(text), term.type == "boolean"
    if not keys:
        return
    common = all(word in STOP or word in EMPTY for word in spelled(text))
    yield Phrase(
        keys, spelled(text), term.name, weight, True if flag else None, flag, in_order=common, about=_about(term, keys)
    )


def _about(term: KnownTerm, but: Iterable[str]) -> frozenset[str]:
    words = [word for word in spelled(term.name.partition(".")[2]) if word not in EMPTY and word not in STOP]
    return frozenset(keys_of(" ".join(words))) - frozenset(but) if words else frozenset()


def _of_definition(term: KnownTerm) -> Iterator[Phrase]:
    """What the definition gives for false, and its single words, with little weight."""
    if term.type == "boolean":
        found = [part for each in (_FALSE, _FALSE_IF) for match in each.findall(term.says) for part in _parts(match)]
        for part in found:
            keys = _content(part)
            if keys:
                yield Phrase(keys, spelled(part), term.name, SAYS_FALSE if len(keys) > 1 else 0.6, False, True)
    mine = frozenset(keys_of(term.name.partition(".")[2]))
    flag = term.type == "boolean"
    told = [word for word in spelled(term.says[:600]) if len(word) > 2]
    for pair in dict.fromkeys(pairwise(told)):
        keys = keys_of(" ".join(pair))
        if len(keys) == 2 and not any(_says_little(word) for word in pair) and not term.values:
            yield Phrase(keys, pair, term.name, PAIR, True if flag else None, flag, in_order=True)
    for word in dict.fromkeys(told):
        if len(word) > 3 and not _says_little(word):
            keys = keys_of(word)
            if len(keys) == 1 and keys[0] not in mine and not term.values:
                yield Phrase(
                    keys, (word,), term.name, SAID, True if term.type == "boolean" else None, term.type == "boolean",
                    about=_about(term, keys),
                )  # fmt: skip


def _says_little(word: str) -> bool:
    return word in STOP or word in EMPTY or word in VAGUE or word in GENERIC


def _parts(text: str) -> list[str]:
    """`or was it cut off or abandoned part-way` → `cut off`, `abandoned part way`; the last clause only."""
    return [part.strip() for part in _PARTING.split(text) if part.strip()]


def _content(text: str) -> tuple[str, ...]:
    words = [word for word in spelled(text) if word not in EMPTY and (word not in STOP or word in {"off", "up", "out"})]
    keys = keys_of(" ".join(words))
    return keys if 1 <= len(keys) <= 3 and any(word not in STOP for word in words) else ()


def _of_values(term: KnownTerm) -> Iterator[Phrase]:
    of, _, name = term.name.partition(".")
    if of == "field" and name in {"hour", "minute", "weekday", "disconnection_reason", "status", "environment"}:
        return
    spoken = [value for value in term.values if not isinstance(value, bool) and value is not None]
    parts: dict[str, list[JsonScalar]] = {}
    for value in spoken:
        yield from _of_value(term, value)
        for word in dict.fromkeys(spelled(str(value))):
            parts.setdefault(word, []).append(value)
    closed = len(spoken) <= 60 and not name.endswith("_name")
    named = sum(str(value)[:1].isupper() and " " in str(value) for value in spoken) > len(spoken) / 2
    for word, values in parts.items():
        alone = len(word) > 3 and word not in STOP and word not in NEVER_ALONE and not word.isdigit()
        if (
            alone
            and term.name != "field.agent"
            and len(values) <= 6
            and any(len(spelled(str(value))) > 1 for value in values)
        ):
            keys = keys_of(word)
            weight = (0.62 if closed else 0.5) - 0.03 * (len(values) - 1)
            if named and not name.endswith("_name") and (len(values) > 1 or is_trade(stem(word))):
                # `venue` in the names of several venues is what they are, and none of them
                yield Phrase(keys, (word,), term.name, 0.5, about=_about(term, keys))
                continue
            yield Phrase(
                keys, (word,), term.name, weight, values[0], True, about=_about(term, keys),
                values=tuple(values) if len(values) > 1 else (), exactly=named,
            )  # fmt: skip


def _of_value(term: KnownTerm, value: JsonScalar) -> Iterator[Phrase]:
    text = str(value)
    words = spelled(text)
    keys = keys_of(text)
    if not keys or len(keys) > 8:
        return
    if len(words) in (2, 3) and text.islower():
        yield from _of_trades(term, value, words)
    alone = len(words) == 1 and (words[0] in NEVER_ALONE or len(text) < 3 or text.isdigit() or words[0] in STOP)
    weight = VALUE + (0.05 if len(keys) > 1 else 0.0)
    if term.name.rpartition(".")[2].casefold() in {"agent", "handoff_reason", "handoff_destination", "handoff_to"}:
        weight -= 0.14  # often named as the reasons for calls are
    elif len(keys) == 1 and {"result", "status"} & set(spelled(term.name.partition(".")[2])):
        weight -= 0.04  # of one sort of call only
    yield Phrase(keys, words, term.name, weight, value, True, about=_about(term, keys), needs_name=alone)
    yield from _of_language(term, text)
    for mood, phrases in MOODS.items() if text.casefold() in MOODS else ():
        if mood == text.casefold():
            for phrase, _, in_order, _ in read_phrases(phrases):
                yield Phrase(keys_of(phrase), spelled(phrase), term.name, 0.66, value, True, in_order)
    yield from _of_choice(term, text)


def _of_trades(term: KnownTerm, value: JsonScalar, words: tuple[str, ...]) -> Iterator[Phrase]:
    """A choice such as `plane_book` with another word of the trade: `flight bookings`."""
    for at, word in enumerate(words):
        alike = [other for other, sure in expansions(stem(word)).items() if sure == HEAD and is_trade(other)]
        for other in alike if is_trade(stem(word)) else ():
            texts = (*words[:at], other, *words[at + 1 :])
            keys = tuple(other if place == at else key_of(each) for place, each in enumerate(words))
            yield Phrase(keys, texts, term.name, VALUE - 0.1, value, True, about=_about(term, keys))


def _of_language(term: KnownTerm, text: str) -> Iterator[Phrase]:
    if "lang" not in term.name.casefold():
        return
    for word in LANGUAGES.get(text.partition("-")[0].casefold(), "").split():
        sure = 0.92 if term.kind is NameKind.FIELD else 0.9
        yield Phrase(keys_of(word), (word,), term.name, sure, text, True)


def _of_choice(term: KnownTerm, text: str) -> Iterator[Phrase]:
    """Where the definition goes on with `billing: a bill, a payment, a charge`, these words."""
    found = re.search(rf"(?:^|[\s(;]){re.escape(text)}:\s*([^.;)]*)", term.says)
    for part in _parts(found.group(1)) if found else ():
        keys = _content(part)
        if keys and not (len(keys) == 1 and (spelled(part)[-1] in VAGUE or text in NEVER_ALONE)):
            yield Phrase(keys, spelled(part), term.name, SAID + 0.08, text, True, about=_about(term, keys))


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
    for head, phrases in (OF_BOOLEANS if flag else OF_NAMES).items():
        heads = frozenset(keys_of(head))
        if heads <= mine if flag else term.type == "text" and heads in (mine, core):
            for phrase, weight, in_order, exactly in read_phrases(phrases):
                value = True if flag else None
                yield Phrase(
                    keys_of(phrase), spelled(phrase), term.name, weight, value, flag, in_order, exactly=exactly
                )  # fmt: skip
