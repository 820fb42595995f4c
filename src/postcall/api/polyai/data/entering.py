"""Who asks through the Data API, about which projects, and what of them may be known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from sqlalchemy.engine import Connection

from postcall.api.auth import authenticate
from postcall.api.polyai.data.catalogue import Catalogue, make_catalogue
from postcall.api.reports import reports_of
from postcall.api.services import services_of
from postcall.domain.keys import Principal, Scope
from postcall.errors import AgentNotFound
from postcall.storage.project_catalogue import Project, Vocabulary, find_project, list_projects, vocabularies

PER_MINUTE: Final = 100
"""Requests that this interface takes from one key."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A key that may be here, and the projects that it asks about."""

    principal: Principal
    projects: tuple[Project, ...]
    """One where it named one; else all that the key is for."""
    named: str | None
    """The slug of the project that it named."""
    whole: bool
    """Whether these are all the projects of the account, those to come as well."""

    @property
    def account_pk(self) -> int:
        """Whose calls they are."""
        return self.principal.account_pk


async def authenticate_here(request: Request, *, transcripts: bool = False) -> Principal:
    """Whoever holds the request's key; NotAllowed without the permission to read conversations, and their words."""
    principal = await authenticate(request, Scope.CONVERSATIONS, narrow=True, limit=PER_MINUTE)
    if transcripts:
        principal.require(Scope.PII)
    return principal


async def visit(request: Request, principal: Principal, project_id: str | None) -> Visitor:
    """The projects that are asked about; AgentNotFound for one that there is not, or that the key is not for."""
    return await services_of(request).record.read_async(lambda c: find_projects(c, principal, project_id))


def find_projects(connection: Connection, principal: Principal, project_id: str | None) -> Visitor:
    """`visit`, on a connection."""
    if project_id is None:
        every = list_projects(connection, principal.account_pk)
        mine = tuple(each for each in every if principal.may_see(each.pk))
        return Visitor(principal, mine, None, whole=principal.agents is None)
    project = find_project(connection, principal.account_pk, project_id)
    if not principal.may_see(project.pk):
        raise AgentNotFound(project_id)
    return Visitor(principal, (project,), project.slug, whole=False)


async def catalogue_of(request: Request, visitor: Visitor) -> Catalogue:
    """The metrics of the visitor's projects."""

    def look(connection: Connection) -> dict[str, Vocabulary]:
        return vocabularies(connection, visitor.projects)

    known = await services_of(request).record.read_async(look)
    carried = await reports_of(request).names(visitor.account_pk, visitor.named)
    with_pii = visitor.principal.may_see_pii
    return make_catalogue(visitor.projects, known, carried, with_pii=with_pii)
