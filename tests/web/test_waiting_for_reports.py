"""What a page says where the reports cannot answer yet, or not at all."""

from __future__ import annotations

import pytest
from fastapi import Request
from starlette.testclient import TestClient
from tests.live_server import LiveServer

from postcall.app import create_app
from postcall.errors import PostcallError, QueryTooSlow, ReportsBuilding
from postcall.extraction.analysers import make_analyser
from postcall.web.error_pages import show_problem


@pytest.mark.parametrize("error", [ReportsBuilding(0.5), QueryTooSlow(30)], ids=lambda error: error.code)
def test_a_page_does_not_call_it_a_fault(server: LiveServer, error: PostcallError) -> None:
    app = create_app(server.services, make_analyser(server.services.settings))

    @app.get("/a-page")
    def page(request: Request) -> object:
        return show_problem(request, error)

    reply = TestClient(app).get("/a-page")
    assert reply.status_code == error.status
    assert "fault" not in reply.text
    assert error.message[1:] in reply.text
