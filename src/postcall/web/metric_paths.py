"""The addresses of metrics' pages. A name may hold any character, also what looks like the ending of an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode

PATH = "/metrics"
FORM = "/metric-form"
CHANGE = "/metric-change"
IMPORT = "/metrics-import"
_ENDINGS = (".html", ".json", ".csv")

Form = Literal["html", "json", "csv"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for."""

    name: str
    form: Form


def metric_path(name: str, query: str = "") -> str:
    """The page of a metric; a name that an address could misread gets an ending of the address's own."""
    misread = name.endswith(_ENDINGS) or name in {".", ".."}
    return with_query(f"{bare_path(name)}{'.html' if misread else ''}", query)


def bare_path(name: str) -> str:
    """What `.json` and `.csv` are put behind."""
    return f"{PATH}/{quote(name, safe='')}"


def read_path(rest: str) -> Asked:
    """The inverse of `metric_path`, and the same with `.json` or `.csv`."""
    for ending in _ENDINGS:
        if rest.endswith(ending) and rest != ending:
            form: Form = "json" if ending == ".json" else "csv" if ending == ".csv" else "html"
            return Asked(rest.removesuffix(ending), form)
    return Asked(rest, "html")


def list_path(agent: str, **more: str) -> str:
    """The list of an agent's metrics."""
    return with_query(PATH, urlencode({"agent": agent, **more}))


def form_path(agent: str, **more: str) -> str:
    """The form to define a metric, or to change the one called `name`."""
    return with_query(FORM, urlencode({"agent": agent, **more}))


def change_path(agent: str, name: str, **more: str) -> str:
    """Where to send a change of one metric. The name is in the address: a form's field would alter its line ends."""
    return with_query(CHANGE, urlencode({"agent": agent, "name": name, **more}))


def with_query(path: str, query: str) -> str:
    """The address with this query, if there is one."""
    return f"{path}?{query}" if query else path
