"""Checkpoints: signed words on all that the audit holds up to a moment, and receipts by them.

A checkpoint names the head of each lane, and the Merkle root over the events that came since the
checkpoint before; it holds the digest of that one, and is signed (Ed25519). Who keeps a checkpoint
elsewhere can tell whether anything from before it was changed, taken out or cut off.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import audit, merkle
from .audit import Link

#: Whether a signature is right: message and signature → yes or no.
Verify = Callable[[bytes, bytes], bool]
FIRST = "0" * 64
_HASH = 32  # bytes of a SHA-256


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed body: JSON with `number`, `at`, `previous`, `heads`, `events` and `root`."""

    body: str
    signature: bytes

    @property
    def content(self) -> Mapping[str, Any]:
        """What it says."""
        said: Mapping[str, Any] = json.loads(self.body)
        return said

    @property
    def digest(self) -> str:
        """The digest by which the next one names it, hexadecimal."""
        return hashlib.sha256(self.body.encode()).hexdigest()

    @property
    def heads(self) -> dict[int, tuple[int, str]]:
        """The last sequence and its hash (hexadecimal) of each lane."""
        heads = self.content["heads"]
        return {int(lane): tuple(heads[lane]) for lane in sorted(heads, key=int)}


def body_of(previous: Checkpoint | None, new: Sequence[Link], at_us: int) -> str:
    """Return the body of the next checkpoint over the events that are new since `previous`.

    `new` is in order of lane and sequence; `at_us` microseconds since 1970.
    """
    heads = dict(previous.heads) if previous else {}
    for link in new:
        heads[link.lane] = (link.sequence, link.hash.hex())
    content = {
        "number": previous.content["number"] + 1 if previous else 1,
        "at": at_us,
        "previous": previous.digest if previous else FIRST,
        "heads": {str(lane): list(heads[lane]) for lane in sorted(heads)},
        "events": len(new),
        "root": merkle.root([link.hash for link in new]).hex(),
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def recorded(links: Iterable[Link], hashes: dict[int, bytearray]) -> Iterator[Link]:
    """Yield links as they are, and note their hashes by lane, one after the other."""
    for link in links:
        hashes.setdefault(link.lane, bytearray()).extend(link.hash)
        yield link


def problems(
    checkpoints: Iterable[Checkpoint], hashes: Mapping[int, bytes | bytearray], verify: Verify
) -> Iterator[str]:
    """Say where checkpoints are broken, or say other than the events do.

    `hashes` are those of the events that the audit holds today, as `recorded` notes them.
    """
    before: Checkpoint | None = None
    for number, one in enumerate(checkpoints, start=1):
        name = f"checkpoint {number}"
        if not verify(one.body.encode(), one.signature):
            yield f"{name} has no valid signature"
            return
        said = one.content
        if said["number"] != number or said["previous"] != (before.digest if before else FIRST):
            yield f"{name} does not follow the one before it"
        yield from _against(name, one, before, hashes)
        before = one


def _against(
    name: str,
    one: Checkpoint,
    before: Checkpoint | None,
    hashes: Mapping[int, bytes | bytearray],
) -> Iterator[str]:
    covered: list[bytes] = []
    known = before.heads if before else {}
    whole = True
    for lane, (sequence, head) in one.heads.items():
        found = bytes(hashes.get(lane, b""))
        there = len(found) // _HASH
        if there < sequence:
            whole = False
            cut = f"{lane}.{there + 1}"
            yield f"{name} knows events up to {lane}.{sequence}; from {cut} on they are cut off"
            continue
        if found[(sequence - 1) * _HASH : sequence * _HASH].hex() != head:
            whole = False
            yield f"{name} knows another event {lane}.{sequence}"
        first = known.get(lane, (0, ""))[0]
        covered += (found[at * _HASH : (at + 1) * _HASH] for at in range(first, sequence))
    if whole and merkle.root(covered).hex() != one.content["root"]:
        yield f"{name} has another root than the events that it covers"


def receipt(link: Link, covered: Sequence[Link], one: Checkpoint) -> dict[str, Any]:
    """Return what proves one event to anyone who has the public key, without any other event.

    `covered` are all events of the checkpoint, in order of lane and sequence.
    """
    place = next(
        at for at, other in enumerate(covered)
        if (other.lane, other.sequence) == (link.lane, link.sequence)
    )  # fmt: skip
    proof = merkle.path([other.hash for other in covered], place)
    return {
        "event": {
            "lane": link.lane,
            "sequence": link.sequence,
            "previous": link.previous.hex(),
            "seal": link.seal.hex(),
            "body": link.body,
        },
        "path": [[side, other.hex()] for side, other in proof],
        "checkpoint": {"body": one.body, "signature": one.signature.hex()},
    }


def receipt_holds(shown: Mapping[str, Any], verify: Verify) -> bool:
    """Say whether a receipt proves its event; one that cannot be read does not."""
    try:
        event, one = shown["event"], shown["checkpoint"]
        hashed = audit.hash_of(
            int(event["lane"]), int(event["sequence"]), bytes.fromhex(event["previous"]),
            bytes.fromhex(event["seal"]), str(event["body"]),
        )  # fmt: skip
        proof: merkle.Path = tuple((side, bytes.fromhex(other)) for side, other in shown["path"])
        body = str(one["body"])
        return verify(body.encode(), bytes.fromhex(one["signature"])) and merkle.proves(
            hashed, proof, bytes.fromhex(json.loads(body)["root"])
        )
    except (KeyError, TypeError, ValueError):
        return False
