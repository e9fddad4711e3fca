"""The audit shows each way of tampering with it, and says which event it was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core import checkpoint, merkle
from ckanext.dgatier.core.audit import (
    GENESIS,
    AuditAction,
    AuditEvent,
    Link,
    body_of,
    digest_of,
    event_of,
    hash_of,
    problems,
    seal_of,
)
from ckanext.dgatier.core.checkpoint import Checkpoint

START = datetime(2026, 11, 24, tzinfo=UTC)
KEY = b"a key of the portal"
SECRET = b"the signer's"


def _event(number: int) -> AuditEvent:
    return AuditEvent(
        AuditAction.DATA_READ,
        f"person-{number}",
        START + timedelta(microseconds=number),
        detail={"rows": number, "ข้อความ": "ทดสอบ"},
    )


def _link(lane: int, sequence: int, previous: bytes, body: str, key: bytes = KEY) -> Link:
    seal = seal_of(body, key)
    return Link(lane, sequence, previous, hash_of(lane, sequence, previous, seal, body), seal, body)


def _lane(lane: int, length: int) -> list[Link]:
    links: list[Link] = []
    for number in range(1, length + 1):
        previous = links[-1].hash if links else GENESIS
        links.append(_link(lane, number, previous, body_of(_event(lane * 1000 + number), {})))
    return links


def _lanes(*lengths: int) -> list[Link]:
    return [link for lane, length in enumerate(lengths) for link in _lane(lane, length)]


def _sign(body: bytes) -> bytes:
    return seal_of(body.decode(), SECRET)


def _verify(body: bytes, signature: bytes) -> bool:
    return signature == _sign(body)


def _checkpoint(previous: Checkpoint | None, new: list[Link]) -> Checkpoint:
    body = checkpoint.body_of(previous, new, 1)
    return Checkpoint(body, _sign(body.encode()))


def _against(checkpoints: list[Checkpoint], links: list[Link]) -> list[str]:
    hashes: dict[int, bytearray] = {}
    assert list(checkpoint.recorded(links, hashes)) == links
    return list(checkpoint.problems(checkpoints, hashes, _verify))


def _wrong(links: list[Link]) -> list[str]:
    return list(problems(links, KEY))


LENGTHS = st.lists(st.integers(0, 8), min_size=1, max_size=12)


@given(LENGTHS)
def test_untouched_chains_are_whole(lengths: list[int]) -> None:
    assert _wrong(_lanes(*lengths)) == []


@given(st.integers(2, 20), st.data())
def test_a_changed_event_is_named(length: int, data: st.DataObject) -> None:
    links = _lanes(length, 3)
    index = data.draw(st.integers(0, length - 1))
    links[index] = links[index]._replace(body=links[index].body.replace("person-", "other-"))
    assert _wrong(links) == [f"event 0.{index + 1} was changed"]


@given(st.integers(3, 20), st.data())
def test_an_event_changed_with_its_hashes_was_not_written_by_the_portal(
    length: int, data: st.DataObject
) -> None:
    """Whoever owns the database can work out hashes; the seal they cannot make."""
    links = _lane(0, length)
    index = data.draw(st.integers(0, length - 1))
    forged = links[index].body.replace("person-", "other-")
    for at in range(index, length):
        previous = links[at - 1].hash if at else GENESIS
        body, key = (forged, b"guessed") if at == index else (links[at].body, KEY)
        links[at] = _link(0, at + 1, previous, body, key)
    assert _wrong(links) == [f"event 0.{index + 1} was not written by the portal"]


@given(st.integers(3, 20), st.data())
def test_a_removed_event_is_named(length: int, data: st.DataObject) -> None:
    links = _lane(0, length)
    index = data.draw(st.integers(0, length - 2))
    del links[index]
    assert _wrong(links) == [f"event 0.{index + 1} is missing"]


@given(st.integers(3, 20), st.data())
def test_swapped_events_are_named(length: int, data: st.DataObject) -> None:
    links = _lane(0, length)
    at = data.draw(st.integers(0, length - 2))
    one, other = links[at], links[at + 1]
    links[at] = one._replace(body=other.body, seal=other.seal)
    links[at + 1] = other._replace(body=one.body, seal=one.seal)
    assert _wrong(links) == [f"event 0.{at + 1} was changed", f"event 0.{at + 2} was changed"]


@given(st.integers(1, 20), st.data())
def test_an_inserted_event_is_named(length: int, data: st.DataObject) -> None:
    links = _lane(0, length)
    index = data.draw(st.integers(0, length))
    previous = links[index - 1].hash if index else GENESIS
    links.insert(index, _link(0, index + 1, previous, body_of(_event(999), {}), b"guessed"))
    assert f"event 0.{index + 1} was not written by the portal" in _wrong(links)


@given(LENGTHS, LENGTHS)
def test_checkpoints_over_what_is_there_are_whole(first: list[int], more: list[int]) -> None:
    lanes = [_lane(lane, 20) for lane in range(12)]
    ends = [*first, *([0] * 12)][:12]
    later = [end + extra for end, extra in zip(ends, [*more, *([0] * 12)], strict=False)]
    old = [link for lane, end in zip(lanes, ends, strict=True) for link in lane[:end]]
    new = [
        link
        for lane, end, last in zip(lanes, ends, later, strict=True)
        for link in lane[end:last]
    ]  # fmt: skip
    one = _checkpoint(None, old)
    two = _checkpoint(one, new)
    held = [link for lane, last in zip(lanes, later, strict=True) for link in lane[:last]]
    assert _against([one, two], held) == []


@given(st.integers(2, 20), st.data())
def test_a_cut_tail_is_told_by_the_last_checkpoint(length: int, data: st.DataObject) -> None:
    links = _lanes(length, 4)
    one = _checkpoint(None, links)
    kept = data.draw(st.integers(0, length - 1))
    left = [link for link in links if link.lane != 0 or link.sequence <= kept]
    assert _wrong(left) == []
    (told,) = _against([one], left)
    assert f"from 0.{kept + 1} on they are cut off" in told


def test_a_chain_written_anew_is_told_by_the_checkpoint() -> None:
    links = _lanes(3)
    one = _checkpoint(None, links)
    anew = [_link(0, 1, GENESIS, body_of(_event(7), {}))]
    for number in (2, 3):
        anew.append(_link(0, number, anew[-1].hash, links[number - 1].body))
    assert _wrong(anew) == []
    assert _against([one], anew) == ["checkpoint 1 knows another event 0.3"]


def test_checkpoints_that_are_forged_or_taken_out_are_told() -> None:
    links = _lanes(2, 2)
    one = _checkpoint(None, links)
    two = _checkpoint(one, [])
    three = _checkpoint(two, [])
    forged = replace(two, body=two.body.replace('"number":2', '"number":9'))
    assert "checkpoint 2 has no valid signature" in _against([one, forged], links)
    told = _against([one, three], links)
    assert "checkpoint 2 does not follow the one before it" in told


@given(st.integers(1, 40), st.data())
def test_a_receipt_proves_its_event_and_no_other(length: int, data: st.DataObject) -> None:
    links = _lanes(length, 3)
    one = _checkpoint(None, links)
    link = data.draw(st.sampled_from(links))
    receipt = json.loads(json.dumps(checkpoint.receipt(link, links, one)))
    assert checkpoint.receipt_holds(receipt, _verify)
    others = [other.body for other in links if other != link]
    assert not any(body in json.dumps(receipt, ensure_ascii=False) for body in others)
    receipt["event"]["body"] = receipt["event"]["body"].replace("person", "nobody")
    assert not checkpoint.receipt_holds(receipt, _verify)


@pytest.mark.parametrize("broken", [{}, {"event": 1}, {"event": {}, "path": [], "checkpoint": {}}])
def test_a_receipt_that_cannot_be_read_proves_nothing(broken: dict[str, object]) -> None:
    assert not checkpoint.receipt_holds(broken, _verify)


@given(st.lists(st.binary(max_size=40), max_size=70), st.data())
def test_a_tree_proves_each_of_its_leaves(leaves: list[bytes], data: st.DataObject) -> None:
    root = merkle.root(leaves)
    for at, leaf in enumerate(leaves):
        assert merkle.proves(leaf, merkle.path(leaves, at), root)
    with pytest.raises(IndexError):
        merkle.path(leaves, len(leaves))
    if leaves:
        at = data.draw(st.integers(0, len(leaves) - 1))
        assert not merkle.proves(leaves[at] + b"x", merkle.path(leaves, at), root)


def test_the_tree_is_that_of_the_standard() -> None:
    """The roots of RFC 6962's test vectors, as its reference implementation publishes them."""
    leaves = [
        b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57", bytes(range(0x60, 0x70)),
    ]  # fmt: skip
    roots = {
        0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }
    assert {size: merkle.root(leaves[:size]).hex() for size in roots} == roots


def test_what_people_wrote_is_not_in_the_body_and_comes_back_while_it_is_kept() -> None:
    words = {"reason": "โครงการสิ้นสุด"}
    digests = {"reason": digest_of(words["reason"], b"salt")}
    event = replace(_event(1), words=words)
    body = body_of(event, digests)
    assert words["reason"] not in body
    assert event_of(body, {digests["reason"]: words["reason"]}) == event
    assert event_of(body, {}) == replace(event, words={})
