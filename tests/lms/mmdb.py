"""A small file in MaxMind's format (MMDB 2.0), as an operator may bring one: networks, each with its country.

Written from the format's public specification (maxmind.github.io/MaxMind-DB): a binary tree over the bits of an IPv6
address (IPv4 lies under ::/96), then the data, then what the file says of itself.
"""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

_MARK = b"\xab\xcd\xefMaxMind.com"
_RECORD_BITS = 24
_UINT16, _UINT32, _UINT64 = 5, 6, 9
_KINDS = {"node_count": _UINT32, "build_epoch": _UINT64}
Value = str | int | Mapping[str, "Value"] | list["Value"]


def write(path: Path, countries: Mapping[str, str]) -> Path:
    tree: list[list[int | None]] = [[None, None]]
    data, at = b"", {}
    for code in sorted(set(countries.values())):
        at[code] = len(data)
        data += _encoded({"country": {"iso_code": code}})
    ends = []
    for network, code in countries.items():
        ends.append((_insert(tree, ip_network(network)), code))
    count = len(tree)
    for (node, side), code in ends:
        tree[node][side] = count + 16 + at[code]
    records = [count if record is None else record for node in tree for record in node]
    about = _encoded({
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_790_000_000,
        "database_type": "Country", "description": {"en": "a test"}, "ip_version": 6, "languages": ["en"],
        "node_count": count, "record_size": _RECORD_BITS,
    })  # fmt: skip
    path.write_bytes(b"".join(one.to_bytes(3) for one in records) + bytes(16) + data + _MARK + about)
    return path


def _insert(tree: list[list[int | None]], network: IPv4Network | IPv6Network) -> tuple[int, int]:
    """Where the network's last bit leads: (node, side)."""
    length = network.prefixlen + (96 if network.version == 4 else 0)
    address = int(network.network_address)
    node = 0
    for bit in range(length):
        side = address >> (127 - bit) & 1
        if bit == length - 1:
            return node, side
        following = tree[node][side]
        if following is None:
            tree.append([None, None])
            following = tree[node][side] = len(tree) - 1
        node = following
    raise ValueError("a network of no bits")


def _encoded(value: Value, *, number: int = _UINT16) -> bytes:
    if isinstance(value, str):
        return _control(2, len(value.encode())) + value.encode()
    if isinstance(value, int):
        digits = value.to_bytes((value.bit_length() + 7) // 8)
        return _control(number, len(digits)) + digits
    if isinstance(value, list):
        return _control(11, len(value)) + b"".join(map(_encoded, value))
    told = [_encoded(name) + _encoded(one, number=_KINDS.get(name, _UINT16)) for name, one in value.items()]
    return _control(7, len(value)) + b"".join(told)


def _control(kind: int, size: int) -> bytes:
    """Kinds above 7 say so in a second byte. None here is longer than 28."""
    return bytes([kind << 5 | size]) if kind <= 7 else bytes([size, kind - 7])
