"""The phrases by which a question may name a value: all of it, some of its words, or other words for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from postcall.analyst.names.phrase_shapes import SAID, Phrase, about_of, clauses, content
from postcall.analyst.names.question_words import key_of, keys_of, spelled
from postcall.analyst.names.synonyms import LANGUAGES, MOODS, read_phrases
from postcall.analyst.names.word_sets import ASKING, EMPTY, GENERIC, NEVER_ALONE, VAGUE
from postcall.domain.analysis import KnownTerm, NameKind
from postcall.domain.calls import JsonScalar
from postcall.extraction.builtin.lexicon import HEAD, expansions, is_trade
from postcall.extraction.builtin.text import STOP, stem

VALUE: Final = 0.85
"""How sure all words of a value are."""
_SOME: Final = 0.76
"""Two or more words that stand side by side in it."""
_GIST: Final = 0.74
"""What is left of a sentence without its small words."""
_WORD, _WORD_OF_MANY = 0.62, 0.5
"""One word of it; where the values are no closed set, or name people."""
_CLOSED: Final = 60
"""So many values may be a closed set; where there are more, one word alone says little."""
_NO: Final = frozenset((word,) for word in ("no", "keine", "keiner", "kein"))
_NOT_ANY: Final = frozenset({"none", "nothing", "nichts", "keine", "keiner", "n a", "na", "not applicable"})
"""Values that say that there is nothing, whatever of."""
_LONGEST_RUN: Final = 3
"""Words of a value that are said without the others."""
_SHARED: Final = 6
"""A word that more values share names none of them."""
_LONGEST: Final = 8
"""Words of a value that somebody may say in a question."""
_SHORT: Final = 4
"""Letters of a word whose stem may be that of another one."""
_UMLAUTS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "ø": "oe"}
)
_UNSPOKEN: Final = frozenset({"hour", "minute", "weekday", "disconnection_reason", "status", "environment"})
"""Fields whose values are called otherwise than they are written: they are all among the synonyms."""
_OFTEN_LIKE_REASONS: Final = frozenset({"agent", "handoff_reason", "handoff_destination", "handoff_to"})


def phrases_of_values(term: KnownTerm) -> Iterator[Phrase]:
    """Those of all values of a name."""
    of, _, name = term.name.partition(".")
    if of == "field" and name in _UNSPOKEN:
        return
    spoken = [value for value in term.values if not isinstance(value, bool) and value is not None]
    if term.name == "field.agent" and len(spoken) == 1:
        return  # its name says nothing: every call is its
    for value in spoken:
        yield from _of_value(term, value)
    yield from _of_parts(term, spoken)


def _of_parts(term: KnownTerm, values: Sequence[JsonScalar]) -> Iterator[Phrase]:
    """Words that one value has, or a few: `restaurant` of two choices, `fraud report` of `bank_fraud_report`."""
    if term.name == "field.agent":
        return
    person = term.name.endswith("_name")
    closed = len(values) <= _CLOSED and not person
    named = sum(str(value)[:1].isupper() and " " in str(value) for value in values) > len(values) / 2
    for words, sharing in _parts_of(values).items():
        sentences = all(_is_sentence(value) for value in sharing)
        single = _WORD if closed and not sentences else _WORD_OF_MANY
        weight = (_SOME if len(words) > 1 else single) - 0.03 * (len(sharing) - 1)
        keys = keys_of(" ".join(words))
        what = is_trade(stem(words[0])) or (len(sharing) > 1 and not _begins_all(words[0], sharing))
        if named and not person and len(words) == 1 and what:
            # `venue` in the names of several venues is what they are, and none of them
            yield Phrase(keys, words, term.name, _WORD_OF_MANY, about=about_of(term, keys))
            continue
        several = tuple(sharing) if len(sharing) > 1 else ()
        for said in (words, *(_other_trades(words) if closed and not named and len(words) == 1 else ())):
            less = 0.0 if said == words else 0.02
            keys = keys_of(" ".join(said))
            yield Phrase(
                keys, said, term.name, weight - less, sharing[0], True, in_order=len(said) > 1,
                about=about_of(term, keys), values=several, exactly=named and len(said) == 1,
            )  # fmt: skip


def _parts_of(values: Sequence[JsonScalar]) -> Mapping[tuple[str, ...], list[JsonScalar]]:
    """Single words and neighbours that are less than the whole value, each with the few values that hold it."""
    found: dict[tuple[str, ...], list[JsonScalar]] = {}
    several = False
    for value in values:
        words = spelled(str(value))[:_LONGEST]
        if says_none(value):
            continue  # `issue` alone is no `no issue`
        several = several or len(words) > 1
        runs: set[tuple[str, ...]] = {(word,) for word in words if _says_enough(word)}
        if len(values) <= _CLOSED:
            runs |= {
                words[at : at + length]
                for length in range(2, min(len(words), _LONGEST_RUN + 1))
                for at in range(len(words) - length + 1)
                if _can_stand(words[at : at + length])
            }
        for run in sorted(runs):
            found.setdefault(run, []).append(value)
    return {run: sharing for run, sharing in found.items() if several and len(sharing) <= _SHARED}


def _begins_all(word: str, values: Sequence[JsonScalar]) -> bool:
    """Whether each begins with it, as names of places do that are told apart: `Munich Airport`, `Munich Central`."""
    return all(spelled(str(value))[:1] == (word,) for value in values)


def says_none(value: JsonScalar) -> bool:
    """Whether a value says that there is none of something: of what, any words behind the first one say.

    `nothing` and `no issue` of `car_issue` mean that there is none of the name; `no_answer` of `REMINDER_RESULT` says
    what came of it, so whoever counts those that have one must compare the other words with the name.
    """
    words = spelled(str(value))
    return words[:1] in _NO or " ".join(words) in _NOT_ANY


def _is_sentence(value: JsonScalar) -> bool:
    """Whether it is told as one, as `where is my parcel` is: of its words only the whole says something."""
    return any(word in ASKING for word in spelled(str(value)))


def _says_enough(word: str) -> bool:
    return len(word) > 3 and word not in STOP and word not in NEVER_ALONE and not word.isdigit()


def _can_stand(words: Sequence[str]) -> bool:
    """Whether neighbours make sense without the rest: neither end is a small word, and one says something."""
    ends = all(word not in STOP and not word.isdigit() for word in (words[0], words[-1]))
    return ends and any(word not in EMPTY and word not in GENERIC and word not in VAGUE for word in words)


def _of_value(term: KnownTerm, value: JsonScalar) -> Iterator[Phrase]:
    text = str(value)
    words, keys = spelled(text), keys_of(text)
    if not keys or len(keys) > _LONGEST:
        return
    if len(words) in (2, 3) and text.islower():
        yield from _of_trades(term, value, words)
    weight = VALUE + (0.05 if len(keys) > 1 else 0.0)
    if term.name.rpartition(".")[2].casefold() in _OFTEN_LIKE_REASONS:
        weight -= 0.14
    elif len(keys) == 1 and {"result", "status"} & set(spelled(term.name.partition(".")[2])):
        weight -= 0.04  # of one sort of call only
    alone = len(words) == 1 and _needs_name(term, text, words[0])
    yield Phrase(keys, words, term.name, weight, value, True, about=about_of(term, keys), needs_name=alone)
    spelled_out = text.translate(_UMLAUTS)
    if spelled_out != text:
        other = keys_of(spelled_out)
        yield Phrase(other, spelled(spelled_out), term.name, weight, value, True, about=about_of(term, other))
    gist = tuple(word for word in words if word not in STOP or word in ASKING)
    if len(words) > 3 and 2 <= len(gist) < len(words):
        other = keys_of(" ".join(gist))
        yield Phrase(other, gist, term.name, _GIST, value, True, about=about_of(term, other))
    yield from _of_language(term, text)
    for phrase, _, in_order, _ in read_phrases(MOODS.get(text.casefold(), "")):
        yield Phrase(keys_of(phrase), spelled(phrase), term.name, 0.66, value, True, in_order)
    yield from _of_choice(term, text)


def _needs_name(term: KnownTerm, text: str, word: str) -> bool:
    """Whether a value of one word counts only beside its name: `other`, `3`, `a`; `XL` says enough."""
    if word in NEVER_ALONE or word in STOP or word in GENERIC or text.isdigit():
        return True
    return len(text) < (2 if term.name.startswith("metric.") and text.isupper() else 3)


def _of_trades(term: KnownTerm, value: JsonScalar, words: tuple[str, ...]) -> Iterator[Phrase]:
    """A choice such as `plane_book` with another word of the trade: `flight bookings`."""
    for at, word in enumerate(words):
        for (other,) in _other_trades((word,)):
            texts = (*words[:at], other, *words[at + 1 :])
            keys = tuple(other if place == at else key_of(each) for place, each in enumerate(words))
            yield Phrase(keys, texts, term.name, VALUE - 0.1, value, True, about=about_of(term, keys))


def _other_trades(words: tuple[str, ...]) -> tuple[tuple[str], ...]:
    """Other words for the trade that a word names: `flight` for `plane`."""
    trade = stem(words[0])
    if not is_trade(trade) or (len(words[0]) <= _SHORT and stem(f"{words[0]}e") == trade):
        return ()  # `plan` is no `plane`, though their stems are alike
    return tuple((other,) for other, sure in expansions(trade).items() if sure == HEAD and is_trade(other))


def _of_language(term: KnownTerm, text: str) -> Iterator[Phrase]:
    if "lang" not in term.name.casefold():
        return
    for word in LANGUAGES.get(text.partition("-")[0].casefold(), "").split():
        sure = 0.92 if term.kind is NameKind.FIELD else 0.9
        yield Phrase(keys_of(word), (word,), term.name, sure, text, True)


def _of_choice(term: KnownTerm, text: str) -> Iterator[Phrase]:
    """Where the definition goes on with `billing: a bill, a payment, a charge`, these words."""
    if f"{text}:" not in term.says:
        return
    found = re.search(rf"(?:^|[\s(;]){re.escape(text)}:\s*([^.;)]*)", term.says)
    for part in clauses(found.group(1)) if found else ():
        keys = content(part)
        if keys and not (len(keys) == 1 and (spelled(part)[-1] in VAGUE or text in NEVER_ALONE)):
            yield Phrase(keys, spelled(part), term.name, SAID + 0.08, text, True, about=about_of(term, keys))
