"""How a question was read, as JSON: to be kept with its thread, and to come back edited."""

from __future__ import annotations

from postcall.domain.analysis import QuestionKind, Understood
from postcall.domain.calls import Json
from postcall.domain.queries import Query
from postcall.errors import BadInput
from postcall.reporting.query_format import read_query, write_query
from postcall.reporting.reading import read_list, read_object, read_text, read_whole

_KEYS = ("kind", "queries", "calls", "says", "taken", "left")
MAX_QUERIES = 10
_MAX_WORDS = 2_000


def write_understood(understood: Understood) -> dict[str, Json]:
    """Whose agents the queries keep to is not in it: that comes from who asks."""
    return {
        "kind": understood.kind.value,
        "queries": [write_query(each) for each in understood.queries],
        "calls": None if understood.calls is None else write_query(understood.calls),
        "says": understood.says,
        "taken": [[start, end, meaning] for start, end, meaning in understood.taken],
        "left": list(understood.left),
    }


def read_understood(raw: object, *, where: str = "reading") -> Understood:
    """The same again, from anybody; BadInput whose `field` says where it is wrong, beginning with `where`."""
    given = read_object(raw, where, _KEYS)
    kind = read_text(given.get("kind"), f"{where}.kind", most=50)
    if kind not in set(QuestionKind):
        raise BadInput(f"{where}.kind: there is no {kind!r}", field=f"{where}.kind")
    queries = read_list(given.get("queries") or [], f"{where}.queries", most=MAX_QUERIES)
    calls = given.get("calls")
    taken = read_list(given.get("taken") or [], f"{where}.taken", most=_MAX_WORDS)
    left = read_list(given.get("left") or [], f"{where}.left", most=_MAX_WORDS)
    return Understood(
        kind=QuestionKind(kind),
        queries=tuple(_read_asked(each, f"{where}.queries[{index}]") for index, each in enumerate(queries)),
        calls=None if calls is None else _read_query(calls, f"{where}.calls"),
        says="" if not given.get("says") else read_text(given["says"], f"{where}.says", most=_MAX_WORDS),
        taken=tuple(_read_taken(each, f"{where}.taken[{index}]") for index, each in enumerate(taken)),
        left=tuple(read_text(each, f"{where}.left[{index}]") for index, each in enumerate(left)),
    )


def _read_asked(raw: object, where: str) -> Query:
    query = _read_query(raw, where)
    if not query.measures:
        raise BadInput(f"{where}.measures: at least one is needed", field=f"{where}.measures")
    return query


def _read_query(raw: object, where: str) -> Query:
    """A query, whose faults are told by where it stands."""
    try:
        return read_query(raw)
    except BadInput as wrong:
        within = "" if wrong.field in (None, "body") else f".{wrong.field}"
        raise BadInput(f"{where}: {wrong.message}", field=f"{where}{within}") from None


def _read_taken(raw: object, where: str) -> tuple[int, int, str]:
    parts = read_list(raw, where, most=3)
    if len(parts) != 3:
        raise BadInput(f"{where}: it takes a start, an end and a meaning", field=where)
    start, end = (read_whole(each, where, least=0, most=1_000_000) for each in parts[:2])
    return start, end, read_text(parts[2], where, most=_MAX_WORDS)
