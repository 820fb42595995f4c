"""The form in which a metric is defined or changed, and the one that takes a file of definitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.engine import Connection

from postcall.api.metric_format import read_type
from postcall.api.metric_yaml import MetricFile, read_metric_yaml
from postcall.api.services import services_of
from postcall.configure.guessing import guess_metric
from postcall.domain.metrics import MAX_NAME, MetricDefinition, MetricType
from postcall.errors import BadInput, Conflict, MetricNotFound, PostcallError
from postcall.storage.agents import find_agent
from postcall.storage.metric_definitions import (
    Imported,
    MetricChange,
    NewMetric,
    change_metric,
    define_metric,
    define_missing_metrics,
    find_metric,
    foresee_import,
    is_in_use,
)
from postcall.storage.metric_writes import values_written
from postcall.web import words
from postcall.web.form_fields import read_fields
from postcall.web.metric_paths import FORM, IMPORT, form_path, list_path
from postcall.web.metrics_look import read_known
from postcall.web.people import person_of
from postcall.web.render import render

router = APIRouter()
_FIELDS = ("name", "type", "definition", "expected_values")
_ANY_TYPE = MetricChange(type=MetricType.BOOLEAN)


@dataclass(frozen=True, slots=True)
class FormView:
    """What the form's fields begin with."""

    agent: str
    original: str
    """The name of the metric that is changed; empty for a new one."""
    name: str
    type: str
    definition: str
    expected_values: str
    """One a line."""
    active: bool
    in_api: bool
    fixed: bool
    """Calls carry it, so that name and type stay."""
    hint: str
    """Where the form's content comes from."""


@router.api_route(FORM, methods=["GET", "HEAD"])
async def show_form(request: Request) -> Response:
    """Empty, or filled in with what is stored, what the linter advises, or what calls let one guess."""
    account_pk, asked = person_of(request).account_pk, dict(request.query_params)
    form = await services_of(request).record.read_async(lambda c: _begin(c, account_pk, asked))
    return _show(request, form, None)


@router.post(FORM)
async def save_form(request: Request) -> Response:
    """Define or change the metric; where something is wrong, the form comes back with what was written."""
    fields = await read_fields(request)
    form = _written(fields, request.query_params.get("agent", ""), request.query_params.get("name", ""))
    account_pk, services = person_of(request).account_pk, services_of(request)
    try:
        metric = _read(form)
        change = _as_change(metric)
        used = False
        if form.original:
            used = await services.record.read_async(
                lambda c: is_in_use(c, account_pk, form.agent, form.original, change)
            )
            form = replace(form, fixed=used)

        def store(connection: Connection) -> MetricDefinition:
            now = services.clock()
            if form.original:
                return change_metric(connection, account_pk, form.agent, form.original, change, used=used, now=now)
            return define_metric(connection, account_pk, form.agent, metric, now=now)

        await services.record.write_async(store)
    except (BadInput, Conflict) as error:
        return _show(request, form, error)
    return RedirectResponse(list_path(form.agent, did="changed" if form.original else "defined"), status_code=303)


@router.api_route(IMPORT, methods=["GET", "HEAD"])
async def show_import(request: Request) -> Response:
    """The form that takes YAML."""
    slug = request.query_params.get("agent", "")
    agent = await services_of(request).record.read_async(lambda c: find_agent(c, person_of(request).account_pk, slug))
    return render(request, "metrics_import.html", **_import_values(agent.slug, "", None, None, None))


@router.post(IMPORT)
async def take_import(request: Request) -> Response:
    """First tell what would be done; with the second button do it."""
    fields = await read_fields(request)
    slug, text = fields.get("agent", ""), fields.get("yaml", "")
    account_pk, services = person_of(request).account_pk, services_of(request)
    try:
        file = read_metric_yaml(text.encode())
    except BadInput as error:
        values = _import_values(slug, text, None, None, error)
        return render(request, "metrics_import.html", status=error.status, **values)
    if fields.get("action") == "import":
        await services.record.write_async(
            lambda c: define_missing_metrics(c, account_pk, slug, file.metrics, now=services.clock())
        )
        return RedirectResponse(list_path(slug, did="imported"), status_code=303)
    foreseen = await services.record.read_async(lambda c: foresee_import(c, account_pk, slug, file.metrics))
    return render(request, "metrics_import.html", **_import_values(slug, text, file, foreseen, None))


def _import_values(
    slug: str, text: str, file: MetricFile | None, foreseen: Imported | None, error: PostcallError | None
) -> dict[str, Any]:
    return {
        "agent": slug,
        "back": list_path(slug),
        "action": IMPORT,
        "text": text,
        "problem": error.message if error else None,
        "foreseen": foreseen is not None,
        "created": [words.visible(name) for name in foreseen.created] if foreseen else [],
        "ignored": [words.visible(name) for name in foreseen.ignored] if foreseen else [],
        "problems": [(words.visible(each.name), each.line, each.problem) for each in file.problems] if file else [],
    }


def _begin(connection: Connection, account_pk: int, asked: dict[str, str]) -> FormView:
    slug = find_agent(connection, account_pk, asked.get("agent", "")).slug
    name = asked.get("name", "")
    if not name:
        return _blank(slug, "")
    try:
        form = _stored(connection, account_pk, slug, name)
    except MetricNotFound:
        return _new(connection, account_pk, slug, name, like=asked.get("like"))
    fix = next(
        (
            finding.fix
            for finding in read_known(connection, account_pk, slug).findings
            if finding.name == name and finding.rule.value == asked.get("fix")
        ),
        None,
    )
    if fix is None:
        return form
    return replace(
        form,
        definition=fix.definition if fix.definition is not None else form.definition,
        expected_values="\n".join(fix.expected_values) if fix.expected_values is not None else form.expected_values,
        hint="Filled in with what is advised: complete it where it says …, and check it, before you save.",
    )


def _stored(connection: Connection, account_pk: int, slug: str, name: str) -> FormView:
    metric = find_metric(connection, account_pk, slug, name)
    return FormView(
        agent=slug,
        original=name,
        name=name,
        type=metric.type.value,
        definition=metric.definition,
        expected_values="\n".join(metric.expected_values),
        active=metric.active,
        in_api=metric.in_api,
        fixed=is_in_use(connection, account_pk, slug, name, _ANY_TYPE),
        hint="",
    )


def _new(connection: Connection, account_pk: int, slug: str, name: str, *, like: str | None) -> FormView:
    if like:
        pattern = _stored(connection, account_pk, slug, like)
        hint = f"A copy of {words.visible(like)}. Let the code write the new name, then retire the old one."
        return replace(pattern, original="", name=name, fixed=False, active=True, hint=hint)
    guess = guess_metric(values_written(connection, account_pk, slug, name))
    hint = f"Guessed from {words.count(guess.seen, 'write')} in the newest calls; check it." if guess.seen else ""
    return replace(
        _blank(slug, name), type=guess.type.value, expected_values="\n".join(guess.expected_values), hint=hint
    )


def _blank(slug: str, name: str) -> FormView:
    return FormView(slug, "", name, MetricType.BOOLEAN.value, "", "", active=True, in_api=True, fixed=False, hint="")


def _written(fields: dict[str, str], agent: str, original: str) -> FormView:
    name = fields.get("name", "")
    return FormView(
        agent=agent,
        original=original,
        # A field of one line loses line ends, which a name may hold; that is no new name.
        name=original if name == "".join(original.splitlines()) else name,
        type=fields.get("type", ""),
        definition=fields.get("definition", ""),
        expected_values=fields.get("expected_values", ""),
        active="active" in fields,
        in_api="in_api" in fields,
        fixed=False,
        hint="",
    )


def _read(form: FormView) -> NewMetric:
    return NewMetric(
        name=form.name,
        type=read_type(form.type),
        expected_values=tuple(line.strip() for line in form.expected_values.splitlines() if line.strip()),
        definition=form.definition.replace("\r\n", "\n").strip(),
        active=form.active,
        in_api=form.in_api,
    )


def _as_change(metric: NewMetric) -> MetricChange:
    return MetricChange(
        name=metric.name,
        type=metric.type,
        definition=metric.definition,
        expected_values=metric.expected_values,
        active=metric.active,
        in_api=metric.in_api,
    )


def _show(request: Request, form: FormView, error: PostcallError | None) -> Response:
    field = (error.field or "").partition("[")[0] if error else ""
    title = f"Change {words.visible(form.original)}" if form.original else "Define a metric"
    return render(
        request,
        "metric_form.html",
        status=error.status if error else 200,
        form=form,
        title=title,
        types=[each.value for each in MetricType],
        action=form_path(form.agent, **({"name": form.original} if form.original else {})),
        back=list_path(form.agent),
        longest=MAX_NAME,
        problem=error.message if error else None,
        wrong=field if field in _FIELDS else "",
        may_change=person_of(request).may_change,
    )
