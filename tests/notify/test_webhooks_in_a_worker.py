"""Webhooks as they leave a real worker: in the vendor's format, beside everything else that it does."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

from tests.builders import Desk
from tests.notify.deliveries import hook, quiet_call, real_time, settings_for
from tests.notify.receiver import receiver

from postcall.configure.sealing import sealer_for
from postcall.configure.webhooks import webhook_secret
from postcall.domain.webhooks import CallMoment
from postcall.services import Services
from postcall.storage.database import open_record
from postcall.working import WorkerThread


def test_a_server_and_its_worker_tell_a_receiver_of_a_call(sqlite_url: str, tmp_path: Path) -> None:
    settings = replace(settings_for(tmp_path), database_url=sqlite_url)
    record = open_record(sqlite_url, migrate=False)
    desk = Desk(record)
    worker = WorkerThread(Services(record, settings, real_time))
    with receiver() as there:
        made = hook(desk, settings, there.url, CallMoment.ENDED)
        worker.start()
        try:
            quiet_call(desk, "call-1")
            [got] = there.wait_for(1)
        finally:
            worker.stop()
    secret = record.read(lambda c: webhook_secret(c, sealer_for(settings), desk.pk, made.id))
    record.close()
    assert got.headers["x-signature"] == hmac.new(secret.encode(), got.body, hashlib.sha256).hexdigest()
    assert got.json["metadata"]["callId"] == "call-1"
    assert got.json["event"].endswith(".post-conversation")
    assert got.json["id"] == got.headers["x-postcall-delivery"]
