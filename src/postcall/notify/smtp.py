"""E-mails, by SMTP (RFC 5321)."""

from __future__ import annotations

import asyncio
import ipaddress
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from postcall.domain.conversations import OutboxItem, OutboxKind, Outgoing
from postcall.notify.outcomes import SENT, Ending, Outcome
from postcall.settings import SmtpSettings

_TIMEOUT_S = 30.0
"""For each step: servers that look for spam take their time."""


class SmtpSender:
    """Sends e-mails, one connection each: an agent's calls send few."""

    def __init__(self, settings: SmtpSettings, *, clock: Callable[[], datetime], timeout_s: float = _TIMEOUT_S) -> None:
        self._settings = settings
        self._clock = clock
        self._timeout_s = timeout_s

    def can_send(self, outgoing: Outgoing) -> bool:
        """E-mails."""
        return outgoing.kind is OutboxKind.EMAIL

    async def send(self, item: OutboxItem) -> Outcome:
        """Try once, on a thread of its own."""
        try:
            message = write_email(item, self._settings.sender, at=self._clock())
        except ValueError as error:
            return Outcome(Ending.REFUSED, f"this is no e-mail: {error}")
        return await asyncio.to_thread(self._send, message)

    def _send(self, message: EmailMessage) -> Outcome:
        """Until the first line of the message is out, nothing was sent; after it, only an answer tells."""
        server: smtplib.SMTP | None = None
        try:
            server = self._open()
            self._introduce(server, message)
        except smtplib.SMTPResponseException as error:
            return _answered(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, ssl.SSLCertVerificationError, UnicodeError) as error:
            if isinstance(error, smtplib.SMTPServerDisconnected):
                return Outcome(Ending.LATER, "the mail server hung up before the message")
            return Outcome(Ending.REFUSED, _words(error))
        except OSError as error:
            return Outcome(Ending.LATER, f"the mail server cannot be reached: {_words(error)}")
        else:
            return _hand_over(server, message)
        finally:
            if server is not None:
                _leave(server)

    def _open(self) -> smtplib.SMTP:
        settings, context = self._settings, ssl.create_default_context()
        if settings.tls:
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=self._timeout_s, context=context)
        return smtplib.SMTP(settings.host, settings.port, timeout=self._timeout_s)

    def _introduce(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        """Everything before the message itself. All recipients or none: a second try would reach some twice."""
        server.ehlo_or_helo_if_needed()
        secret = self._settings.tls
        if not secret and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
            secret = True
        if self._settings.user is not None:
            if not secret and not _is_here(self._settings.host):
                raise smtplib.SMTPException("the server offers no TLS, so the password was not sent; use smtps://")
            server.login(self._settings.user, self._settings.password)
        _expect(server.mail(self._settings.sender))
        for address in message["To"].addresses:
            _expect(server.rcpt(address.addr_spec))


def write_email(item: OutboxItem, sender: str, *, at: datetime) -> EmailMessage:
    """The message; ValueError where an address is none or a header holds what no header can."""
    content = item.outgoing.content
    message = EmailMessage(policy=_PLAIN)
    message["From"] = sender
    message["To"] = item.outgoing.to
    message["Subject"] = " ".join(str(content.get("subject") or "").split())
    message["Date"] = format_datetime(at)
    # Always the same for the same message, so that whoever gets it twice can tell.
    message["Message-ID"] = f"<{item.id}.postcall@{sender.rpartition('@')[2]}>"
    message.set_content(str(content.get("body") or content.get("content") or ""))
    addresses = message["To"].addresses
    if not addresses or any(not (each.username and each.domain and each.addr_spec.isascii()) for each in addresses):
        raise ValueError(f"{item.outgoing.to!r} is no address")
    return message


_PLAIN = SMTP.clone(cte_type="7bit")
"""Not every server says that it takes more than ASCII."""


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> Outcome:
    try:
        code, said = server.data(message.as_bytes())
    except smtplib.SMTPDataError as error:  # before the first line
        return _answered(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        return Outcome(Ending.UNCERTAIN, f"the mail server did not say whether it took the message: {_words(error)}")
    return SENT if code == _TAKEN else _answered(code, said)


_TAKEN = 250


def _expect(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code not in (250, 251):
        raise smtplib.SMTPResponseException(code, said)


def _answered(code: int, said: bytes | str) -> Outcome:
    """An answer of the server: 4xx says to come again, everything else that it is no use."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    ending = Ending.LATER if 400 <= code < 500 else Ending.REFUSED
    return Outcome(ending, f"the mail server answered {code} {' '.join(words.split())}"[:500])


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):  # what matters has been said before
        server.close()


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
