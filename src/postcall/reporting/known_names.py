"""Names that may be asked for though no call carries them yet: definitions, questions, and postcall's own."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from postcall.domain.builtin_metrics import KNOWN
from postcall.storage.schema import agents, metric_definitions, versions


class OtherNames(NamedTuple):
    """By where they come from."""

    known: frozenset[str]
    """All of them."""
    questions: frozenset[str]


def find_other_names(connection: Connection, account_pk: int, agent_pks: Collection[int] | None) -> OtherNames:
    """Every metric that is defined, built in or written by the runtime, and every question that is asked now."""
    mine = [agents.c.account_pk == account_pk]
    if agent_pks is not None:
        mine.append(agents.c.pk.in_(agent_pks))
    active = sa.and_(versions.c.agent_pk == agents.c.pk, versions.c.number == agents.c.active_version)
    configs = connection.execute(
        sa.select(versions.c.config).join_from(agents, versions, active).where(*mine)
    ).scalars()
    questions = frozenset(question["identifier"] for config in configs for question in config["questions"])
    defined = connection.execute(
        sa.select(metric_definitions.c.name).join_from(metric_definitions, agents).where(*mine)
    ).scalars()
    return OtherNames(questions.union(defined, KNOWN), questions)
