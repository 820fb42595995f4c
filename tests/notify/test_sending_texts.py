"""SMS and WhatsApp messages to a provider: what is asked of it, and what its answers mean."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.aside import run_aside
from tests.notify.provider import HANG_UP, Provider, provider
from tests.processes import quiet_port

from postcall.domain.conversations import OutboxItem, OutboxKind, OutboxState, Outgoing
from postcall.notify.outcomes import Ending, Outcome
from postcall.notify.twilio import TwilioSender
from postcall.settings import TwilioSettings

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def a_text(kind: OutboxKind = OutboxKind.SMS, to: str = "+442071838750", **content: Any) -> OutboxItem:
    content = content or {"from_number": "+442071838700", "content": "See you on Tuesday 🙂"}
    return OutboxItem("a" * 24, Outgoing(kind, to, content), OutboxState.SENDING, None, 1, AT, AT)


def send(url: str, item: OutboxItem | None = None, *, timeout_s: float = 5.0) -> Outcome:
    sender = TwilioSender(TwilioSettings(url, "AC123", "token"), timeout_s=timeout_s)
    return run_aside(sender.send(item or a_text()))


def asked(told: Provider) -> dict[str, str]:
    [request] = told.asked
    assert request.path == "/2010-04-01/Accounts/AC123/Messages.json"
    assert request.login == ("AC123", "token")
    return request.form


def test_a_text_message_is_asked_for_as_the_provider_documents_it() -> None:
    with provider() as told:
        assert send(told.url).ending is Ending.SENT
    assert asked(told) == {"To": "+442071838750", "From": "+442071838700", "Body": "See you on Tuesday 🙂"}


def test_a_whatsapp_message_names_its_channel_and_its_template() -> None:
    item = a_text(
        OutboxKind.WHATSAPP, from_number="+1555", content_id="HX1", content="unused", content_variables={"1": "Ana"}
    )
    with provider() as told:
        assert send(told.url, item).ending is Ending.SENT
    form = asked(told)
    assert (form["To"], form["From"], form["ContentSid"]) == ("whatsapp:+442071838750", "whatsapp:+1555", "HX1")
    assert json.loads(form["ContentVariables"]) == {"1": "Ana"}
    assert "Body" not in form


def test_a_template_may_come_from_a_messaging_service() -> None:
    with provider() as told:
        assert send(told.url, a_text(messaging_service_id="MG1", content_id="HX1")).ending is Ending.SENT
    assert asked(told) == {"To": "+442071838750", "MessagingServiceSid": "MG1", "ContentSid": "HX1"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 301])
def test_an_answer_that_says_no_is_a_refusal_in_its_own_words(status: int) -> None:
    with provider(status, {"code": 21211, "message": "not a valid phone number"}) as told:
        outcome = send(told.url)
    assert outcome.ending is Ending.REFUSED
    assert outcome.error == f"the provider answered {status} (21211): not a valid phone number"


def test_too_many_requests_are_made_later_when_the_provider_says() -> None:
    with provider(429, retry_after="7") as told:
        outcome = send(told.url)
    assert (outcome.ending, outcome.retry_after_s) == (Ending.LATER, 7.0)


@pytest.mark.parametrize("status", [500, 502, 503, 504, HANG_UP])
def test_a_provider_that_fails_may_have_taken_it(status: int) -> None:
    with provider(status) as told:
        assert send(told.url).ending is Ending.UNCERTAIN
    assert len(told.asked) == 1


def test_where_nobody_listens_it_is_tried_later() -> None:
    assert send(f"http://127.0.0.1:{quiet_port()}").ending is Ending.LATER


@pytest.mark.parametrize(
    ("item", "missing"),
    [
        (a_text(to=""), "recipient"),
        (a_text(content="x"), "number to come from"),
        (a_text(from_number="+1"), "text"),
    ],
)
def test_a_message_that_lacks_something_is_refused_and_nobody_is_asked(item: OutboxItem, missing: str) -> None:
    with provider() as told:
        outcome = send(told.url, item)
    assert outcome.ending is Ending.REFUSED and outcome.error is not None and missing in outcome.error
    assert told.asked == []
