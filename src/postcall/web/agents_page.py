"""The list of agents, the page of one with its versions and drafts, and which version asked what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.csv_reply import csv_reply
from postcall.api.native.shapes import agent_json
from postcall.api.native.version_shapes import agent_file_json, history_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.comparing import read_history
from postcall.configure.question_history import Asked, questions_ever_asked
from postcall.domain.agents import Agent, Draft, Version
from postcall.storage.agents import (
    find_agent,
    find_agent_row,
    find_version,
    list_active_versions,
    list_agents,
    list_versions,
)
from postcall.storage.call_events import FailedFunctions, failed_functions
from postcall.storage.drafts import count_drafts, list_drafts
from postcall.storage.projects import find_project
from postcall.web import words
from postcall.web.hosting_view import hosting_json, show_hosting
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.versions_view import (
    agent_path,
    show_agent_row,
    show_draft_row,
    show_ever_asked,
    show_history,
    show_version_row,
)

router = APIRouter()
FAILURES_SHOWN = timedelta(days=7)
"""How far back an agent's failed functions are counted."""
_VERSION_COLUMNS = ("number", "label", "active", "created_at", "created_by", "questions")


@dataclass(frozen=True, slots=True)
class AgentFile:
    """An agent with all its versions, the newest first, and its drafts."""

    agent: Agent
    versions: Sequence[Version]
    drafts: Sequence[Draft]
    problems: int
    """Of the active version's project."""
    failed: Sequence[FailedFunctions]
    """In the calls of the last days, the most frequent first."""

    @property
    def active(self) -> Version:
        """The active version."""
        return next(each for each in self.versions if each.number == self.agent.active_version)


@dataclass(frozen=True, slots=True)
class ListedAgent:
    """An agent in the list."""

    agent: Agent
    active: Version
    drafts: int


@router.api_route("/agents.json", methods=["GET", "HEAD"])
async def show_agents_json(request: Request) -> Response:
    """The same agents as JSON."""
    return json_reply({"agents": [_row_json(each) for each in await _list(request)]})


@router.api_route("/agents.csv", methods=["GET", "HEAD"])
async def show_agents_csv(request: Request) -> Response:
    """The same agents for a spreadsheet."""
    rows = [_row_json(each) for each in await _list(request)]
    columns = ("slug", "name", "id", "active_version", "active_label", "questions", "drafts", "created_at")
    return csv_reply(columns, [[row[name] for name in columns] for row in rows], "agents.csv")


@router.api_route("/agents", methods=["GET", "HEAD"])
async def show_agents(request: Request) -> Response:
    """Every agent, with what is active and what waits; with `?archived=yes` those that were put away instead."""
    rows = [show_agent_row(each.agent, each.active, each.drafts) for each in await _list(request)]
    return render(request, "agents.html", agents=rows, archived=request.query_params.get("archived") == "yes")


@router.api_route("/agents/{slug}.json", methods=["GET", "HEAD"])
async def show_agent_json(request: Request, slug: str) -> Response:
    """The same agent as JSON."""
    file = await _read(request, slug)
    return json_reply(
        {
            **agent_file_json(file.agent, file.versions, file.drafts),
            "hosting": hosting_json(file.active, problems=file.problems, failed=file.failed),
        }
    )


@router.api_route("/agents/{slug}.csv", methods=["GET", "HEAD"])
async def show_agent_csv(request: Request, slug: str) -> Response:
    """Its versions for a spreadsheet."""
    file = await _read(request, slug)
    rows = [
        (
            version.number,
            version.label,
            version.number == file.agent.active_version,
            version.created_at,
            version.created_by,
            len(version.config.questions),
        )
        for version in file.versions
    ]
    return csv_reply(_VERSION_COLUMNS, rows, f"{file.agent.slug}-versions.csv")


@router.api_route("/agents/{slug}", methods=["GET", "HEAD"])
async def show_agent(request: Request, slug: str) -> Response:
    """One agent: its versions, its drafts, and every question that was ever asked."""
    file = await _read(request, slug)
    agent = file.agent
    return render(
        request,
        "agent.html",
        agent=agent,
        archived=words.moment(agent.archived_at) if agent.archived_at else None,
        href=agent_path(agent.slug),
        versions=[show_version_row(agent, version) for version in file.versions],
        drafts=[show_draft_row(agent, draft) for draft in file.drafts],
        asked=show_ever_asked(agent, questions_ever_asked(file.versions), all_versions=file.versions),
        start=agent_path(agent.slug, "drafts"),
        questions=agent_path(agent.slug, "questions"),
        hosting=show_hosting(agent, file.active, problems=file.problems, failed=file.failed),
        may_change=person_of(request).may_change,
        done=_say_done(request),
    )


@router.api_route("/agents/{slug}/history/{identifier}.json", methods=["GET", "HEAD"])
async def show_history_json(request: Request, slug: str, identifier: str) -> Response:
    """The same history as JSON."""
    agent, history = await _history(request, slug, identifier)
    return json_reply(history_json(identifier, history, active_version=agent.active_version))


@router.api_route("/agents/{slug}/history/{identifier}.csv", methods=["GET", "HEAD"])
async def show_history_csv(request: Request, slug: str, identifier: str) -> Response:
    """The same history for a spreadsheet."""
    agent, history = await _history(request, slug, identifier)
    rows = [
        (
            each.first_version,
            each.last_version,
            each.since,
            each.by,
            each.question.prompt,
            each.question.type.value,
            ", ".join(each.question.choices),
        )
        for each in history
    ]
    columns = ("first_version", "last_version", "since", "by", "prompt", "type", "choices")
    return csv_reply(columns, rows, f"{agent.slug}-{identifier}-history.csv")


@router.api_route("/agents/{slug}/history/{identifier}", methods=["GET", "HEAD"])
async def show_question_history(request: Request, slug: str, identifier: str) -> Response:
    """How versions asked one question."""
    agent, history = await _history(request, slug, identifier)
    return render(
        request,
        "question_history.html",
        agent=agent,
        href=agent_path(agent.slug),
        here=agent_path(agent.slug, "history", identifier),
        identifier=identifier,
        history=show_history(agent, history),
    )


async def _list(request: Request) -> list[ListedAgent]:
    account_pk, archived = person_of(request).account_pk, request.query_params.get("archived") == "yes"

    def look(connection: Connection) -> list[ListedAgent]:
        drafts, active = count_drafts(connection, account_pk), list_active_versions(connection, account_pk)
        return [
            ListedAgent(agent, active[agent.id], drafts.get(agent.id, 0))
            for agent in list_agents(connection, account_pk, archived=archived)
        ]

    return await services_of(request).record.read_async(look)


async def _read(request: Request, slug: str) -> AgentFile:
    account_pk, services = person_of(request).account_pk, services_of(request)

    def look(connection: Connection) -> AgentFile:
        row = find_agent_row(connection, account_pk, slug)
        digest = find_version(connection, row.pk, row.active_version).config.project
        return AgentFile(
            agent=find_agent(connection, account_pk, row.id),
            versions=list_versions(connection, row.pk),
            drafts=list_drafts(connection, account_pk, row.id),
            problems=len(find_project(connection, account_pk, digest).problems) if digest else 0,
            failed=failed_functions(connection, row.pk, since=services.clock() - FAILURES_SHOWN),
        )

    return await services.record.read_async(look)


async def _history(request: Request, slug: str, identifier: str) -> tuple[Agent, tuple[Asked, ...]]:
    account_pk = person_of(request).account_pk
    return await services_of(request).record.read_async(lambda c: read_history(c, account_pk, slug, identifier))


def _row_json(row: ListedAgent) -> dict[str, Any]:
    return {
        **agent_json(row.agent),
        "active_label": row.active.label,
        "questions": len(row.active.config.questions),
        "drafts": row.drafts,
        "project": row.active.config.project,
    }


_DONE = {
    "activated": "Version {number} is active: it is asked of every call that comes in from now on.",
    "published": "Version {number} is published. It is not active yet.",
    "discarded": "The draft is discarded.",
    "archived": "The agent is archived: it takes no calls here any more, and is in no list.",
    "restored": "The agent is restored: it is as it was.",
}


def _say_done(request: Request) -> str | None:
    """What the change did from which this page was gone to; the address carries no words of its own."""
    did, number = request.query_params.get("did", ""), request.query_params.get("number", "")
    needs_number = "{number}" in _DONE.get(did, "")
    if did not in _DONE or (needs_number and not (number.isascii() and number.isdigit())):
        return None
    return _DONE[did].format(number=number[:10])
