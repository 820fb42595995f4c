"""Adding a question to a draft, and editing one, with what can be said of it while it is typed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from postcall.domain.questions import QuestionType
from postcall.errors import DraftChanged, NotFound
from postcall.web.form_fields import read_fields, read_number
from postcall.web.question_form import (
    QuestionForm,
    form_of,
    lint_form,
    put_in,
    read_form,
    read_question,
    take_over,
)
from postcall.web.question_set import QuestionSet, find_set, save_questions
from postcall.web.question_view import show_findings
from postcall.web.questions_page import PATH, check_is_draft
from postcall.web.render import render
from postcall.web.try_form import Mistake

router = APIRouter()
TYPES = (
    (QuestionType.ENUM, "one of several choices"),
    (QuestionType.BOOLEAN, "yes or no"),
    (QuestionType.INTEGER, "a whole number"),
    (QuestionType.STRING, "words of the call"),
    (QuestionType.DATETIME, "a date, with or without a time"),
)


@router.api_route(PATH + "/add", methods=["GET", "HEAD"])
async def show_new(request: Request, agent: str) -> Response:
    """An empty form."""
    asked = await find_set(request, agent)
    check_is_draft(asked)
    return _show(request, asked, QuestionForm(), saved=request.query_params.get("saved"))


@router.api_route(PATH + "/edit", methods=["GET", "HEAD"])
async def show_existing(request: Request, agent: str) -> Response:
    """The form of one question of the draft."""
    asked = await find_set(request, agent)
    check_is_draft(asked)
    identifier = request.query_params.get("question", "")
    question = next((each for each in asked.questions if each.identifier == identifier), None)
    if question is None:
        raise NotFound(f"there is no question {identifier!r} in this draft; it may have been renamed or removed")
    return _show(request, asked, form_of(question))


@router.post(PATH + "/lint")
async def lint(request: Request, agent: str) -> Response:
    """What can be said of the form so far; a part of the page."""
    form = read_form(await read_fields(request))
    asked = await find_set(request, agent)
    findings = show_findings(lint_form(form, asked.questions), action="take")
    return render(request, "_question_findings.html", findings=findings, begun=bool(form.prompt))


@router.post(PATH + "/save")
async def save(request: Request, agent: str) -> Response:
    """Put the form into the draft; or take over what a finding advises, and show the form again."""
    fields = await read_fields(request)
    form = read_form(fields)
    asked = await find_set(request, agent)
    check_is_draft(asked)
    action = fields.get("action", "save")
    better = take_over(form, lint_form(form, asked.questions), action)
    if better is not None:
        return _show(request, asked, better, revision=read_number(fields, "revision"), taken=True)
    if action.startswith("take"):  # it was typed over meanwhile
        return _show(request, asked, form, revision=read_number(fields, "revision"))
    question = read_question(form, asked.questions)
    if isinstance(question, Mistake):
        return _show(request, asked, form, revision=read_number(fields, "revision"), mistakes=(question,), status=400)
    try:
        questions = put_in(form, question, asked.questions)
        await save_questions(request, asked, revision=read_number(fields, "revision"), questions=questions)
    except DraftChanged as conflict:
        said = (
            f"Not saved: {conflict.message.partition('; ')[0]}. What you typed is kept below; save again to put it in."
        )
        return _show(request, asked, form, mistakes=(Mistake("identifier", said),), status=conflict.status)
    if action == "another":
        return RedirectResponse(asked.path("/add", saved=question.identifier), status_code=303)
    return RedirectResponse(f"{asked.path()}#q-{question.identifier}", status_code=303)


def _show(
    request: Request,
    asked: QuestionSet,
    form: QuestionForm,
    *,
    revision: int | None = None,
    mistakes: tuple[Mistake, ...] = (),
    saved: str | None = None,
    taken: bool = False,
    status: int = 200,
) -> Response:
    assert asked.draft is not None
    return render(
        request,
        "question_form.html",
        status=status,
        form=form,
        types=[(kind.value, means) for kind, means in TYPES],
        mistakes=mistakes,
        wrong={mistake.field: mistake.message for mistake in mistakes},
        findings=show_findings(lint_form(form, asked.questions), action="take"),
        begun=bool(form.prompt),
        revision=asked.draft.revision if revision is None else revision,
        saved=saved,
        taken=taken,
        title=f"Edit {form.was}" if form.was else "Add a metric",
        agent=asked.agent.name,
        draft_name=asked.draft.name,
        agent_href=asked.path().partition("/questions")[0],
        set_href=asked.path(),
        save_href=asked.path("/save"),
        lint_href=asked.path("/lint"),
        templates_href=asked.path("/templates"),
    )
