"""Receivers: what may be one, and their secrets."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
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
from postcall.storage.webhooks import NewWebhook

MAX_URL: Final = 2048
MAX_DESCRIPTION: Final = 500
"""Characters; every delivery repeats them."""
MAX_HEADERS: Final = 10
MAX_HEADER_VALUE: Final = 1024
RESERVED_HEADERS: Final = frozenset(
    {
        "x-signature",
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
OUR_HEADERS: Final = "x-postcall-"
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
    created_by: str | None = None,
    now: datetime,
) -> Webhook:
    """A new receiver with a secret of its own. BadInput where it cannot be one, or the account has it already."""
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
    )
    return table.add_webhook(connection, account_pk, new, now=now)


def new_webhook_secret() -> str:
    """256 random bits, as text that any language's HMAC takes."""
    return secrets.token_hex(32)


def webhook_secret(connection: Connection, sealer: Sealer, account_pk: int, webhook_id: str) -> str:
    """What its deliveries are signed with; SecretsUnreadable where this process lacks the key."""
    row = table.find_webhook_row(connection, account_pk, webhook_id)
    return open_webhook_secret(sealer, account_pk, webhook_id, bytes(row.secret))


def open_webhook_secret(sealer: Sealer, account_pk: int, webhook_id: str, sealed: bytes) -> str:
    """The secret of a row that was read."""
    value = sealer.open(account_pk, _name(webhook_id), sealed)
    if not isinstance(value, str):
        raise SecretsUnreadable(_name(webhook_id))
    return value


def reseal_webhooks(connection: Connection, sealer: Sealer, *, now: datetime) -> int:
    """Seal under the newest key what an older one has sealed; returns how many."""
    outdated = [each for each in table.every_webhook_secret(connection) if sealer.is_outdated(each[2])]
    for account_pk, webhook_id, sealed in outdated:
        secret = open_webhook_secret(sealer, account_pk, webhook_id, sealed)
        again = sealer.seal(account_pk, _name(webhook_id), secret)
        table.keep_webhook_secret(connection, account_pk, webhook_id, again, now=now)
    return len(outdated)


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
