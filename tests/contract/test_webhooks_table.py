"""Receivers and what they want, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection
from tests.builders import AGENT, Desk, a_call, a_question
from tests.notify.deliveries import hook, log_of, quiet_call, settings_for, tell

from postcall.configure.sealing import Sealer, new_key, sealer_for
from postcall.configure.webhooks import MAX_HEADERS, check_headers, check_url, reseal_webhooks, webhook_secret
from postcall.domain.webhooks import CallMoment, DeliveryState, WebhookFormat
from postcall.errors import BadInput, SecretsUnreadable, WebhookNotFound
from postcall.storage.accounts import ensure_account
from postcall.storage.agents import find_agent_row
from postcall.storage.phone_numbers import ensure_number
from postcall.storage.subscriptions import (
    agent_subscriptions,
    remove_agent_subscriptions,
    replace_agent_subscriptions,
    replace_webhook_subscriptions,
)
from postcall.storage.webhooks import (
    WebhookChange,
    change_webhook,
    delete_webhook,
    find_webhook,
    find_webhook_row,
    list_webhooks,
)

URL = "https://hooks.example/one"
ATOMS = WebhookFormat.ATOMS


def agent_pk(desk: Desk, name: str = AGENT) -> int:
    desk.ask(a_question(), agent=name)
    return desk.record.read(lambda c: int(find_agent_row(c, desk.pk, name).pk))


def pk_of(desk: Desk, webhook_id: str) -> int:
    return desk.record.read(lambda c: int(find_webhook_row(c, desk.pk, webhook_id).pk))


def test_a_receiver_is_found_and_listed_and_its_secret_is_only_where_it_is_asked_for(
    desk: Desk, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path)
    made = hook(desk, settings, URL, CallMoment.ENDED, created_by="mara@clinic.example", headers={"X-Team": "a"})
    assert desk.record.read(lambda c: find_webhook(c, desk.pk, made.id)) == made
    assert desk.record.read(lambda c: list_webhooks(c, desk.pk)) == (made,)
    assert desk.record.read(lambda c: list_webhooks(c, desk.pk, format=WebhookFormat.NATIVE)) == ()
    assert (made.url, made.headers, made.enabled, made.created_by) == (
        URL,
        {"X-Team": "a"},
        True,
        "mara@clinic.example",
    )
    assert [(each.agent_id, each.moment) for each in made.subscriptions] == [(None, CallMoment.ENDED)]
    secret = desk.record.read(lambda c: webhook_secret(c, sealer_for(settings), desk.pk, made.id))
    assert len(bytes.fromhex(secret)) == 32
    stored = desk.record.read(lambda c: bytes(find_webhook_row(c, desk.pk, made.id).secret))
    assert secret.encode() not in stored


def test_another_account_sees_nothing_of_it(desk: Desk, tmp_path: Path) -> None:
    made = hook(desk, settings_for(tmp_path), URL)
    other = desk.record.write(lambda c: ensure_account(c, "other", now=desk.clock()))
    assert desk.record.read(lambda c: list_webhooks(c, other)) == ()
    with pytest.raises(WebhookNotFound):
        desk.record.read(lambda c: find_webhook(c, other, made.id))
    with pytest.raises(WebhookNotFound):
        desk.record.write(lambda c: delete_webhook(c, other, made.id, now=desk.clock()))


def test_a_url_is_registered_once_in_an_account_also_where_two_come_together(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    hook(desk, settings, "https://hooks.example/first")  # makes the key of secrets

    def register(_: int) -> bool:
        try:
            hook(desk, settings, URL)
        except BadInput as error:
            assert error.message == "A webhook with this URL has already been registered"
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(register, range(8))) == 1


def test_changing_a_receivers_url_holds_up_nothing_else_of_the_account(desk: Desk, tmp_path: Path) -> None:
    made = hook(desk, settings_for(tmp_path), "https://hooks.example/first")
    if desk.record.dialect == "sqlite":
        return  # one writer at a time there, whatever it does

    def refer(connection: Connection) -> None:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '2s'")
        ensure_number(connection, desk.pk, desk.clock())  # refers to the account, as a call does

    def change(connection: Connection) -> None:
        change_webhook(connection, desk.pk, made.id, WebhookChange(url=URL), now=desk.clock())
        desk.record.write(refer)

    desk.record.write(change)
    assert desk.record.read(lambda c: find_webhook(c, desk.pk, made.id)).url == URL


def test_a_deleted_url_may_be_registered_again_and_a_taken_one_not_moved_to(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    first = hook(desk, settings, URL)
    desk.record.write(lambda c: replace_webhook_subscriptions(c, pk_of(desk, first.id), (), now=desk.clock()))
    desk.record.write(lambda c: delete_webhook(c, desk.pk, first.id, now=desk.clock()))
    second = hook(desk, settings, URL)
    third = hook(desk, settings, URL + "/more")
    with pytest.raises(BadInput, match="already been registered"):
        desk.record.write(lambda c: change_webhook(c, desk.pk, third.id, WebhookChange(url=URL), now=desk.clock()))
    same = desk.record.write(lambda c: change_webhook(c, desk.pk, second.id, WebhookChange(url=URL), now=desk.clock()))
    assert same.url == URL


def test_only_what_is_named_changes_and_no_headers_is_a_change(desk: Desk, tmp_path: Path) -> None:
    made = hook(desk, settings_for(tmp_path), URL, headers={"X-Team": "a"})
    desk.clock.advance(5)
    change = WebhookChange(description="new", enabled=False)
    changed = desk.record.write(lambda c: change_webhook(c, desk.pk, made.id, change, now=desk.clock()))
    assert (changed.description, changed.enabled, changed.headers, changed.url) == ("new", False, {"X-Team": "a"}, URL)
    assert changed.updated_at > made.updated_at
    cleared = desk.record.write(
        lambda c: change_webhook(c, desk.pk, made.id, WebhookChange(headers={}), now=desk.clock())
    )
    assert cleared.headers == {}


def test_a_receiver_in_use_is_not_deleted_and_what_waits_for_a_deleted_one_is_dead(desk: Desk, tmp_path: Path) -> None:
    made = hook(desk, settings_for(tmp_path), URL)
    quiet_call(desk, "call-1")
    with pytest.raises(BadInput, match="currently assigned to one or more agents"):
        desk.record.write(lambda c: delete_webhook(c, desk.pk, made.id, now=desk.clock()))
    desk.record.write(lambda c: replace_webhook_subscriptions(c, pk_of(desk, made.id), (), now=desk.clock()))
    desk.record.write(lambda c: delete_webhook(c, desk.pk, made.id, now=desk.clock()))
    with pytest.raises(WebhookNotFound):
        desk.record.read(lambda c: find_webhook(c, desk.pk, made.id))
    [delivery] = log_of(desk)
    assert (delivery.state, delivery.error) == (DeliveryState.DEAD, "the webhook was deleted")


def test_subscribing_an_agent_replaces_what_every_receiver_of_the_format_wanted_of_it(
    desk: Desk, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path)
    clinic, garage = agent_pk(desk), agent_pk(desk, "garage")
    one, other = (hook(desk, settings, f"{URL}/{name}") for name in "ab")
    for made in (one, other):
        wanted = [(clinic, CallMoment.ENDED), (garage, CallMoment.ENDED)]
        desk.record.write(
            lambda c, made=made, wanted=wanted: replace_webhook_subscriptions(  # type: ignore[misc]
                c, pk_of(desk, made.id), wanted, now=desk.clock()
            )
        )
    moments = (CallMoment.STARTED, CallMoment.EXTRACTED, CallMoment.STARTED)
    key = pk_of(desk, other.id)
    desk.record.write(lambda c: replace_agent_subscriptions(c, clinic, key, moments, format=ATOMS, now=desk.clock()))
    found = desk.record.read(lambda c: agent_subscriptions(c, clinic, format=ATOMS))
    assert [(each.webhook_id, each.subscription.moment) for each in found] == [
        (other.id, CallMoment.STARTED),
        (other.id, CallMoment.EXTRACTED),
    ]
    assert {each.subscription.agent_name for each in found} == {AGENT}
    assert len(desk.record.read(lambda c: agent_subscriptions(c, garage, format=ATOMS))) == 2
    assert desk.record.write(lambda c: remove_agent_subscriptions(c, clinic, format=WebhookFormat.NATIVE)) == 0
    assert desk.record.write(lambda c: remove_agent_subscriptions(c, clinic, format=ATOMS)) == 2


def test_an_agents_calls_are_told_to_those_who_want_them_alone(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    clinic, garage = agent_pk(desk), agent_pk(desk, "garage")
    made = hook(desk, settings, URL)
    desk.record.write(
        lambda c: replace_webhook_subscriptions(c, pk_of(desk, made.id), [(garage, CallMoment.ENDED)], now=desk.clock())
    )
    quiet_call(desk, "for-nobody")
    assert log_of(desk) == []
    desk.hand_in(a_call("for-somebody", agent="garage"))
    assert [each.call_id for each in log_of(desk)] == ["for-somebody"]
    assert clinic != garage


def test_a_key_can_be_taken_away_once_secrets_are_sealed_anew(desk: Desk, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    made = hook(desk, settings, URL)
    before = desk.record.read(lambda c: webhook_secret(c, sealer_for(settings), desk.pk, made.id))
    old, new = settings.secrets_file.read_text().strip(), new_key()
    both, only = Sealer(f"{new},{old}", settings.secrets_file), Sealer(new, settings.secrets_file)
    with pytest.raises(SecretsUnreadable):
        desk.record.read(lambda c: webhook_secret(c, only, desk.pk, made.id))
    assert desk.record.write(lambda c: reseal_webhooks(c, both, now=desk.clock())) == 1
    assert desk.record.write(lambda c: reseal_webhooks(c, both, now=desk.clock())) == 0
    assert desk.record.read(lambda c: webhook_secret(c, only, desk.pk, made.id)) == before


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example/x",
        "//hooks.example/x",
        "hooks.example",
        "http://",
        "http:///x",
        "https://user:pw@hooks.example/x",
        "https://hooks.example:99999/x",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nX-More: 1",
        "https://hooks.example/ü",
        "http://[::1",
        "https://hooks.example/" + "x" * 3000,
        "",
    ],
    ids=str.split("ftp relative bare nothing nohost password port space lines letters brackets long empty"),
)
def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(BadInput):
        check_url(url)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Team": "a\r\nX-Admin: yes"},
        {"X-Team\r\nX-Admin": "yes"},
        {"X-Team": "a\0"},
        {"X-Team": "ü"},
        {"X Team": "a"},
        {"": "a"},
        {"X-Signature": "mine"},
        {"HOST": "elsewhere"},
        {"Transfer-Encoding": "chunked"},
        {"content-length": "0"},
        {"X-Postcall-Delivery": "mine"},
        {"X-Team": "a", "x-team": "b"},
        {"X-Team": "a" * 1025},
        {f"X-{number}": "a" for number in range(MAX_HEADERS + 1)},
    ],
    ids=str.split("line name-line null letters space empty signature host chunked length ours twice long many"),
)
def test_no_configured_header_changes_the_request_itself(headers: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        check_headers(headers)


def test_ten_plain_headers_are_kept() -> None:
    headers = {f"X-{number}": "Bearer abc.def=" for number in range(MAX_HEADERS)}
    assert check_headers(headers) == headers


def test_nothing_is_queued_for_a_receiver_that_is_disabled(desk: Desk, tmp_path: Path) -> None:
    made = hook(desk, settings_for(tmp_path), URL)
    call = quiet_call(desk, "call-1")
    desk.record.write(lambda c: change_webhook(c, desk.pk, made.id, WebhookChange(enabled=False), now=desk.clock()))
    tell(desk, call, CallMoment.EXTRACTED)
    assert [each.event for each in log_of(desk)] == ["call.ended"]
