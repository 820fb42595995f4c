"""Of the names and values that a question's words may mean, those to go by."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from postcall.analyst.reading.words import Word, Wording, is_idle
from postcall.domain.analysis import KnownTerm, Mention
from postcall.reporting.filter_words import name_in_words

_MOST_DIGITS = 15
"""Of a number that a query takes."""
_SURE = 0.54
"""A mention's score, below which only words of a definition speak for it."""
VAGUE = 0.7
"""Below it, only one word of several speaks for it."""
_CLOSE = 0.03
"""A rival that is so much less sure is no other reading."""
_AS_NAMED = 0.95
"""From here on, all words of a name stand there."""
_AS_GOOD = 0.1
"""How much less sure a value may be, and still be the one meant behind its name."""
_IS_WORDS = (
    "is are was were to of as the a an by with for their his her on at in their its be = : that which went go goes due"
)
_IS = frozenset(_IS_WORDS.split())
_ASKING_WORDS = "do does did is are was were has have had get gets got most"
_ASKING = frozenset(_ASKING_WORDS.split())
"""What follows a name that is asked for, as in `which insurance do`."""
_GIVEN = re.compile(
    r"^(?:rat(?:e|ed|es|ing)|gave|give|gives|given|scor(?:e|ed|es|ing)|marked|said|say|with|had|has|have|exactly|a|an)$"
)
_EQUALS_WORDS = "of is was = : equals number exactly ("
_EQUALS = frozenset(_EQUALS_WORDS.split())
_RANKED = re.compile(r"\b(?:(?:least|most) (?:common|popular|frequent|used|named)|commonest|rarest)$")
_EITHER = re.compile(r"(?:or|vs|versus|against)(?: (?:were|was|got|are|is))?")
_UNITS = re.compile(r"(?:s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|or|to|%|percent)$")
_QUESTION = frozenset({"how", "why", "where"})
_WITHOUT = re.compile(r"^(?:without|no|lacking|missing)\b")
_PART = re.compile(r"[^\W_]+")
_JOINED = re.compile(r"^[\s,]*(?:(?:or|and|vs|versus|against|with|to)\b|,|/)")


def settle_mentions(
    mentions: Sequence[Mention], wording: Wording, terms: Mapping[str, KnownTerm]
) -> tuple[Mention, ...]:
    """In the order of the words, without what says nothing by itself and what only says what others are about.

    What only a word of a definition speaks for counts where nothing surer is named.
    """
    mentions = [_lacking(each, wording, terms) for each in _negate(mentions, wording)]
    mentions = _bind([_asked_for(each, wording, terms) for each in mentions], wording)
    mentions = _of_one_name(mentions, wording)
    said = [each for each in mentions if not _says_nothing(each, wording, terms)]
    sure = [each for each in said if each.score >= _SURE] or said
    own = [
        each
        for each in sure
        if not any(
            _is_of(each, other, wording) or _is_label(each, other, wording) for other in sure if other is not each
        )
    ]
    return tuple(sorted((each for each in own if not _is_outdone(each, own, wording)), key=lambda each: each.start))


def _negate(mentions: Sequence[Mention], wording: Wording) -> list[Mention]:
    """With `calls were not booked` as what is not booked, and not as a name that has `call` and `not` in it."""
    settled: list[Mention] = []
    for each in sorted(mentions, key=lambda it: it.start):
        last = settled[-1] if settled else None
        if last is not None:
            words = wording.between(last.start, last.end).split()
            near = not wording.between(last.end, each.start)
            if near and words[-1:] in (["not"], ["never"]) and all(is_idle(word) for word in words):
                settled[-1] = replace(each, negated=True)
                continue
        settled.append(each)
    return settled


def with_numbers(
    mentions: Sequence[Mention], wording: Wording, terms: Mapping[str, KnownTerm], *, taken: Sequence[tuple[int, int]]
) -> tuple[Mention, ...]:
    """With `csat of 5` and `delivery attempts 3` as values; numbers that are `taken` belong to something else."""
    return tuple(_numbered(each, wording, terms, taken) for each in mentions)


def _numbered(
    mention: Mention, wording: Wording, terms: Mapping[str, KnownTerm], taken: Sequence[tuple[int, int]]
) -> Mention:
    term = terms.get(mention.name)
    if mention.has_value or mention.negated or term is None or term.type != "number":
        return mention
    following = [word for word in wording.words if word.start >= mention.end][:7]
    while following and following[0].text in _EQUALS:
        following.pop(0)
    numbers = _listed(following)
    if not numbers:
        return _numbered_before(mention, wording, taken)
    after = following[2 * len(numbers) - 1].text if len(following) >= 2 * len(numbers) else ""
    if _UNITS.match(after) or any(start < it.end and it.start < end for start, end in taken for it in numbers):
        return mention
    values = tuple(int(each.text) for each in numbers)
    several = values if len(values) > 1 else ()
    return replace(mention, value=values[0], has_value=True, end=numbers[-1].end, values=several, others=())


def is_whole(word: Word) -> bool:
    """Whether it is a whole number that a query takes; no more digits, or no metric could hold it."""
    return word.text.isdecimal() and len(word.text) <= _MOST_DIGITS


def _listed(words: Sequence[Word]) -> list[Word]:
    """The numbers that the words begin with: both of `9 or 10`."""
    found: list[Word] = []
    for at, word in enumerate(words):
        if at % 2 == 0 and is_whole(word):
            found.append(word)
        elif at % 2 == 0 or word.text not in {"or", "and", ","}:
            break
    return found


def _numbered_before(mention: Mention, wording: Wording, taken: Sequence[tuple[int, int]]) -> Mention:
    """`gave us a 1 for csat`: the number that stands before its name."""
    words = [word for word in wording.words if word.end <= mention.start][-4:]
    while words and words[-1].text in {"for", "on", "in", "as", "the"}:
        words.pop()
    given = [word.text for word in words[:-1] if _GIVEN.match(word.text)]
    if not words or not is_whole(words[-1]) or not given:
        return mention
    number = words[-1]
    if any(start < number.end and number.start < end for start, end in taken):
        return mention
    return replace(mention, value=int(number.text), has_value=True, start=number.start, values=(), others=())


def _bind(mentions: Sequence[Mention], wording: Wording) -> list[Mention]:
    """With a value as one of the name that stands before it: `handed off to billing` is no call about bills."""
    bound: list[Mention] = []
    for each in mentions:
        last = bound[-1] if bound else None
        if last is not None and last.value is True and (part := _part_of(last, each, wording)) is not None:
            bound.append(part)
            continue
        if last is not None and not last.has_value and each.has_value and not last.negated:
            between = wording.between(last.end, each.start).split()
            names = {last.name, *(other.name for other in last.others)}
            fits = (each, *(it for it in each.others if it.has_value and it.score >= each.score - _AS_GOOD))
            own = next((it for it in fits if it.name in names), None)
            if own is not None and all(word in _IS for word in between):
                others = tuple(it for it in (replace(each, others=()), *each.others) if it.name != own.name)
                bound[-1] = replace(own, start=last.start, end=each.end, negated=each.negated, others=others)
                continue
        bound.append(each)
    return bound


def _of_one_name(mentions: Sequence[Mention], wording: Wording) -> list[Mention]:
    """With both of `booked or rescheduled` as outcomes, where one of the two is no other thing."""
    settled = list(mentions)
    for at in range(len(settled) - 1):
        first, second = settled[at], settled[at + 1]
        if _EITHER.fullmatch(wording.between(first.end, second.start)) is None or first.name == second.name:
            continue
        settled[at] = _as_one_of(first, second)
        settled[at + 1] = _as_one_of(second, settled[at])
    return settled


def _as_one_of(mention: Mention, other: Mention) -> Mention:
    """As a value of the name of the other, whose value is one of several, where it may be read so."""
    if not (mention.value is True and isinstance(other.value, str)):
        return mention
    fitting = (it for it in mention.others if it.name == other.name and isinstance(it.value, str))
    return next((it for it in fitting if it.score >= mention.score - _AS_GOOD), mention)


def _part_of(flag: Mention, mention: Mention, wording: Wording) -> Mention | None:
    """As a value of what tells more of a flag before it: `handoffs that went to billing` is a handoff destination."""
    between = wording.between(flag.end, mention.start).split()
    if not mention.has_value or "to" not in between or not all(word in _IS for word in between):
        return None
    return next((it for it in mention.others if it.has_value and it.name.startswith(f"{flag.name}_")), None)


def _asked_for(mention: Mention, wording: Wording, terms: Mapping[str, KnownTerm]) -> Mention:
    """`which insurance do callers have` asks for a name, though a value is called so too."""
    if not mention.has_value or mention.negated or mention.score >= _AS_NAMED:
        return mention
    words = wording.between(0, mention.start).split()
    following = wording.between(mention.end, 1_000_000).split()[:1]
    ranked = _RANKED.search(" ".join(words)) is not None
    if not (words[-1:] in (["which"], ["what"]) or ranked) or not (set(following) <= _ASKING):
        return mention
    texts = (it for it in mention.others if not it.has_value and it.name in terms and terms[it.name].type == "text")
    return next((replace(it, score=mention.score) for it in texts), mention)


def _lacking(mention: Mention, wording: Wording, terms: Mapping[str, KnownTerm]) -> Mention:
    """`without insurance` is of calls that have none, where a name says so, rather than of another value."""
    if not (mention.negated and mention.has_value and isinstance(mention.value, str)):
        return mention
    if not _WITHOUT.match(wording.between(mention.start, mention.end)):
        return mention
    named = (each for each in mention.others if not each.has_value and each.name in terms)
    return next((replace(each, negated=True) for each in named), mention)


def asks_itself(mention: Mention, wording: Wording) -> bool:
    """Whether its words are a question already: `how do calls end`, `why do people call`."""
    return wording.between(mention.start, mention.end).partition(" ")[0] in _QUESTION


def is_vague(mention: Mention, terms: Mapping[str, KnownTerm]) -> bool:
    """Whether the words name something of several things, and none of them surely: `bookings`."""
    term = terms.get(mention.name)
    if mention.score >= VAGUE or not mention.others or (term is not None and term.type == "boolean"):
        return False
    rival = mention.others[0]
    many = len(mention.values) > 1 and rival.name != mention.name and rival.score > mention.score - _CLOSE
    return not mention.has_value or many


def _says_nothing(mention: Mention, wording: Wording, terms: Mapping[str, KnownTerm]) -> bool:
    if not all(is_idle(word) for word in wording.between(mention.start, mention.end).split()):
        return False
    if wording.between(0, mention.start).split()[-1:] in (["which"], ["what"]):
        return False
    if not mention.has_value and asks_itself(mention, wording):
        return False
    term = terms.get(mention.name)
    if term is not None and term.type == "boolean" and mention.score < VAGUE:
        return True  # `how many patients called` is not of new ones
    named = not mention.has_value and mention.name.startswith("metric.") and term is not None and term.type == "text"
    return (named and mention.score < _AS_NAMED) or mention.score < _SURE


def _is_of(mention: Mention, other: Mention, wording: Wording) -> bool:
    """Whether its words are those of the name of which a value is named too: `reminder calls with no answer`."""
    if not other.has_value or other.score < mention.score or mention.name == other.name:
        return _is_vaguely_of(mention, other)
    parts = {part.lower() for part in _PART.findall(other.name.partition(".")[2])}
    words = [word for word in wording.between(mention.start, mention.end).split() if not is_idle(word)]
    return bool(words) and len(parts) > 1 and all(word in parts for word in words) and isinstance(other.value, str)


def _is_label(mention: Mention, other: Mention, wording: Wording) -> bool:
    """Whether it stands beside a name of which its words are a part: `answer` of `answer latency`."""
    if other.has_value or mention.name == other.name or other.score < _SURE:
        return False
    if wording.between(min(mention.end, other.end), max(mention.start, other.start)):
        return False
    whole = set(name_in_words(other.name).lower().replace("_", " ").split())
    words = wording.between(mention.start, mention.end).split()
    rest = wording.between(other.start, other.end).split()
    return bool(words) and all(word in whole for word in (*words, *rest))


def _is_vaguely_of(mention: Mention, other: Mention) -> bool:
    """Whether it names nothing surely, and what it may name is named anyway: `bookings for a Sunday`."""
    if mention.has_value or mention.score >= VAGUE or other.score < mention.score:
        return False
    return any(each.name == other.name for each in mention.others) or mention.name == other.name


def _is_outdone(mention: Mention, others: Sequence[Mention], wording: Wording) -> bool:
    """Whether a surer value of the same name stands elsewhere, and the two are not said side by side."""
    if not mention.has_value or mention.score >= VAGUE:
        return False
    for other in others:
        if other is mention or other.name != mention.name or not other.has_value or other.score <= mention.score:
            continue
        between = wording.between(min(mention.end, other.end), max(mention.start, other.start))
        if not _JOINED.match(between):
            return True
    return False
