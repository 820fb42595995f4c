"""What the filters of a query say of its calls, as a person would: `were by web chat and had INTENT “billing”`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from postcall.analyst.telling.number_words import Unit, tell_value
from postcall.analyst.telling.query_words import group_in_words, quoted, told
from postcall.domain.calls import JsonScalar
from postcall.domain.queries import All, AnyOf, Bucket, Condition, Filter, GroupValue, Not, Operator, Query
from postcall.reporting.filter_format import field_of
from postcall.reporting.filter_words import name_in_words, part_in_words
from postcall.reporting.nearest import listed
from postcall.reporting.periods import read_zone

LANGUAGES = {
    "ar": "Arabic", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "hi": "Hindi", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ru": "Russian",
    "zh": "Chinese",
}  # fmt: skip
_CHANNELS = {"webchat": "web chat", "sms": "SMS"}
_WEEKEND = frozenset({"Saturday", "Sunday"})
_WORKDAYS = frozenset({"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"})
_SIZES = {
    Operator.GT: "over",
    Operator.GTE: "of at least",
    Operator.LT: "under",
    Operator.LTE: "of at most",
}
_LENGTHS = {
    Operator.GT: "longer than",
    Operator.GTE: "at least",
    Operator.LT: "less than",
    Operator.LTE: "at most",
    Operator.EQ: "just",
}
_BEGAN = "began "
_DAY = 1440
"""Minutes."""
_MOST = 5
"""Values of a list that are spelled out."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What calls did or were: `were` with `by web chat`, `had` with `INTENT “billing”`."""

    verb: str
    """In the past; of `were` the plural."""
    base: str
    rest: str

    def said(self, *, one: bool, negated: bool = False) -> str:
        """Of one call or of several."""
        if self.verb == "were":
            verb = "was" if one else "were"
            return f"{verb} {'not ' if negated else ''}{self.rest}"
        return f"did not {self.base} {self.rest}".rstrip() if negated else f"{self.verb} {self.rest}".rstrip()


def doing_in_words(query: Query, *, one: bool = False, without: Sequence[Filter] = ()) -> str:
    """What all filters of a query and its search say, but for some; empty where there are none."""
    parts = [part_said(part, one=one) for part in query.filters.parts if part not in without]
    if query.text is not None:
        parts.append(f"mentioned {quoted(query.text)}")
    return _joined(parts, "and")


def that_in_words(query: Query, *, without: Sequence[Filter] = ()) -> str:
    """The same behind `calls`: ` that were by web chat`."""
    doing = doing_in_words(query, without=without)
    return f" that {doing}" if doing else ""


def part_said(part: Filter, *, one: bool = False, negated: bool = False) -> str:
    """One filter, whatever is inside of it."""
    if isinstance(part, Condition):
        return _condition(part, one=one, negated=negated)
    if isinstance(part, Not) and isinstance(part.part, Condition | Not):
        return part_said(part.part, one=one, negated=not negated)
    if isinstance(part, All | AnyOf) and not negated and part.parts:
        each = [part_said(inner, one=one) for inner in part.parts]
        if all(said.startswith(_BEGAN) for said in each):  # `began at 22:00 or later or before 06:00`
            each[1:] = [said.removeprefix(_BEGAN) for said in each[1:]]
        return _joined(each, "and" if isinstance(part, All) else "or")
    return f"did {'not ' if negated else ''}fit “{part_in_words(part)}”"


def group_name(query: Query, name: str, value: GroupValue) -> str:
    """A group alone, as a sentence calls it: `Spanish`, `web chat`, `14 April 2026`."""
    if name == "field.language" and isinstance(value, str):
        return LANGUAGES.get(value.split("-")[0], value)
    if name == "field.channel" and isinstance(value, str):
        return _CHANNELS.get(value, value)
    return group_in_words(name, value, read_zone(query.time_zone))


def when_said(query: Query, label: str) -> str:
    """A stretch of time that calls are grouped by: `on 14 April 2026`, `in the week of 13 April 2026`."""
    name = query.group_by[0]
    how = {"day": "on", "week": "in the", "month": "in"}.get(name, "in the hour from")
    return f"{how} {group_in_words(name, label, read_zone(query.time_zone))}"


def group_said(query: Query, name: str, value: GroupValue) -> str:
    """What the calls of one group did: `had INTENT “billing”`, `were on a Monday`, `were on 14 April 2026`."""
    if name in set(Bucket):
        how = {"day": "on", "week": "in the", "month": "in"}.get(name, "in the hour from")
        return f"were {how} {group_in_words(name, value, read_zone(query.time_zone))}"
    if value is None:
        return f"had no {name_in_words(name)}"
    return part_said(Condition(name, Operator.EQ, value))


def _condition(condition: Condition, *, one: bool, negated: bool) -> str:
    op = condition.op
    if op in {Operator.NOT_IN, Operator.NOT_CONTAINS, Operator.NOT_EXISTS}:
        opposite = {
            Operator.NOT_IN: Operator.IN,
            Operator.NOT_CONTAINS: Operator.CONTAINS,
            Operator.NOT_EXISTS: Operator.EXISTS,
        }[op]
        turned = Condition(condition.field, opposite, condition.value, condition.values)
        return _condition(turned, one=one, negated=not negated)
    if op is Operator.NE:
        return f"had another {name_in_words(condition.field)} than {_value(condition.value)}"
    if op is Operator.EXISTS:
        return f"had {'no' if negated else 'a value for'} {name_in_words(condition.field)}"
    if isinstance(condition.value, bool) and condition.field == "field.handoff" and op is Operator.EQ:
        return Doing("were", "be", "handed off").said(one=one, negated=negated is condition.value)
    said = _SPECIAL.get(condition.field, _named)(condition) or _named(condition)
    return said.said(one=one, negated=negated)


def _named(condition: Condition) -> Doing:
    """Of any name: `had INTENT “billing”`."""
    name, op = name_in_words(condition.field), condition.op
    if op is Operator.CONTAINS:
        return Doing("had", "have", f"{_value(condition.value)} in {name}")
    if op in _SIZES:
        return Doing("had", "have", f"{_article(condition.field)}{name} {_SIZES[op]} {_size(condition)}")
    if op is Operator.BETWEEN:
        low, high = (_size(condition, value) for value in condition.values)
        return Doing("had", "have", f"{_article(condition.field)}{name} between {low} and {high}")
    if op is Operator.EQ and isinstance(condition.value, bool):
        return Doing("had", "have", f"{name} = {told(condition.value)}")
    return Doing("had", "have", f"{name} {_values(condition)}")


def _article(name: str) -> str:
    label = name_in_words(name)
    return "" if field_of(name) is None else "an " if label[0] in "aeio" else "a "


def _channel(condition: Condition) -> Doing | None:
    return _one_of(condition, "were", "be", "by ", lambda value: _CHANNELS.get(value, value))


def _direction(condition: Condition) -> Doing | None:
    return _one_of(condition, "were", "be", "", str)


def _language(condition: Condition) -> Doing | None:
    return _one_of(condition, "were", "be", "in ", lambda value: LANGUAGES.get(value.split("-")[0], value))


def _status(condition: Condition) -> Doing | None:
    if condition.op is Operator.EQ and condition.value == "completed":
        return Doing("were", "be", "completed")
    return Doing("had", "have", f"the status {_values(condition)}")


def _ending(condition: Condition) -> Doing | None:
    if condition.op is not Operator.EQ:
        return None
    return {
        "user_hangup": Doing("were", "be", "ended by the caller"),
        "agent_hangup": Doing("were", "be", "ended by the agent"),
        "handoff": Doing("ended", "end", "in a handoff"),
        "timeout": Doing("timed", "time", "out"),
        "no_answer": Doing("found", "find", "no answer"),
        "busy": Doing("found", "find", "the line busy"),
        "voicemail": Doing("reached", "reach", "a voicemail"),
        "error": Doing("ended", "end", "in an error"),
    }.get(str(condition.value))


def _destination(condition: Condition) -> Doing | None:
    return _one_of(condition, "were", "be", "handed off to ", told)


def _agent(condition: Condition) -> Doing | None:
    return _one_of(condition, "were", "be", "of ", told)


def _version(condition: Condition) -> Doing | None:
    return _one_of(condition, "were", "be", "of version ", told)


def _duration(condition: Condition) -> Doing | None:
    if condition.op in _LENGTHS:
        return Doing("lasted", "last", f"{_LENGTHS[condition.op]} {_size(condition)}")
    if condition.op is Operator.BETWEEN:
        low, high = (_size(condition, value) for value in condition.values)
        return Doing("lasted", "last", f"between {low} and {high}")
    return None


def _turns(condition: Condition) -> Doing | None:
    how = {**_LENGTHS, Operator.GT: "more than", Operator.LT: "fewer than", Operator.EQ: ""}.get(condition.op)
    if how is None:
        return None
    return Doing("had", "have", f"{how} {told(condition.value)} {name_in_words(condition.field)}".strip())


def _extracted(condition: Condition) -> Doing | None:
    return Doing("were", "be", "analysed") if condition.value is True else None


def _weekday(condition: Condition) -> Doing | None:
    days = frozenset(map(str, condition.values))
    if condition.op is Operator.IN and days == _WEEKEND:
        return Doing("were", "be", "on a weekend")
    if condition.op is Operator.IN and days == _WORKDAYS:
        return Doing("were", "be", "on a day from Monday to Friday")
    return _one_of(condition, "were", "be", "on a ", str)


def _hour(condition: Condition) -> Doing | None:
    return _clock(condition, 60)


def _minute(condition: Condition) -> Doing | None:
    return _clock(condition, 1)


def _clock(condition: Condition, minutes: int) -> Doing | None:
    """A part of the day; its last minute is in it."""
    values = condition.values if condition.op in {Operator.IN, Operator.BETWEEN} else (condition.value,)
    hours = sorted(value for value in values if isinstance(value, int | float))
    if len(hours) != len(values) or not hours:
        return None
    first, last = int(hours[0]) * minutes, (int(hours[-1]) + 1) * minutes
    in_turn = condition.op is Operator.IN and hours == list(range(int(hours[0]), int(hours[-1]) + 1))
    if in_turn or condition.op in {Operator.EQ, Operator.BETWEEN}:
        if not first:
            return Doing("began", "begin", f"before {_time(last)}")
        if last == _DAY:
            return Doing("began", "begin", f"at {_time(first)} or later")
        return Doing("began", "begin", f"between {_time(first)} and {_time(last - 1)}")
    later = {Operator.GTE: first, Operator.GT: last}.get(condition.op)
    if later is not None:
        return Doing("began", "begin", f"at {_time(later)} or later")
    earlier = {Operator.LT: first, Operator.LTE: last}.get(condition.op)
    return None if earlier is None else Doing("began", "begin", f"before {_time(earlier)}")


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


_SPECIAL: dict[str, Callable[[Condition], Doing | None]] = {
    "field.channel": _channel,
    "field.direction": _direction,
    "field.language": _language,
    "field.status": _status,
    "field.disconnection_reason": _ending,
    "field.handoff_destination": _destination,
    "field.agent": _agent,
    "field.version": _version,
    "field.duration": _duration,
    "field.turns": _turns,
    "field.user_turns": _turns,
    "field.agent_turns": _turns,
    "field.extracted": _extracted,
    "field.weekday": _weekday,
    "field.hour": _hour,
    "field.minute": _minute,
}


def _one_of(condition: Condition, verb: str, base: str, lead: str, say: Callable[[str], str]) -> Doing | None:
    """One value, or any of several."""
    if condition.op not in {Operator.EQ, Operator.IN}:
        return None
    values = condition.values if condition.op is Operator.IN else (condition.value,)
    return Doing(verb, base, lead + listed(_few([say(str(value)) for value in values]), "or"))


def _values(condition: Condition) -> str:
    values = condition.values if condition.op is Operator.IN else (condition.value,)
    return listed(_few([_value(value) for value in values]), "or")


def _few(said: list[str]) -> list[str]:
    return said if len(said) <= _MOST else [*said[: _MOST - 1], f"{len(said) - _MOST + 1} more"]


def _value(value: JsonScalar) -> str:
    """A text in quotation marks, so that one sees where it ends."""
    words = told(value)
    return words if isinstance(value, int | float) else f"“{words.strip('“”')}”"


def _size(condition: Condition, value: JsonScalar = None) -> str:
    number = condition.value if value is None else value
    if condition.field in {"field.duration", "field.latency"} and isinstance(number, int | float):
        return tell_value(float(number), Unit.SECONDS)
    return told(number)


def _joined(parts: Sequence[str], word: str) -> str:
    return listed([part for part in parts if part], word) if parts else ""
