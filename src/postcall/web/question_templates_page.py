"""Picking templates for a draft."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.api.native.questions import templates_json
from postcall.api.replies import json_reply
from postcall.configure.question_templates import (
    Group,
    Template,
    find_template,
    find_templates,
    named_apart,
    read_group,
)
from postcall.domain.questions import DispositionMetric, check_questions
from postcall.errors import DraftChanged
from postcall.web import words
from postcall.web.form_fields import read_fields, read_number
from postcall.web.people import person_of
from postcall.web.question_set import QuestionSet, find_set, save_questions
from postcall.web.questions_page import PATH, check_is_draft, explain_conflict
from postcall.web.render import render

router = APIRouter()


@dataclass(frozen=True, slots=True)
class TemplateView:
    """One template in the picker."""

    id: str
    group: str
    title: str
    use: str
    questions: tuple[DispositionMetric, ...]
    is_there: bool
    """All its questions stand in the draft already."""


@router.api_route(PATH + "/templates.json", methods=["GET", "HEAD"])
async def show_templates_json(request: Request, agent: str) -> Response:
    """The same templates as JSON."""
    await find_set(request, agent)
    return json_reply(templates_json(_found(request)))


@router.api_route(PATH + "/templates", methods=["GET", "HEAD"])
async def show_templates(request: Request, agent: str) -> Response:
    """The templates by group, or those with a word."""
    return _show(request, await find_set(request, agent))


@router.post(PATH + "/templates")
async def add_template(request: Request, agent: str) -> Response:
    """Put the questions of a template behind those of the draft."""
    fields = await read_fields(request)
    asked = await find_set(request, agent)
    check_is_draft(asked)
    template = find_template(fields.get("template", ""))
    added = named_apart(template.questions, {question.identifier for question in asked.questions})
    questions = (*asked.questions, *added)
    check_questions(questions)
    try:
        await save_questions(request, asked, revision=read_number(fields, "revision"), questions=questions)
    except DraftChanged as conflict:
        return _show(request, asked, problem=explain_conflict(conflict), status=conflict.status)
    return RedirectResponse(f"{asked.path()}#q-{added[0].identifier}", status_code=303)


def _found(request: Request) -> tuple[Template, ...]:
    asked = request.query_params
    return find_templates(group=read_group(asked.get("group", "")), text=asked.get("q", ""))


def _show(request: Request, asked: QuestionSet, *, problem: str | None = None, status: int = 200) -> Response:
    query = request.query_params
    chosen, text = read_group(query.get("group", "")), query.get("q", "").strip()
    there = {question.identifier for question in asked.questions}
    found = _found(request)
    searched = {"q": text} if text else {}
    return render(
        request,
        "question_templates.html",
        status=status,
        problem=problem,
        templates=[_show_template(template, there) for template in found],
        counted=words.count(len(found), "template"),
        groups=[("all", asked.path("/templates", **searched), chosen is None)]
        + [(group.value, asked.path("/templates", group=group.value, **searched), group is chosen) for group in Group],
        group=chosen.value if chosen else "",
        text=text,
        draft=asked.draft.id if asked.draft else "",
        revision=asked.draft.revision if asked.draft else 0,
        may_add=asked.draft is not None and person_of(request).may_change,
        agent=asked.agent.name,
        agent_href=asked.path().partition("/questions")[0],
        set_href=asked.path(),
        here=asked.path("/templates").partition("?")[0],
        add_href=asked.path("/templates"),
        begin_href=asked.path("/draft").partition("?")[0],
        json_href=asked.path("/templates.json", **searched, **({"group": chosen.value} if chosen else {})),
    )


def _show_template(template: Template, there: set[str]) -> TemplateView:
    return TemplateView(
        id=template.id,
        group=template.group.value,
        title=template.title,
        use=template.use,
        questions=template.questions,
        is_there=all(question.identifier in there for question in template.questions),
    )
