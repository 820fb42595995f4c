"""What reports need: a feed of changes, search, definitions, drafts, users, dashboards, views and remarks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from postcall.domain.said_words import TURN_END
from postcall.storage.search import index_transcript

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(*, refers_to: str | None = None, name: str = "pk", cascade: bool = False) -> sa.Column[int]:
    if refers_to is None:
        return sa.Column(name, _KEY, nullable=False)
    ondelete = "CASCADE" if cascade else None
    return sa.Column(name, _KEY, sa.ForeignKey(f"{refers_to}.pk", ondelete=ondelete), nullable=False)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def upgrade() -> None:
    op.add_column("versions", sa.Column("created_by", sa.Text()))
    op.add_column("calls", sa.Column("user_turns", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("agent_turns", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("latency_s", sa.Float()))
    _count_turns()
    _create_configuration()
    _create_changes()
    _create_people()
    _create_pages()
    _create_search()


def _count_turns() -> None:
    of_call = "FROM turns WHERE turns.call_pk = calls.pk AND turns.revision = calls.revision AND turns.role ="
    op.execute(f"UPDATE calls SET user_turns = (SELECT count(*) {of_call} 'user')")
    op.execute(f"UPDATE calls SET agent_turns = (SELECT count(*) {of_call} 'agent')")
    op.execute(f"UPDATE calls SET latency_s = (SELECT avg(latency_s) {of_call} 'agent')")


def _create_configuration() -> None:
    op.create_table(
        "drafts",
        _key(),
        _key(name="agent_pk", refers_to="agents", cascade=True),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("config", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Text()),
        sa.Column("updated_by", sa.Text()),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_drafts")),
        sa.UniqueConstraint("id", name=op.f("uq_drafts_id")),
    )
    op.create_index(op.f("ix_drafts_agent_pk"), "drafts", ["agent_pk"])
    op.create_table(
        "metric_definitions",
        _key(),
        _key(name="agent_pk", refers_to="agents", cascade=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.String(10), nullable=False),
        sa.Column("expected_values", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("in_api", sa.Boolean(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_metric_definitions")),
        sa.UniqueConstraint("agent_pk", "name", name=op.f("uq_metric_definitions_agent_pk_name")),
    )


def _create_changes() -> None:
    op.create_table(
        "changes",
        _key(),
        sa.Column("xid", sa.BigInteger()),
        sa.Column("call_pk", sa.BigInteger()),
        sa.Column("agent_pk", sa.BigInteger()),
        _moment("at"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_changes_xid"), "changes", ["xid"])


def _create_people() -> None:
    op.create_table(
        "users",
        _key(),
        _key(name="account_pk", refers_to="accounts"),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("last_seen_at", nullable=True),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_users")),
        sa.UniqueConstraint("id", name=op.f("uq_users_id")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        _key(name="user_pk", refers_to="users", cascade=True),
        _moment("created_at"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sessions_user_pk"), "sessions", ["user_pk"])


def _create_pages() -> None:
    op.create_table(
        "dashboards",
        _key(),
        _key(name="account_pk", refers_to="accounts"),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("published", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text()),
        sa.Column("revision", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_dashboards")),
        sa.UniqueConstraint("id", name=op.f("uq_dashboards_id")),
    )
    op.create_index(op.f("ix_dashboards_account_pk_position"), "dashboards", ["account_pk", "position"])
    op.create_table(
        "saved_views",
        _key(),
        _key(name="account_pk", refers_to="accounts"),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text()),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("id", name=op.f("uq_saved_views_id")),
    )
    op.create_index(op.f("ix_saved_views_account_pk_pk"), "saved_views", ["account_pk", "pk"])
    op.create_table(
        "remarks",
        _key(),
        _key(name="account_pk", refers_to="accounts"),
        _key(name="call_pk", refers_to="calls", cascade=True),
        sa.Column("id", sa.String(24), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer()),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("reason", sa.String(30)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("who", sa.Text()),
        _moment("at"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_remarks")),
        sa.UniqueConstraint("id", name=op.f("uq_remarks_id")),
    )
    op.create_index(op.f("ix_remarks_call_pk_pk"), "remarks", ["call_pk", "pk"])


def _create_search() -> None:
    """The words of each call's current transcript, as one document a call, whose key is the call's."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE call_search (call_pk BIGINT PRIMARY KEY REFERENCES calls (pk) ON DELETE CASCADE, "
            "document TSVECTOR NOT NULL, said TEXT NOT NULL)"
        )
        _index_all(connection)
        op.execute("CREATE INDEX ix_call_search_document ON call_search USING gin (document)")
        return
    # What is indexed is words parted by spaces already, which this tokenizer leaves as they are.
    op.execute("CREATE VIRTUAL TABLE call_search USING fts5(document, content='', columnsize=0, tokenize='ascii')")
    _index_all(connection)
    # The table keeps no text, so what is taken out must be told; the turns are still there before the call goes.
    op.execute(
        "CREATE TRIGGER forget_call_search BEFORE DELETE ON calls WHEN EXISTS "
        "(SELECT 1 FROM turns WHERE call_pk = old.pk AND revision = old.revision) BEGIN "
        "INSERT INTO call_search (call_search, rowid, document) VALUES ('delete', old.pk, "
        f"(SELECT group_concat(split_words(text), ' {TURN_END} ') FROM (SELECT text FROM turns "
        "WHERE call_pk = old.pk AND revision = old.revision ORDER BY position))); END"
    )


def _index_all(connection: sa.Connection) -> None:
    """A thousand calls at a time, since a record may hold more than memory does."""
    batch = sa.text("SELECT pk, revision FROM calls WHERE pk > :after ORDER BY pk LIMIT 1000")
    said = sa.text("SELECT text FROM turns WHERE call_pk = :pk AND revision = :revision ORDER BY position")
    after = 0
    while rows := connection.execute(batch, {"after": after}).all():
        for row in rows:
            texts = connection.execute(said, {"pk": row.pk, "revision": row.revision}).scalars().all()
            index_transcript(connection, row.pk, texts)
        after = rows[-1].pk


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER forget_call_search")
    for table in (
        "call_search",
        "remarks",
        "saved_views",
        "dashboards",
        "sessions",
        "users",
        "changes",
        "metric_definitions",
        "drafts",
    ):
        op.drop_table(table)
    for column in ("latency_s", "agent_turns", "user_turns"):
        op.drop_column("calls", column)
    op.drop_column("versions", "created_by")
