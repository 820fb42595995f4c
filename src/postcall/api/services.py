"""The services behind a request."""

from __future__ import annotations

from fastapi import Request

from postcall.services import Services

__all__ = ["Services", "services_of"]


def services_of(request: Request) -> Services:
    """The services of the app that this request came to."""
    services: Services = request.app.state.services
    return services
