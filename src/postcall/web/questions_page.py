"""The page of an agent's post-call metrics: what is asked now, and in a draft what will be."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.api.native.questions import finding_json
from postcall.api.native.shapes import question_json
from postcall.api.replies import json_reply
from postcall.configure.question_lint import lint_questions
from postcall.domain.agents import DEFAULT_SUMMARY_PROMPT
from postcall.domain.questions import DispositionMetric
from postcall.errors import BadInput, DraftChanged, NotFound
from postcall.web.form_fields import read_fields, read_number
from postcall.web.people import person_of
from postcall.web.question_set import QuestionSet, begin_draft, find_set, save_questions
from postcall.web.question_view import show_set
from postcall.web.render import render

router = APIRouter()
PATH = "/agents/{agent}/questions"
_LONGEST_SUMMARY = 20_000
Questions = tuple[DispositionMetric, ...]


@router.api_route(PATH + ".json", methods=["GET", "HEAD"])
async def show_questions_json(request: Request, agent: str) -> Response:
    """The same questions and findings as JSON."""
    return json_reply(_set_json(await find_set(request, agent)))


@router.api_route(PATH, methods=["GET", "HEAD"])
async def show_questions(request: Request, agent: str) -> Response:
    """The questions of the active version, or of the draft that is named."""
    return _show(request, await find_set(request, agent))


@router.post(PATH + "/draft")
async def begin(request: Request, agent: str) -> Response:
    """Begin a draft of the active version, and go to its questions."""
    draft = await begin_draft(request, agent)
    asked = await find_set(request, agent)
    return RedirectResponse(replace(asked, draft=draft).path(), status_code=303)


@router.post(PATH + "/change")
async def change(request: Request, agent: str) -> Response:
    """Move or remove a question of a draft, do what a finding advises, or set the summary's prompt."""
    fields = await read_fields(request)
    asked = await find_set(request, agent)
    check_is_draft(asked)
    action = fields.get("action", "")
    try:
        if action == "summary":
            prompt = fields.get("summary_prompt", "").replace("\r\n", "\n").strip() or DEFAULT_SUMMARY_PROMPT
            if len(prompt) > _LONGEST_SUMMARY:
                raise BadInput(f"the summary's prompt has more than {_LONGEST_SUMMARY:,} characters")
            await save_questions(request, asked, revision=read_number(fields, "revision"), summary_prompt=prompt)
            return RedirectResponse(asked.path() + "#summary", status_code=303)
        changed, anchor = change_questions(asked.questions, action)
        await save_questions(request, asked, revision=read_number(fields, "revision"), questions=changed)
    except DraftChanged as conflict:
        return _show(request, asked, problem=explain_conflict(conflict), status=conflict.status)
    return RedirectResponse(asked.path() + anchor, status_code=303)


def change_questions(questions: Questions, action: str) -> tuple[Questions, str]:
    """The questions after `up:N`, `down:N`, `remove:N` or `fix:N:M` (finding M of question N), and where to look."""
    asked = re.fullmatch(r"(up|down|remove|fix):(\d{1,3})(?::(\d{1,3}))?", action)
    if asked is None or int(asked[2]) >= len(questions):
        raise BadInput("this page has no such button; load it again", field="action")
    verb, index = asked[1], int(asked[2])
    chosen = questions[index]
    rest = questions[:index] + questions[index + 1 :]
    if verb == "remove":
        return rest, ""
    if verb == "fix":
        chosen = _fixed(questions, chosen, int(asked[3] or 0))
        place = index
    else:
        place = max(index - 1, 0) if verb == "up" else index + 1
    return (*rest[:place], chosen, *rest[place:]), f"#q-{chosen.identifier}"


def _fixed(questions: Questions, chosen: DispositionMetric, number: int) -> DispositionMetric:
    own = [each for each in lint_questions(questions) if each.identifier == chosen.identifier]
    better = own[number].replacement if number < len(own) else None
    if better is None:
        raise BadInput("this was changed already; load the page again", field="action")
    return better


def check_is_draft(asked: QuestionSet) -> None:
    """Refuse to change what is published."""
    if asked.draft is None:
        raise NotFound("there is no draft in this address; begin one from the agent's questions")


def explain_conflict(conflict: DraftChanged) -> str:
    """What happened and what to do, in words."""
    return f"Not saved: {conflict.message.partition('; ')[0]}. Below it is as it stands now; make your change again."


def _show(request: Request, asked: QuestionSet, *, problem: str | None = None, status: int = 200) -> Response:
    return render(
        request,
        "questions.html",
        status=status,
        set=show_set(asked),
        may_change=person_of(request).may_change,
        problem=problem,
    )


def _set_json(asked: QuestionSet) -> dict[str, Any]:
    draft = asked.draft
    return {
        "agent": asked.agent.slug,
        "version": None if draft else asked.agent.active_version,
        "draft": {"id": draft.id, "name": draft.name, "revision": draft.revision} if draft else None,
        "summary_prompt": asked.config.summary_prompt,
        "questions": [question_json(question) for question in asked.questions],
        "findings": [finding_json(finding) for finding in lint_questions(asked.questions)],
    }
