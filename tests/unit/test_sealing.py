"""What a seal holds: the bytes, their number, the resource and the keys."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.dgatier.store import sealing

MASTERS = ("m" * 40, "n" * 40)
KEY = sealing.new_key()
MEBIBYTE = 1 << 20


def sealed(content: bytes, resource: str = "r-1", size: int | None = None) -> bytes:
    target = io.BytesIO()
    head = sealing.Head(str(uuid4()), len(content) if size is None else size)
    sealing.seal([content], target, head, KEY, resource)
    return target.getvalue()


def opened(kept: bytes, resource: str = "r-1", key: bytes = KEY) -> bytes:
    source = io.BytesIO(kept)
    head = sealing.read_head(source)
    assert head is not None
    stream = sealing.unseal(source, head, key, resource)
    return b"".join(iter(lambda: stream.read(65536), b""))


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=3000), st.integers(0, 3))
def test_what_is_sealed_is_read_back_whole(content: bytes, mebibytes: int) -> None:
    whole = content + b"x" * (mebibytes * MEBIBYTE)
    kept = sealed(whole)
    assert opened(kept) == whole
    behind = io.BytesIO(kept)
    sealing.read_head(behind)
    assert len(content) < 16 or content not in behind.read()


@pytest.mark.parametrize("place", [20, 33, 41, 80, 1000, -1], ids=str)
def test_a_changed_byte_anywhere_is_found(place: int) -> None:
    kept = bytearray(sealed(b"a" * 5000))
    kept[place] ^= 1
    with pytest.raises(sealing.SealBroken):
        opened(bytes(kept))


@pytest.mark.parametrize("cut", [1, 100, MEBIBYTE, MEBIBYTE + 500])
def test_a_file_that_was_cut_off_is_found(cut: int) -> None:
    with pytest.raises(sealing.SealBroken):
        opened(sealed(b"a" * (3 * MEBIBYTE))[:-cut])


def test_the_file_of_one_resource_does_not_open_as_another() -> None:
    with pytest.raises(sealing.SealBroken):
        opened(sealed(b"rows", "r-1"), "r-2")


def test_another_datasets_key_opens_nothing() -> None:
    with pytest.raises(sealing.SealBroken):
        opened(sealed(b"rows"), key=sealing.new_key())


def test_fewer_bytes_than_were_said_are_refused() -> None:
    with pytest.raises(sealing.SealBroken):
        sealed(b"abc", size=4)


def test_a_file_from_before_is_told_from_a_sealed_one() -> None:
    for plain in (b"", b"name,age\n", b"dgatier-sealed-1 is how a note begins"):
        source = io.BytesIO(plain)
        assert sealing.read_head(source) is None
        assert source.read() == plain


def test_a_data_key_opens_by_any_master_key_and_is_rewrapped_by_the_first() -> None:
    wrapped = sealing.wrap(KEY, "d-1", MASTERS[1:])
    assert sealing.unwrap(wrapped, "d-1", MASTERS) == KEY
    renewed = sealing.rewrap(wrapped, MASTERS)
    assert sealing.unwrap(renewed, "d-1", MASTERS[:1]) == KEY
    with pytest.raises(sealing.UnknownMasterKey):
        sealing.unwrap(wrapped, "d-1", MASTERS[:1])


def test_the_data_key_of_one_dataset_is_not_taken_for_anothers() -> None:
    with pytest.raises(sealing.UnknownMasterKey):
        sealing.unwrap(sealing.wrap(KEY, "d-1", MASTERS), "d-2", MASTERS)


@pytest.mark.parametrize("masters", [(), ("short",), ("m" * 40, "short")])
def test_a_weak_master_key_wraps_nothing(masters: tuple[str, ...]) -> None:
    with pytest.raises(sealing.WeakMasterKey):
        sealing.wrap(KEY, "d-1", masters)
