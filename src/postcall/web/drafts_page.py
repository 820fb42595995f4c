"""The page of one draft: what it changes, and what can become of it."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.csv_reply import csv_reply
from postcall.api.native.version_shapes import diff_json, draft_json
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.comparing import DraftFile, diff_to_draft, read_draft_file
from postcall.configure.diffing import diff_configs
from postcall.configure.question_lint import lint_questions
from postcall.domain.agents import Draft, Version
from postcall.errors import BadInput, DraftChanged
from postcall.storage.agents import find_agent
from postcall.storage.drafts import create_draft, discard_draft, find_draft, publish_draft, save_draft
from postcall.web.diff_view import DIFF_COLUMNS, diff_rows, show_diff
from postcall.web.form_fields import read_fields, read_line, read_number
from postcall.web.people import person_of
from postcall.web.question_view import show_found
from postcall.web.render import render
from postcall.web.versions_view import agent_path, editor_path, show_draft_row, show_questions

router = APIRouter()


@router.post("/agents/{slug}/drafts")
async def start(request: Request, slug: str) -> Response:
    """Begin a draft from a version, else from the active one, and go to it."""
    services, person = services_of(request), person_of(request)
    fields = await read_fields(request)
    base = read_number(fields, "base") if fields.get("base") else None
    name, now = read_line(fields, "name"), services.clock()

    def begin(connection: Connection) -> tuple[str, Draft]:
        agent = find_agent(connection, person.account_pk, slug)
        title = name or f"Draft from version {base or agent.active_version}"
        draft = create_draft(connection, person.account_pk, slug, name=title, base=base, by=person.name, now=now)
        return agent.slug, draft

    found, draft = await services.record.write_async(begin)
    to_editor = fields.get("then") == "edit"
    return RedirectResponse(
        editor_path(found, draft.id) if to_editor else agent_path(found, "drafts", draft.id), status_code=303
    )


@router.api_route("/agents/{slug}/drafts/{draft_id}.json", methods=["GET", "HEAD"])
async def show_draft_json(request: Request, slug: str, draft_id: str) -> Response:
    """The same draft as JSON, with what it changes."""
    file = await _read(request, slug, draft_id)
    draft = file.draft
    return json_reply(
        {
            "agent": file.agent.slug,
            **draft_json(draft, active_version=file.active.number),
            "diff": diff_json(diff_configs(file.base.config, draft.config), before=file.base.number, after=draft.id),
            "diff_to_active": diff_json(diff_to_draft(file.active, draft), before=file.active.number, after=draft.id),
            "clashes": file.rebased.clashes,
        }
    )


@router.api_route("/agents/{slug}/drafts/{draft_id}.csv", methods=["GET", "HEAD"])
async def show_draft_csv(request: Request, slug: str, draft_id: str) -> Response:
    """What it changes, for a spreadsheet."""
    file = await _read(request, slug, draft_id)
    rows = diff_rows(diff_configs(file.base.config, file.draft.config))
    return csv_reply(DIFF_COLUMNS, rows, f"{file.agent.slug}-draft.csv")


@router.api_route("/agents/{slug}/drafts/{draft_id}", methods=["GET", "HEAD"])
async def show_draft(request: Request, slug: str, draft_id: str) -> Response:
    """What it changes, and the forms by which it is published, renamed or discarded."""
    return _show(request, await _read(request, slug, draft_id))


@router.post("/agents/{slug}/drafts/{draft_id}/publish")
async def publish(request: Request, slug: str, draft_id: str) -> Response:
    """Make a version of it, active where that is ticked; the page again where somebody saved it meanwhile."""
    services, person = services_of(request), person_of(request)
    fields = await read_fields(request)
    revision, label, now = read_number(fields, "revision"), read_line(fields, "label"), services.clock()
    activate = fields.get("activate") == "yes"

    def change(connection: Connection) -> Version:
        find_draft(connection, person.account_pk, draft_id, agent=slug)
        return publish_draft(
            connection,
            person.account_pk,
            draft_id,
            revision=revision,
            label=label,
            activate=activate,
            by=person.name,
            now=now,
        )

    try:
        version = await services.record.write_async(change)
    except DraftChanged as error:
        return _show(request, await _read(request, slug, draft_id), changed=error)
    did = "activated" if activate else "published"
    return RedirectResponse(f"{agent_path(slug)}?did={did}&number={version.number}", status_code=303)


@router.post("/agents/{slug}/drafts/{draft_id}/name")
async def rename(request: Request, slug: str, draft_id: str) -> Response:
    """Give it another name."""
    services, person = services_of(request), person_of(request)
    fields = await read_fields(request)
    revision, name, now = read_number(fields, "revision"), read_line(fields, "name"), services.clock()
    if name is None:
        raise BadInput("name: a draft needs a name", field="name")

    def change(connection: Connection) -> Draft:
        draft = find_draft(connection, person.account_pk, draft_id, agent=slug)
        return save_draft(
            connection,
            person.account_pk,
            draft_id,
            draft.config,
            revision=revision,
            name=name,
            by=person.name,
            now=now,
        )

    return await _change(request, slug, draft_id, change)


@router.post("/agents/{slug}/drafts/{draft_id}/rebase")
async def bring_up_to_date(request: Request, slug: str, draft_id: str) -> Response:
    """Make its changes to the active version instead of the one that it began as."""
    services, person = services_of(request), person_of(request)
    revision, now = read_number(await read_fields(request), "revision"), services.clock()

    def change(connection: Connection) -> Draft:
        file = read_draft_file(connection, person.account_pk, slug, draft_id)
        return save_draft(
            connection,
            person.account_pk,
            draft_id,
            file.rebased.config,
            revision=revision,
            base=file.active.number,
            by=person.name,
            now=now,
        )

    return await _change(request, slug, draft_id, change)


@router.api_route("/agents/{slug}/drafts/{draft_id}/discard", methods=["GET", "HEAD"])
async def ask_to_discard(request: Request, slug: str, draft_id: str) -> Response:
    """What would be lost."""
    return _show_discard(request, await _read(request, slug, draft_id))


@router.post("/agents/{slug}/drafts/{draft_id}/discard")
async def discard(request: Request, slug: str, draft_id: str) -> Response:
    """Take it away for good; the question again where somebody saved it meanwhile."""
    person = person_of(request)
    revision = read_number(await read_fields(request), "revision")

    def change(connection: Connection) -> None:
        find_draft(connection, person.account_pk, draft_id, agent=slug)
        discard_draft(connection, person.account_pk, draft_id, revision=revision)

    try:
        await services_of(request).record.write_async(change)
    except DraftChanged as error:
        return _show_discard(request, await _read(request, slug, draft_id), changed=error)
    return RedirectResponse(f"{agent_path(slug)}?did=discarded", status_code=303)


async def _change(request: Request, slug: str, draft_id: str, change: Callable[[Connection], Draft]) -> Response:
    try:
        await services_of(request).record.write_async(change)
    except DraftChanged as error:
        return _show(request, await _read(request, slug, draft_id), changed=error)
    return RedirectResponse(agent_path(slug, "drafts", draft_id), status_code=303)


async def _read(request: Request, slug: str, draft_id: str) -> DraftFile:
    account_pk = person_of(request).account_pk
    return await services_of(request).record.read_async(lambda c: read_draft_file(c, account_pk, slug, draft_id))


def _show(request: Request, file: DraftFile, *, changed: DraftChanged | None = None) -> Response:
    agent, draft, base, active = file.agent, file.draft, file.base, file.active
    against_active = diff_to_draft(active, draft)
    return render(
        request,
        "draft.html",
        status=changed.status if changed else 200,
        agent=agent,
        href=agent_path(agent.slug),
        here=agent_path(agent.slug, "drafts", draft.id),
        draft=show_draft_row(agent, draft),
        diff=show_diff(diff_configs(base.config, draft.config), title=f"Changed since version {base.number}"),
        # Where the base is active, the two are one.
        to_active=None
        if file.base_is_active
        else show_diff(against_active, title=f"Publishing it changes version {active.number}, which is active"),
        clashes=() if file.base_is_active else file.rebased.clashes,
        active=active.number,
        questions=show_questions(agent, draft.config.questions),
        found=show_found(lint_questions(draft.config.questions), editor_path(agent.slug, draft.id)),
        changed=changed.message if changed else None,
        nothing=not against_active,
        may_change=person_of(request).may_change,
    )


def _show_discard(request: Request, file: DraftFile, *, changed: DraftChanged | None = None) -> Response:
    agent, draft = file.agent, file.draft
    diff = diff_configs(file.base.config, draft.config)
    return render(
        request,
        "draft_discard.html",
        status=changed.status if changed else 200,
        agent=agent,
        href=agent_path(agent.slug),
        here=agent_path(agent.slug, "drafts", draft.id),
        draft=show_draft_row(agent, draft),
        diff=show_diff(diff, title="What would be lost"),
        changed=changed.message if changed else None,
    )
