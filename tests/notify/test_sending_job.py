"""The job that sends: once at most, whatever happens to the worker or to the other side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.aside import run_aside
from tests.builders import Desk, a_call
from tests.live_server import real_time, wait_until
from tests.notify.mail_server import STALL, mail_server
from tests.notify.provider import provider
from tests.processes import start

from postcall.domain.conversations import OutboxItem, OutboxKind, Outgoing
from postcall.jobs.backoff import Backoff
from postcall.jobs.worker import Worker
from postcall.notify.outcomes import SENT, Ending, Outcome, Sender
from postcall.notify.sending import SendMessage, make_senders, sendable_by
from postcall.notify.twilio import TwilioSender
from postcall.settings import Settings, SmtpSettings, TwilioSettings
from postcall.storage import jobs
from postcall.storage.calls import find_call_row
from postcall.storage.outbox import add_outgoing, outbox_of_call, send_again

EMAIL = Outgoing(OutboxKind.EMAIL, "mara@clinic.example", {"subject": "Visit", "body": "Tuesday."})
TEXT = Outgoing(OutboxKind.SMS, "+442071838750", {"from_number": "+1", "content": "Tuesday."})


class Recording:
    """A sender that ends each attempt as it is told, the last ending again and again."""

    def __init__(self, *endings: Outcome | Exception) -> None:
        self.endings = list(endings) or [SENT]
        self.sent: list[str] = []

    def can_send(self, outgoing: Outgoing) -> bool:
        return outgoing.kind is not OutboxKind.HANDOFF

    async def send(self, item: OutboxItem) -> Outcome:
        self.sent.append(item.id)
        ending = self.endings.pop(0) if len(self.endings) > 1 else self.endings[0]
        if isinstance(ending, Exception):
            raise ending
        return ending


def ask_to_send(desk: Desk, *outgoings: Outgoing, sendable: Callable[[Outgoing], bool] = lambda _: True) -> list[str]:
    desk.hand_in(a_call())

    def add(connection: Any) -> list[str]:
        call = find_call_row(connection, desk.pk, "call-1")
        return add_outgoing(connection, call.pk, 1, outgoings, sendable=sendable, now=real_time())

    return desk.record.write(add)


def items(desk: Desk) -> list[OutboxItem]:
    rows = desk.record.read(lambda c: outbox_of_call(c, find_call_row(c, desk.pk, "call-1").pk))
    return [row.item for row in rows]


def states(desk: Desk) -> list[str]:
    return [item.state.value for item in items(desk)]


@contextmanager
def worker(
    desk: Desk, *senders: Sender, clock: Callable[[], datetime] = real_time, grace_s: float = 5.0
) -> Iterator[None]:
    """A worker for these jobs, until the block ends."""
    handler = SendMessage(desk.record, senders, clock=clock, grace_s=grace_s)
    quick = Backoff(first_s=0.02, most_s=0.05, attempts=3)
    made = Worker(desk.record, [handler], clock=clock, random=Random(1), backoff=quick)
    thread = threading.Thread(target=lambda: run_aside(made.run()), daemon=True)
    thread.start()
    try:
        yield
    finally:
        made.stop()
        thread.join(timeout=20)


def later() -> datetime:
    """When the lease of a worker that died has ended."""
    return real_time() + timedelta(minutes=1)


def settled(desk: Desk, *expected: str) -> Sequence[OutboxItem]:
    """The messages, once they stand so and no job of theirs is left."""
    wait_until(
        lambda: states(desk) == list(expected) and not desk.record.read(jobs.count_jobs).get("running"),
        what=lambda: (items(desk), desk.record.read(jobs.count_jobs)),
    )
    return items(desk)


def test_a_message_is_sent_once_and_says_so(desk: Desk) -> None:
    sender = Recording(SENT)
    [item_id] = ask_to_send(desk, EMAIL)
    with worker(desk, sender):
        [item] = settled(desk, "sent")
    assert sender.sent == [item_id]
    assert (item.attempts, item.error) == (1, None)


def test_what_nothing_can_send_is_recorded_and_waits_for_nothing(desk: Desk) -> None:
    handoff = Outgoing(OutboxKind.HANDOFF, "billing", {"reason": "a refund"})
    ask_to_send(desk, handoff, TEXT, sendable=sendable_by(()))
    assert states(desk) == ["recorded", "recorded"]
    assert desk.record.read(lambda c: jobs.count_due(c, "send", now=real_time())) == 0


def test_a_refusal_is_final_and_tells_why(desk: Desk) -> None:
    sender = Recording(Outcome(Ending.REFUSED, "550 unknown"))
    ask_to_send(desk, EMAIL)
    with worker(desk, sender):
        [item] = settled(desk, "failed")
    assert (len(sender.sent), item.error) == (1, "550 unknown")


def test_what_was_not_taken_is_tried_again_until_it_is(desk: Desk) -> None:
    sender = Recording(Outcome(Ending.LATER, "451"), Outcome(Ending.LATER, "451"), SENT)
    ask_to_send(desk, EMAIL)
    with worker(desk, sender):
        [item] = settled(desk, "sent")
    assert (len(sender.sent), item.attempts, item.error) == (3, 3, None)


def test_after_the_last_attempt_it_has_failed(desk: Desk) -> None:
    sender = Recording(Outcome(Ending.LATER, "nobody there"))
    ask_to_send(desk, EMAIL)
    with worker(desk, sender):
        [item] = settled(desk, "failed")
    assert (len(sender.sent), item.error) == (3, "nobody there")


@pytest.mark.parametrize("retries", [0, 1])
def test_a_message_is_tried_no_more_often_than_its_function_allowed(desk: Desk, retries: int) -> None:
    sender = Recording(Outcome(Ending.LATER, "nobody there"))
    ask_to_send(desk, Outgoing(EMAIL.kind, EMAIL.to, EMAIL.content, retry_count=retries))
    with worker(desk, sender):
        settled(desk, "failed")
    assert len(sender.sent) == retries + 1


@pytest.mark.parametrize("ending", [Outcome(Ending.UNCERTAIN, "it did not say"), RuntimeError("a fault of our own")])
def test_what_is_uncertain_is_not_sent_again_by_itself(desk: Desk, ending: Outcome | Exception) -> None:
    sender = Recording(ending)
    ask_to_send(desk, EMAIL)
    with worker(desk, sender):
        [item] = settled(desk, "uncertain")
        assert item.error
    with worker(desk, sender):
        settled(desk, "uncertain")
    assert len(sender.sent) == 1


def test_somebody_may_send_it_again_on_purpose(desk: Desk) -> None:
    sender = Recording(Outcome(Ending.UNCERTAIN, "it did not say"), SENT)
    [item_id] = ask_to_send(desk, EMAIL)
    with worker(desk, sender):
        settled(desk, "uncertain")
        desk.record.write(lambda c: send_again(c, desk.pk, item_id, sendable=sender.can_send, now=real_time()))
        [item] = settled(desk, "sent")
    assert (len(sender.sent), item.attempts, item.error) == (2, 2, None)


def test_a_message_under_way_may_arrive_while_the_worker_is_told_to_stop(desk: Desk) -> None:
    with provider() as told:
        told.pause = threading.Event()
        ask_to_send(desk, TEXT)
        with worker(desk, TwilioSender(TwilioSettings(told.url, "AC1", "token"))):
            wait_until(lambda: told.asked, what=lambda: states(desk))
            assert states(desk) == ["sending"]
            threading.Timer(0.2, told.pause.set).start()
        assert states(desk) == ["sent"]
        with worker(desk, Recording()):
            settled(desk, "sent")
    assert len(told.asked) == 1


def test_a_message_that_outlives_the_worker_is_uncertain(desk: Desk) -> None:
    with provider() as told:
        told.pause = threading.Event()
        ask_to_send(desk, TEXT)
        with worker(desk, TwilioSender(TwilioSettings(told.url, "AC1", "token")), grace_s=0.1):
            wait_until(lambda: told.asked, what=lambda: states(desk))
        assert states(desk) == ["sending"]
        again = Recording()
        with worker(desk, again):
            settled(desk, "uncertain")
    assert again.sent == []


def test_kill_9_while_a_message_is_sent_leaves_it_uncertain_and_sends_it_no_more(
    desk: Desk, database_url: str, tmp_path: Path
) -> None:
    with mail_server(taken=STALL) as mail:
        env = {
            "POSTCALL_DATABASE_URL": database_url,
            "POSTCALL_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
            "POSTCALL_SMTP_FROM": "desk@clinic.example",
        }
        ask_to_send(desk, EMAIL)
        killed = start(tmp_path / "data", "worker", env=env)
        try:
            assert mail.got.wait(60), killed.log.read_text()
        finally:
            killed.kill()
        assert states(desk) == ["sending"], "committed before its first byte left"
        mail.says.clear()
        smtp = SmtpSettings("127.0.0.1", mail.port, tls=False, sender="desk@clinic.example")
        settings = Settings(data=tmp_path, database_url=database_url, admin_key=None, model=None, smtp=smtp)
        with worker(desk, *make_senders(settings, clock=later), clock=later):
            [item] = settled(desk, "uncertain")
        assert len(mail.messages) == 1
    assert item.error is not None and "perhaps it went out" in item.error
