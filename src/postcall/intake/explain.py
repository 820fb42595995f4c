"""Saying what is wrong with a body that is not the JSON it should be."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from postcall.domain.calls import CallStatus, Channel, Direction, DisconnectionReason, Environment, Role
from postcall.domain.metrics import MAX_METRIC_TEXT
from postcall.errors import BadInput

T = TypeVar("T")

_CLOSED_SETS: dict[str, type[StrEnum]] = {
    "role": Role,
    "status": CallStatus,
    "channel": Channel,
    "direction": Direction,
    "environment": Environment,
    "disconnection_reason": DisconnectionReason,
}
_PATH = re.compile(r"^(?P<what>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(?P<name>.*?)`")
_KEY_FAULT = re.compile(r"(?P<what>.*?) - at `key` in `\$\.(?P<path>.*)`$")
_MISSING_FIELD = re.compile(r"Object missing required field `(?P<name>.*?)`")


def decode(
    body: bytes | bytearray,
    decoder: msgspec.json.Decoder[T],
    *,
    closed_sets: Mapping[str, Iterable[str]] | None = None,
) -> T:
    """Decode a body, or raise BadInput that names the field and the reason.

    `closed_sets` has what a field may be, by its name, where that is another set than calls have.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _explain_misfit(str(error), bytes(body), {**_CLOSED_SETS, **(closed_sets or {})}) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _explain_malformed(bytes(body), error) from None
    except RecursionError:
        raise BadInput("the content is nested too deeply", field="body") from None


def _explain_misfit(message: str, body: bytes, closed_sets: Mapping[str, Iterable[str]]) -> BadInput:
    found = _PATH.match(message)
    what, path = (found["what"], found["path"] or "") if found else (message, "")
    if named := _UNKNOWN_FIELD.match(what) or _MISSING_FIELD.match(what):
        path = f"{path}.{named['name']}" if path else named["name"]
        what = "unknown field" if _UNKNOWN_FIELD.match(what) else "required field is missing"
    allowed = closed_sets.get(path.rpartition(".")[2].partition("[")[0])
    if what.startswith("Invalid enum value") and allowed:
        what = f"{what}; it must be one of {', '.join(allowed)}"
    if key_fault := _KEY_FAULT.match(message):
        path, what = key_fault["path"], f"a name in it is empty or too long ({key_fault['what']})"
    if path.startswith("metrics[...]"):
        path, what = _find_bad_metric(body) or (path, what)
    return BadInput(f"{path or 'body'}: {_in_plain_words(what)}", field=path or "body")


_PLAIN_WORDS = (
    (
        re.compile(r"Expected `datetime` with a timezone component"),
        "has no time zone; add Z or an offset such as +01:00",
    ),
    (re.compile(r"Invalid RFC3339 encoded datetime"), "is not an ISO 8601 time such as 2026-03-02T18:04:00Z"),
    (re.compile(r"Expected `(?:float|int)` >= (\S+)"), r"must be at least \1"),
    (re.compile(r"Expected `(?:float|int)` <= (\S+)"), r"must be at most \1"),
    (re.compile(r"Expected `(?:str|array|object)` of length (\S+) (\d+)"), r"must have a length \1 \2"),
    (re.compile(r"Expected `(.*?)`, got `(.*?)`"), r"must be \1, not \2"),
)
_TYPE_NAMES = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list",
               "object": "an object", "datetime": "a time", "null": "null"}  # fmt: skip


def _in_plain_words(what: str) -> str:
    """The decoder's message as a sender would say it."""
    for pattern, plain in _PLAIN_WORDS:
        if pattern.match(what):
            said = pattern.sub(plain, what)
            if said.startswith("must be ") and ", not " in said:
                wanted, _, got = said.removeprefix("must be ").partition(", not ")
                names = [_TYPE_NAMES.get(name, name) for name in wanted.split(" | ")]
                return f"must be {' or '.join(names)}, not {_TYPE_NAMES.get(got, got)}"
            return said
    return what


def _find_bad_metric(body: bytes) -> tuple[str, str] | None:
    try:
        metrics = json.loads(body).get("metrics")
    except (ValueError, RecursionError):  # Python's reader has limits of its own; the decoder's words must do
        return None
    for name, value in metrics.items() if isinstance(metrics, dict) else ():
        for each in value if isinstance(value, list) else [value]:
            if fault := _metric_fault(each):
                return f"metrics.{name}", fault
    return None


def _metric_fault(value: object) -> str | None:
    if isinstance(value, dict | list):
        return "a metric's value must be a string, number, boolean or null, or a list of them"
    if isinstance(value, str) and len(value) > MAX_METRIC_TEXT:
        return f"a metric's string has at most {MAX_METRIC_TEXT:,} characters, not {len(value):,}"
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "a whole number must fit 64 bits"
    if isinstance(value, float) and not math.isfinite(value):
        return "the number is too large"
    return None


def _explain_malformed(body: bytes, error: Exception) -> BadInput:
    """Strict JSON was refused; a laxer reading tells whether NaN or half a character is to blame, and where."""
    if not body.strip():
        return BadInput("the content is empty", field="body")
    try:
        lax = json.loads(body.decode("utf-8", errors="surrogatepass"), parse_constant=_Constant)
    except UnicodeDecodeError as wrong:
        return BadInput(f"the content is not UTF-8: byte {wrong.start} is {body[wrong.start]:#04x}", field="body")
    except (ValueError, RecursionError):
        return BadInput(f"the content is not JSON: {error}", field="body")
    for path, value in _walk(lax, ""):
        if isinstance(value, _Constant):
            return BadInput(f"{path}: {value} is not a JSON number", field=path)
        if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
            return BadInput(f"{path}: half of a character (a lone surrogate), which is not text", field=path)
    return BadInput(f"the content is not JSON: {error}", field="body")


class _Constant(str):
    """NaN, Infinity or -Infinity, where it stood."""


def _walk(value: Any, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            here = f"{path}.{key}" if path else key
            yield here.encode(errors="replace").decode(), key if not isinstance(key, _Constant) else None
            yield from _walk(inner, here)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, f"{path}[{index}]")
    else:
        yield path or "body", value
