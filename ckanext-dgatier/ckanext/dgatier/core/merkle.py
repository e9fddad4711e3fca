"""Merkle trees: one hash for many, and a short proof that one is among them (RFC 6962, 2.1).

Leaves and nodes are hashed apart (prefix 0 and 1), so that a node can never pass for a leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal

#: The hash on the other side, and on which side it stands, from the leaf up to the root.
Path = tuple[tuple[Literal["left", "right"], bytes], ...]

EMPTY = hashlib.sha256(b"").digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root, 32 bytes, over leaves in their order."""
    if not leaves:
        return EMPTY
    level = [_leaf(one) for one in leaves]
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> Path:
    """Return what proves the leaf at `index`; raises `IndexError` where there is none."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    level, found = [_leaf(one) for one in leaves], []
    while len(level) > 1:
        other = index ^ 1
        if other < len(level):
            found.append(("left" if other < index else "right", level[other]))
        level, index = _above(level), index // 2
    return tuple(found)  # type: ignore[arg-type]


def proves(leaf: bytes, proof: Path, expected: bytes) -> bool:
    """Say whether the proof leads from the leaf to the root `expected`."""
    found = _leaf(leaf)
    for side, other in proof:
        found = _node(other, found) if side == "left" else _node(found, other)
    return found == expected


def _above(level: list[bytes]) -> list[bytes]:
    """Hash pairs; one that is left over goes up as it is."""
    pairs = [_node(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def _leaf(value: bytes) -> bytes:
    return hashlib.sha256(b"\0" + value).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
