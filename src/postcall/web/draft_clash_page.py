"""Two people edited one draft: who was faster, and what can become of the other's work."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.native.shapes import config_json
from postcall.api.question_format import ConfigChange, change_config
from postcall.api.services import services_of
from postcall.configure.comparing import DraftFile, read_draft_file
from postcall.configure.diffing import diff_configs
from postcall.domain.agents import Draft, VersionConfig
from postcall.errors import BadInput, DraftChanged
from postcall.intake.explain import decode
from postcall.storage.drafts import create_draft, find_draft, save_draft
from postcall.web.diff_view import show_diff
from postcall.web.form_fields import read_fields, read_number
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.versions_view import agent_path, editor_path, show_draft_row

router = APIRouter()
_CONFIG = msgspec.json.Decoder(ConfigChange)


async def show_clash(request: Request, slug: str, draft_id: str, mine: VersionConfig) -> Response:
    """The page for whoever's save was a DraftChanged: both ways, and what can be done. `mine` was to be saved."""
    account_pk = person_of(request).account_pk
    file = await services_of(request).record.read_async(lambda c: read_draft_file(c, account_pk, slug, draft_id))
    return _show(request, file, mine)


@router.post("/agents/{slug}/drafts/{draft_id}/mine")
async def keep_mine(request: Request, slug: str, draft_id: str) -> Response:
    """Save what somebody slower had made: over the draft, or beside it as a draft of its own."""
    services, person = services_of(request), person_of(request)
    fields = await read_fields(request)
    revision, how, now = read_number(fields, "revision"), fields.get("how"), services.clock()
    if how not in {"over", "beside"}:
        raise BadInput("how: must be over or beside", field="how")
    mine = change_config(VersionConfig(), decode(fields.get("config", "").encode(), _CONFIG))

    def keep(connection: Connection) -> Draft:
        draft = find_draft(connection, person.account_pk, draft_id, agent=slug)
        if how == "beside":
            return create_draft(
                connection,
                person.account_pk,
                slug,
                name=f"{draft.name}, the other way"[:200],
                base=draft.base_version,
                by=person.name,
                config=mine,
                now=now,
            )
        return save_draft(connection, person.account_pk, draft_id, mine, revision=revision, by=person.name, now=now)

    try:
        kept = await services.record.write_async(keep)
    except DraftChanged:  # somebody was faster once more
        return await show_clash(request, slug, draft_id, mine)
    return RedirectResponse(agent_path(slug, "drafts", kept.id), status_code=303)


def _show(request: Request, file: DraftFile, mine: VersionConfig) -> Response:
    agent, draft = file.agent, file.draft
    return render(
        request,
        "draft_clash.html",
        status=DraftChanged.status,
        agent=agent,
        href=agent_path(agent.slug),
        here=agent_path(agent.slug, "drafts", draft.id),
        editor=editor_path(agent.slug, draft.id),
        draft=show_draft_row(agent, draft),
        theirs=show_diff(
            diff_configs(file.base.config, draft.config), title=f"{draft.updated_by or 'The other'}'s way"
        ),
        mine=show_diff(diff_configs(file.base.config, mine), title="Your way"),
        between=show_diff(diff_configs(draft.config, mine), title="What saving yours would change in the other"),
        config=msgspec.json.encode(config_json(mine)).decode(),
    )
