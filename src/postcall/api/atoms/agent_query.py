"""Which agents a list is to have, as its address says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from postcall.api.atoms.paging import Paging, read_paging
from postcall.api.atoms.parameters import descends, read_choice
from postcall.storage.agent_profiles import AgentQuery

LARGEST_PAGE = 1000
"""Clients that want all of them ask for a hundred millions."""
_SORTS = {
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "totalCalls": "calls",
    "name": "name",
    "workflowType": "marked",
}
_TYPES: dict[str, bool | None] = {"single_prompt": False, "workflow_graph": True}
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class AskedAgents:
    """A page of agents; those whose workflow is a graph are the marked ones."""

    query: AgentQuery
    paging: Paging

    @property
    def by_type(self) -> bool:
        """Whether it matters which agents' workflows are graphs."""
        return self.query.only_marked is not None or self.query.sort == "marked"


def read_agent_query(params: Mapping[str, str]) -> AskedAgents:
    """`page`, `offset` (the size of a page), `search`, `type`, `sortField`, `sortOrder`, `archived`."""
    paging = read_paging(params, size=10, most=LARGEST_PAGE)
    return AskedAgents(
        AgentQuery(
            search=params.get("search", "").strip(),
            archived=read_choice(params, "archived", _FLAGS, otherwise=False),
            sort=read_choice(params, "sortField", _SORTS, otherwise="created_at"),
            descending=descends(params),
            only_marked=read_choice(params, "type", _TYPES, otherwise=None),
            limit=paging.size,
            skip=paging.skip,
        ),
        paging,
    )
