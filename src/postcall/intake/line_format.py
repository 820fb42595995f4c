"""The lines of a file of calls: calls as they are handed in, or labelled conversations with their gold."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec
from msgspec import Struct

from postcall.domain.calls import IncomingCall
from postcall.errors import BadInput
from postcall.intake.call_format import CallBody, make_call
from postcall.intake.explain import decode

_LABELLED = ("gold", "source", "license", "reference_date")
"""What a labelled conversation holds besides a call; also whatever is named `gold_…`."""


class _Line(Struct):
    """Enough to tell what a line is."""

    gold: dict[str, Any] | None = None
    source: str | None = None
    license: str | None = None
    reference_date: str | None = None


_PEEK = msgspec.json.Decoder(_Line)
_ANY = msgspec.json.Decoder(dict[str, Any])


def read_line(line: bytes, *, agent: str, gold_as_metrics: bool, seen: dict[str, int]) -> IncomingCall:
    """One line as a call of this agent, unless it names its own.

    A line without an id gets one from its content, so that importing a file again adds nothing; `seen` counts equal
    lines, each of which is a call. BadInput says what is wrong.
    """
    labelled = decode(line, _PEEK)
    fields = {name: value for name, value in decode(line, _ANY).items() if not _is_label(name)}
    fields.setdefault("agent", agent)
    if not fields.get("id"):
        fields["id"] = _id_from_content(line, seen)
    if fields.get("started_at") is None and labelled.reference_date:
        fields["started_at"] = f"{labelled.reference_date}T00:00:00Z"
    origin = {"source": labelled.source, "license": labelled.license}
    fields["metadata"] = _with(fields.get("metadata"), {name: each for name, each in origin.items() if each})
    if gold_as_metrics:
        fields["metrics"] = _with(fields.get("metrics"), _labels(labelled.gold))
    return make_call(_convert(fields))


def _convert(fields: dict[str, Any]) -> CallBody:
    # Once more through JSON, so that errors name fields as they do for a body handed in over HTTP.
    try:
        body = msgspec.json.encode(fields)
    except (OverflowError, ValueError):  # a number too large for it to write; the reading says which
        body = json.dumps(fields).encode()
    return decode(body, _CALL)


def _with(given: Any, more: dict[str, Any]) -> Any:
    """What the line says goes first; where that is no object, reading it as a call says so."""
    return {**more, **given} if isinstance(given, dict) else given or more


_CALL = msgspec.json.Decoder(CallBody)


def _labels(gold: dict[str, Any] | None) -> dict[str, Any]:
    """A label of null says that there is no value, and a metric cannot: such a label is left out."""
    if gold is None:
        return {}
    for name, value in gold.items():
        if isinstance(value, dict | list):
            raise BadInput(f"gold.{name}: a label must be a string, number, boolean or null", field=f"gold.{name}")
    return {name: value for name, value in gold.items() if value is not None}


def _id_from_content(line: bytes, seen: dict[str, int]) -> str:
    digest = hashlib.sha256(line.strip()).hexdigest()[:24]
    count = seen[digest] = seen.get(digest, 0) + 1
    return f"import-{digest}" if count == 1 else f"import-{digest}-{count}"


def _is_label(name: str) -> bool:
    return name in _LABELLED or name.startswith("gold_")
