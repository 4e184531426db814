"""Which addresses a webhook may reach."""

from __future__ import annotations

import pytest

from app.services.webhooks.addresses import AddressRefused, addresses_of, is_public

PRIVATE = [
    *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),
    *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1"),
    *("64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1"),
    *("2001:db8::1", "100::1", "4000::1"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_the_open_internet_is_told(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_told(address: str) -> None:
    assert is_public(address)


# Numbers and shorthands are addresses to the system, too.
@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "::1"]
)
def test_every_spelling_of_this_machine_is_refused_unless_allowed(host: str) -> None:
    with pytest.raises(AddressRefused, match="PROOFSHEET_WEBHOOK_PRIVATE"):
        addresses_of(host, 80, private=False)
    assert set(addresses_of(host, 80, private=True)) <= {"127.0.0.1", "::1"}


def test_public_addresses_are_given_as_they_are() -> None:
    assert addresses_of("1.1.1.1", 443, private=False) == ["1.1.1.1"]
