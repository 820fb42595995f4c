"""A new secret for a receiver, on both databases."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from tests.builders import Desk
from tests.notify.deliveries import hook, settings_for

from postcall.configure.sealing import Sealer, new_key, sealer_for
from postcall.configure.webhooks import (
    GRACE,
    MAX_GRACE,
    open_webhook_secret,
    reseal_webhooks,
    rotate_secret,
    webhook_secret,
)
from postcall.domain.webhooks import CallMoment, WebhookFormat
from postcall.errors import BadInput, TooManyWebhooks, WebhookNotFound
from postcall.storage.accounts import ensure_account
from postcall.storage.webhook_secrets import forget_old_secrets
from postcall.storage.webhooks import Addressee, find_addressee, find_webhook, find_webhook_row

URL = "https://hooks.example/one"


def addressee(desk: Desk, webhook_id: str) -> Addressee:
    found = desk.record.read(lambda c: find_addressee(c, find_webhook_row(c, desk.pk, webhook_id).pk))
    assert found is not None
    return found


def old_secret(desk: Desk, sealer: Sealer, webhook_id: str) -> str | None:
    sealed = addressee(desk, webhook_id).sealed_before
    return None if sealed is None else open_webhook_secret(sealer, desk.pk, webhook_id, sealed)


def rotate(desk: Desk, sealer: Sealer, webhook_id: str, grace: timedelta = GRACE) -> str:
    return desk.record.write(lambda c: rotate_secret(c, sealer, desk.pk, webhook_id, grace=grace, now=desk.clock()))


def test_the_old_secret_is_kept_for_its_grace_and_then_wiped_out(desk: Desk, tmp_path: Path) -> None:
    sealer = sealer_for(settings_for(tmp_path))
    made = hook(desk, settings_for(tmp_path), URL, CallMoment.ENDED)
    first = desk.record.read(lambda c: webhook_secret(c, sealer, desk.pk, made.id))
    second = rotate(desk, sealer, made.id)
    assert second != first and len(bytes.fromhex(second)) == 32
    assert desk.record.read(lambda c: webhook_secret(c, sealer, desk.pk, made.id)) == second
    assert old_secret(desk, sealer, made.id) == first
    known = desk.record.read(lambda c: find_webhook(c, desk.pk, made.id))
    assert known.old_secret_until == desk.clock() + GRACE and known.subscriptions == made.subscriptions
    desk.record.write(lambda c: forget_old_secrets(c, now=desk.clock() + GRACE - timedelta(seconds=1)))
    assert old_secret(desk, sealer, made.id) == first
    desk.record.write(lambda c: forget_old_secrets(c, now=desk.clock() + GRACE))
    assert old_secret(desk, sealer, made.id) is None
    assert desk.record.read(lambda c: find_webhook(c, desk.pk, made.id)).old_secret_until is None


def test_without_a_grace_the_old_secret_is_gone_at_once(desk: Desk, tmp_path: Path) -> None:
    sealer = sealer_for(settings_for(tmp_path))
    made = hook(desk, settings_for(tmp_path), URL)
    rotate(desk, sealer, made.id)
    rotate(desk, sealer, made.id, timedelta(0))
    assert old_secret(desk, sealer, made.id) is None


def test_of_rotations_at_the_same_moment_each_keeps_the_one_just_before_it(desk: Desk, tmp_path: Path) -> None:
    sealer = sealer_for(settings_for(tmp_path))
    made = hook(desk, settings_for(tmp_path), URL)
    first = desk.record.read(lambda c: webhook_secret(c, sealer, desk.pk, made.id))
    with ThreadPoolExecutor(6) as threads:
        fresh = set(threads.map(lambda _: rotate(desk, sealer, made.id), range(6)))
    now = desk.record.read(lambda c: webhook_secret(c, sealer, desk.pk, made.id))
    assert {now, old_secret(desk, sealer, made.id)} <= fresh and first not in fresh


def test_both_secrets_are_sealed_again_under_a_new_key(desk: Desk, tmp_path: Path) -> None:
    old, new = new_key(), new_key()
    sealer = Sealer(old, tmp_path / "keys")
    settings = settings_for(tmp_path)
    made = hook(desk, settings, URL)
    rotate(desk, sealer, made.id)  # from here on both are sealed with the older of two keys
    second = rotate(desk, sealer, made.id)
    third = rotate(desk, sealer, made.id)
    both = Sealer(f"{new},{old}", tmp_path / "keys")
    assert desk.record.write(lambda c: reseal_webhooks(c, both, now=desk.clock())) == 1
    alone = Sealer(new, tmp_path / "keys")
    assert desk.record.read(lambda c: webhook_secret(c, alone, desk.pk, made.id)) == third
    assert old_secret(desk, alone, made.id) == second
    assert desk.record.read(lambda c: find_webhook(c, desk.pk, made.id)).old_secret_until is not None


def test_sealing_again_does_not_bring_back_a_secret_that_is_replaced_meanwhile(desk: Desk, tmp_path: Path) -> None:
    if desk.record.dialect == "sqlite":  # whose writers come one after the other
        return
    old_key, new = new_key(), new_key()
    before, both = Sealer(old_key, tmp_path / "none"), Sealer(f"{new},{old_key}", tmp_path / "none")
    made = hook(desk, settings_for(tmp_path), URL, CallMoment.ENDED)
    for _ in range(2):  # then both of its secrets are sealed with the older key
        rotate(desk, before, made.id)
    rotated: list[Future[str]] = []

    def seal_again(connection: sa.Connection) -> None:
        def rotate_first(*about: Any) -> None:
            if "UPDATE webhooks" in about[2] and not rotated:
                rotated.append(pool.submit(rotate, desk, both, made.id))
                with suppress(TimeoutError):  # it waits for us
                    rotated[0].result(timeout=1)

        sa.event.listen(connection, "before_cursor_execute", rotate_first)
        reseal_webhooks(connection, both, now=desk.clock())

    with ThreadPoolExecutor(1) as pool:
        desk.record.write(seal_again)
    assert desk.record.read(lambda c: webhook_secret(c, both, desk.pk, made.id)) == rotated[0].result()


@pytest.mark.parametrize("grace", [timedelta(seconds=-1), MAX_GRACE + timedelta(seconds=1)], ids=["past", "too long"])
def test_a_grace_that_cannot_be_is_refused_and_changes_nothing(desk: Desk, tmp_path: Path, grace: timedelta) -> None:
    sealer = sealer_for(settings_for(tmp_path))
    made = hook(desk, settings_for(tmp_path), URL)
    with pytest.raises(BadInput):
        rotate(desk, sealer, made.id, grace)
    assert addressee(desk, made.id).sealed_before is None


def test_another_accounts_secret_cannot_be_replaced(desk: Desk, tmp_path: Path) -> None:
    sealer = sealer_for(settings_for(tmp_path))
    made = hook(desk, settings_for(tmp_path), URL)
    other = desk.record.write(lambda c: ensure_account(c, "other", now=desk.clock()))
    with pytest.raises(WebhookNotFound):
        desk.record.write(lambda c: rotate_secret(c, sealer, other, made.id, grace=GRACE, now=desk.clock()))


def test_a_format_with_a_limit_takes_no_more_also_where_many_come_together(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    hook(desk, settings, URL, format=WebhookFormat.POLYAI)

    def register(_: int) -> bool:
        try:
            hook(desk, settings, URL, format=WebhookFormat.POLYAI)  # one address may be several of these
        except TooManyWebhooks:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(register, range(14))) == 9
    hook(desk, settings, URL, format=WebhookFormat.NATIVE)
    hook(desk, settings, URL)
    with pytest.raises(BadInput, match="already been registered"):
        hook(desk, settings, URL, format=WebhookFormat.NATIVE)
