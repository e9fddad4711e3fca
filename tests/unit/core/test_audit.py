"""The chain of the audit shows each way of tampering with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core.audit import (
    GENESIS,
    AuditAction,
    AuditEvent,
    ChainedEvent,
    hash_of,
    problems,
)

START = datetime(2026, 11, 24, tzinfo=UTC)


def _chain(length: int) -> list[ChainedEvent]:
    links: list[ChainedEvent] = []
    previous = GENESIS
    for number in range(1, length + 1):
        event = AuditEvent(
            AuditAction.DATA_READ,
            f"person-{number}",
            START + timedelta(seconds=number),
            detail={"rows": number, "ข้อความ": "ทดสอบ"},
        )
        hashed = hash_of(event, number, previous)
        links.append(ChainedEvent(number, event, previous, hashed))
        previous = hashed
    return links


@given(st.integers(0, 30))
def test_an_untouched_chain_is_whole(length: int) -> None:
    assert list(problems(_chain(length))) == []


@given(st.integers(2, 20), st.data())
def test_a_changed_event_is_named(length: int, data: st.DataObject) -> None:
    links = _chain(length)
    index = data.draw(st.integers(0, length - 1))
    changed = replace(links[index].event, actor_id="someone else")
    links[index] = replace(links[index], event=changed)
    assert f"event {index + 1} was changed" in list(problems(links))


@given(st.integers(3, 20), st.data())
def test_a_removed_event_is_named(length: int, data: st.DataObject) -> None:
    links = _chain(length)
    index = data.draw(st.integers(0, length - 2))
    del links[index]
    assert any(f"event {index + 1} is missing" in each for each in problems(links))


@given(st.integers(3, 20), st.data())
def test_swapped_events_are_seen(length: int, data: st.DataObject) -> None:
    links = _chain(length)
    index = data.draw(st.integers(0, length - 2))
    links[index], links[index + 1] = links[index + 1], links[index]
    assert list(problems(links))


@given(st.integers(1, 20), st.data())
def test_an_inserted_event_is_seen(length: int, data: st.DataObject) -> None:
    links = _chain(length)
    index = data.draw(st.integers(0, length - 1))
    links.insert(index, links[index])
    assert list(problems(links))
