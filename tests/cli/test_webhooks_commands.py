"""`postcall webhooks`."""

from __future__ import annotations

import re
from pathlib import Path

from tests.builders import Desk, a_call
from tests.processes import run_cli

from postcall.configure.sealing import Sealer
from postcall.configure.webhooks import make_webhook
from postcall.domain.webhooks import CallMoment, DeliveryState, WebhookFormat
from postcall.storage.database import open_record
from postcall.storage.webhook_schema import deliveries


def test_webhooks_are_listed_tested_and_told_again(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run_cli(data, "agents", "create", "clinic").returncode == 0
    assert "There are no webhooks" in run_cli(data, "webhooks", "list").stdout
    record = open_record(f"sqlite:///{data / 'postcall.db'}")
    desk = Desk(record)
    made = record.write(
        lambda c: make_webhook(
            c,
            Sealer(None, data / "secrets-key"),
            desk.pk,
            url="https://crm.example/calls",
            description="",
            format=WebhookFormat.ATOMS,
            wanted=[(None, CallMoment.ENDED)],
            now=desk.clock(),
        )
    )
    desk.hand_in(a_call("call-1"))
    record.write(lambda c: c.execute(deliveries.update().values(state=DeliveryState.DEAD.value)).rowcount)
    record.close()
    listed = run_cli(data, "webhooks", "list", env={"COLUMNS": "200"}).stdout
    assert "https://crm.example/calls" in listed and "call.ended" in listed
    log = run_cli(data, "webhooks", "deliveries", "--state", "dead", env={"COLUMNS": "200"}).stdout
    assert "call-1" in log and "dead" in log
    # Ids are given to other commands, so they are whole in the narrowest terminal too.
    assert made.id in run_cli(data, "webhooks", "list", env={"COLUMNS": "60"}).stdout
    narrow = run_cli(data, "webhooks", "deliveries", env={"COLUMNS": "60"}).stdout
    assert re.search(r"\b[0-9a-f]{24}\b", narrow), narrow
    assert "There are no such deliveries" in run_cli(data, "webhooks", "deliveries", "--call", "another").stdout
    refused = run_cli(data, "webhooks", "replay", "--state", "dead")
    assert refused.returncode == 1 and "say which" in refused.stderr
    assert run_cli(data, "webhooks", "replay", "--since", "2026-03-01").stdout == "1 queued again\n"
    assert run_cli(data, "webhooks", "test", made.id).stdout.startswith("queued as ")
    logged = run_cli(data, "audit", "--json", "--action", "changed").stdout
    assert "postcall webhooks replay" in logged and "postcall webhooks test" in logged
    gone = run_cli(data, "webhooks", "test", "0" * 24)
    assert gone.returncode == 1 and "there is no webhook" in gone.stderr


def test_a_webhook_is_made_and_its_secret_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run_cli(data, "agents", "create", "clinic").returncode == 0
    url, only = "https://crm.example/new", ["--event", "call.ended", "--agent", "clinic", "--format", "polyai"]
    made = run_cli(data, "webhooks", "add", url, *only, "--header", "X-Team: two")
    assert made.returncode == 0 and re.fullmatch(r"[0-9a-f]{64}\n", made.stdout), made.stderr
    webhook_id = made.stderr.split()[1].rstrip(";")
    listed = run_cli(data, "webhooks", "list", env={"COLUMNS": "200"}).stdout
    assert webhook_id in listed and "polyai" in listed and "call.ended" in listed
    rotated = run_cli(data, "webhooks", "rotate", webhook_id, "--grace", "2")
    assert re.fullmatch(r"[0-9a-f]{64}\n", rotated.stdout) and rotated.stdout != made.stdout
    assert "for 2 hours" in rotated.stderr
    refused = run_cli(data, "webhooks", "add", url, "--format", "atoms", "--event", "extraction.failed")
    assert refused.returncode == 1 and "which this format has" in refused.stderr
