"""What placed calls need: numbers, audiences, campaigns, webhooks, call actions; branches, and ids of versions."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OPEN_CALL = sa.text("state <> 'over'")
_DELIVERIES_BY_STATE = (
    ("ix_deliveries_waiting_webhook_pk", ["webhook_pk", "due_at", "pk"], "state = 'waiting'"),
    ("ix_deliveries_waiting_action_pk", ["action_pk", "due_at", "pk"], "state = 'waiting'"),
    ("ix_deliveries_sending", ["leased_until"], "state = 'sending'"),
    ("ix_deliveries_dead", ["account_pk", "pk"], "state = 'dead'"),
    ("ix_deliveries_over", ["updated_at"], "state IN ('delivered', 'dead')"),
)


def _refers(name: str, table: str, *, on_delete: str | None = "CASCADE", nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, _KEY, sa.ForeignKey(f"{table}.pk", ondelete=on_delete), nullable=nullable)


def _account() -> sa.Column[int]:
    return _refers("account_pk", "accounts", on_delete=None)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _id(name: str = "id", *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(24), nullable=nullable)


def _numbered(table: str, *columns: sa.schema.SchemaItem, unique_id: bool = True) -> None:
    """A table whose rows have a `pk`, and an `id` that no other row has."""
    once = [sa.UniqueConstraint("id", name=f"uq_{table}_id")] if unique_id else []
    key = sa.PrimaryKeyConstraint("pk", name=f"pk_{table}")
    op.create_table(table, sa.Column("pk", _KEY, nullable=False), _id(), *columns, key, *once)


def upgrade() -> None:
    _extend_agents()
    _index_calls()
    _extend_versions()
    _create_audiences()
    _create_campaigns()
    _create_outbound_calls()
    _create_agents_own()
    _create_webhooks()
    _create_deliveries()


def _extend_agents() -> None:
    op.add_column("agents", _text("description", nullable=True))
    op.add_column("agents", _text("profile", nullable=True))
    op.add_column("agents", _moment("archived_at", nullable=True))
    op.add_column("agents", _text("created_by", nullable=True))
    op.add_column("agents", _moment("updated_at", nullable=True))


def _index_calls() -> None:
    """By their latest change, as logs of calls list them."""
    for owner in ("account_pk", "agent_pk"):
        op.create_index(f"ix_calls_{owner}_updated_at_pk", "calls", [owner, "updated_at", "pk"])


def _extend_versions() -> None:
    op.add_column("versions", _id(nullable=True))
    versions = sa.table("versions", sa.column("agent_pk"), sa.column("number"), sa.column("id"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(versions.c.agent_pk, versions.c.number)).all():
        connection.execute(
            sa.update(versions)
            .where(versions.c.agent_pk == row.agent_pk, versions.c.number == row.number)
            .values(id=secrets.token_hex(12))
        )
    with op.batch_alter_table("versions") as changed:
        changed.alter_column("id", existing_type=sa.String(24), nullable=False)
        changed.create_unique_constraint("uq_versions_id", ["id"])
        changed.add_column(_text("description", nullable=True))
        changed.add_column(sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))
        changed.add_column(_id("branch_id", nullable=True))
        changed.add_column(sa.Column("parent", sa.Integer()))
        changed.add_column(_id("draft_id", nullable=True))
        changed.add_column(sa.Column("restored_from", sa.Integer()))
        changed.add_column(_text("activated_by", nullable=True))
        changed.add_column(_moment("activated_at", nullable=True))
    with op.batch_alter_table("drafts") as changed:
        changed.add_column(_id("branch_id", nullable=True))
        changed.create_unique_constraint("uq_drafts_branch_id", ["branch_id"])
    _numbered(
        "branches",
        _refers("agent_pk", "agents"),
        sa.Column("name", sa.String(100), nullable=False),
        _id("source_id"),
        _count("source_version"),
        _moment("archived_at", nullable=True),
        _text("created_by", nullable=True),
        _text("updated_by", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index("ix_branches_agent_pk", "branches", ["agent_pk"])
    op.create_table(
        "draft_edits",
        _refers("agent_pk", "agents"),
        _id("draft_id"),
        _count("revision"),
        _text("config"),
        _text("by", nullable=True),
        _moment("at"),
        sa.PrimaryKeyConstraint("agent_pk", "draft_id", "revision", name="pk_draft_edits"),
        sqlite_with_rowid=False,
    )


def _create_audiences() -> None:
    _numbered(
        "phone_numbers",
        _account(),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("carrier", sa.String(20), nullable=False),
        _refers("agent_pk", "agents", on_delete="SET NULL", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
        sa.UniqueConstraint("account_pk", "number", name="uq_phone_numbers_account_pk_number"),
    )
    _numbered(
        "audiences",
        _account(),
        _text("name"),
        _text("description"),
        _text("phone_column"),
        _text("identifier_column", nullable=True),
        _text("created_by", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index("ix_audiences_account_pk_pk", "audiences", ["account_pk", "pk"])
    _numbered(
        "audience_members",
        _refers("audience_pk", "audiences"),
        sa.Column("phone", sa.String(20), nullable=False),
        _text("data"),
        _moment("created_at"),
        sa.UniqueConstraint("audience_pk", "phone", name="uq_audience_members_audience_pk_phone"),
    )
    op.create_index("ix_audience_members_audience_pk_pk", "audience_members", ["audience_pk", "pk"])


def _create_campaigns() -> None:
    _numbered(
        "campaigns",
        _account(),
        _text("name"),
        _text("description"),
        _refers("agent_pk", "agents"),
        _refers("audience_pk", "audiences", on_delete="SET NULL", nullable=True),
        _id("audience_id"),
        _text("audience_name"),
        _text("number_ids"),
        _count("max_retries"),
        _count("retry_delay_s"),
        _text("calling_hours", nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("runner", sa.String(36)),
        _moment("scheduled_at", nullable=True),
        _moment("started_at", nullable=True),
        _moment("paused_at", nullable=True),
        _moment("failed_at", nullable=True),
        _moment("finished_at", nullable=True),
        _text("error", nullable=True),
        _count("cancelled_calls"),
        _moment("deleted_at", nullable=True),
        _text("created_by", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index("ix_campaigns_account_pk_pk", "campaigns", ["account_pk", "pk"])
    op.create_index("ix_campaigns_agent_pk", "campaigns", ["agent_pk"])
    op.create_index("ix_campaigns_audience_pk", "campaigns", ["audience_pk"])
    op.create_table(
        "campaign_members",
        sa.Column("pk", _KEY, nullable=False),
        _refers("campaign_pk", "campaigns"),
        _id("member_id"),
        sa.Column("phone", sa.String(20), nullable=False),
        _text("data"),
        sa.Column("state", sa.String(10), nullable=False),
        _count("attempts"),
        _moment("due_at"),
        _refers("call_pk", "calls", on_delete="SET NULL", nullable=True),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("pk", name="pk_campaign_members"),
        sa.UniqueConstraint("campaign_pk", "member_id", name="uq_campaign_members_campaign_pk_member_id"),
    )
    op.create_index("ix_campaign_members_campaign_pk_pk", "campaign_members", ["campaign_pk", "pk"])
    due = ["campaign_pk", "state", "due_at", "pk"]
    op.create_index("ix_campaign_members_campaign_pk_state_due_at_pk", "campaign_members", due)
    op.create_index("ix_campaign_members_call_pk", "campaign_members", ["call_pk"])
    _numbered(
        "campaign_events",
        _refers("campaign_pk", "campaigns"),
        sa.Column("action", sa.String(20), nullable=False),
        _text("source"),
        _text("content"),
        _moment("at"),
        unique_id=False,
    )
    op.create_index("ix_campaign_events_campaign_pk_pk", "campaign_events", ["campaign_pk", "pk"])


def _create_outbound_calls() -> None:
    op.create_table(
        "outbound_calls",
        _refers("call_pk", "calls"),
        _refers("campaign_pk", "campaigns", on_delete="SET NULL", nullable=True),
        _refers("member_pk", "campaign_members", on_delete="SET NULL", nullable=True),
        _count("attempt"),
        _refers("root_pk", "calls", on_delete="SET NULL", nullable=True),
        _id("number_id", nullable=True),
        sa.Column("carrier", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        _text("failure", nullable=True),
        sa.Column("cost", sa.Float()),
        sa.Column("test", sa.Boolean(), nullable=False),
        _moment("answered_at", nullable=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("call_pk", name="pk_outbound_calls"),
    )
    op.create_index("ix_outbound_calls_campaign_pk_call_pk", "outbound_calls", ["campaign_pk", "call_pk"])
    op.create_index("ix_outbound_calls_member_pk", "outbound_calls", ["member_pk"])
    op.create_index("ix_outbound_calls_root_pk", "outbound_calls", ["root_pk"])
    again = sa.text("attempt > 0")
    for name, column in (("ix_outbound_calls_again", "call_pk"), ("ix_outbound_calls_retries", "campaign_pk")):
        op.create_index(name, "outbound_calls", [column], sqlite_where=again, postgresql_where=again)
    op.create_index(
        "ix_outbound_calls_open",
        "outbound_calls",
        ["state"],
        sqlite_where=_OPEN_CALL,
        postgresql_where=_OPEN_CALL,
    )
    op.create_table(
        "recordings",
        _refers("call_pk", "calls"),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        _text("url", nullable=True),
        sa.Column("size", sa.Integer()),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("call_pk", name="pk_recordings"),
    )


def _create_agents_own() -> None:
    _numbered(
        "do_not_call",
        _account(),
        _refers("agent_pk", "agents", nullable=True),
        sa.Column("phone", sa.String(20), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        _refers("call_pk", "calls", on_delete="SET NULL", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index("ix_do_not_call_account_pk_phone", "do_not_call", ["account_pk", "phone"])
    op.create_table(
        "reservations",
        _refers("agent_pk", "agents"),
        _count("webcall"),
        _count("outbound"),
        _count("inbound"),
        _count("chat"),
        sa.PrimaryKeyConstraint("agent_pk", name="pk_reservations"),
    )


def _create_webhooks() -> None:
    _numbered(
        "webhooks",
        _account(),
        _text("url"),
        _text("description"),
        sa.Column("format", sa.String(10), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        _text("headers"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        _moment("deleted_at", nullable=True),
        _text("created_by", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index("ix_webhooks_account_pk_pk", "webhooks", ["account_pk", "pk"])
    _numbered(
        "webhook_subscriptions",
        _refers("webhook_pk", "webhooks"),
        _refers("agent_pk", "agents", nullable=True),
        sa.Column("event", sa.String(30), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index("ix_webhook_subscriptions_agent_pk_event", "webhook_subscriptions", ["agent_pk", "event"])
    op.create_index("ix_webhook_subscriptions_webhook_pk", "webhook_subscriptions", ["webhook_pk"])
    _numbered(
        "call_actions",
        _account(),
        _refers("agent_pk", "agents"),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("provider", sa.String(100), nullable=False),
        sa.Column("action_type", sa.String(20)),
        _text("object", nullable=True),
        _text("config"),
        sa.Column("secret", sa.LargeBinary()),
        _moment("deleted_at", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
    )
    op.create_index("ix_call_actions_agent_pk_category", "call_actions", ["agent_pk", "category"])


def _create_deliveries() -> None:
    _numbered(
        "deliveries",
        _account(),
        _refers("webhook_pk", "webhooks", nullable=True),
        _refers("action_pk", "call_actions", nullable=True),
        _refers("call_pk", "calls", nullable=True),
        sa.Column("event", sa.String(30), nullable=False),
        _text("body", nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        _count("attempts"),
        _moment("due_at"),
        sa.Column("lease", sa.String(32)),
        _moment("leased_until", nullable=True),
        sa.Column("status", sa.Integer()),
        _text("error", nullable=True),
        sa.Column("latency_ms", sa.Integer()),
        _id("replay_of", nullable=True),
        _moment("created_at"),
        _moment("updated_at"),
    )
    for name, columns, where in _DELIVERIES_BY_STATE:
        condition = sa.text(where)
        op.create_index(name, "deliveries", columns, sqlite_where=condition, postgresql_where=condition)
    for column in ("webhook_pk", "action_pk", "call_pk", "account_pk"):
        op.create_index(f"ix_deliveries_{column}_pk", "deliveries", [column, "pk"])
    op.create_table(
        "delivery_attempts",
        _refers("delivery_pk", "deliveries"),
        _count("number"),
        _moment("at"),
        sa.Column("status", sa.Integer()),
        _text("error", nullable=True),
        sa.Column("latency_ms", sa.Integer()),
        _text("answer", nullable=True),
        sa.PrimaryKeyConstraint("delivery_pk", "number", name="pk_delivery_attempts"),
        sqlite_with_rowid=False,
    )


_DELIVERIES = ("delivery_attempts", "deliveries", "call_actions", "webhook_subscriptions", "webhooks")
_CALLS = ("reservations", "do_not_call", "recordings", "outbound_calls")
_CAMPAIGNS = ("campaign_events", "campaign_members", "campaigns", "audience_members", "audiences", "phone_numbers")


def downgrade() -> None:
    for table in (*_DELIVERIES, *_CALLS, *_CAMPAIGNS, "draft_edits", "branches"):
        op.drop_table(table)
    with op.batch_alter_table("drafts") as changed:
        changed.drop_constraint("uq_drafts_branch_id", type_="unique")
        changed.drop_column("branch_id")
    with op.batch_alter_table("versions") as changed:
        changed.drop_constraint("uq_versions_id", type_="unique")
        for name in ("activated_at", "activated_by", "restored_from", "draft_id", "parent", "branch_id"):
            changed.drop_column(name)
        for name in ("pinned", "description", "id"):
            changed.drop_column(name)
    for owner in ("account_pk", "agent_pk"):
        op.drop_index(f"ix_calls_{owner}_updated_at_pk", "calls")
    for name in ("updated_at", "created_by", "archived_at", "profile", "description"):
        op.drop_column("agents", name)
