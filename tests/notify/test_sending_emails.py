"""E-mails to a real mail server: what arrives, and what is certain when it does not."""

from __future__ import annotations

import email
import email.policy
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from tests.aside import run_aside
from tests.notify.mail_server import HANG_UP, STALL, MailServer, mail_server
from tests.processes import quiet_port

from postcall.domain.conversations import OutboxItem, OutboxKind, OutboxState, Outgoing
from postcall.notify.outcomes import Ending, Outcome
from postcall.notify.smtp import SmtpSender
from postcall.settings import SmtpSettings

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MARA = "mara@clinic.example"


def an_email(to: str = MARA, *, item_id: str = "a" * 24, **content: Any) -> OutboxItem:
    content = {"subject": "Your visit", "body": "See you on Tuesday.", **content}
    return OutboxItem(item_id, Outgoing(OutboxKind.EMAIL, to, content), OutboxState.SENDING, None, 1, AT, AT)


def send(port: int, item: OutboxItem | None = None, *, timeout_s: float = 5.0, **settings: Any) -> Outcome:
    made = SmtpSettings("127.0.0.1", port, tls=False, sender="desk@clinic.example", **settings)
    return run_aside(SmtpSender(made, clock=lambda: AT, timeout_s=timeout_s).send(item or an_email()))


def received(mail: MailServer) -> EmailMessage:
    [content] = mail.messages
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_an_email_arrives_as_it_was_written() -> None:
    with mail_server() as mail:
        outcome = send(mail.port, an_email(subject="Zürich", body="Grüße 🙂\n.\nTuesday"))
    assert outcome.ending is Ending.SENT
    message = received(mail)
    assert (message["from"], message["to"], message["subject"]) == ("desk@clinic.example", MARA, "Zürich")
    assert message.get_content().splitlines() == ["Grüße 🙂", ".", "Tuesday"]
    assert mail.recipients == [[MARA]]
    assert message["message-id"] == f"<{'a' * 24}.postcall@clinic.example>"


def test_a_server_that_wants_a_password_gets_it() -> None:
    with mail_server() as mail:
        assert send(mail.port, user="desk", password="pa:ss@word").ending is Ending.SENT
    assert mail.logins == [("desk", "pa:ss@word")]


@pytest.mark.parametrize("step", ["greeting", "auth", "mail", "rcpt", "data", "taken"])
def test_a_server_that_says_no_has_refused(step: str) -> None:
    with mail_server(**{step: "550 not here"}) as mail:
        outcome = send(mail.port, user="desk", password="secret")
    assert outcome.ending is Ending.REFUSED
    assert outcome.error is not None and "550" in outcome.error and "not here" in outcome.error
    assert "secret" not in outcome.error


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data", "taken"])
def test_a_server_that_says_later_is_asked_later(step: str) -> None:
    with mail_server(**{step: "451 come again"}) as mail:
        assert send(mail.port).ending is Ending.LATER


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt"])
def test_before_the_message_a_silent_server_has_not_got_it(step: str) -> None:
    with mail_server(**{step: HANG_UP}) as mail:
        assert send(mail.port).ending is Ending.LATER
    with mail_server(**{step: STALL}) as mail:
        assert send(mail.port, timeout_s=0.2).ending is Ending.LATER
    assert mail.messages == []


@pytest.mark.parametrize("how", [HANG_UP, STALL])
def test_a_server_that_is_silent_after_the_message_may_have_taken_it(how: str) -> None:
    with mail_server(taken=how) as mail:
        outcome = send(mail.port, timeout_s=0.3)
    assert outcome.ending is Ending.UNCERTAIN
    assert len(mail.messages) == 1


def test_where_no_server_is_it_is_tried_later() -> None:
    outcome = send(quiet_port())
    assert outcome.ending is Ending.LATER
    assert outcome.error is not None and "cannot be reached" in outcome.error


@pytest.mark.parametrize("to", ["", "nobody", "a@b@c", "mara@clinic.example\r\nBcc: all@clinic.example", "ü@x.example"])
def test_what_is_no_address_is_refused_and_nobody_is_asked(to: str) -> None:
    with mail_server() as mail:
        assert send(mail.port, an_email(to)).ending is Ending.REFUSED
    assert mail.connections == 0


def test_a_subject_of_several_lines_adds_no_header() -> None:
    with mail_server() as mail:
        assert send(mail.port, an_email(subject="Hello\r\nBcc: all@clinic.example")).ending is Ending.SENT
    assert received(mail)["bcc"] is None
    assert mail.recipients == [[MARA]]


def test_several_recipients_get_it_or_none_does() -> None:
    with mail_server() as mail:
        assert send(mail.port, an_email(f"{MARA}, ana@clinic.example")).ending is Ending.SENT
    assert mail.recipients == [[MARA, "ana@clinic.example"]]
    with mail_server(rcpt="550 unknown") as mail:
        assert send(mail.port, an_email(f"{MARA}, ana@clinic.example")).ending is Ending.REFUSED
    assert mail.messages == []


def test_the_mail_server_of_these_tests_speaks_the_protocol() -> None:
    with mail_server() as mail, smtplib.SMTP("127.0.0.1", mail.port) as client:
        assert client.sendmail("a@x.example", ["b@x.example"], b"Subject: x\r\n\r\ny") == {}
    assert len(mail.messages) == 1
