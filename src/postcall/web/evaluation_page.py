"""The pages of evaluations: which there are, one of them, and one question of one."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request, Response

from postcall.api.replies import json_reply
from postcall.api.services import services_of
from postcall.errors import BadInput, NotFound
from postcall.evaluation.saved import list_reports, public_json, read_report
from postcall.web.evaluation_view import PATH, RunRow, show_question, show_report, show_run_row
from postcall.web.render import render

router = APIRouter()
_LISTED = 100
"""Runs in the list, the newest: each is a file to be read."""

# These are plain functions, which run on threads: reading files would hold up the event loop.


@router.api_route(PATH, methods=["GET", "HEAD"])
def show_evaluations(request: Request) -> Response:
    """The evaluations that were kept, the newest first."""
    return render(request, "evaluation_list.html", runs=tuple(_rows(request)))


@router.api_route(PATH + "/{run}.json", methods=["GET", "HEAD"])
def show_evaluation_json(request: Request, run: str) -> Response:
    """The same figures as JSON."""
    return json_reply(public_json(read_report(services_of(request).settings.data, run)))


@router.api_route(PATH + "/{run}", methods=["GET", "HEAD"])
def show_evaluation(request: Request, run: str) -> Response:
    """The table of one evaluation."""
    report = read_report(services_of(request).settings.data, run)
    return render(request, "evaluation.html", run=show_report(run, report))


@router.api_route(PATH + "/{run}/{identifier}", methods=["GET", "HEAD"])
def show_evaluated_question(request: Request, run: str, identifier: str) -> Response:
    """One question: what is taken for what, and the wrong answers beside their transcripts."""
    report = read_report(services_of(request).settings.data, run)
    page = _page(request.query_params.get("page", "1"))
    return render(
        request, "evaluation_question.html", question=show_question(run, report, report.metric(identifier), page=page)
    )


def _rows(request: Request) -> Iterator[RunRow]:
    data = services_of(request).settings.data
    for run in list_reports(data)[:_LISTED]:
        try:
            yield show_run_row(run, read_report(data, run))
        except NotFound:  # of another release, or damaged: its own page says so
            continue


def _page(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text[:9]) >= 1:
        raise BadInput(f"page: must be a whole number from 1, not {text!r}", field="page")
    return int(text[:9])
