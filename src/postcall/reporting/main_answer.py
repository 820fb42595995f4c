"""Which one answer says most about an agent's calls, for the dashboards that are there by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from postcall.domain.agents import VersionConfig
from postcall.domain.questions import QuestionType
from postcall.reporting.reports import KnownName


def find_main_answer(configs: Iterable[VersionConfig], names: Iterable[KnownName]) -> str | None:
    """`metric.NAME` of the first ENUM question, the one that most agents have; else of a text that calls carry."""
    first = Counter(
        identifier
        for config in configs
        if (identifier := next((each.identifier for each in config.questions if each.type is QuestionType.ENUM), None))
    )
    if first:
        return f"metric.{first.most_common(1)[0][0]}"
    text = next((each.name for each in names if each.kind == "text" and not each.built_in), None)
    return f"metric.{text}" if text else None
