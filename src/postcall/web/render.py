"""Templates and the assets they link to."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from postcall.web.access import STATIC
from postcall.web.analyser_view import show_analyser
from postcall.web.charts import chart_json, describe_chart, table_of
from postcall.web.people import known_person

_HERE = Path(__file__).parent
STATIC_FOLDER = _HERE / "static"


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page. `values` are ready to show: templates neither look things up nor reckon."""
    return HTMLResponse(render_text(request, template, **values), status_code=status)


def render_text(request: Request, template: str, **values: Any) -> str:
    """The same as text."""
    page = _environment.get_template(template).render(
        **values,
        person=known_person(request),
        analyser=show_analyser(request.app.state.analyser),
        path=request.url.path,
    )
    # A lone surrogate cannot be sent at all; the record takes none, but an error may quote an address.
    return page.encode("utf-8", "replace").decode()


@cache
def asset(name: str) -> str | None:
    """The address of an asset, with a digest so that it may be cached for good; None where it was not built.

    Looked up once: a server that runs while its assets are built shows them from its next start on.
    """
    file = STATIC_FOLDER / name
    if not file.is_file():
        return None
    return f"{STATIC}/{name}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:16]}"


def make_environment(*more: BaseLoader) -> Environment:
    """Our templates and what they may call; `more` are looked in first."""
    environment = Environment(
        loader=ChoiceLoader([*more, FileSystemLoader(_HERE / "templates")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Macros are imported without the values of the page that imports them.
    environment.globals["asset"] = asset
    environment.filters.update(chart_json=chart_json, table_of=table_of, describe_chart=describe_chart)
    return environment


_environment = make_environment()
