"""Receivers: what may be one, and their secrets."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.engine import Connection

from postcall.configure.sealing import Sealer
from postcall.domain.folding import storable
from postcall.domain.ids import new_object_id
from postcall.domain.webhooks import Webhook, WebhookFormat
from postcall.errors import BadInput, SecretsUnreadable
from postcall.storage import webhooks as table
from postcall.storage.subscriptions import Wanted
from postcall.storage.webhook_secrets import (
    SealedSecrets,
    every_webhook_secret,
    keep_webhook_secret,
    replace_webhook_secret,
)
from postcall.storage.webhooks import NewWebhook

MAX_URL: Final = 2048
MAX_DESCRIPTION: Final = 500
"""Characters; every delivery repeats them."""
MIN_TIMEOUT_MS: Final = 1_000
MAX_TIMEOUT_MS: Final = 30_000
TIMEOUT_MS: Final = {WebhookFormat.POLYAI: 5_000}
"""How long an attempt may take where nobody says, in formats whose published interface says it."""
GRACE: Final = timedelta(days=1)
"""How long the old secret signs as well, where nobody says."""
MAX_GRACE: Final = timedelta(days=30)
MAX_HEADERS: Final = 10
MAX_HEADER_VALUE: Final = 1024
RESERVED_HEADERS: Final = frozenset(
    {
        "x-signature",
        "x-signature-previous",
        "host",
        "content-length",
        "content-type",
        "connection",
        "transfer-encoding",
        # Besides those of the published interface: what would change how the request is framed, and our own.
        "expect",
        "te",
        "trailer",
        "upgrade",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "user-agent",
    }
)
OUR_HEADERS: Final = ("x-postcall-", "x-polyai-")
"""How the names of those begin that deliveries carry of themselves."""
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}")
"""RFC 9110, 5.6.2."""
_VALUE: Final = re.compile(r"[\x20-\x7e\t]*")
_ADDRESS: Final = re.compile(r"[\x21-\x7e]+")


def make_webhook(
    connection: Connection,
    sealer: Sealer,
    account_pk: int,
    *,
    url: str,
    description: str,
    format: WebhookFormat,  # noqa: A002 - as the field
    wanted: Sequence[Wanted] = (),
    headers: Mapping[str, str] | None = None,
    timeout_ms: int | None = None,
    enabled: bool = True,
    created_by: str | None = None,
    now: datetime,
) -> Webhook:
    """A new receiver with a secret of its own. BadInput where it cannot be one, or the account has it already;
    TooManyWebhooks where the format allows no more."""
    webhook_id = new_object_id()
    new = NewWebhook(
        id=webhook_id,
        url=check_url(url),
        description=check_description(description),
        format=format,
        sealed=sealer.seal(account_pk, _name(webhook_id), new_webhook_secret()),
        created_by=created_by,
        headers=check_headers(headers or {}),
        wanted=wanted,
        timeout_ms=check_timeout(timeout_ms if timeout_ms is not None else TIMEOUT_MS.get(format)),
        enabled=enabled,
    )
    return table.add_webhook(connection, account_pk, new, now=now)


def new_webhook_secret() -> str:
    """256 random bits, as text that any language's HMAC takes."""
    return secrets.token_hex(32)


def webhook_secret(connection: Connection, sealer: Sealer, account_pk: int, webhook_id: str) -> str:
    """What its deliveries are signed with; SecretsUnreadable where this process lacks the key."""
    row = table.find_webhook_row(connection, account_pk, webhook_id)
    return open_webhook_secret(sealer, account_pk, webhook_id, bytes(row.secret))


def rotate_secret(
    connection: Connection, sealer: Sealer, account_pk: int, webhook_id: str, *, grace: timedelta, now: datetime
) -> str:
    """A new secret, with which deliveries are signed from now on; while `grace` lasts, with the old one as well.

    Deliveries that wait are signed when they are sent. A secret whose own grace was not over is forgotten. BadInput
    where the grace is longer than MAX_GRACE.
    """
    if not timedelta(0) <= grace <= MAX_GRACE:
        raise BadInput(f"grace: between nothing and {MAX_GRACE.days} days", field="grace")
    secret = new_webhook_secret()
    sealed = sealer.seal(account_pk, _name(webhook_id), secret)
    until = now + grace if grace else None
    replace_webhook_secret(connection, account_pk, webhook_id, sealed, until=until, now=now)
    return secret


def open_webhook_secret(sealer: Sealer, account_pk: int, webhook_id: str, sealed: bytes) -> str:
    """The secret of a row that was read."""
    value = sealer.open(account_pk, _name(webhook_id), sealed)
    if not isinstance(value, str):
        raise SecretsUnreadable(_name(webhook_id))
    return value


def reseal_webhooks(connection: Connection, sealer: Sealer, *, now: datetime) -> int:
    """Seal under the newest key what an older one has sealed; returns how many."""
    outdated = [each for each in every_webhook_secret(connection) if _is_outdated(sealer, each)]
    for each in outdated:
        again, before = (
            None if sealed is None else _seal_again(sealer, each.account_pk, each.webhook_id, sealed)
            for sealed in (each.sealed, each.before)
        )
        keep_webhook_secret(connection, each.account_pk, each.webhook_id, again or each.sealed, before=before, now=now)
    return len(outdated)


def _is_outdated(sealer: Sealer, secrets_: SealedSecrets) -> bool:
    return any(sealer.is_outdated(sealed) for sealed in (secrets_.sealed, secrets_.before) if sealed is not None)


def _seal_again(sealer: Sealer, account_pk: int, webhook_id: str, sealed: bytes) -> bytes:
    return sealer.seal(account_pk, _name(webhook_id), open_webhook_secret(sealer, account_pk, webhook_id, sealed))


def check_url(url: str) -> str:
    """The address without white space around it; BadInput where nothing could be delivered there.

    Whether it may be reached is seen when something is delivered: names change what they stand for.
    """
    url = url.strip()
    if len(url) > MAX_URL:
        raise BadInput(f"url: at most {MAX_URL:,} characters", field="url")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise BadInput("url: is no address", field="url") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _ADDRESS.fullmatch(url):
        raise BadInput("url: must be an http:// or https:// address in plain characters", field="url")
    if "@" in parts.netloc:
        raise BadInput("url: must hold no user or password; a header can carry them", field="url")
    return url


def check_description(text: str) -> str:
    """What a receiver is for; BadInput where it is too long."""
    if len(text) > MAX_DESCRIPTION:
        raise BadInput(f"description: at most {MAX_DESCRIPTION} characters, not {len(text):,}", field="description")
    return storable(text)


def read_headers(text: str) -> dict[str, str]:
    """One header a line; BadInput names the line that is none."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        if not colon or name.strip() in found:
            raise BadInput(f"headers: write each once, as Name: value, not {line[:60]!r}", field="headers")
        found[name.strip()] = value.strip()
    return found


def check_timeout(timeout_ms: int | None) -> int | None:
    """How long an attempt may take; BadInput outside 1 to 30 seconds."""
    if timeout_ms is not None and not MIN_TIMEOUT_MS <= timeout_ms <= MAX_TIMEOUT_MS:
        raise BadInput(f"timeout_ms: between {MIN_TIMEOUT_MS:,} and {MAX_TIMEOUT_MS:,}", field="timeout_ms")
    return timeout_ms


def check_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that a receiver wants with every delivery; BadInput where one could change the request itself."""
    if len(headers) > MAX_HEADERS:
        raise BadInput(f"headers: at most {MAX_HEADERS}", field="headers")
    if len({name.lower() for name in headers}) < len(headers):
        raise BadInput("headers: a name stands there twice", field="headers")
    for name, value in headers.items():
        _check_header(name, value)
    return {name: value.strip() for name, value in headers.items()}


def _check_header(name: str, value: str) -> None:
    shown = name[:40]
    if not _TOKEN.fullmatch(name):
        raise BadInput(f"headers: {shown!r} is no name of a header", field="headers")
    if name.lower() in RESERVED_HEADERS or name.lower().startswith(OUR_HEADERS):
        raise BadInput(f"headers: {shown!r} is reserved", field="headers")
    if len(value) > MAX_HEADER_VALUE or not _VALUE.fullmatch(value):
        raise BadInput(
            f"headers: the value of {shown!r} must be at most {MAX_HEADER_VALUE:,} plain characters", field="headers"
        )


def _name(webhook_id: str) -> str:
    """What its secret is sealed with: agents' secrets, whose names hold no slash, cannot stand in for it."""
    return f"webhook/{webhook_id}"
