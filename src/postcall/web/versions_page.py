"""The page of one version: what it asks, and what it changed."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.csv_reply import csv_reply
from postcall.api.native.shapes import version_json
from postcall.api.native.version_shapes import diff_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.diffing import ConfigDiff, diff_configs
from postcall.domain.agents import Agent, Version
from postcall.storage.agents import (
    activate_version,
    find_agent,
    find_agent_row,
    find_version,
    label_version,
    list_versions,
)
from postcall.web.diff_view import show_diff
from postcall.web.form_fields import read_fields, read_line, read_number, version_number
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.versions_view import agent_path, project_path, show_questions, show_settings, show_version_row

router = APIRouter()


@dataclass(frozen=True, slots=True)
class VersionFile:
    """A version beside the one it is compared with."""

    agent: Agent
    version: Version
    against: Version | None
    """None for the first version, unless another is named."""
    numbers: tuple[int, ...]
    """Of all versions, the newest first."""

    @property
    def diff(self) -> ConfigDiff | None:
        """What leads from the other version to this one."""
        return diff_configs(self.against.config, self.version.config) if self.against else None


@router.api_route("/agents/{slug}/versions/{number}.json", methods=["GET", "HEAD"])
async def show_version_json(request: Request, slug: str, number: str) -> Response:
    """The same version as JSON."""
    file = await _read(request, slug, number)
    diff = (
        diff_json(file.diff, before=file.against.number, after=file.version.number)
        if file.diff and file.against
        else None
    )
    active = file.agent.active_version == file.version.number
    return json_reply({"agent": file.agent.slug, "active": active, **version_json(file.version), "diff": diff})


@router.api_route("/agents/{slug}/versions/{number}.csv", methods=["GET", "HEAD"])
async def show_version_csv(request: Request, slug: str, number: str) -> Response:
    """Its questions for a spreadsheet."""
    file = await _read(request, slug, number)
    rows = [
        (question.identifier, question.type.value, question.prompt, ", ".join(question.choices))
        for question in file.version.config.questions
    ]
    return csv_reply(("identifier", "type", "prompt", "choices"), rows, f"{file.agent.slug}-version-{number}.csv")


@router.api_route("/agents/{slug}/versions/{number}", methods=["GET", "HEAD"])
async def show_version(request: Request, slug: str, number: str) -> Response:
    """What it asks, and what is different from the version before or from `?against=N`."""
    file = await _read(request, slug, number)
    agent, against = file.agent, file.against
    here = agent_path(agent.slug, "versions", number)
    return render(
        request,
        "version.html",
        agent=agent,
        href=agent_path(agent.slug),
        here=here,
        version=show_version_row(agent, file.version),
        questions=show_questions(agent, file.version.config.questions),
        settings=show_settings(file.version.config),
        diff=show_diff(file.diff, title=f"Changed since version {against.number}") if file.diff and against else None,
        same=f"It asks the same as version {against.number}." if against and not file.diff else None,
        against=against.number if against else None,
        others=[each for each in file.numbers if each != file.version.number],
        rename=f"{here}/label",
        project=project_path(agent, file.version),
        start=agent_path(agent.slug, "drafts"),
        may_change=person_of(request).may_change,
    )


@router.post("/agents/{slug}/versions/{number}/activate")
async def activate(request: Request, slug: str, number: str) -> Response:
    """Make it the active version, and go back to the agent."""
    person, services = person_of(request), services_of(request)
    now = services.clock()

    def change(connection: Connection) -> str:
        activate_version(connection, person.account_pk, slug, version_number(number), by=person.name, now=now)
        return find_agent(connection, person.account_pk, slug).slug

    found = await services.record.write_async(change)
    return RedirectResponse(f"{agent_path(found)}?did=activated&number={number}", status_code=303)


@router.post("/agents/{slug}/versions/{number}/label")
async def rename(request: Request, slug: str, number: str) -> Response:
    """Name it, or take its name away."""
    label = read_line(await read_fields(request), "label")
    account_pk = person_of(request).account_pk
    await services_of(request).record.write_async(
        lambda c: label_version(c, account_pk, slug, version_number(number), label)
    )
    return RedirectResponse(agent_path(slug, "versions", number), status_code=303)


async def _read(request: Request, slug: str, text: str) -> VersionFile:
    number = version_number(text)
    account_pk = person_of(request).account_pk
    query = dict(request.query_params)
    named = read_number(query, "against") if query.get("against") else None

    def look(connection: Connection) -> VersionFile:
        row = find_agent_row(connection, account_pk, slug)
        version = find_version(connection, row.pk, number)
        other = named if named is not None else number - 1
        return VersionFile(
            agent=find_agent(connection, account_pk, row.id),
            version=version,
            against=find_version(connection, row.pk, other) if other else None,
            numbers=tuple(each.number for each in list_versions(connection, row.pk)),
        )

    return await services_of(request).record.read_async(look)
