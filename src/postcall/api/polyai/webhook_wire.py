"""What working.py hands the deliverer for this interface: headers, ladder and what its receivers may be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from sqlalchemy.engine import Connection

from postcall.api.native.webhook_wire import News, render_event, timed_headers
from postcall.domain.answers import Answer, Extraction
from postcall.domain.visibility import ApiSettings
from postcall.notify.webhooks.deciding import Ladder
from postcall.notify.webhooks.destinations import Envelope, WireFormat
from postcall.storage.agents import find_agent_row
from postcall.storage.api_settings import read_api_settings
from postcall.storage.conversation_rows import names_kept_back

LADDER: Final = Ladder(waits_s=(60, 300, 900, 3600, 14_400), attempts=6, jitter=0.05, retried=frozenset({408, 429}))
"""As published. The jitter is ours, small enough to keep to the published times."""


def polyai_wire(ladder: Ladder = LADDER) -> WireFormat:
    """The format."""
    return WireFormat(render=partial(render_event, censor=as_shown), sign=sign, ladder=ladder)


def sign(envelope: Envelope) -> Mapping[str, str]:
    """The published headers; after a rotation the signature under the secret before as well."""
    return {"X-PolyAI-Event-ID": envelope.delivery_id, **timed_headers("X-PolyAI", envelope)}


def as_shown(connection: Connection, news: News) -> News:
    """As the project's settings have it: without metrics that it does not show, without words of a hidden transcript.

    An answer is shown as a metric of its name is.
    """
    told = news.told
    agent = find_agent_row(connection, told.account_pk, told.call.agent_id)
    settings, kept_back = read_api_settings(connection, agent.pk), names_kept_back(connection, agent.pk)
    metrics = settings.shown({each.name: each for each in news.metrics if each.name not in kept_back})
    return replace(
        news,
        metrics=tuple(metrics.values()),
        extraction=None if news.extraction is None else _shown(news.extraction, settings, kept_back),
        failed=news.failed if news.failed is None or settings.show_transcripts else _without_reason(news.failed),
    )


def _shown(extraction: Extraction, settings: ApiSettings, kept_back: frozenset[str]) -> Extraction:
    findings = extraction.findings
    named = {each.identifier: each for each in findings.answers if each.identifier not in kept_back}
    answers = tuple(settings.shown(named).values())
    if settings.show_transcripts:
        return replace(extraction, findings=replace(findings, answers=answers))
    bare = tuple(map(_without_words, answers))
    return replace(extraction, findings=replace(findings, summary="", answers=bare))


def _without_words(answer: Answer) -> Answer:
    second = None if answer.second is None else replace(answer.second, reasoning="")
    return replace(answer, reasoning="", evidence=(), second=second)


def _without_reason(failed: Extraction) -> Extraction:
    """It may repeat what a model replied, and so what was said; the code stays."""
    return replace(failed, failure="")
