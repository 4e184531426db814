"""Which addresses a webhook may reach: those of the open internet, unless a setting allows others.

A name is looked up once, and what was found is both checked and connected to. Otherwise whoever
answers for the name could give a harmless address to the check and another to the connection.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# Besides what `is_global` knows of in every Python: protocols' own addresses, among them where Oracle
# tells machines about themselves; and where Azure does.
_REFUSED = (IPv4Network("192.0.0.0/24"), IPv4Network("168.63.129.16/32"))
# Of IPv6 only this is given out; within it lie two that lead to IPv4 addresses by way of others.
_GIVEN_OUT = IPv6Network("2000::/3")
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
# Where a network without IPv4 puts the IPv4 addresses of others.
_TRANSLATED = IPv6Network("64:ff9b::/96")


class AddressRefused(Exception):
    """A name that stands for none but addresses that are not to be reached."""


def addresses_of(host: str, port: int, *, private: bool) -> list[str]:
    """Return the addresses of a host that may be connected to, the best first.

    All of them where `private`. Raises AddressRefused when none is left, OSError when the name is
    not known.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(where[0]) for *_, where in found))
    allowed = [each for each in addresses if private or is_public(each)]
    if not allowed:
        raise AddressRefused(
            "It is an address of this machine or of a private network. "
            "PROOFSHEET_WEBHOOK_PRIVATE=true allows those."
        )
    return allowed


def is_public(address: str) -> bool:
    """Tell whether an address is one of the open internet, reached as what it looks like."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        inner = _inner(parsed)
        if inner is None:
            tunnelled = any(parsed in network for network in _TUNNELS)
            return parsed in _GIVEN_OUT and parsed.is_global and not tunnelled
        parsed = inner
    refused = parsed.is_multicast or any(parsed in network for network in _REFUSED)
    return parsed.is_global and not refused


def _inner(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address is another spelling of, if it is one."""
    if address in _TRANSLATED:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped
