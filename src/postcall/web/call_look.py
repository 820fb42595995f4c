"""What the page of a call shows, as values: the same for its page, its side panel, its JSON and its CSV."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from postcall.api.csv_reply import Cell
from postcall.api.native.call_events import event_json
from postcall.api.native.outbox import outbox_row_json
from postcall.api.native.remarks import remark_json
from postcall.api.native.search import match_json
from postcall.api.native.shapes import call_file_json
from postcall.api.native.webhook_shapes import delivery_json
from postcall.domain.call_history import Happening, Written, tell_history
from postcall.domain.latency import Latency, measure_latency
from postcall.domain.metrics import MetricDefinition, fit
from postcall.domain.remarks import Remark
from postcall.domain.searching import Search, TurnMatch, matching_turns, read_search
from postcall.storage.whole_calls import StoredWrite, WholeCall


@dataclass(frozen=True, slots=True)
class CheckedWrite:
    """A write of a metric, against the agent's definition of it as that is now."""

    write: StoredWrite
    definition: MetricDefinition | None
    fits: bool


@dataclass(frozen=True, slots=True)
class CallLook:
    """A call, and what is worked out of it."""

    whole: WholeCall
    search: Search
    words: str
    """What was searched for, as it was typed."""
    matches: tuple[TurnMatch, ...]
    writes: tuple[CheckedWrite, ...]
    latency: Latency | None
    history: tuple[Happening, ...]

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """Those on the transcript that is shown, and all notes."""
        revision = self.whole.file.call.revision
        return tuple(each for each in self.whole.remarks if each.turn is None or each.revision == revision)


def look_at_call(whole: WholeCall, words: str) -> CallLook:
    """Work out what the record does not hold; `words` are what somebody searched for, or empty."""
    file = whole.file
    search = read_search(words)
    writes = tuple(_check(write, whole.definitions.get(write.name)) for write in whole.writes)
    written = [Written(each.write.name, each.write.value, each.write.at, each.fits) for each in writes]
    return CallLook(
        whole=whole,
        search=search,
        words=words,
        matches=matching_turns(file.turns, search),
        writes=writes,
        latency=measure_latency(file.turns),
        history=tell_history(file.call, file.progress, file.extractions, written, file.labels, whole.remarks),
    )


def look_json(look: CallLook) -> dict[str, Any]:
    """The page as JSON: the call as the API gives it, and what the page adds; `events` only of a hosted call."""
    behind = look.whole.behind
    return {
        **call_file_json(look.whole.file),
        "writes": [_write_json(each) for each in look.writes],
        "remarks": [remark_json(remark) for remark in look.whole.remarks],
        "outbox": [outbox_row_json(row) for row in look.whole.outbox],
        "deliveries": [delivery_json(each) for each in look.whole.deliveries],
        "events": None if behind is None else [event_json(event, at) for at, event in enumerate(behind.events)],
        "latency": look.latency,
        "history": look.history,
        "matches": [match_json(match, look.whole.file.turns) for match in look.matches],
    }


CSV_COLUMNS = ("turn", "role", "text", "start_s", "at", "latency_s", "remarks")


def look_rows(look: CallLook) -> Iterator[tuple[Cell, ...]]:
    """The turns as rows of CSV."""
    said: dict[int, list[str]] = {}
    for remark in look.remarks:
        if remark.turn is not None:
            parts = [remark.kind, *([remark.reason] if remark.reason else []), *([remark.text] if remark.text else [])]
            said.setdefault(remark.turn, []).append(": ".join(parts))
    for index, turn in enumerate(look.whole.file.turns):
        remarks = "; ".join(said.get(index, ()))
        yield index, turn.role.value, turn.text, turn.start_s, turn.at, turn.latency_s, remarks or None


def _check(write: StoredWrite, definition: MetricDefinition | None) -> CheckedWrite:
    return CheckedWrite(write, definition, fits=fit(write.value, definition) is not None)


def _write_json(each: CheckedWrite) -> dict[str, Any]:
    definition = each.definition
    return {
        "name": each.write.name,
        "value": each.write.value,
        "source": each.write.source,
        "at": each.write.at,
        "fits": each.fits,
        "definition": None
        if definition is None
        else {"type": definition.type, "expected_values": definition.expected_values, "text": definition.definition},
    }
