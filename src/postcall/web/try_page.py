"""A page on which questions are asked of a pasted transcript. Nothing of it is stored."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from postcall.api.bodies import read_body
from postcall.api.services import services_of
from postcall.domain.agents import VersionConfig
from postcall.domain.answers import Findings
from postcall.domain.calls import Transcript
from postcall.domain.people import Role
from postcall.domain.questions import MAX_QUESTIONS, DispositionMetric, QuestionType
from postcall.errors import BadInput, ModelError
from postcall.extraction.analysers import Analyser
from postcall.web.paste import read_paste
from postcall.web.people import person_of
from postcall.web.render import render
from postcall.web.try_form import EXAMPLE, Mistake, TryForm, change_form, read_form, read_questions
from postcall.web.try_view import TriedView, show_tried

router = APIRouter()
_MAX_BYTES = 4 * 1024 * 1024
_MAX_FIELDS = MAX_QUESTIONS * 4 + 10


@router.api_route("/try", methods=["GET", "HEAD"])
async def show_try(request: Request) -> Response:
    """The form with an example."""
    person_of(request).require(Role.EDITOR)
    return _show(request, EXAMPLE)


@router.post("/try")
async def ask(request: Request) -> Response:
    """Ask the questions, or change the form and show it again."""
    fields = await _read_fields(request)
    form = read_form(fields)
    changed = change_form(form, fields.get("action", "ask"))
    if changed is not None:
        return _show(request, changed, focus=f"q{len(changed.questions) - 1}_identifier")
    transcript, questions, mistakes = _read(form)
    if mistakes:
        return _show(request, form, mistakes=mistakes, status=400)
    try:
        findings = await _ask(request, transcript, questions)
    except ModelError as error:
        mistake = Mistake("ask", f"The model could not be asked: {error.message}")
        return _show(request, form, mistakes=(mistake,), status=error.status)
    return _show(request, form, tried=show_tried(transcript, questions, findings))


def _read(form: TryForm) -> tuple[Transcript, tuple[DispositionMetric, ...], tuple[Mistake, ...]]:
    questions, mistakes = read_questions(form)
    try:
        return read_paste(form.transcript), questions, mistakes
    except BadInput as error:
        return (), questions, (Mistake("transcript-text", f"Transcript: {error.message}."), *mistakes)


async def _ask(request: Request, transcript: Transcript, questions: tuple[DispositionMetric, ...]) -> Findings:
    analyser: Analyser = request.app.state.analyser
    now = services_of(request).clock()
    return await analyser.analyse(transcript, VersionConfig(questions=questions), reference=now)


async def _read_fields(request: Request) -> dict[str, str]:
    body = await read_body(request, limit=_MAX_BYTES)
    try:
        return dict(parse_qsl(body.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=_MAX_FIELDS))
    except ValueError:
        raise BadInput(f"the form has more than {_MAX_FIELDS} fields") from None


def _show(
    request: Request,
    form: TryForm,
    *,
    mistakes: tuple[Mistake, ...] = (),
    tried: TriedView | None = None,
    focus: str | None = None,
    status: int = 200,
) -> Response:
    return render(
        request,
        "try.html",
        status=status,
        form=form,
        mistakes=mistakes,
        wrong={mistake.field: mistake.message for mistake in mistakes},
        types=[kind.value for kind in QuestionType],
        tried=tried,
        focus=focus,
    )
