"""The hosted conversations of the running application."""

from __future__ import annotations

from fastapi import Request

from postcall.runtime.hosting import Hosting


def hosting_of(request: Request) -> Hosting:
    """Through this every channel of this process goes; made on its event loop with the first request that asks."""
    state = request.app.state
    if state.hosting is None:
        state.hosting = state.open_hosting()
    hosting: Hosting = state.hosting
    return hosting
