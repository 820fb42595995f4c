"""What is learned from past calls, and who gave an answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "heads",
        sa.Column("pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agent_pk", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("identifier", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("card", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_pk"], ["agents.pk"], name=op.f("fk_heads_agent_pk"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_heads")),
    )
    op.create_index(op.f("ix_heads_agent_pk_digest"), "heads", ["agent_pk", "digest"], unique=False)
    op.add_column("answers", sa.Column("answered_by", sa.String(length=10), nullable=True))
    op.add_column("answers", sa.Column("second", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("answers", "second")
    op.drop_column("answers", "answered_by")
    op.drop_index(op.f("ix_heads_agent_pk_digest"), table_name="heads")
    op.drop_table("heads")
