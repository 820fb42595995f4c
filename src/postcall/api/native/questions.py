"""Looking through questions before they are published, and templates to begin from."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from msgspec import Struct

from postcall.api.auth import authenticate
from postcall.api.bodies import read_body
from postcall.api.native.shapes import question_json
from postcall.api.question_format import QuestionBody, unchecked_questions
from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.configure.question_lint import Finding, lint_questions
from postcall.configure.question_templates import Group, Template, find_templates, read_group
from postcall.domain.keys import Scope
from postcall.domain.questions import MAX_QUESTIONS
from postcall.errors import BadInput
from postcall.intake.explain import decode

router = APIRouter(prefix="/postcall/v1", tags=["questions"])


class LintBody(Struct, forbid_unknown_fields=True):
    """The questions of a version, published or not."""

    questions: list[QuestionBody]


_LINT = msgspec.json.Decoder(LintBody)


@router.post("/questions:lint")
async def post_lint(request: Request) -> Response:
    """What can be said of these questions: `{questions: [...]}`, or the array of a metrics.json by itself.

    Nothing is stored, and questions that could not be published are looked at as well.
    """
    await authenticate(request, Scope.READ)
    content = await read_body(request, limit=services_of(request).settings.max_body_bytes)
    if content.lstrip().startswith(b"["):
        content = b'{"questions":' + content + b"}"
    bodies = decode(content, _LINT).questions
    if len(bodies) > MAX_QUESTIONS:
        raise BadInput(f"a question set holds at most {MAX_QUESTIONS} questions, not {len(bodies)}", field="questions")
    findings = await asyncio.to_thread(lint_questions, unchecked_questions(bodies))
    return json_reply({"findings": [finding_json(finding) for finding in findings]})


@router.get("/question-templates")
async def get_templates(request: Request) -> Response:
    """The templates, or with `?group=` and `?q=` some of them."""
    await authenticate(request, Scope.READ)
    asked = request.query_params
    found = find_templates(group=read_group(asked.get("group", "")), text=asked.get("q", ""))
    return json_reply(templates_json(found))


def finding_json(finding: Finding) -> dict[str, Any]:
    """A finding; `replacement` is the question with the fix done, null where it cannot be done by itself."""
    return {
        "severity": finding.severity,
        "identifier": finding.identifier,
        "rule": finding.rule,
        "message": finding.message,
        "fix": finding.fix,
        "replacement": question_json(finding.replacement) if finding.replacement else None,
    }


def templates_json(templates: tuple[Template, ...]) -> dict[str, Any]:
    """The templates with their questions, and every group there is."""
    return {
        "groups": list(Group),
        "templates": [
            {
                "id": template.id,
                "group": template.group,
                "title": template.title,
                "use": template.use,
                "questions": [question_json(question) for question in template.questions],
            }
            for template in templates
        ],
    }
