"""Which addresses may be reached: a receiver's URL comes from users, who must not see into the network we run in."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final, TypeAlias

Address: TypeAlias = "IPv4Address | IPv6Address"
Network: TypeAlias = "IPv4Network | IPv6Network"

PRIVATE: Final = "private"
"""In the setting: this machine and the private networks; not link-local, where clouds hand out credentials."""


def _networks(*names: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(name) for name in names)


_PRIVATE: Final = _networks(
    "127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"
)
_WRAPPED: Final = _networks("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "2002::/16", "2001::/32")
"""IPv6 that carries an IPv4 address, by which a network may send it on to that one: IPv4-compatible, mapped,
translated, NAT64, 6to4, Teredo."""
_CLOSED: Final = _networks(
    "0.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "168.63.129.16/32",  # a cloud's own services, at an address that looks public
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
)


class Targets:
    """The rule of one installation: every public address, and what its operator has named besides."""

    def __init__(self, allowed: Sequence[str] = ()) -> None:
        """`allowed`: names of hosts, networks such as `10.1.0.0/16`, and `private`."""
        self._networks: list[Network] = []
        self._hosts: set[str] = set()
        for entry in allowed:
            self._allow(entry.strip().lower())

    def allows(self, host: str, address: str) -> bool:
        """Whether a request for a host may connect to this address, which is an IP address and no name."""
        if plain_host(host) in self._hosts:
            return True
        try:
            return self._allows(ipaddress.ip_address(address))
        except ValueError:
            return False

    def names(self, host: str) -> bool:
        """Whether the operator has named a host or the network of an IP address; `localhost` is this machine."""
        host = plain_host(host)
        if host in self._hosts:
            return True
        try:
            return self._is_named(ipaddress.ip_address("127.0.0.1" if host == "localhost" else host))
        except ValueError:
            return False

    def _allow(self, entry: str) -> None:
        if entry == PRIVATE:
            self._networks.extend(_PRIVATE)
            return
        try:
            self._networks.append(ipaddress.ip_network(entry, strict=False))
        except ValueError:
            self._hosts.add(plain_host(entry))

    def _allows(self, address: Address) -> bool:
        if isinstance(address, IPv6Address) and address.scope_id is not None:  # a link of this machine's own
            return False
        inner = _carried(address)
        if inner is not None:  # where the operator has opened such addresses, what they carry is judged all the same
            return self._is_named(address) and self._allows(inner)
        return _is_public(address) or self._is_named(address)

    def _is_named(self, address: Address) -> bool:
        return any(address in network for network in self._networks)


def plain_host(host: str) -> str:
    """A host in small letters, without the brackets of IPv6 and without the dot that may end a name."""
    return host.strip("[]").rstrip(".").lower()


def _is_public(address: Address) -> bool:
    if address.is_multicast or address.is_unspecified or address.is_loopback or not address.is_global:
        return False
    return not any(address in network for network in (*_CLOSED, *_PRIVATE))


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one."""
    if not isinstance(address, IPv6Address) or int(address) <= 1:
        return None
    found = next((network for network in _WRAPPED if address in network), None)
    if found is None:
        return None
    if found.prefixlen == 96:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.sixtofour or (address.teredo[1] if address.teredo else None)
