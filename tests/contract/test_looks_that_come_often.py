"""What is looked at several times a second is found without looking at all that ever was.

Of SQLite alone: it plans without knowing the rows, so that an empty record shows what a full one would do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from tests.builders import Desk
from tests.notify.deliveries import hook, settings_for

from postcall.domain.webhooks import DeliveryState
from postcall.errors import CampaignNotFound
from postcall.storage.audiences import list_members as list_audience
from postcall.storage.call_views import read_rows
from postcall.storage.campaign_members import copy_some, list_members
from postcall.storage.campaigns import list_campaigns, lock_campaign
from postcall.storage.claiming import claim_deliveries
from postcall.storage.concurrency import free_lines
from postcall.storage.database import Record, open_record
from postcall.storage.delivery_log import DeliveryFilter, list_deliveries
from postcall.storage.delivery_rows import Receiver, ReceiverKind
from postcall.storage.placed_calls import count_queued, take_back_queued
from postcall.storage.valued_calls import read_valued_calls
from postcall.storage.webhook_schema import webhooks

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ID = "a" * 24
Work = Callable[[Connection], object]


@pytest.fixture
def empty(sqlite_url: str, tmp_path: Path) -> Iterator[Record]:
    """A record with a webhook and nothing to tell it."""
    record = open_record(sqlite_url)
    hook(Desk(record), settings_for(tmp_path), "https://hooks.example/one")
    yield record
    record.close()


def plan_of(record: Record, work: Work) -> str:
    """How SQLite finds what this work asks for, a line for each table."""

    def explain(connection: Connection) -> str:
        asked: list[tuple[str, Any]] = []

        def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            asked.append((statement, parameters))

        sa.event.listen(connection, "before_cursor_execute", keep)
        with suppress(CampaignNotFound):
            work(connection)
        sa.event.remove(connection, "before_cursor_execute", keep)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}", given) for each, given in asked]
        return "\n".join(row[-1] for plan in plans for row in plan)

    return record.write(explain)


def claim(connection: Connection) -> object:
    receiver = Receiver(ReceiverKind.WEBHOOK, connection.execute(sa.select(webhooks.c.pk)).scalar_one())
    return claim_deliveries(connection, receiver, room=8, most=8, lease_s=15.0, now=NOW)


def log(**wanted: Any) -> Work:
    return lambda c: list_deliveries(c, 1, DeliveryFilter(**wanted))


@pytest.mark.parametrize(
    ("work", "index"),
    [
        pytest.param(lambda c: free_lines(c, 1, 1, limit=20), "ix_outbound_calls_open", id="free lines"),
        pytest.param(lambda c: count_queued(c, 1), "ix_outbound_calls_open", id="calls that wait"),
        pytest.param(lambda c: take_back_queued(c, 1, now=NOW), "ix_outbound_calls_open", id="taking them back"),
        pytest.param(claim, "ix_deliveries_sending", id="claiming deliveries"),
        pytest.param(log(call_id="call-1"), "ix_deliveries_call_pk_pk", id="deliveries of a call"),
        pytest.param(log(webhook_id=ID), "ix_deliveries_webhook_pk_pk", id="deliveries to a webhook"),
        pytest.param(log(call_id="call-1", webhook_id=ID), "ix_deliveries_call_pk_pk", id="of a call to a webhook"),
        pytest.param(log(states=frozenset({DeliveryState.DEAD})), "ix_deliveries_dead", id="dead letters"),
        pytest.param(
            lambda c: copy_some(c, 1, 1, after=0, limit=5, now=NOW),
            "ix_audience_members_audience_pk_pk",
            id="people copied into a campaign",
        ),
        pytest.param(
            lambda c: list_audience(c, 1, limit=5), "ix_audience_members_audience_pk_pk", id="people of an audience"
        ),
        pytest.param(
            lambda c: list_members(c, 1, after=7, limit=5),
            "ix_campaign_members_campaign_pk_pk",
            id="people of a campaign",
        ),
        pytest.param(lambda c: list_campaigns(c, 1, limit=5), "ix_outbound_calls_retries", id="campaigns"),
    ],
)
def test_an_index_leads_to_the_few_that_are_meant(empty: Record, work: Work, index: str) -> None:
    plan = plan_of(empty, work)
    assert index in plan, plan
    for everything in ("ix_calls_account_pk", "ix_calls_agent_pk", "SCAN calls", "SCAN outbound_calls\n"):
        assert everything not in plan, plan


def test_a_step_of_a_campaign_counts_nobody(empty: Record) -> None:
    plan = plan_of(empty, lambda c: lock_campaign(c, 1, ID))
    assert "campaigns" in plan
    assert "members" not in plan and "outbound_calls" not in plan


def test_calls_that_are_named_are_read_without_the_others(empty: Record) -> None:
    plan = plan_of(empty, lambda c: (read_rows(c, 1, [1, 2, 3]), read_valued_calls(c, 1, [1, 2, 3])))
    assert "SEARCH calls USING INTEGER PRIMARY KEY" in plan, plan
    assert "ix_calls" not in plan, plan


def test_what_sqlite_once_counted_does_not_lead_to_every_call_of_an_agent(empty: Record) -> None:
    for statement in (
        "ANALYZE",
        "DELETE FROM sqlite_stat1",
        "INSERT INTO sqlite_stat1 VALUES ('accounts', 'sqlite_autoindex_accounts_1', '1 1'), "
        "('agents', 'sqlite_autoindex_agents_2', '3 3 1'), ('agents', 'sqlite_autoindex_agents_1', '3 3 1'), "
        "('calls', 'ix_calls_agent_pk_started_at_pk', '1000000 333334 1 1'), "
        "('calls', 'ix_calls_account_pk_started_at_pk', '1000000 1000000 1 1'), "
        "('calls', 'sqlite_autoindex_calls_1', '1000000 1000000 1')",
    ):
        empty.write(lambda c, statement=statement: c.exec_driver_sql(statement))  # type: ignore[misc]
    again = open_record(empty.url, migrate=False)  # what was counted is read where the file is opened
    try:
        plan = plan_of(again, lambda c: (read_rows(c, 1, [*range(100)]), read_valued_calls(c, 1, [*range(100)])))
    finally:
        again.close()
    assert "SEARCH calls USING INTEGER PRIMARY KEY" in plan, plan
    assert "ix_calls" not in plan, plan
