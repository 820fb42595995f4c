"""Scoring an agent's prompt: by fixed rules, where the vendor asks a model."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.engine import Connection

from postcall.api.atoms.config import flat_config, runs_pushed_project, workflow_type
from postcall.api.atoms.errors import AtomsError, in_envelope
from postcall.api.atoms.replies import read_object, reader, status_reply
from postcall.api.services import services_of
from postcall.configure.prompt_scoring import Judged, PromptScore, score_prompt
from postcall.domain.agents import VersionConfig
from postcall.domain.ids import AGENT_ID
from postcall.errors import NotFound
from postcall.storage.agent_profiles import version_of_account
from postcall.storage.drafts import find_draft

router = APIRouter()

METHOD = "Scored by fixed rules that look for words of the prompt; no model was asked, and nothing was charged."
_GRADES = ((85, "Excellent"), (70, "Good"), (50, "Needs Work"), (0, "Poor"))
_BANDS = ((500, "lean"), (1500, "normal"), (4000, "heavy"))


@router.post("/prompt-scoring/score")
@in_envelope
async def post_score(request: Request) -> Response:
    """The score of a version's or a draft's prompt: `{versionId}` or `{draftId}`. Scored again, it is the same."""
    principal = await reader(request)
    body = await read_object(request)
    named = [name for name in ("versionId", "draftId") if name in body]
    if len(named) != 1:
        raise AtomsError(400, "Provide exactly one of versionId and draftId")
    [what] = named
    if not isinstance(body[what], str) or not AGENT_ID.fullmatch(body[what]):
        raise AtomsError(400, f"{what}: Must be 24 hex digits")

    def look(connection: Connection) -> VersionConfig:
        if what == "draftId":
            return find_draft(connection, principal.account_pk, body[what]).config
        return version_of_account(connection, principal.account_pk, body[what]).config

    try:
        config = await services_of(request).record.read_async(look)
    except NotFound as error:
        raise AtomsError(404, error.message) from None
    return status_reply(_score_json(_score(config)))


def _score(config: VersionConfig) -> PromptScore:
    if runs_pushed_project(config) or workflow_type(config) != "single_prompt":
        raise AtomsError(400, "Only agents that are a single prompt can be scored")
    flat = flat_config(config)
    tools = [str(tool["name"]) for tool in flat["tools"] if tool.get("enabled", True)]
    return score_prompt(flat["prompt"], tools=tools, variables=tuple(flat.get("defaultVariables", {})))


def _score_json(found: PromptScore) -> dict[str, Any]:
    return {
        "overall_score": found.score,
        "overall_grade": next(grade for least, grade in _GRADES if found.score >= least),
        "band": next((band for most, band in _BANDS if found.tokens <= most), "overweight"),
        "estimated_ttft_overhead_ms": found.delay_ms,
        "dimensions": [_dimension_json(each) for each in found.dimensions],
        "method": METHOD,
    }


def _dimension_json(judged: Judged) -> dict[str, Any]:
    return {
        "tier": judged.tier,
        "level": judged.level.value,
        "evidence_span": judged.evidence,
        "title": judged.title,
        "description": judged.why,
    }
