"""The settings of webhooks."""

from __future__ import annotations

import pytest

from postcall.errors import SettingsError
from postcall.notify.webhooks.targets import Targets
from postcall.settings import WebhookSettings, read_settings


def test_without_settings_nothing_inside_is_reached() -> None:
    assert read_settings({}).webhooks == WebhookSettings(to=(), attempts=12, kept_days=30.0)


def test_hosts_networks_and_private_are_read() -> None:
    to = " private, 10.1.0.0/16 ,10.2.3.4,fd00::/8, Hooks_1.internal.,localhost,"
    found = read_settings(
        {"POSTCALL_WEBHOOKS_TO": to, "POSTCALL_WEBHOOKS_ATTEMPTS": "3", "POSTCALL_WEBHOOKS_KEEP": "0.5"}
    ).webhooks
    assert found == WebhookSettings(
        to=("private", "10.1.0.0/16", "10.2.3.4", "fd00::/8", "hooks_1.internal.", "localhost"),
        attempts=3,
        kept_days=0.5,
    )
    targets = Targets(found.to)
    assert targets.allows("hooks_1.internal", "10.9.9.9")
    assert targets.allows("elsewhere", "10.2.3.4")


@pytest.mark.parametrize(
    "entry", ["10.1.0", "10.0.0.0/33", "http://hooks.internal", "a b", "hooks..internal", "300.1.1.1", "*.internal"]
)
def test_what_is_neither_a_host_nor_a_network_stops_the_start(entry: str) -> None:
    with pytest.raises(SettingsError, match="POSTCALL_WEBHOOKS_TO"):
        read_settings({"POSTCALL_WEBHOOKS_TO": f"private,{entry}"})


@pytest.mark.parametrize("name", ["POSTCALL_WEBHOOKS_ATTEMPTS", "POSTCALL_WEBHOOKS_KEEP"])
def test_a_number_out_of_range_stops_the_start(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: "0"})
