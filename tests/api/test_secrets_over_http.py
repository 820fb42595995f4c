"""Secrets over HTTP: a value goes in and never comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.builders import StepClock, a_call
from tests.live_server import LiveServer, run_server

from postcall.configure.sealing import Sealer
from postcall.configure.secrets import read_secret
from postcall.domain.keys import Scope
from postcall.storage.agents import find_agent_row

PATH = "/agents/clinic/secrets"


@pytest.fixture(autouse=True)
def _agent(any_server: LiveServer) -> None:
    any_server.desk.hand_in(a_call())


def put(server: LiveServer, name: str, value: Any) -> Any:
    return server.http.put(f"{PATH}/{name}", json={"value": value})


def stored(server: LiveServer, name: str) -> Any:
    settings = server.services.settings
    sealer = Sealer(settings.secrets_key, settings.secrets_file)

    def read(connection: Any) -> Any:
        return read_secret(connection, sealer, find_agent_row(connection, server.desk.pk, "clinic").pk, name)

    return server.services.record.read(read)


def test_a_secret_is_set_listed_and_removed_and_never_shown(any_server: LiveServer) -> None:
    reply = put(any_server, "TOKEN", "hunter22-hunter22")
    expected = {"name": "TOKEN", "created_at": "2026-03-02T12:00:00Z", "updated_at": "2026-03-02T12:00:00Z"}
    assert (reply.status_code, reply.json()) == (200, expected)
    put(any_server, "ACCOUNT", {"user": "desk", "password": "hunter22"})
    listed = any_server.http.get(PATH)
    assert [each["name"] for each in listed.json()["secrets"]] == ["ACCOUNT", "TOKEN"]
    assert "hunter22" not in listed.text
    assert stored(any_server, "TOKEN") == "hunter22-hunter22"
    assert stored(any_server, "ACCOUNT") == {"user": "desk", "password": "hunter22"}
    assert any_server.http.delete(f"{PATH}/TOKEN").status_code == 204
    assert any_server.http.delete(f"{PATH}/TOKEN").status_code == 404
    assert any_server.http.get(f"{PATH}/ACCOUNT").status_code == 405, "there is no way to read one"


def test_a_value_too_short_to_hide_is_set_with_a_warning(any_server: LiveServer) -> None:
    reply = put(any_server, "PIN", "x7")
    assert reply.status_code == 200
    assert "fewer than 4 characters" in reply.json()["warning"] and "x7" not in reply.text


@pytest.mark.parametrize("value", [5, None, "", {}, [], True])
def test_what_is_no_secret_is_refused(any_server: LiveServer, value: Any) -> None:
    reply = put(any_server, "TOKEN", value)
    assert (reply.status_code, reply.json()["error"]["field"]) == (400, "value")
    assert any_server.http.get(PATH).json() == {"secrets": []}


def test_a_refusal_does_not_repeat_what_was_sent(any_server: LiveServer) -> None:
    for body in (b'{"valu": "hunter22"}', b'{"value": "hunter22"', b'"hunter22"', b'{"value": ["hunter22"]}'):
        reply = any_server.http.put(f"{PATH}/TOKEN", content=body)
        assert reply.status_code == 400 and "hunter22" not in reply.text


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.ADMIN])
def test_secrets_are_the_admins_business(any_server: LiveServer, scope: Scope) -> None:
    with any_server.holder_of(scope) as client:
        assert client.get(PATH).status_code == 403
        assert client.put(f"{PATH}/TOKEN", json={"value": "hunter22"}).status_code == 403
        assert client.delete(f"{PATH}/TOKEN").status_code == 403


def test_another_account_meets_no_such_agent(any_server: LiveServer) -> None:
    put(any_server, "TOKEN", "hunter22")
    with any_server.holder_of(Scope.ADMIN, account="other") as client:
        assert client.get(PATH).status_code == 404
        assert client.put(f"{PATH}/TOKEN", json={"value": "other"}).status_code == 404
    assert stored(any_server, "TOKEN") == "hunter22"


def test_the_key_of_a_server_that_sets_secrets_lies_in_its_data_folder(sqlite_url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with run_server(sqlite_url, data, clock=StepClock()) as server:
        server.desk.hand_in(a_call())
        assert not (data / "secrets-key").exists()
        put(server, "TOKEN", "hunter22")
        assert (data / "secrets-key").stat().st_mode & 0o077 == 0
