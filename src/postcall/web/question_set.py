"""The questions that a page is about: those of the active version, or of a draft that is being edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.services import services_of
from postcall.domain.agents import Agent, Draft, VersionConfig
from postcall.domain.questions import DispositionMetric
from postcall.storage.agents import find_agent, find_agent_row, find_version
from postcall.storage.drafts import create_draft, find_draft, list_drafts, save_draft
from postcall.web.people import person_of


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """An agent's questions, and where they come from."""

    agent: Agent
    agent_pk: int
    config: VersionConfig
    draft: Draft | None
    """None: they are the active version's."""
    waiting: tuple[Draft, ...]
    """The agent's drafts, the last saved first."""

    @property
    def questions(self) -> tuple[DispositionMetric, ...]:
        return self.config.questions

    def path(self, rest: str = "", **query: str) -> str:
        """The address of one of these pages; the draft goes along."""
        where = f"/agents/{quote(self.agent.slug, safe='')}/questions{rest}"
        asked = ({"draft": self.draft.id} if self.draft else {}) | query
        return f"{where}?{urlencode(asked)}" if asked else where


async def find_set(request: Request, named: str) -> QuestionSet:
    """The set that the address names by the agent and `?draft=`."""
    account_pk = person_of(request).account_pk
    draft_id = request.query_params.get("draft", "").strip()

    def look(connection: Connection) -> QuestionSet:
        row = find_agent_row(connection, account_pk, named)
        agent = find_agent(connection, account_pk, named)
        draft = find_draft(connection, account_pk, draft_id, agent=named) if draft_id else None
        config = draft.config if draft else find_version(connection, row.pk, agent.active_version).config
        return QuestionSet(agent, row.pk, config, draft, tuple(list_drafts(connection, account_pk, named)))

    return await services_of(request).record.read_async(look)


async def begin_draft(request: Request, named: str) -> Draft:
    """A new draft of the active version."""
    person, services = person_of(request), services_of(request)
    now = services.clock()
    return await services.record.write_async(
        lambda c: create_draft(
            c, person.account_pk, named, name=f"Questions, {now:%d %b %H:%M}", base=None, by=person.name, now=now
        )
    )


async def save_questions(
    request: Request,
    edited: QuestionSet,
    *,
    revision: int,
    questions: Sequence[DispositionMetric] | None = None,
    summary_prompt: str | None = None,
) -> Draft:
    """Put these into the draft; DraftChanged where it is no longer at the revision that was seen."""
    assert edited.draft is not None
    person, services, draft = person_of(request), services_of(request), edited.draft
    config = replace(
        draft.config,
        questions=draft.config.questions if questions is None else tuple(questions),
        summary_prompt=draft.config.summary_prompt if summary_prompt is None else summary_prompt,
    )
    now = services.clock()
    return await services.record.write_async(
        lambda c: save_draft(c, person.account_pk, draft.id, config, revision=revision, by=person.name, now=now)
    )
