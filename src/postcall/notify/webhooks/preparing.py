"""What an attempt sends: read from the record in one view, before anything is said to anybody."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeAlias

from sqlalchemy.engine import Connection

from postcall import __version__
from postcall.configure.sealing import Sealer
from postcall.configure.webhooks import open_webhook_secret
from postcall.domain.webhooks import Delivery, Webhook, WebhookFormat
from postcall.errors import InternalFault, PostcallError, SecretsUnreadable
from postcall.notify.webhooks.deciding import Ladder
from postcall.notify.webhooks.delivering import Letter
from postcall.notify.webhooks.destinations import Destination, Envelope, FindDestination, WireFormat
from postcall.storage.delivery_rows import Claim, ReceiverKind
from postcall.storage.webhooks import Addressee, find_addressee

log = logging.getLogger(__name__)


class Nowhere(Exception):
    """It is sent to nobody any more, for the reason that it holds."""


@dataclass(frozen=True, slots=True)
class Unready:
    """Why an attempt cannot be made this time."""

    error: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter that may be sent."""

    letter: Letter
    terms: Terms


@dataclass(frozen=True, slots=True)
class Terms:
    """How its receiver is dealt with."""

    ladder: Ladder | None = None
    """When it is tried again; None: as this installation's settings say."""
    timeout_s: float | None = None
    """How long an attempt may take; None: as long as any."""
    rotating: bool = False
    """Whether the old secret is still good for something."""


Prepared: TypeAlias = Ready | Unready | Nowhere


class Preparer:
    """Knows every format and where deliveries go."""

    def __init__(
        self,
        formats: Mapping[WebhookFormat, WireFormat],
        sealer: Sealer,
        find_action: FindDestination | None,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._formats = formats
        self._sealer = sealer
        self._find_action = find_action
        self._clock = clock

    def prepare(self, connection: Connection, claims: Sequence[Claim]) -> list[Prepared]:
        """What to send for each. Nowhere where the receiver is gone for good; all else that fails, fails this attempt.

        Several in one look cost far less than one by one, and each webhook is read once.
        """
        webhooks: dict[int, Destination] = {}
        return [self._prepare(connection, claim, webhooks) for claim in claims]

    def _prepare(self, connection: Connection, claim: Claim, webhooks: dict[int, Destination]) -> Prepared:
        terms = Terms()
        try:
            destination = self._find(connection, claim, webhooks)
            terms = Terms(destination.ladder, destination.timeout_s, rotating=destination.old_secret is not None)
            return Ready(_write(connection, claim.delivery, destination, now=self._clock()), terms)
        except Nowhere as nowhere:
            return nowhere
        except PostcallError as failure:
            return Unready(failure.message, terms)
        except Exception as error:  # a fault of our own: stored with the attempt
            log.exception("delivery %s could not be written", claim.delivery.id)
            return Unready(InternalFault(error).message, terms)

    def _find(self, connection: Connection, claim: Claim, webhooks: dict[int, Destination]) -> Destination:
        if claim.receiver.kind is ReceiverKind.WEBHOOK:
            pk = claim.receiver.pk
            if pk not in webhooks:
                webhooks[pk] = self._find_webhook(connection, pk)
            return webhooks[pk]
        if self._find_action is None:
            raise Nowhere("nothing here sends what call actions ask for")
        try:
            return self._find_action(connection, claim.delivery)
        except SecretsUnreadable:  # the operator can mend that
            raise
        except PostcallError as error:
            raise Nowhere(error.message) from None

    def _find_webhook(self, connection: Connection, webhook_pk: int) -> Destination:
        found = find_addressee(connection, webhook_pk)
        if found is None:
            raise Nowhere("the webhook was deleted")
        webhook = found.webhook
        wire = self._formats.get(webhook.format)
        if wire is None:
            raise PostcallError(f"this process cannot write the format {webhook.format.value!r}")
        return Destination(
            url=webhook.url,
            render=partial(_render, wire, webhook),
            sign=wire.sign,
            secret=open_webhook_secret(self._sealer, found.account_pk, webhook.id, found.sealed),
            old_secret=self._old_secret(found),
            headers=webhook.headers,
            timeout_s=None if webhook.timeout_ms is None else webhook.timeout_ms / 1000,
            ladder=wire.ladder,
        )

    def _old_secret(self, found: Addressee) -> str | None:
        until = found.webhook.old_secret_until
        if found.sealed_before is None or until is None or until <= self._clock():
            return None
        return open_webhook_secret(self._sealer, found.account_pk, found.webhook.id, found.sealed_before)


def _render(wire: WireFormat, webhook: Webhook, connection: Connection, delivery: Delivery) -> bytes:
    return wire.render(connection, delivery, webhook)


def _write(connection: Connection, delivery: Delivery, destination: Destination, *, now: datetime) -> Letter:
    body = destination.render(connection, delivery) if delivery.body is None else delivery.body.encode()
    signed: Mapping[str, str] = {}
    if destination.secret is not None:
        signed = destination.sign(
            Envelope(body, delivery.id, delivery.event, now, destination.secret, destination.old_secret)
        )
    ours = {
        "Content-Type": destination.content_type,
        "User-Agent": f"postcall/{__version__}",
        "X-Postcall-Delivery": delivery.id,
        **({"X-Postcall-Replay-Of": delivery.replay_of} if delivery.replay_of is not None else {}),
    }
    return Letter(destination.url, body, headers=ours, private={**destination.headers, **signed})
