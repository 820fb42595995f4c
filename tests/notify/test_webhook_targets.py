"""Where webhooks may go: only to public addresses, unless the operator says otherwise, by whatever road."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import Desk
from tests.notify.deliveries import delivering, hook, log_of, quiet_call, settings_for, settled, wait_until
from tests.notify.receiver import Receiver, Says, receiver

from postcall.domain.webhooks import CallMoment, Delivery, DeliveryState
from postcall.notify.webhooks.deciding import Ladder
from postcall.notify.webhooks.targets import Targets
from postcall.storage.database import open_record

ONCE = Ladder(waits_s=(0.01,), attempts=1)
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::200e", "172.15.0.1", "172.32.0.1"]
CLOSED = [
    "127.0.0.1", "127.1.2.3", "::1", "0.0.0.0", "::", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "100.64.0.1", "100.100.100.200", "169.254.169.254", "169.254.0.1", "fd00:ec2::254", "fc00::1",
    "fe80::1", "fe80::1%eth0", "2001:4860:4860::8888%eth0", "fec0::1", "224.0.0.1", "224.0.1.1", "239.1.1.1",
    "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1", "203.0.113.1", "168.63.129.16",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1:2:3:4:5:6", "2001:db8::1", "not an address", "",
]  # fmt: skip
LOOPBACK = "127.0.0.1"


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Desk]:
    """On one database: what is looked at here lies beyond it."""
    record = open_record(sqlite_url, migrate=False)
    yield Desk(record)
    record.close()


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_reached(address: str) -> None:
    assert Targets().allows("hooks.example", address)


@pytest.mark.parametrize("address", CLOSED)
def test_nothing_inside_may_be_reached(address: str) -> None:
    assert not Targets().allows("hooks.example", address)


@pytest.mark.parametrize(
    ("allowed", "host", "address", "may"),
    [
        (("private",), "here", "127.0.0.1", True),
        (("private",), "here", "10.1.2.3", True),
        (("private",), "here", "fd00::1", True),
        (("private",), "here", "169.254.169.254", False),
        (("private",), "here", "::ffff:10.1.2.3", False),
        (("private",), "here", "0.0.0.0", False),
        (("10.1.0.0/16",), "here", "10.1.2.3", True),
        (("10.1.0.0/16",), "here", "10.2.2.3", False),
        (("10.1.2.3",), "here", "10.1.2.3", True),
        (("169.254.0.0/16",), "here", "169.254.1.1", True),
        (("64:ff9b::/96",), "here", "64:ff9b::8.8.8.8", True),
        (("64:ff9b::/96",), "here", "64:ff9b::127.0.0.1", False),
        (("64:ff9b::/96", "private"), "here", "64:ff9b::127.0.0.1", True),
        (("hooks.internal",), "hooks.internal", "10.1.2.3", True),
        (("hooks.internal",), "HOOKS.internal.", "10.1.2.3", True),
        (("hooks.internal",), "other.hooks.internal", "10.1.2.3", False),
        (("hooks.internal",), "elsewhere", "10.1.2.3", False),
        (("::1",), "[::1]", "::1", True),
    ],
)
def test_the_operator_opens_hosts_and_networks(allowed: tuple[str, ...], host: str, address: str, may: bool) -> None:
    assert Targets(allowed).allows(host, address) is may


@given(st.ip_addresses())
def test_what_is_allowed_is_always_a_global_address_of_one_machine(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if Targets().allows("hooks.example", str(address)):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_private


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "64:ff9b::{}", "::{}"]))
def test_no_address_is_reached_in_the_clothes_of_another(address: ipaddress.IPv4Address, dress: str) -> None:
    dressed = ipaddress.ip_address(dress.format(address))
    assert not Targets(("private",)).allows("hooks.example", str(dressed)) or int(dressed) == 1  # ::1 is loopback


def once(desk: Desk, folder: Path, url: str, *, to: tuple[str, ...] = (), **more: object) -> Delivery:
    settings = settings_for(folder, to=to)
    hook(desk, settings, url, CallMoment.ENDED, headers={"Authorization": "Bearer own"})
    quiet_call(desk, "call-1")
    with delivering(desk.record, settings, ladder=ONCE, **more):
        wait_until(lambda: settled(desk))
    [delivery] = log_of(desk)
    return delivery


class Names:
    """A resolver whose answers are given one after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        assert port
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def spelled(there: Receiver, host: str) -> str:
    return f"http://{host}:{there.port}/hook"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.0.0.1", "0", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_no_spelling_of_this_machine_is_reached(desk: Desk, tmp_path: Path, host: str) -> None:
    with receiver() as there:
        delivery = once(desk, tmp_path, spelled(there, host))
        assert there.got == []
    assert delivery.state is DeliveryState.DEAD
    assert "POSTCALL_WEBHOOKS_TO" in (delivery.error or "") or "cannot be resolved" in (delivery.error or "")


def test_a_name_that_stands_for_this_machine_a_moment_later_is_not_reached(desk: Desk, tmp_path: Path) -> None:
    """What was judged is what is connected to: the name is not asked about again."""
    names = Names(["192.0.2.7"], [LOOPBACK])
    with receiver() as there:
        delivery = once(
            desk, tmp_path, spelled(there, "hooks.example"), to=("192.0.2.0/24",), resolve=names, timeout_s=0.3
        )
        assert there.got == []
    assert names.asked == ["hooks.example"]
    assert delivery.state is DeliveryState.DEAD


def test_of_several_addresses_only_those_that_may_be_reached_are_tried(desk: Desk, tmp_path: Path) -> None:
    names = Names(["10.0.0.1", "169.254.169.254", LOOPBACK])
    with receiver() as there:
        delivery = once(desk, tmp_path, spelled(there, "hooks.example"), to=("127.0.0.1",), resolve=names)
    assert delivery.state is DeliveryState.DELIVERED
    assert there.got[0].headers["host"] == f"hooks.example:{there.port}"


def test_a_redirect_leads_to_no_address_that_may_not_be_reached(desk: Desk, tmp_path: Path) -> None:
    with receiver() as inside, receiver(Says(307, {"Location": inside.url})) as there:
        names = {"hooks.example": [LOOPBACK]}

        async def resolve(host: str, port: int) -> list[str]:
            assert port
            return names.get(host, [host])

        delivery = once(desk, tmp_path, spelled(there, "hooks.example"), to=("hooks.example",), resolve=resolve)
        assert len(there.got) == 1
        assert inside.got == []
    assert "POSTCALL_WEBHOOKS_TO" in (delivery.error or "")


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_keeps_the_request_is_followed_with_the_whole_body(
    desk: Desk, tmp_path: Path, status: int
) -> None:
    def behave(_number: int, got: object) -> int | str | Says:
        assert hasattr(got, "path")
        return Says(status, {"Location": "/moved"}) if got.path == "/hook" else 200

    with receiver(behave) as there:
        delivery = once(desk, tmp_path, there.url, to=("private",))
    assert delivery.state is DeliveryState.DELIVERED
    assert [got.path for got in there.got] == ["/hook", "/moved"]
    assert there.got[0].body == there.got[1].body != b""
    assert there.got[1].headers["authorization"] == "Bearer own"
    assert there.got[1].headers["x-signature"] == there.got[0].headers["x-signature"]


def test_another_host_is_shown_neither_the_signature_nor_the_owners_headers(desk: Desk, tmp_path: Path) -> None:
    with receiver() as other, receiver(Says(308, {"Location": other.url})) as there:
        delivery = once(desk, tmp_path, there.url, to=("private",))
    assert delivery.state is DeliveryState.DELIVERED
    assert not {"authorization", "x-signature"} & other.got[0].headers.keys()
    assert other.got[0].headers["x-postcall-delivery"] == delivery.id


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_lose_the_body_is_a_failure(desk: Desk, tmp_path: Path, status: int) -> None:
    with receiver(Says(status, {"Location": "/moved"})) as there:
        delivery = once(desk, tmp_path, there.url, to=("private",))
    assert (delivery.status, len(there.got)) == (status, 1)


def test_redirects_in_a_circle_end(desk: Desk, tmp_path: Path) -> None:
    with receiver(Says(307, {"Location": "/hook"})) as there:
        delivery = once(desk, tmp_path, there.url, to=("private",))
    assert len(there.got) == 4
    assert "redirects more than 3 times" in (delivery.error or "")


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/x", "http://user:pw@127.0.0.1/x", "http://[bad"])
def test_a_redirect_to_nonsense_is_a_failure(desk: Desk, tmp_path: Path, location: str) -> None:
    with receiver(Says(307, {"Location": location})) as there:
        delivery = once(desk, tmp_path, there.url, to=("private",))
    assert delivery.state is DeliveryState.DEAD
    assert len(there.got) == 1


def test_proxies_of_the_environment_are_not_used(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy, receiver() as there:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        once(desk, tmp_path, there.url, to=("private",))
        assert (len(proxy.got), len(there.got)) == (0, 1)
