"""What an attempt sends: read from the record in one view, before anything is said to anybody."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.engine import Connection

from postcall import __version__
from postcall.configure.sealing import Sealer
from postcall.configure.webhooks import open_webhook_secret
from postcall.domain.webhooks import Delivery, Webhook, WebhookFormat
from postcall.errors import InternalFault, PostcallError, SecretsUnreadable
from postcall.notify.webhooks.delivering import Letter
from postcall.notify.webhooks.destinations import Destination, FindDestination, WireFormat
from postcall.storage.delivery_rows import Claim, ReceiverKind
from postcall.storage.webhooks import find_addressee

log = logging.getLogger(__name__)


class Nowhere(Exception):
    """It is sent to nobody any more, for the reason that it holds."""


@dataclass(frozen=True, slots=True)
class Unready:
    """Why an attempt cannot be made this time."""

    error: str


class Preparer:
    """Knows every format and where deliveries go."""

    def __init__(
        self, formats: Mapping[WebhookFormat, WireFormat], sealer: Sealer, find_action: FindDestination | None
    ) -> None:
        self._formats = formats
        self._sealer = sealer
        self._find_action = find_action

    def prepare(self, connection: Connection, claims: Sequence[Claim]) -> list[Letter | Unready | Nowhere]:
        """What to send for each. Nowhere where the receiver is gone for good; all else that fails, fails this attempt.

        Several in one look cost far less than one by one, and each webhook is read once.
        """
        webhooks: dict[int, Destination] = {}
        return [self._prepare(connection, claim, webhooks) for claim in claims]

    def _prepare(
        self, connection: Connection, claim: Claim, webhooks: dict[int, Destination]
    ) -> Letter | Unready | Nowhere:
        try:
            return _write(connection, claim.delivery, self._find(connection, claim, webhooks))
        except Nowhere as nowhere:
            return nowhere
        except PostcallError as failure:
            return Unready(failure.message)
        except Exception as error:  # a fault of our own: stored with the attempt
            log.exception("delivery %s could not be written", claim.delivery.id)
            return Unready(InternalFault(error).message)

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
            headers=webhook.headers,
        )


def _render(wire: WireFormat, webhook: Webhook, connection: Connection, delivery: Delivery) -> bytes:
    return wire.render(connection, delivery, webhook)


def _write(connection: Connection, delivery: Delivery, destination: Destination) -> Letter:
    body = destination.render(connection, delivery) if delivery.body is None else delivery.body.encode()
    signed = destination.sign(destination.secret, body) if destination.secret is not None else {}
    ours = {
        "Content-Type": destination.content_type,
        "User-Agent": f"postcall/{__version__}",
        "X-Postcall-Delivery": delivery.id,
        **({"X-Postcall-Replay-Of": delivery.replay_of} if delivery.replay_of is not None else {}),
    }
    return Letter(destination.url, body, headers=ours, private={**destination.headers, **signed})
