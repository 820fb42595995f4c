"""Weak mentions that only say again what a surer one names."""

from __future__ import annotations

from typing import Final

from postcall.analyst.names.found import Found
from postcall.analyst.names.question_words import key_of

_PAIR = 0.1
"""So little difference between two values of one name makes neither an echo of the other."""
_ALIKE = 0.04
"""So little difference decides nothing."""
_WEAK = 0.61
_FAIL: Final = (key_of("failed"),)


def without_echoes(chosen: list[Found]) -> list[Found]:
    """Without weak ones that may as well mean what a surer one names: `bookings` beside `Sunday`, of booked_weekday."""

    flags = [each for each in chosen if each.phrase.value is True and each.phrase.has_value]

    def fails(each: Found) -> bool:
        """`failed` beside a flag negates that, and is no value of another name."""
        alone = len(each.places) == 1 and each.phrase.has_value and each.phrase.keys == _FAIL
        return alone and any(abs(each.first - place) <= 2 for flag in flags for place in (flag.first, flag.last))

    def belongs(each: Found) -> bool:
        """`reminder` beside `confirmed`, which is of REMINDER_RESULT, says of which name that is."""
        values = [other.phrase for other in chosen if other is not each and other.phrase.has_value]
        return len(each.phrase.keys) == 1 and any(
            value.value is not True and value.name != each.phrase.name and each.phrase.keys[0] in value.about
            for value in values
        )

    def says_which(name: Found, value: Found) -> bool:
        """`about` of `calls about hotels` is the name that the value is of, and makes it no echo."""
        own = value.phrase.has_value and name.phrase.name == value.phrase.name
        return own and not name.phrase.has_value

    def are_a_pair(one: Found, other: Found) -> bool:
        """`hotel` beside `restaurant`: words for other values of one name, and about as sure."""
        values = one.phrase.has_value and other.phrase.has_value and one.phrase.name == other.phrase.name
        apart = not {one.phrase.value, *one.phrase.values} & {other.phrase.value, *other.phrase.values}
        return values and apart and abs(one.score - other.score) < _PAIR

    def is_echo(each: Found) -> bool:
        names = {each.phrase.name, *(other.name for other in each.others if other.score > each.score - _ALIKE)}
        return each.score < _WEAK and any(
            other.score > each.score
            and other.phrase.name in names
            and not says_which(other, each)
            and not are_a_pair(other, each)
            for other in chosen
        )

    return [each for each in chosen if not (is_echo(each) or fails(each) or belongs(each))]
