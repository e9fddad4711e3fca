"""`ckan dgatier …`: what operators do from the command line, one file a group."""

from __future__ import annotations

import click

from . import (
    accounts,
    audit,
    clock,
    grants,
    keys,
    levels,
    notices,
    numbers,
    people,
    policy,
    rebuild,
    requests,
    trace,
)


@click.group()
def dgatier() -> None:
    """Graded access: people, policy, requests, grants and the audit."""


for command in (
    accounts.ingest_account,
    accounts.demo_agencies,
    accounts.recovery_link,
    audit.audit,
    clock.clock,
    grants.grants,
    keys.keys,
    levels.levels,
    notices.notices,
    numbers.numbers,
    people.people,
    policy.policy,
    rebuild.rebuild,
    requests.requests,
    trace.trace,
):
    dgatier.add_command(command)


def get_commands() -> list[click.Command]:
    """Return the command groups that CKAN adds to its own."""
    return [dgatier]
