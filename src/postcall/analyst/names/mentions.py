"""Which words of a question mean which names and values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

from postcall.analyst.names.compound_words import compounds_of, join_parts, part_compounds
from postcall.analyst.names.echoes import without_echoes
from postcall.analyst.names.found import Found
from postcall.analyst.names.phrase_shapes import Phrase
from postcall.analyst.names.phrases import DEED, phrase_book
from postcall.analyst.names.question_words import Word, key_of, words_of
from postcall.analyst.names.spelling import put_right
from postcall.analyst.names.word_sets import (
    EMPTY,
    EXCEPT,
    FAILED,
    FAILS,
    GENERIC,
    GROUPS_BY,
    JOINERS,
    LIGHT,
    SCOPE_ENDS,
)
from postcall.domain.analysis import KnownTerm, Mention
from postcall.extraction.builtin.text import stem

LEAST: Final = 0.47
"""Below it nothing is mentioned."""
_BETWEEN: Final = 3
"""Words that may stand between those of a phrase."""
_PER_WORD, _PER_GAP, _PER_FILLER = 0.06, 0.12, 0.03
_ABOUT = 0.1
"""What the name's own words elsewhere in the question add to a value."""
_AS_WRITTEN = 0.03
_OTHER_FORM = 0.06
"""How much less sure a name of one word is where another form of it stands: `resolved` for `resolution`."""
_NEAR_ENOUGH = 0.3
"""How much less sure another meaning may be and still be told."""
_SURE = 0.8
_NAMED_INSIDE = 0.6
"""From here on, what stands between the words of a name is a thing of its own."""
_SCOPE: Final = 4
"""Words that may stand between a negation and what it negates."""
_ROOT: Final = 6
"""So many letters of two words make them forms of one: `escalation`, `escalated`."""
_LIGHT: Final = frozenset(map(key_of, LIGHT))


def find_mentions(
    text: str, terms: Sequence[KnownTerm], *, skip: Sequence[tuple[int, int]] = ()
) -> tuple[Mention, ...]:
    """The mentions in the order of the words; none overlap, and none touch a span of `skip`.

    Of a flag the value is always told: true, or false where the words say the opposite by themselves (`cut off`).
    `negated` stands beside that, and its span takes in the negation. What else the words could mean is in `others`.
    """
    known = tuple(terms)
    words = _words(text, known, skip)
    keys = frozenset(word.key for word in words)
    found = [each for phrase in phrase_book(known).among(keys) for each in _find(phrase, words, keys)]
    found = [_around(_yielding(each, found, words), found) for each in found]
    chosen = without_echoes(_with_others(_choose(found), found))
    return tuple(_merge(list(_as_mentions(chosen, words)), text))


def _words(text: str, terms: tuple[KnownTerm, ...], skip: Sequence[tuple[int, int]]) -> list[Word]:
    """The words outside `skip`; a skipped stretch parts what is before it from what is behind."""
    known = phrase_book(terms).vocabulary
    written = join_parts(part_compounds(words_of(text), _compounds(terms)), known)
    words = [part for word in put_right(written, known) for part in _without_un(word, known)]
    kept = []
    for word in words:
        if any(start < word.end and word.start < end for start, end in skip):
            continue
        kept.append(replace(word, part=word.part * 100 + sum(end <= word.start for _, end in skip)))
    return kept


def _without_un(word: Word, known: frozenset[str]) -> tuple[Word, ...]:
    """`unverified` as `not verified`, where that is a word of ours and `unverified` is none."""
    rest = word.text.removeprefix("un")
    if rest == word.text or word.text in known or not {rest, rest.removesuffix("d"), rest.removesuffix("ed")} & known:
        return (word,)
    middle = word.start + 2
    return replace(word, text="not", key="not", end=middle), replace(word, text=rest, key=key_of(rest), start=middle)


@lru_cache(maxsize=8)
def _compounds(terms: tuple[KnownTerm, ...]) -> Mapping[str, tuple[str, ...]]:
    return compounds_of(terms)


def _find(phrase: Phrase, words: Sequence[Word], keys: frozenset[str]) -> Iterator[Found]:
    if phrase.needs_name and not phrase.about & keys:
        return
    before: Found | None = None
    for start in reversed(range(len(words))):  # from the end, so that what begins nearest before it is taken
        if words[start].key not in phrase.keys:
            continue
        places = _in_order(phrase.keys, words, start) if phrase.in_order else _near(phrase.keys, words, start)
        if places is None or not _is_so(phrase, words, places):
            continue
        found = Found(phrase, places, _score(phrase, words, places, keys), _negated_inside(words, places))
        # Of two windows that share words the tighter one: `hotel bookings and hotel searches`.
        if before is None or found.last < before.first or found.score > before.score:
            before = found
            yield found


def _is_so(phrase: Phrase, words: Sequence[Word], places: tuple[int, ...]) -> bool:
    """Whether the words are meant beyond their stems: `plane` is no form of `plan`."""
    if phrase.exactly and any(words[at].text not in phrase.texts for at in places):
        return False
    if len(places) == 1 and phrase.weight < _SURE:
        word = words[places[0]].text
        if any({word, each} == {each, each + "e"} or {word, each} == {word, word + "e"} for each in phrase.texts):
            return word in phrase.texts
    return not phrase.needs_name or _beside_its_name(phrase, words, places)


def _in_order(keys: tuple[str, ...], words: Sequence[Word], start: int) -> tuple[int, ...] | None:
    places = range(start, start + len(keys))
    if places.stop > len(words) or any(words[at].key != key for at, key in zip(places, keys, strict=True)):
        return None
    return tuple(places) if words[start].part == words[places.stop - 1].part else None


def _near(keys: tuple[str, ...], words: Sequence[Word], start: int) -> tuple[int, ...] | None:
    """The places of all keys in a window that begins here, in any order."""
    left, places, gap = list(keys), [], 0
    for at in range(start, len(words)):
        if words[at].part != words[start].part:
            return None
        if words[at].key in left:
            left.remove(words[at].key)
            places.append(at)
            gap = 0
            if not left:
                return tuple(places)
        else:
            gap += 1
            if gap > _BETWEEN:
                return None
    return None


def _beside_its_name(phrase: Phrase, words: Sequence[Word], places: tuple[int, ...]) -> bool:
    """Whether a word of its name stands before or behind it, or before it and one like it: `variant a or b`."""
    near = [words[at].key for at in range(max(0, places[0] - 3), min(len(words), places[-1] + 3))]
    return any(key in phrase.about for key in near)


def _score(phrase: Phrase, words: Sequence[Word], places: tuple[int, ...], keys: frozenset[str]) -> float:
    score = phrase.weight
    inside = [words[at] for at in range(places[0], places[-1] + 1) if at not in places]
    score -= sum(_PER_GAP if _is_telling(word) else _PER_FILLER for word in inside if not word.negates)
    if phrase.about & keys:
        score += _ABOUT
    if phrase.weight >= LEAST and all(words[at].text in phrase.texts for at in places):
        score += _AS_WRITTEN
    elif (
        phrase.weight >= _SURE
        and len(places) == 1
        and not phrase.has_value
        and words[places[0]].text.removesuffix("s") not in phrase.texts
    ):
        score -= _OTHER_FORM
    score -= 0.05 * sum(words[at].typo for at in places)
    return min(1.0, score)


def _is_telling(word: Word) -> bool:
    return word.matters and word.text not in GENERIC and word.text not in EMPTY


def _negated_inside(words: Sequence[Word], places: tuple[int, ...]) -> bool:
    return any(words[at].negates for at in range(places[0], places[-1]) if at not in places)


def _yielding(each: Found, found: Sequence[Found], words: Sequence[Word]) -> Found:
    """A synonym gives way to a name that holds the very word: `escalated` where there is `escalatedToHead`."""
    if len(each.places) > 1 or not each.phrase.has_value:
        return each
    said = stem(words[each.first].text)
    if said in map(stem, each.phrase.texts):
        return each
    rivals = (
        other.score
        for other in found
        if other.places == each.places
        and other.phrase.has_value
        and other.phrase.weight >= DEED
        and other.phrase.name.startswith("metric.")
        and any(_one_root(stem(text), said) for text in other.phrase.texts)
    )
    best = max(rivals, default=each.score)
    return each if best >= each.score else replace(each, score=best - 0.01)


def _around(each: Found, found: Sequence[Found]) -> Found:
    """Less sure where something else is named between its words: `reasons for abandoned calls` is no call reason."""
    if each.last - each.first < len(each.places):
        return each
    inside = (
        other.phrase.has_value
        and other.score >= _NAMED_INSIDE
        and other.phrase.name != each.phrase.name
        and each.first < other.first
        and other.last < each.last
        and not set(other.places) & set(each.places)
        for other in found
    )
    return replace(each, score=each.score - _NEAR_ENOUGH) if any(inside) else each


def _one_root(first: str, second: str) -> bool:
    shortest = min(len(first), len(second), _ROOT)
    return shortest >= _ROOT - 1 and first[:shortest] == second[:shortest]


def _choose(found: list[Found]) -> list[Found]:
    """Those that share no words, the surest first; more words are surer."""

    def rank(each: Found) -> tuple[float, int, int]:
        return (-(each.score + _PER_WORD * (len(each.places) - 1)), -len(each.places), each.first)

    chosen: list[Found] = []
    for each in sorted(found, key=rank):
        if each.score >= LEAST and all(each.last < other.first or other.last < each.first for other in chosen):
            chosen.append(each)
    return sorted(chosen, key=lambda each: each.first)


def _with_others(chosen: list[Found], found: list[Found]) -> list[Found]:
    at: dict[int, list[Found]] = {}
    for each in found:
        for place in each.places:
            at.setdefault(place, []).append(each)
    beside = [[other for place in each.places for other in at[place]] for each in chosen]
    return [replace(each, others=_others(each, others)) for each, others in zip(chosen, beside, strict=True)]


def _others(chosen: Found, found: list[Found]) -> tuple[Mention, ...]:
    """Of what shares words with it, other meanings, each once, that are not much less sure."""
    best: dict[tuple[str, object], Found] = {}
    for each in found:
        meaning = (each.phrase.name, each.phrase.value)
        if each is chosen or meaning == (chosen.phrase.name, chosen.phrase.value):
            continue
        if each.score < max(LEAST, chosen.score - _NEAR_ENOUGH):
            continue
        if meaning not in best or best[meaning].score < each.score:
            best[meaning] = each
    ordered = sorted(best.values(), key=lambda each: -each.score)
    return tuple(
        Mention(0, 0, each.phrase.name, each.phrase.value, each.phrase.has_value, each.inner_negation, each.score,
                each.phrase.values)
        for each in ordered[:6]
    )  # fmt: skip


def _as_mentions(chosen: Sequence[Found], words: Sequence[Word]) -> Iterator[Mention]:
    """Each with its negation, which serves no other: `verification failed` ends before what follows."""
    before = -1
    for at, each in enumerate(chosen):
        behind = chosen[at + 1].first if at + 1 < len(chosen) else len(words)
        mention, before = _as_mention(each, words, before, behind)
        yield mention


def _as_mention(each: Found, words: Sequence[Word], before: int, behind: int) -> tuple[Mention, int]:
    """The mention, and the place of its last word; what stands up to `before`, or from `behind` on, is of others."""
    negation = _negation(each, words, before)
    failure = _failure(each, words[:behind]) if negation is None else None
    negated = each.inner_negation != (negation is not None or failure is not None)
    start = words[_name_begins(each, words) if negation is None else negation].start
    end = words[each.last if failure is None else failure].end
    others = tuple(replace(other, start=start, end=end, negated=negated) for other in each.others)
    phrase = each.phrase
    mention = Mention(
        start, end, phrase.name, phrase.value, phrase.has_value, negated, round(each.score, 3), phrase.values, others
    )
    return mention, each.last if failure is None else failure


def _name_begins(each: Found, words: Sequence[Word]) -> int:
    """Behind the word that groups by the name: `agent` of `per agent`, for `per` says what is done with it."""
    groups = not each.phrase.has_value and len(each.places) > 1 and words[each.first].text in GROUPS_BY
    return each.places[1] if groups else each.first


def _negation(each: Found, words: Sequence[Word], before: int) -> int | None:
    """Where the negation stands that reaches this mention: near before it, with nothing that matters between."""
    for at in range(each.first - 1, max(before, each.first - 1 - _SCOPE), -1):
        word = words[at]
        if word.part != words[each.first].part:
            return None
        if word.negates or word.text in EXCEPT or _is_pair(words, at, ("other", "than"), ("apart", "from")):
            return at
        if word.text in FAILS and each.phrase.value is True:
            return at
        if word.text in SCOPE_ENDS or (word.matters and word.key not in _LIGHT):
            return None
    return None


def _failure(each: Found, words: Sequence[Word]) -> int | None:
    """Where it stands, just behind, that what a flag says failed: `verification failed`."""
    places = range(each.last + 1, min(each.last + 3, len(words)))
    if each.phrase.value is not True:
        return None
    return next((at for at in places if words[at].text in FAILED and words[at].part == words[each.last].part), None)


def _is_pair(words: Sequence[Word], at: int, *pairs: tuple[str, str]) -> bool:
    return at + 1 < len(words) and (words[at].text, words[at + 1].text) in pairs


def _merge(mentions: list[Mention], text: str) -> list[Mention]:
    """A name beside a value of its own is one mention: `negative sentiment`, `Aetna as insurance provider`."""
    merged: list[Mention] = []
    for each in mentions:
        last = merged[-1] if merged else None
        if (
            last is not None
            and last.name == each.name
            and last.has_value != each.has_value
            and _joined(last, each, text)
        ):
            whole = last if last.has_value else each
            merged[-1] = replace(
                whole, start=last.start, end=each.end, negated=last.negated or each.negated,
                score=min(1.0, max(last.score, each.score) + 0.05),
            )  # fmt: skip
        else:
            merged.append(each)
    return merged


def _joined(first: Mention, second: Mention, text: str) -> bool:
    between = text[first.end : second.start]
    return "," not in between and all(word.text in JOINERS for word in words_of(between))
