"""Choosing who answers an agent's questions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from postcall.domain.agents import AnalyserChoice, VersionConfig
from postcall.storage.agents import find_agent_row, find_version, publish_version


def set_analyser(
    connection: Connection,
    account_pk: int,
    named: str,
    *,
    analyser: AnalyserChoice | None,
    min_confidence: float | None,
    now: datetime,
) -> tuple[int, VersionConfig]:
    """Publish a version in which these answer and all else is as before; None keeps what there is.

    Returns the number of the active version, which is the old one where nothing changed.
    """
    agent = find_agent_row(connection, account_pk, named)
    before = find_version(connection, agent.pk, agent.active_version).config
    config = replace(
        before,
        analyser=analyser if analyser is not None else before.analyser,
        min_confidence=min_confidence if min_confidence is not None else before.min_confidence,
    )
    if config == before:
        return int(agent.active_version), before
    return publish_version(connection, account_pk, named, config, label=None, now=now).number, config
