"""From the record's rows of a call to its one row in the index. Values stay the JSON text that the record holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntFlag
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import msgspec

from postcall.domain.builtin_metrics import CallFacts, built_in_values
from postcall.domain.builtin_metrics import was_handed_off as handed_off
from postcall.domain.metrics import MetricDefinition, fit

FORMAT = 4
"""Of the index's rows: an index of another format is built anew."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class CallColumns(NamedTuple):
    """The columns of `calls` that reports use, in the order in which they are read."""

    pk: int
    account_pk: int
    agent_pk: int
    agent: str
    id: str
    started_at: int
    """Microseconds since 1970."""
    version: int
    channel: str
    direction: str
    environment: str
    variant: str | None
    language: str | None
    status: str
    disconnection_reason: str | None
    handoff_destination: str | None
    handoff_reason: str | None
    from_number: str | None
    to_number: str | None
    duration_s: float | None
    user_turns: int
    agent_turns: int
    latency_s: float | None
    current_extraction_pk: int | None


class PlacedColumns(NamedTuple):
    """What reports show of a call because postcall placed it, in the order in which it is read."""

    pk: int
    attempt: int
    cost: float | None
    campaign_id: str | None
    campaign: str | None


Write: TypeAlias = tuple[int, str, str]
"""One metric event: the call's key, the name, the value as JSON text."""
Answered: TypeAlias = tuple[int, str, str | None, str]
"""One answer of the current extraction: the call's key, the identifier, the value as JSON text, the status."""


class Trait(IntFlag):
    """What is known of a metric's name over all the calls of an agent."""

    WRITTEN = 1
    ASKED = 2
    BUILT_IN = 4
    REPEATED = 8
    """Some call has several writes of it."""
    BOOLEAN = 16
    NUMBER = 32
    TEXT = 64
    MISFIT = 256
    """Something was written in some call of which nothing counts."""
    WIDE = 128
    """Some value is a whole number that no float can tell from its neighbours."""


@dataclass(slots=True)
class Traits:
    """Gathers the traits of names while calls are projected."""

    found: dict[tuple[int, int], dict[str, int]] = field(default_factory=dict)
    """By account and agent, then by name. Plain integers: a million calls have ten million names."""

    def of(self, call: CallColumns) -> dict[str, int]:
        """Those of the agent of a call."""
        return self.found.setdefault((call.account_pk, call.agent_pk), {})

    def each(self) -> Iterator[tuple[tuple[int, int, str], Trait]]:
        """Account, agent and name, and the traits."""
        for (account, agent), named in self.found.items():
            for name, traits in named.items():
                yield (account, agent, name), Trait(traits)

    def merge(self, others: Traits) -> None:
        """Add what others found."""
        for key, named in others.found.items():
            known = self.found.setdefault(key, {})
            for name, traits in named.items():
                known[name] = known.get(name, 0) | traits


MISFIT = "m"
"""In `asked`: something was written under the name and nothing of it counts."""
STATUS_CODES = {"ok": "o", "unknown": "u", "invalid": "i", "error": "e"}
"""How the statuses of answers stand in the index's `asked`."""


def project(
    call: CallColumns,
    writes: Sequence[Write],
    answers: Sequence[Answered],
    definitions: Mapping[str, MetricDefinition],
    traits: Traits,
    placed: PlacedColumns | None = None,
) -> str:
    """The call's row as a JSON object whose members are the index's columns; those it leaves out are null.

    Where code wrote a name and a question answered it, the write wins; either wins over what postcall itself knows. A
    write that does not fit its definition leaves nothing, not even what postcall knows.
    """
    named = traits.of(call)
    metrics = _built_in(call)
    for name, value in metrics.items():
        named[name] = named.get(name, 0) | _BUILT_IN | _KINDS[value[0]]
    asked: dict[str, str] = {}
    for _, identifier, answer, status in answers:
        asked[identifier] = STATUS_CODES[status]
        if status == "ok" and answer is not None:
            kind = _KINDS[answer[0]]
            if kind == _NUMBER:
                answer, kind = _as_float(answer)
            metrics[identifier] = answer
            named[identifier] = named.get(identifier, 0) | _ASKED | kind
        else:
            named[identifier] = named.get(identifier, 0) | _ASKED
    repeated = _put_writes(writes, definitions, metrics, asked, named) if writes else {}
    return _line(call, metrics, repeated, asked, "" if placed is None else _of_placed(placed))


_BUILT_IN, _ASKED, _WRITTEN = int(Trait.BUILT_IN), int(Trait.ASKED), int(Trait.WRITTEN)
_NUMBER = int(Trait.NUMBER)
_KINDS = {
    '"': int(Trait.TEXT),
    "t": int(Trait.BOOLEAN),
    "f": int(Trait.BOOLEAN),
    **dict.fromkeys("-0123456789", int(Trait.NUMBER)),
}
"""By the first character of a value's JSON."""


def _put_writes(
    writes: Sequence[Write],
    definitions: Mapping[str, MetricDefinition],
    metrics: dict[str, str],
    asked: dict[str, str],
    named: dict[str, int],
) -> dict[str, list[str]]:
    """Lay the writes over the values; returns those of names that were written more than once."""
    written: dict[str, list[str]] = {}
    for _, name, value in writes:
        fitted = _fit(value, definitions.get(name))
        if fitted is not None:
            written.setdefault(name, []).append(fitted)
            named[name] = named.get(name, 0) | _WRITTEN | _KINDS[fitted[0]]
        else:
            named[name] = named.get(name, 0) | _WRITTEN
            if name not in asked and name not in written:
                metrics.pop(name, None)  # without an answer, what stands there is postcall's own
                asked[name] = MISFIT
                named[name] |= int(Trait.MISFIT)
    for name, values in written.items():
        last = values[-1]
        if _KINDS[last[0]] == _NUMBER:
            last, kind = _as_float(last)
            named[name] |= kind
        metrics[name] = last
        if asked.get(name) == MISFIT:
            del asked[name]
    if len(written) == len(writes):
        return {}
    repeated = {name: values for name, values in written.items() if len(values) > 1}
    for name in repeated:
        named[name] |= int(Trait.REPEATED)
    return repeated


def _built_in(call: CallColumns) -> dict[str, str]:
    """What every call has, from whatever source: as text of JSON, like all values here."""
    duration = call.duration_s
    own = _own_texts(
        call.status, duration is not None, call.handoff_destination, call.handoff_reason, call.disconnection_reason
    )
    if duration is None:
        return dict(own)
    spelled = repr(float(duration))
    return {name: spelled if value == _DURATION_TEXT else value for name, value in own}


_DURATION = -1.0
_DURATION_TEXT = repr(_DURATION)
"""Stands for the duration, which is the one thing in which calls differ much."""


@lru_cache(maxsize=4_096)
def _own_texts(
    status: str, has_duration: bool, destination: str | None, reason: str | None, ending: str | None
) -> tuple[tuple[str, str], ...]:
    duration = _DURATION if has_duration else None
    values = built_in_values(CallFacts(status, duration, destination, reason, ending))
    return tuple((name, _encode(value).decode()) for name, value in values.items())


def was_handed_off(call: CallColumns) -> bool:
    """Whether the call was passed to a person or another line."""
    return handed_off(call.handoff_destination, call.disconnection_reason)


@lru_cache(maxsize=65_536)
def _fit(value: str, definition: MetricDefinition | None) -> str | None:
    """A write as its definition wants it, again as JSON text; None for a misfit."""
    fitted = fit(_decode(value), definition)
    return None if fitted is None else _number(fitted) if isinstance(fitted, float) else _encode(fitted).decode()


@lru_cache(maxsize=65_536)
def _as_float(number: str) -> tuple[str, int]:
    """A number as a float, and its traits: DuckDB reads a metric ten times as fast where all values are of one kind."""
    if "." in number or "e" in number or "E" in number:
        return number, _NUMBER
    if abs(int(number)) < 2**53:
        return number + ".0", _NUMBER
    return number, _NUMBER | int(Trait.WIDE)


def _number(value: float) -> str:
    """One number has one spelling: 5.0 is 5."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


@lru_cache(maxsize=65_536)
def _text(value: str | None) -> str:
    return _encode(value).decode()


def _of_placed(placed: PlacedColumns) -> str:
    return (
        f'"campaign":{_text(placed.campaign)},"campaign_id":{_text(placed.campaign_id)},'
        f'"attempt":{placed.attempt},"cost":{_or_null(placed.cost)},'
    )


def _line(
    call: CallColumns, metrics: dict[str, str], repeated: dict[str, list[str]], asked: dict[str, str], placed: str
) -> str:
    """Put together by hand: the values are JSON already, and a million calls are projected at a time."""
    (
        pk, account_pk, agent_pk, agent, call_id, started, version, channel, direction, environment, variant, language,
        status, reason, destination, handoff_reason, from_number, to_number, duration, user_turns, agent_turns,
        latency, extraction,
    ) = call  # fmt: skip
    return (
        f'{{"pk":{pk},"account":{account_pk},"agent_pk":{agent_pk},"agent":{_text(agent)},'
        f'"id":{_encode(call_id).decode()},"started":{started},"version":{version},"channel":"{channel}",'
        f'"direction":"{direction}","environment":"{environment}","variant":{_text(variant)},'
        f'"language":{_text(language)},"status":"{status}","disconnection_reason":{_text(reason)},'
        f'"handoff":{"true" if was_handed_off(call) else "false"},"handoff_destination":{_text(destination)},'
        f'"handoff_reason":{_text(handoff_reason)},"from_number":{_encode(from_number).decode()},'
        f'"to_number":{_encode(to_number).decode()},"duration":{_or_null(duration)},"user_turns":{user_turns},'
        f'"agent_turns":{agent_turns},"latency":{_or_null(latency)},'
        f'"extracted":{"false" if extraction is None else "true"},"repeats":{"true" if repeated else "false"},'
        f'{placed}"metrics":{_object(metrics)},'
        f'"writes":{_lists(repeated)},"asked":{_codes(tuple(asked.items())) if asked else "null"}}}'
    )


def _or_null(value: float | None) -> str:
    return "null" if value is None else repr(value)


def _object(values: Mapping[str, str]) -> str:
    return "{" + ",".join([f"{_text(name)}:{value}" for name, value in values.items()]) + "}"


def _lists(values: Mapping[str, list[str]]) -> str:
    if not values:
        return "null"
    return "{" + ",".join([f"{_text(name)}:[{','.join(each)}]" for name, each in values.items()]) + "}"


@lru_cache(maxsize=65_536)
def _codes(values: tuple[tuple[str, str], ...]) -> str:
    """Calls of one version differ little in what was answered."""
    return "{" + ",".join([f'{_text(name)}:"{code}"' for name, code in values]) + "}"
