"""Topics for what the user said, and the metric that tells which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from postcall.domain.conversations import EventKind
from postcall.runtime.protocol import Written
from postcall.runtime.session.snapshot import Heard
from postcall.runtime.session.turn import Turn
from postcall.runtime.texts.topics import Hit

QA = "QA"
"""The metric that says which topics were asked for; its values are their names."""


def find_topics(turn: Turn) -> None:
    """Find topics for this turn, keep those of earlier turns that are still visible, count what was found."""
    working, ragdoll = turn.working, turn.tuning.ragdoll
    hits = _search(turn) if turn.text.strip() else []
    if hits:
        working.heard.append(Heard(working.turn, tuple(hit.topic.name for hit in hits)))
    working.heard = [each for each in working.heard if each.turn > working.turn - ragdoll.history_len]
    by_name = {topic.name: topic for topic in turn.project.topics if topic.variant in (None, working.variant)}
    visible = dict.fromkeys(name for each in reversed(working.heard) for name in each.topics)
    turn.topics = tuple(by_name[name] for name in visible if name in by_name)
    if hits:
        _count(turn, hits)


def _search(turn: Turn) -> list[Hit]:
    working, tuning = turn.working, turn.tuning
    said = [each.text for each in working.history if each.role == "user" and each.text]
    earlier = said[:-1][-tuning.ragdoll.previous_user_inputs_len :] if tuning.ragdoll.previous_user_inputs_len else []
    return turn.setting.topics.find(
        turn.text,
        earlier=earlier,
        disabled=(*working.disabled_topics, *tuning.ragdoll.channel_topic_exclusions),
        variant=working.variant,
        top_k=tuning.ragdoll.top_k,
        threshold=tuning.threshold(in_flow=turn.flow is not None),
    )


def _count(turn: Turn, hits: list[Hit]) -> None:
    """Write QA for each, the best last: who reads one value of a turn reads the last."""
    ragdoll = turn.tuning.ragdoll
    counted = [
        hit.topic.name
        for hit in reversed(hits)
        if hit.score >= ragdoll.qa_metric_threshold and hit.topic.name not in ragdoll.qa_metric_exclusions
    ]
    turn.journal.note(
        EventKind.TOPICS, found=[{"name": hit.topic.name, "score": round(hit.score, 4)} for hit in hits], qa=counted
    )
    write_platform_metrics(turn, [(QA, name) for name in counted])


def write_platform_metrics(turn: Turn, metrics: Sequence[tuple[str, Any]]) -> None:
    """Write what the runtime itself counts; functions see it in `conv.metric_events`."""
    if metrics:
        at = turn.setting.host.now().timestamp()
        turn.working.metrics += metrics
        turn.setting.host.wrote([Written(name, value, at) for name, value in metrics], turn=turn.working.turn)
