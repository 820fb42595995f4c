"""The settings, read once from the environment."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from postcall.endpoint_settings import AnalystSettings, EmbeddingSettings, read_embeddings
from postcall.endpoint_settings import ModelSettings as ModelSettings  # asked for here by everybody
from postcall.errors import SettingsError


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """The server that takes e-mails."""

    host: str
    port: int
    tls: bool
    """From the first byte (smtps); otherwise STARTTLS is used where the server offers it."""
    sender: str
    """The address that e-mails come from."""
    user: str | None = None
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """The provider of SMS and WhatsApp, or whatever speaks like it."""

    url: str
    """Without a slash at the end."""
    account_sid: str
    auth_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What is told to others by HTTP."""

    to: tuple[str, ...] = ()
    """Hosts and networks that may be reached besides public addresses; `private` is this machine and all private
    networks."""
    attempts: int = 12
    """How often a delivery is tried in all: with the waits between them, for a day."""
    kept_days: float = 30.0
    """How long the log keeps what has ended."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the operator can choose."""

    data: Path
    """The folder that holds the record and the first key."""
    database_url: str
    """Of the record: the SQLite file in `data`, or PostgreSQL."""
    admin_key: str | None
    """An admin key of the default account, besides those in the record."""
    model: ModelSettings | None
    """None: the built-in analyser answers."""
    embeddings: EmbeddingSettings | None = None
    """None: calls are compared in a space that is learned from them."""
    analyst: AnalystSettings = field(default_factory=AnalystSettings)
    live_silence_s: float = 900.0
    """A live call that sends nothing for so long is ended."""
    max_body_bytes: int = 16 * 1024 * 1024
    max_recording_bytes: int = 64 * 1024 * 1024
    """Of one call's recording."""
    calls_at_once: int = 20
    """Calls that postcall places and holds at the same time, for each account."""
    audience_members: int = 1_000_000
    """People in one audience at most."""
    conversations_limit: int = 1_000
    """Conversations in one reply of PolyAI's list, where the request does not say."""
    public_url: str | None = None
    """The origin under which people see the pages, where a proxy stands before them: `https://` and its name."""

    function_timeout_s: float = 10.0
    """How long a function of an agent may run while somebody waits on the line."""
    function_memory_mib: int = 1024
    """The address space of a process that runs functions."""
    function_workers: int = 32
    """Such processes at once."""
    end_function_timeout_s: float = 60.0
    """How long `end_function` may run, where nobody waits."""
    secrets_key: str | None = field(default=None, repr=False)
    """The keys that seal agents' secrets, newest first; None: those of `secrets_file`."""
    smtp: SmtpSettings | None = None
    """None: e-mails are recorded, not sent."""
    twilio: TwilioSettings | None = None
    """None: SMS and WhatsApp messages are recorded, not sent."""
    webhooks: WebhookSettings = WebhookSettings()
    audit_kept_days: float = 365.0
    """How long the log of who read and changed what is kept."""
    analyst_kept_days: float = 365.0
    """How long a thread of questions to the analyst is kept after its last one."""
    exports_kept_days: float = 7.0
    """How long the files of an export that the server made are kept."""

    simulated_outcomes: Mapping[str, float] = field(default_factory=lambda: {"answered": 1.0})
    """How often calls of the simulated carrier end in which way, as shares; they need not add up to 1."""

    @property
    def secrets_file(self) -> Path:
        """Where the key of secrets is, if it is not a setting; made with the first secret."""
        return self.data / "secrets-key"

    @property
    def key_file(self) -> Path:
        """Where the first key is kept."""
        return self.data / "api-key"

    @property
    def index_file(self) -> Path:
        """Where the reporting index is; it can be thrown away."""
        return self.data / "reports" / "index.duckdb"

    @property
    def sqlite_file(self) -> Path:
        """Where the record is, if it is a file."""
        return Path(self.database_url.partition("///")[2])


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read every `POSTCALL_` setting, or raise SettingsError with one line that says which is wrong and why."""
    data = Path(environ.get("POSTCALL_DATA") or "./.postcall").expanduser().resolve()
    return Settings(
        data=data,
        database_url=_database_url(environ, data),
        admin_key=_admin_key(environ),
        model=_model(environ),
        embeddings=read_embeddings(environ),
        analyst=AnalystSettings(
            requests=int(_number(environ, "POSTCALL_ANALYST_REQUESTS", default=60, least=1, most=10_000)),
            tokens=int(_number(environ, "POSTCALL_ANALYST_TOKENS", default=1_000_000, least=1_000, most=1e9)),
            seconds=_number(environ, "POSTCALL_ANALYST_SECONDS", default=300.0, least=1.0, most=3_600.0),
        ),
        live_silence_s=_number(environ, "POSTCALL_LIVE_SILENCE", default=900.0, least=1.0, most=86_400.0),
        max_body_bytes=int(_number(environ, "POSTCALL_MAX_BODY", default=16 * 1024 * 1024, least=1024, most=2**31)),
        calls_at_once=int(_number(environ, "POSTCALL_CALLS_AT_ONCE", default=20, least=1, most=10_000)),
        audience_members=int(_number(environ, "POSTCALL_AUDIENCE_MEMBERS", default=1_000_000, least=1, most=2**31)),
        max_recording_bytes=int(
            _number(environ, "POSTCALL_MAX_RECORDING", default=64 * 1024 * 1024, least=1024, most=2**29)
        ),
        conversations_limit=int(_number(environ, "POSTCALL_CONVERSATIONS_LIMIT", default=1_000, least=1, most=5_000)),
        public_url=_public_url(environ),
        function_timeout_s=_number(environ, "POSTCALL_FUNCTION_TIMEOUT", default=10.0, least=0.1, most=600.0),
        function_memory_mib=int(_number(environ, "POSTCALL_FUNCTION_MEMORY", default=1024, least=128, most=2**20)),
        function_workers=int(_number(environ, "POSTCALL_FUNCTION_WORKERS", default=32, least=1, most=1024)),
        end_function_timeout_s=_number(environ, "POSTCALL_END_FUNCTION_TIMEOUT", default=60.0, least=0.1, most=3600.0),
        secrets_key=environ.get("POSTCALL_SECRETS_KEY", "").strip() or None,
        smtp=_smtp(environ),
        twilio=_twilio(environ),
        webhooks=_webhooks(environ),
        exports_kept_days=_number(environ, "POSTCALL_EXPORTS_KEEP", default=7.0, least=0.01, most=3_650.0),
        audit_kept_days=_number(environ, "POSTCALL_AUDIT_KEEP", default=365.0, least=0.01, most=36_500.0),
        analyst_kept_days=_number(environ, "POSTCALL_ANALYST_KEEP", default=365.0, least=0.01, most=36_500.0),
        simulated_outcomes=_outcomes(environ),
    )


def _database_url(environ: Mapping[str, str], data: Path) -> str:
    url = environ.get("POSTCALL_DATABASE_URL", "").strip()
    if not url:
        return f"sqlite:///{data / 'postcall.db'}"
    scheme, found, rest = url.partition("://")
    if found and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        _check_address("POSTCALL_DATABASE_URL", f"postgresql://{rest}")
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("/") and rest.strip("/") not in {"", ":memory:"}:
        return url
    if scheme == "sqlite":
        raise SettingsError("POSTCALL_DATABASE_URL must name a file, as in sqlite:////var/lib/postcall/postcall.db")
    raise SettingsError(f"POSTCALL_DATABASE_URL must begin with postgresql:// or sqlite:///, not with {scheme[:20]!r}")


def _check_address(name: str, url: str) -> SplitResult:
    """The parts of an address; a wrong one may hold a password, so it is not repeated."""
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError as error:
        raise SettingsError(f"{name} is not an address: {error}") from None
    return parts


def _admin_key(environ: Mapping[str, str]) -> str | None:
    key = environ.get("POSTCALL_ADMIN_KEY", "").strip()
    if key and len(key) < 16:
        raise SettingsError(f"POSTCALL_ADMIN_KEY must have at least 16 characters; it has {len(key)}")
    return key or None


def _public_url(environ: Mapping[str, str]) -> str | None:
    """As browsers write an origin: in small letters, without the scheme's own port."""
    url = environ.get("POSTCALL_PUBLIC_URL", "").strip()
    if not url:
        return None
    parts = _check_address("POSTCALL_PUBLIC_URL", url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise SettingsError("POSTCALL_PUBLIC_URL must be an http:// or https:// address without a user")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError(
            "POSTCALL_PUBLIC_URL must end with the host or its port: pages cannot be moved below a path"
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in {None, {"http": 80, "https": 443}[parts.scheme]} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _smtp(environ: Mapping[str, str]) -> SmtpSettings | None:
    url = environ.get("POSTCALL_SMTP_URL", "").strip()
    sender = environ.get("POSTCALL_SMTP_FROM", "").strip()
    if not url:
        if sender:
            raise SettingsError("POSTCALL_SMTP_FROM is set but POSTCALL_SMTP_URL, which says where to send, is not")
        return None
    parts = _check_address("POSTCALL_SMTP_URL", url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingsError("POSTCALL_SMTP_URL must be smtp://user:password@host:port, or smtps:// for TLS at once")
    if not re.fullmatch(r"[^@\s<>,;:\"]+@[^@\s<>,;:\"]+", sender):
        raise SettingsError("POSTCALL_SMTP_FROM must be the e-mail address that messages come from")
    tls = parts.scheme == "smtps"
    return SmtpSettings(
        host=parts.hostname,
        port=parts.port or (465 if tls else 587 if parts.username else 25),
        tls=tls,
        sender=sender,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password or ""),
    )


_TWILIO = ("POSTCALL_TWILIO_URL", "POSTCALL_TWILIO_ACCOUNT_SID", "POSTCALL_TWILIO_AUTH_TOKEN")


def _twilio(environ: Mapping[str, str]) -> TwilioSettings | None:
    url, account_sid, auth_token = (environ.get(name, "").strip() for name in _TWILIO)
    if not (url or account_sid or auth_token):
        return None
    for name in _TWILIO:  # the address too: code names no other host
        if not environ.get(name, "").strip():
            raise SettingsError(f"{name} is not set; SMS and WhatsApp need {', '.join(_TWILIO)} together")
    parts = _check_address(_TWILIO[0], url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
        raise SettingsError(f"{_TWILIO[0]} must be an http:// or https:// address without a user")
    if not re.fullmatch(r"[A-Za-z0-9]+", account_sid):
        raise SettingsError(f"{_TWILIO[1]} must be letters and digits")
    if not auth_token.isascii() or not auth_token.isprintable():
        raise SettingsError(f"{_TWILIO[2]} holds a character that no HTTP header can carry")
    return TwilioSettings(url.rstrip("/"), account_sid, auth_token)


def _webhooks(environ: Mapping[str, str]) -> WebhookSettings:
    entries = [entry.strip().lower() for entry in environ.get("POSTCALL_WEBHOOKS_TO", "").split(",")]
    return WebhookSettings(
        to=tuple(_host_or_network(entry) for entry in entries if entry),
        attempts=int(_number(environ, "POSTCALL_WEBHOOKS_ATTEMPTS", default=12, least=1, most=1000)),
        kept_days=_number(environ, "POSTCALL_WEBHOOKS_KEEP", default=30.0, least=0.01, most=36_500.0),
    )


_HOST = re.compile(r"(?=.*[a-z_])[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")


def _host_or_network(entry: str) -> str:
    if _HOST.fullmatch(entry):  # `private` too
        return entry
    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        raise SettingsError(
            f"POSTCALL_WEBHOOKS_TO must name hosts, networks such as 10.1.0.0/16, or `private`; {entry[:60]!r} is none"
        ) from None
    return entry


_NEED_AN_ADDRESS = (
    "POSTCALL_LLM_MODEL",
    "POSTCALL_LLM_API_KEY",
    "POSTCALL_LLM_REASONING_MODEL",
    "POSTCALL_LLM_AGENT_MODEL",
    "POSTCALL_LLM_AGENT_MODELS",
)


def _model(environ: Mapping[str, str]) -> ModelSettings | None:
    base_url = environ.get("POSTCALL_LLM_BASE_URL", "").strip()
    model = environ.get("POSTCALL_LLM_MODEL", "").strip()
    concurrency = _number(environ, "POSTCALL_LLM_CONCURRENCY", default=32, least=1, most=4096)
    timeout_s = _number(environ, "POSTCALL_LLM_TIMEOUT", default=60.0, least=0.1, most=3600.0)
    context = _number(environ, "POSTCALL_LLM_CONTEXT", default=100_000, least=2_000, most=10_000_000)
    if concurrency != int(concurrency):
        raise SettingsError(f"POSTCALL_LLM_CONCURRENCY must be a whole number, not {concurrency}")
    price_prompt, price_completion = _prices(environ)
    if not base_url:
        others = [name for name in _NEED_AN_ADDRESS if environ.get(name)]
        if others:
            raise SettingsError(f"{others[0]} is set but POSTCALL_LLM_BASE_URL, which says where to ask, is not")
        return None
    parts = _check_address("POSTCALL_LLM_BASE_URL", base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"POSTCALL_LLM_BASE_URL must be an http:// or https:// address, not {base_url!r}")
    api_key = environ.get("POSTCALL_LLM_API_KEY", "").strip()
    if not api_key.isascii() or not api_key.isprintable():
        raise SettingsError("POSTCALL_LLM_API_KEY holds a character that no HTTP header can carry")
    if not model:
        raise SettingsError("POSTCALL_LLM_MODEL must name the model that POSTCALL_LLM_BASE_URL serves")
    return ModelSettings(
        base_url=base_url.rstrip("/"),
        model=model,
        api_key=api_key or "none",
        reasoning_model=environ.get("POSTCALL_LLM_REASONING_MODEL", "").strip() or None,
        agent_model=environ.get("POSTCALL_LLM_AGENT_MODEL", "").strip() or None,
        agent_models=_agent_models(environ),
        concurrency=int(concurrency),
        timeout_s=timeout_s,
        context_tokens=int(context),
        price_prompt=price_prompt,
        price_completion=price_completion,
    )


def _agent_models(environ: Mapping[str, str]) -> dict[str, str]:
    """`electron=small-model,gpt-4o=large-model`."""
    found: dict[str, str] = {}
    for pair in filter(str.strip, environ.get("POSTCALL_LLM_AGENT_MODELS", "").split(",")):
        name, _, model = (part.strip() for part in pair.partition("="))
        if not name or not model:
            raise SettingsError(f"POSTCALL_LLM_AGENT_MODELS must be name=model,name=model, which {pair!r} is not")
        if name in found:
            raise SettingsError(f"POSTCALL_LLM_AGENT_MODELS names {name!r} twice")
        found[name] = model
    return found


def _prices(environ: Mapping[str, str]) -> tuple[float | None, float | None]:
    names = ("POSTCALL_LLM_PRICE_PROMPT", "POSTCALL_LLM_PRICE_COMPLETION")
    given = [name for name in names if environ.get(name)]
    if not given:
        return None, None
    if len(given) == 1:
        raise SettingsError(f"{given[0]} is set alone; costs need both {names[0]} and {names[1]} (per million tokens)")
    prompt, completion = (_number(environ, name, default=0.0, least=0.0, most=1e6) for name in names)
    return prompt, completion


_OUTCOMES = ("answered", "busy", "no_answer", "voicemail", "failed")


def _outcomes(environ: Mapping[str, str]) -> dict[str, float]:
    """`answered=0.7, busy=0.3`."""
    name = "POSTCALL_SIMULATED_OUTCOMES"
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in environ.get(name, "").split(","))):
        outcome, _, share = (side.strip() for side in part.partition("="))
        if outcome not in _OUTCOMES:
            raise SettingsError(f"{name} must be shares of {', '.join(_OUTCOMES)}, as in answered=0.7,busy=0.3")
        found[outcome] = _number({name: share or "?"}, name, default=0.0, least=0.0, most=1e6)
    if found and not sum(found.values()):
        raise SettingsError(f"{name} must give a share above 0 to one of them")
    return found or {"answered": 1.0}


def _number(environ: Mapping[str, str], name: str, *, default: float, least: float, most: float) -> float:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        raise SettingsError(f"{name} must be a number, not {text!r}") from None
    if not least <= number <= most:
        raise SettingsError(f"{name} must lie between {least:g} and {most:g}, not {text}")
    return number
