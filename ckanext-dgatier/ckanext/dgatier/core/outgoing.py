"""Which network addresses a program of the portal may be led to by what somebody wrote."""

from __future__ import annotations

import ipaddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the open internet (IANA's special-purpose registries).

    An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64) counts as itself. Raises `ValueError`
    where it is no address.
    """
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        inside = parsed.ipv4_mapped or parsed.sixtofour
        if inside is None and parsed in _NAT64:
            inside = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inside is not None:
            return is_public(str(inside))
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved
