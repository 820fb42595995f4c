"""SMS and WhatsApp messages, by Twilio's Messages resource (API 2010-04-01) or whatever speaks like it.

It knows no idempotency key, so only an answer tells whether a message was taken.
"""

from __future__ import annotations

import json

import httpx

from postcall.domain.calls import Json
from postcall.domain.conversations import OutboxItem, OutboxKind, Outgoing
from postcall.notify.outcomes import SENT, Ending, Outcome
from postcall.settings import TwilioSettings

_TIMEOUT_S = 20.0
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
"""The request did not leave."""


class TwilioSender:
    """Sends SMS and WhatsApp messages."""

    def __init__(self, settings: TwilioSettings, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._settings = settings
        self._timeout_s = timeout_s

    def can_send(self, outgoing: Outgoing) -> bool:
        """SMS and WhatsApp messages."""
        return outgoing.kind in (OutboxKind.SMS, OutboxKind.WHATSAPP)

    async def send(self, item: OutboxItem) -> Outcome:
        """Try once."""
        form = write_form(item.outgoing)
        missing = _missing(form)
        if missing:
            return Outcome(Ending.REFUSED, f"the message has no {missing}")
        settings = self._settings
        url = f"{settings.url}/2010-04-01/Accounts/{settings.account_sid}/Messages.json"
        try:
            async with httpx.AsyncClient(timeout=self._timeout_s) as client:
                reply = await client.post(url, data=form, auth=(settings.account_sid, settings.auth_token))
        except _NOT_SENT as error:
            return Outcome(Ending.LATER, f"the provider cannot be reached: {_words(error)}")
        except httpx.TransportError as error:
            return Outcome(Ending.UNCERTAIN, f"the provider did not say whether it took the message: {_words(error)}")
        return read_reply(reply)


def write_form(outgoing: Outgoing) -> dict[str, str]:
    """The fields of the request, without those that are empty."""
    content = outgoing.content
    prefix = "whatsapp:" if outgoing.kind is OutboxKind.WHATSAPP else ""
    service = _text(content.get("messaging_service_id"))
    from_number = _text(content.get("from_number"))
    variables = content.get("content_variables")
    template = _text(content.get("content_id"))
    fields = {
        "To": _with(prefix, outgoing.to),
        "From": _with(prefix, from_number),
        "MessagingServiceSid": service,
        "ContentSid": template,
        "ContentVariables": variables if isinstance(variables, str) else _json(variables),
        "Body": "" if template else _text(content.get("content") or content.get("body")),
    }
    return {name: value for name, value in fields.items() if value}


def read_reply(reply: httpx.Response) -> Outcome:
    """What an answer says. A server error may come after the message was taken."""
    if reply.is_success:
        return SENT
    told = _told(reply)
    if reply.status_code == 429:
        return Outcome(Ending.LATER, told, retry_after_s=_retry_after(reply))
    if reply.is_server_error or reply.status_code == 408:
        return Outcome(Ending.UNCERTAIN, told)
    return Outcome(Ending.REFUSED, told)


def _missing(form: dict[str, str]) -> str | None:
    if "To" not in form:
        return "recipient"
    if "From" not in form and "MessagingServiceSid" not in form:
        return "number to come from"
    return None if "Body" in form or "ContentSid" in form else "text"


def _with(prefix: str, number: str) -> str:
    return number if not number or number.startswith(prefix) else prefix + number


def _text(value: Json) -> str:
    return "" if value is None else str(value)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def _told(reply: httpx.Response) -> str:
    try:
        body = reply.json()
    except ValueError:
        body = None
    said = body.get("message") if isinstance(body, dict) else None
    code = body.get("code") if isinstance(body, dict) else None
    parts = [f"the provider answered {reply.status_code}", f" ({code})" if code else "", f": {said}" if said else ""]
    return "".join(parts)[:500]


def _retry_after(reply: httpx.Response) -> float | None:
    given = reply.headers.get("retry-after", "")
    return float(given) if given.isascii() and given.isdigit() and len(given) < 7 else None


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
