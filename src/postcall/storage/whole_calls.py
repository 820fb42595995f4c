"""All that the record holds of one call, for its own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.calls import MetricValue
from postcall.domain.metrics import MetricDefinition
from postcall.domain.outbound import PlacedCall
from postcall.domain.questions import DispositionMetric
from postcall.domain.remarks import Remark
from postcall.domain.views import CallFile
from postcall.domain.webhooks import Delivery
from postcall.storage.agents import find_version
from postcall.storage.behind_calls import Behind, read_behind
from postcall.storage.call_views import read_call
from postcall.storage.calls import find_call_row
from postcall.storage.delivery_log import DeliveryFilter, list_deliveries
from postcall.storage.metric_definitions import definitions_by_agent
from postcall.storage.outbox import OutboxRow, outbox_of_call
from postcall.storage.placed_calls import placed_call
from postcall.storage.recordings import Recording, recording_by_pk
from postcall.storage.remarks import list_remarks
from postcall.storage.schema import metric_events

_DELIVERIES = 50


@dataclass(frozen=True, slots=True)
class StoredWrite:
    """One write of a real-time metric."""

    name: str
    value: MetricValue
    source: str
    """`intake` (sent with the call), `live` (while it ran) or `end_function` (after it)."""
    at: datetime
    """When it happened, or was taken in where the sender did not say."""


@dataclass(frozen=True, slots=True)
class WholeCall:
    """A call and what hangs on it."""

    file: CallFile
    questions: tuple[DispositionMetric, ...]
    """Those of the version that the current extraction used, or the call's own."""
    writes: tuple[StoredWrite, ...]
    """In the order written."""
    definitions: dict[str, MetricDefinition]
    """The agent's, by the name of the metric."""
    remarks: tuple[Remark, ...]
    outbox: tuple[OutboxRow, ...] = ()
    """What the call asked to send."""
    behind: Behind | None = None
    """Of a hosted call: what happened besides the words."""
    deliveries: tuple[Delivery, ...] = ()
    """What webhooks and call actions were told of it, the newest first, without bodies; the latest of very many."""
    recording: Recording | None = None
    placed: PlacedCall | None = None
    """Of a call that postcall placed."""


def read_whole_call(
    connection: Connection, account_pk: int, call_id: str, *, with_pii: bool, now: datetime
) -> WholeCall:
    """CallNotFound also where the call is another account's. `with_pii`: show log lines marked as personal data."""
    row = find_call_row(connection, account_pk, call_id)
    behind = read_behind(connection, account_pk, call_id, with_pii=with_pii, now=now)
    file = read_call(connection, account_pk, call_id)
    version = file.extraction.version if file.extraction else row.version
    writes = connection.execute(
        sa.select(metric_events)
        .where(metric_events.c.call_pk == row.pk, metric_events.c.revision == row.revision)
        .order_by(metric_events.c.position)
    )
    return WholeCall(
        file=file,
        questions=find_version(connection, row.agent_pk, version).config.questions,
        writes=tuple(StoredWrite(each.name, each.value, each.source, each.at) for each in writes),
        definitions=definitions_by_agent(connection, [row.agent_pk]).get(row.agent_pk, {}),
        remarks=list_remarks(connection, account_pk, call_id),
        outbox=outbox_of_call(connection, row.pk),
        behind=behind,
        deliveries=list_deliveries(
            connection, account_pk, DeliveryFilter(call_id=call_id), limit=_DELIVERIES
        ).deliveries,
        recording=recording_by_pk(connection, row.pk),
        placed=placed_call(connection, row.pk),
    )
