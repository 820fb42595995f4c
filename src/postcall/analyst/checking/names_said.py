"""Whether a sentence speaks of what its queries ask for: a count of all calls is none of bookings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from postcall.analyst.names.mentions import find_mentions
from postcall.domain.analysis import Asked, KnownTerm, Mention
from postcall.domain.calls import JsonScalar
from postcall.domain.queries import All, AnyOf, Condition, Filter, MeasureKind, Not, Operator, Query
from postcall.domain.said_words import split_words

SURE = 0.85
"""What is less surely a name may be any word."""
_EQUAL = frozenset({Operator.EQ, Operator.IN})
_UNEQUAL = frozenset({Operator.NE, Operator.NOT_IN})


def find_foreign_name(text: str, terms: Sequence[KnownTerm], asked: Sequence[Asked]) -> str | None:
    """Why a name or value in the text is not what the queries are about; None where all are."""
    if any(_is_sample(each) for each in asked):
        return None  # a theme is called as the model likes
    for mention in find_mentions(text, terms):
        meant = [each for each in (mention, *mention.others) if each.score >= SURE]
        said = text[mention.start : mention.end]
        if meant and not any(_asks_for(one.query, each, said) for one in asked for each in meant):
            return f"{said!r} is not what the queries that the sentence names ask for"
    return None


def _asks_for(query: Query, mention: Mention, said: str) -> bool:
    if query.text is not None and set(split_words(said)) <= set(split_words(query.text)):
        return True
    return any(_agrees(use, mention) for use in _uses(query, mention.name))


_Use = tuple[tuple[JsonScalar, ...], bool] | None
"""Values that are asked for, and whether it is their opposite; None: whatever the value."""


def _uses(query: Query, name: str) -> Iterator[_Use]:
    if name in query.group_by:
        yield None
    for measure in query.measures:
        if measure.of == name:
            yield ((measure.value,), False) if measure.kind is MeasureKind.RATE else None
    yield from _filtered(query.filters, name, opposite=False)


def _filtered(part: Filter, name: str, *, opposite: bool) -> Iterator[_Use]:
    match part:
        case Not(part=inner):
            yield from _filtered(inner, name, opposite=not opposite)
        case All(parts=parts) | AnyOf(parts=parts):
            for each in parts:
                yield from _filtered(each, name, opposite=opposite)
        case Condition(field=field, op=op, value=value, values=values) if field == name:
            if op in _EQUAL or op in _UNEQUAL:
                yield (values or (value,), opposite is not (op in _UNEQUAL))
            else:
                yield None


def _agrees(use: _Use, mention: Mention) -> bool:
    if use is None or not mention.has_value:
        return True
    values, opposite = use
    if isinstance(mention.value, bool) and all(isinstance(value, bool) for value in values):
        return {mention.value is not mention.negated} == {value is not opposite for value in values}
    wanted = {str(value).casefold() for value in values}
    said = {str(value).casefold() for value in (mention.value, *mention.values)}
    return mention.negated is opposite and bool(wanted & said)


def _is_sample(asked: Asked) -> bool:
    return asked.id.startswith("s")
