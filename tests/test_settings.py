"""The settings: read once, and a wrong one stops the start with one clear line."""

from __future__ import annotations

from pathlib import Path

import pytest

from postcall.errors import SettingsError
from postcall.settings import read_settings
from postcall.storage.database import open_record

MODEL = {"POSTCALL_LLM_BASE_URL": "http://127.0.0.1:11434/v1", "POSTCALL_LLM_MODEL": "small"}


def test_without_any_setting_everything_has_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings({})
    assert settings.data == tmp_path / ".postcall"
    assert settings.database_url == f"sqlite:///{tmp_path / '.postcall' / 'postcall.db'}"
    assert settings.admin_key is None
    assert settings.model is None


def test_every_setting_is_read(tmp_path: Path) -> None:
    settings = read_settings(
        {
            "POSTCALL_DATA": str(tmp_path),
            "POSTCALL_DATABASE_URL": "postgresql://joe:secret@db/calls",
            "POSTCALL_ADMIN_KEY": "0123456789abcdef",
            **MODEL,
            "POSTCALL_LLM_API_KEY": "sk-1",
            "POSTCALL_LLM_REASONING_MODEL": "deep",
            "POSTCALL_LLM_AGENT_MODEL": "talker",
            "POSTCALL_LLM_AGENT_MODELS": "electron=small, gpt-4o = org/large=1,",
            "POSTCALL_LLM_CONCURRENCY": "128",
            "POSTCALL_LLM_TIMEOUT": "12.5",
        }
    )
    assert settings.data == tmp_path
    assert settings.database_url == "postgresql+psycopg://joe:secret@db/calls"
    assert settings.admin_key == "0123456789abcdef"
    assert settings.model is not None
    assert (settings.model.base_url, settings.model.model, settings.model.api_key) == (*MODEL.values(), "sk-1")
    assert (settings.model.reasoning_model, settings.model.concurrency, settings.model.timeout_s) == ("deep", 128, 12.5)
    assert [settings.model.model_of_agent(name) for name in (None, "electron", "gpt-4o", "gpt-5")] == [
        "talker",
        "small",
        "org/large=1",
        "talker",
    ]


def test_thirty_two_requests_are_in_flight_unless_said_otherwise() -> None:
    settings = read_settings(MODEL)
    assert settings.model is not None
    assert settings.model.concurrency == 32


def test_an_empty_setting_is_as_good_as_none() -> None:
    empty = dict.fromkeys(
        ("POSTCALL_DATA", "POSTCALL_DATABASE_URL", "POSTCALL_ADMIN_KEY", "POSTCALL_LLM_BASE_URL", "POSTCALL_LLM_MODEL"),
        "",
    )
    assert read_settings(empty) == read_settings({})


def test_settings_of_others_do_not_matter() -> None:
    assert read_settings({"OPENAI_API_KEY": "sk-1", "PATH": "/bin"}) == read_settings({})


def test_a_home_folder_is_understood() -> None:
    assert read_settings({"POSTCALL_DATA": "~/calls"}).data == Path.home() / "calls"


WRONG = [
    ("POSTCALL_DATABASE_URL", {"POSTCALL_DATABASE_URL": "mysql://db/calls"}),
    ("POSTCALL_DATABASE_URL", {"POSTCALL_DATABASE_URL": "calls.db"}),
    ("POSTCALL_ADMIN_KEY", {"POSTCALL_ADMIN_KEY": "short"}),
    ("POSTCALL_LLM_BASE_URL", {**MODEL, "POSTCALL_LLM_BASE_URL": "127.0.0.1:11434"}),
    ("POSTCALL_LLM_BASE_URL", {**MODEL, "POSTCALL_LLM_BASE_URL": "ftp://127.0.0.1/v1"}),
    ("POSTCALL_LLM_BASE_URL", {**MODEL, "POSTCALL_LLM_BASE_URL": "http://"}),
    ("POSTCALL_LLM_BASE_URL", {**MODEL, "POSTCALL_LLM_BASE_URL": "http://[bad/v1"}),
    ("POSTCALL_LLM_BASE_URL", {**MODEL, "POSTCALL_LLM_BASE_URL": "http://127.0.0.1:port/v1"}),
    ("POSTCALL_LLM_BASE_URL", {"POSTCALL_LLM_MODEL": "small"}),
    ("POSTCALL_LLM_BASE_URL", {"POSTCALL_LLM_API_KEY": "sk-1"}),
    ("POSTCALL_LLM_BASE_URL", {"POSTCALL_LLM_REASONING_MODEL": "deep"}),
    ("POSTCALL_LLM_BASE_URL", {"POSTCALL_LLM_AGENT_MODEL": "talker"}),
    ("POSTCALL_LLM_BASE_URL", {"POSTCALL_LLM_AGENT_MODELS": "electron=small"}),
    ("POSTCALL_LLM_AGENT_MODELS", {**MODEL, "POSTCALL_LLM_AGENT_MODELS": "electron"}),
    ("POSTCALL_LLM_AGENT_MODELS", {**MODEL, "POSTCALL_LLM_AGENT_MODELS": "electron=a,electron=b"}),
    ("POSTCALL_LLM_MODEL", {"POSTCALL_LLM_BASE_URL": MODEL["POSTCALL_LLM_BASE_URL"]}),
    ("POSTCALL_LLM_CONCURRENCY", {**MODEL, "POSTCALL_LLM_CONCURRENCY": "many"}),
    ("POSTCALL_LLM_CONCURRENCY", {**MODEL, "POSTCALL_LLM_CONCURRENCY": "0"}),
    ("POSTCALL_LLM_CONCURRENCY", {**MODEL, "POSTCALL_LLM_CONCURRENCY": "-1"}),
    ("POSTCALL_LLM_CONCURRENCY", {**MODEL, "POSTCALL_LLM_CONCURRENCY": "1.5"}),
    ("POSTCALL_LLM_CONCURRENCY", {"POSTCALL_LLM_CONCURRENCY": "nan"}),
    ("POSTCALL_LLM_TIMEOUT", {**MODEL, "POSTCALL_LLM_TIMEOUT": "soon"}),
    ("POSTCALL_LLM_TIMEOUT", {**MODEL, "POSTCALL_LLM_TIMEOUT": "0"}),
    ("POSTCALL_LLM_TIMEOUT", {**MODEL, "POSTCALL_LLM_TIMEOUT": "inf"}),
]


@pytest.mark.parametrize(("name", "environ"), WRONG, ids=[f"{n}-{name}" for n, (name, _) in enumerate(WRONG)])
def test_a_wrong_setting_is_named_in_one_line(name: str, environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refusal:
        read_settings(environ)
    assert name in refusal.value.message
    assert "\n" not in refusal.value.message


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://joe:hunter2@db:notaport/calls",
        "postgresql://joe:hunter2@[bad/calls",
        "postgresql://joe:hunter2@127.0.0.1:1/calls",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:////proc/nowhere/calls.db",
        "sqlite:///.",
    ],
)
def test_a_database_that_cannot_be_used_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """A record in memory would be another one for every connection, and gone with the process."""
    monkeypatch.chdir(tmp_path)
    mode = tmp_path.stat().st_mode
    with pytest.raises(SettingsError) as refusal:
        open_record(read_settings({"POSTCALL_DATABASE_URL": url}).database_url).close()
    assert "database" in refusal.value.message.casefold()
    assert "\n" not in refusal.value.message
    assert "hunter2" not in refusal.value.message
    assert tmp_path.stat().st_mode == mode
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_does_not_print_secrets() -> None:
    for environ in (
        {"POSTCALL_ADMIN_KEY": "hunter2"},
        {"POSTCALL_DATABASE_URL": "mysql://joe:hunter2@db/calls"},
        {"POSTCALL_LLM_API_KEY": "hunter2"},
    ):
        with pytest.raises(SettingsError) as refusal:
            read_settings(environ)
        assert "hunter2" not in refusal.value.message


MAIL = {"POSTCALL_SMTP_URL": "smtp://desk:pa%40ss@mail.example:2525", "POSTCALL_SMTP_FROM": "desk@clinic.example"}
TEXTS = {
    "POSTCALL_TWILIO_URL": "http://127.0.0.1:9/",
    "POSTCALL_TWILIO_ACCOUNT_SID": "AC1",
    "POSTCALL_TWILIO_AUTH_TOKEN": "token",
}


def test_a_mail_server_is_read_with_its_password_and_usual_port() -> None:
    smtp = read_settings(MAIL).smtp
    assert smtp is not None
    assert (smtp.host, smtp.port, smtp.tls, smtp.user, smtp.password) == ("mail.example", 2525, False, "desk", "pa@ss")
    assert "pa@ss" not in repr(smtp)
    for url, port in (("smtp://mail.example", 25), ("smtp://u:p@mail.example", 587), ("smtps://mail.example", 465)):
        usual = read_settings({**MAIL, "POSTCALL_SMTP_URL": url}).smtp
        assert usual is not None and usual.port == port
    assert read_settings({}).smtp is None


@pytest.mark.parametrize(
    "changes",
    [
        {"POSTCALL_SMTP_URL": ""},
        {"POSTCALL_SMTP_URL": "http://mail.example"},
        {"POSTCALL_SMTP_URL": "smtp://"},
        {"POSTCALL_SMTP_URL": "smtp://h/path"},
        {"POSTCALL_SMTP_FROM": ""},
        {"POSTCALL_SMTP_FROM": "desk"},
        {"POSTCALL_SMTP_FROM": "Desk <desk@clinic.example>"},
    ],
)
def test_a_wrong_mail_server_stops_the_start_without_its_password(changes: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({**MAIL, **changes})
    assert "POSTCALL_SMTP_" in refused.value.message and "pa%40ss" not in refused.value.message


def test_a_provider_of_texts_is_read_and_its_token_not_shown() -> None:
    twilio = read_settings(TEXTS).twilio
    assert twilio is not None
    assert (twilio.url, twilio.account_sid, twilio.auth_token) == ("http://127.0.0.1:9", "AC1", "token")
    assert "token" not in repr(twilio).replace("auth_token", "")
    assert read_settings({}).twilio is None


@pytest.mark.parametrize(
    "changes",
    [
        *({name: ""} for name in TEXTS),
        {"POSTCALL_TWILIO_URL": "ftp://h"},
        {"POSTCALL_TWILIO_URL": "http://user:pass@h"},
        {"POSTCALL_TWILIO_ACCOUNT_SID": "../other"},
        {"POSTCALL_TWILIO_AUTH_TOKEN": "to\nken"},
    ],
)
def test_a_wrong_provider_stops_the_start(changes: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="POSTCALL_TWILIO_"):
        read_settings({**TEXTS, **changes})


def test_the_key_of_secrets_is_not_shown() -> None:
    settings = read_settings({"POSTCALL_SECRETS_KEY": "a-key-that-nobody-may-see"})
    assert settings.secrets_key == "a-key-that-nobody-may-see"
    assert "nobody-may-see" not in repr(settings)


def test_the_embeddings_endpoint_is_read() -> None:
    assert read_settings({}).embeddings is None
    endpoint = {"POSTCALL_EMBEDDINGS_BASE_URL": "http://127.0.0.1:11434/v1/", "POSTCALL_EMBEDDINGS_MODEL": "nomic"}
    found = read_settings({**endpoint, "POSTCALL_EMBEDDINGS_API_KEY": "sk-2"}).embeddings
    assert found is not None
    assert (found.base_url, found.model, found.api_key) == ("http://127.0.0.1:11434/v1", "nomic", "sk-2")
    assert "sk-2" not in repr(found)


@pytest.mark.parametrize(
    "environ",
    [
        {"POSTCALL_EMBEDDINGS_MODEL": "nomic"},
        {"POSTCALL_EMBEDDINGS_API_KEY": "sk-2"},
        {"POSTCALL_EMBEDDINGS_BASE_URL": "http://127.0.0.1/v1"},
        {"POSTCALL_EMBEDDINGS_BASE_URL": "ftp://127.0.0.1/v1", "POSTCALL_EMBEDDINGS_MODEL": "nomic"},
        {"POSTCALL_EMBEDDINGS_BASE_URL": "http://[::1/v1", "POSTCALL_EMBEDDINGS_MODEL": "nomic"},
    ],
    ids=["no address", "a key alone", "no model", "another scheme", "no address at all"],
)
def test_half_an_embeddings_endpoint_stops_the_start(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="POSTCALL_EMBEDDINGS_"):
        read_settings(environ)


def test_what_a_question_may_cost_is_a_setting() -> None:
    assert read_settings({}).analyst.requests >= 500 / 25
    chosen = {"REQUESTS": "7", "TOKENS": "50000", "SECONDS": "12.5"}
    settings = read_settings({f"POSTCALL_ANALYST_{name}": value for name, value in chosen.items()})
    assert (settings.analyst.requests, settings.analyst.tokens, settings.analyst.seconds) == (7, 50_000, 12.5)
    with pytest.raises(SettingsError, match="POSTCALL_ANALYST_REQUESTS"):
        read_settings({"POSTCALL_ANALYST_REQUESTS": "0"})
