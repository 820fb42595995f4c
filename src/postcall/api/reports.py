"""The reports of the running application."""

from __future__ import annotations

from fastapi import Request

from postcall.reporting.reports import Reports


def reports_of(request: Request) -> Reports:
    """What every number comes from."""
    reports: Reports = request.app.state.reports
    return reports
