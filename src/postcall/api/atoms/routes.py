"""Every route of this interface, under both of its prefixes."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from postcall.api.atoms.errors import PREFIXES

ROUTERS: tuple[APIRouter, ...] = ()
"""In the order in which addresses are looked up: `/agent/template` before `/agent/{id}`."""


def add_atoms(app: FastAPI) -> None:
    """Serve the interface."""
    for prefix in PREFIXES:
        for router in ROUTERS:
            app.include_router(router, prefix=prefix, include_in_schema=False)
