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

LADDER: Final = Ladder(waits_s=(60, 300, 900, 3600, 14_400), attempts=6, jitter=0.05, retried=frozenset({408, 429}))
"""As published. The jitter is ours, small enough to keep to the published times."""


def polyai_wire(ladder: Ladder = LADDER) -> WireFormat:
    """The format."""
    return WireFormat(render=partial(render_event, censor=as_shown), sign=sign, ladder=ladder)


def sign(envelope: Envelope) -> Mapping[str, str]:
    """The published headers; after a rotation the signature under the secret before as well."""
    return {"X-PolyAI-Event-ID": envelope.delivery_id, **timed_headers("X-PolyAI", envelope)}


def as_shown(connection: Connection, news: News) -> News:
    """As the project's settings have it: without metrics that it does not show, without quotes of a hidden transcript.

    An answer is shown as a metric of its name is. The summary and the reasons are the analyser's words and stay.
    """
    told = news.told
    agent = find_agent_row(connection, told.account_pk, told.call.agent_id)
    settings = read_api_settings(connection, agent.pk)
    return replace(
        news,
        metrics=tuple(settings.shown({metric.name: metric for metric in news.metrics}).values()),
        extraction=None if news.extraction is None else _shown(news.extraction, settings),
    )


def _shown(extraction: Extraction, settings: ApiSettings) -> Extraction:
    answers = settings.shown({answer.identifier: answer for answer in extraction.findings.answers}).values()
    shown = tuple(answer if settings.show_transcripts else _without_quotes(answer) for answer in answers)
    return replace(extraction, findings=replace(extraction.findings, answers=shown))


def _without_quotes(answer: Answer) -> Answer:
    return replace(answer, evidence=())
