"""Which agents a list is to have, as its address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from postcall.api.atoms.errors import AtomsError
from postcall.storage.agent_profiles import AgentQuery

T = TypeVar("T")

LARGEST_PAGE = 1000
"""Clients that want all of them ask for a hundred millions."""
_LAST_PAGE = 1_000_000
_SORTS = {
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "totalCalls": "calls",
    "name": "name",
    "workflowType": "marked",
}
_TYPES = {"single_prompt": False, "workflow_graph": True}
_ORDERS = {"asc": False, "desc": True}
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class AskedAgents:
    """A page of agents; those whose workflow is a graph are the marked ones."""

    query: AgentQuery
    page: int
    """From 1."""

    @property
    def by_type(self) -> bool:
        """Whether it matters which agents' workflows are graphs."""
        return self.query.only_marked is not None or self.query.sort == "marked"


def read_agent_query(params: Mapping[str, str]) -> AskedAgents:
    """`page`, `offset` (the size of a page), `search`, `type`, `sortField`, `sortOrder`, `archived`."""
    page, size = _whole(params, "page", 1, _LAST_PAGE), _whole(params, "offset", 10, LARGEST_PAGE)
    kind = params.get("type")
    return AskedAgents(
        AgentQuery(
            search=params.get("search", "").replace("\x00", "").strip(),
            archived=_among(params, "archived", _FLAGS, "false"),
            sort=_among(params, "sortField", _SORTS, "createdAt"),
            descending=_among(params, "sortOrder", _ORDERS, "desc"),
            only_marked=_among(params, "type", _TYPES, "") if kind else None,
            limit=size,
            skip=(page - 1) * size,
        ),
        page,
    )


def _whole(params: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = params.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) >= 1):
        raise AtomsError(400, f"{name}: Must be a whole number from 1")
    return min(int(text), most)


def _among(params: Mapping[str, str], name: str, values: Mapping[str, T], default: str) -> T:
    text = params.get(name) or default
    if text not in values:
        raise AtomsError(400, f"{name}: Must be one of {', '.join(values)}")
    return values[text]
