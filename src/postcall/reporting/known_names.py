"""Names that may be asked for though no call carries them yet: definitions, questions of active versions, built-ins."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.reporting.projection import BUILT_IN
from postcall.storage.agents import find_version
from postcall.storage.schema import agents, metric_definitions


def find_other_names(connection: Connection, account_pk: int, agent_pk: int | None) -> frozenset[str]:
    """Every metric that is defined or built in, and every question that is asked now."""
    mine = sa.select(agents.c.pk, agents.c.active_version).where(agents.c.account_pk == account_pk)
    if agent_pk is not None:
        mine = mine.where(agents.c.pk == agent_pk)
    found = set(BUILT_IN)
    for row in connection.execute(mine).all():
        config = find_version(connection, row.pk, row.active_version).config
        found.update(question.identifier for question in config.questions)
        found.update(
            connection.execute(
                sa.select(metric_definitions.c.name).where(metric_definitions.c.agent_pk == row.pk)
            ).scalars()
        )
    return frozenset(found)
