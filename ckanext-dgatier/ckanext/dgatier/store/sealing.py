"""How a file is sealed: a data key a dataset, wrapped by a master key that the database never sees.

A sealed file is a head of 40 bytes and Tink's streaming AEAD after it (AES-256-GCM with HKDF, in
segments of 1 MiB; Hoang, Reyhanitabar, Rogaway and Vizár 2015, "Online Authenticated-Encryption and
its Nonce-Reuse Misuse-Resistance"). The head names the data key and the size in clear, and both are
authenticated together with the resource: a file that was changed, cut off, or put in the place of
another does not open.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

_MAGIC = b"dgatier-sealed-1"
_HEAD = struct.Struct(">16s16sQ")
_SHORTEST_MASTER = 32


class SealBroken(Exception):
    """A sealed file was changed, cut off, or belongs to another resource."""


class UnknownMasterKey(Exception):
    """None of the master keys that are configured opens a data key."""


class WeakMasterKey(ValueError):
    """A master key is missing or shorter than 32 characters."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a sealed file says of itself: its data key, and how many bytes it has in clear."""

    key_id: str
    size: int

    def packed(self) -> bytes:
        """Return the 40 bytes."""
        return _HEAD.pack(_MAGIC, UUID(self.key_id).bytes, self.size)


def read_head(source: IO[bytes]) -> Head | None:
    """Read the head; `None`, and back at the beginning, where the file is not sealed."""
    start = source.read(_HEAD.size)
    if len(start) == _HEAD.size and start.startswith(_MAGIC):
        _, key, size = _HEAD.unpack(start)
        return Head(str(UUID(bytes=key)), size)
    source.seek(0)
    return None


def new_key() -> bytes:
    """Return a new data key, in clear."""
    from tink import new_keyset_handle, proto_keyset_format, secret_key_access

    handle = new_keyset_handle(_streaming().streaming_aead_key_templates.AES256_GCM_HKDF_1MB)
    return bytes(proto_keyset_format.serialize(handle, secret_key_access.TOKEN))


def wrap(key: bytes, dataset_id: str, masters: Sequence[str]) -> str:
    """Return a data key as only the master keys open it; the first of them wraps.

    Raises `WeakMasterKey`.
    """
    inside = {"dataset": dataset_id, "key": base64.b64encode(key).decode()}
    return _masters(masters).encrypt(json.dumps(inside).encode()).decode()


def unwrap(wrapped: str, dataset_id: str, masters: Sequence[str]) -> bytes:
    """Return a data key in clear.

    Raises `WeakMasterKey`, and `UnknownMasterKey` where no master key opens it, or it is the key
    of another dataset.
    """
    try:
        inside = json.loads(_masters(masters).decrypt(wrapped.encode()))
    except InvalidToken as error:
        raise UnknownMasterKey(dataset_id) from error
    if inside["dataset"] != dataset_id:
        raise UnknownMasterKey(dataset_id)
    return base64.b64decode(inside["key"])


def rewrap(wrapped: str, masters: Sequence[str]) -> str:
    """Return a data key wrapped by the first master key, whichever wrapped it before.

    Raises `WeakMasterKey` and `UnknownMasterKey`.
    """
    try:
        return _masters(masters).rotate(wrapped.encode()).decode()
    except InvalidToken as error:
        raise UnknownMasterKey from error


def seal(
    parts: Iterable[bytes], target: IO[bytes], head: Head, key: bytes, resource_id: str
) -> None:
    """Write parts of a file sealed to `target`, which stays open.

    Raises `SealBroken` where they are not as many bytes as the head says.
    """
    written = 0
    target.write(head.packed())
    with _primitive(key).new_encrypting_stream(
        _StaysOpen(target), _bound(head, resource_id)
    ) as out:
        for part in parts:
            written += len(part)
            out.write(part)
    if written != head.size:
        raise SealBroken(f"{written} bytes came instead of {head.size}")


def unseal(source: IO[bytes], head: Head, key: bytes, resource_id: str) -> IO[bytes]:
    """Return a stream of the bytes in clear; `source` stands behind the head, and closes with it.

    Reading raises `SealBroken` as soon as a segment does not open.
    """
    opened = _primitive(key).new_decrypting_stream(source, _bound(head, resource_id))
    return _Checked(opened)  # type: ignore[return-value]


def _bound(head: Head, resource_id: str) -> bytes:
    return head.packed() + resource_id.encode()


def _masters(masters: Sequence[str]) -> MultiFernet:
    if not masters or any(len(one) < _SHORTEST_MASTER for one in masters):
        raise WeakMasterKey(f"a master key has at least {_SHORTEST_MASTER} characters")
    return MultiFernet(
        Fernet(base64.urlsafe_b64encode(hashlib.sha256(one.encode()).digest())) for one in masters
    )


def _streaming() -> Any:
    """Import Tink where it is first needed: it takes a second, and a catalogue page has no file."""
    from tink import streaming_aead

    streaming_aead.register()
    return streaming_aead


def _primitive(key: bytes) -> Any:
    from tink import proto_keyset_format, secret_key_access

    streaming = _streaming()
    handle = proto_keyset_format.parse(key, secret_key_access.TOKEN)
    return handle.primitive(streaming.StreamingAead)


class _StaysOpen:
    """A file that Tink writes to and cannot close, as the head's file is not Tink's."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, part: bytes) -> int:
        return self._file.write(part)

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.flush()

    @property
    def closed(self) -> bool:
        return self._file.closed


class _Checked:
    """Tink's stream, whose errors are ours."""

    def __init__(self, opened: Any) -> None:
        self._opened = opened

    def read(self, size: int = -1) -> bytes:
        from tink import TinkError

        try:
            found: bytes = self._opened.read(size)
        except TinkError as error:
            raise SealBroken from error
        return found

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._opened.close()

    def __enter__(self) -> _Checked:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
