"""The policy, and another one beside it."""

from __future__ import annotations

import json
import sys
from collections import Counter

import click
from ckan.plugins import toolkit

from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import simulation
from ckanext.dgatier.policy import PolicyUnavailable

# Nobody waits for a page here, and all the people are asked about at once.
_PATIENCE_MS = 30_000


@click.group()
def policy() -> None:
    """The policy."""


@policy.command("compare")
@click.argument("candidate_url")
def policy_compare(candidate_url: str) -> None:
    """Print who would have another tier of what by the policy of another OPA, as JSON.

    `{people, datasets, counts, changes}`: `counts` tells by tier how many there are `now` and
    `then`, and each of `changes` has `person` (`null`: the public), `dataset`, `now` and `then`.
    Everyone counts as signed in as surely as can be, from the open network.
    """
    toolkit.config["ckanext.dgatier.opa_timeout_ms"] = _PATIENCE_MS
    tiers: dict[str, Counter[AccessTier]] = {"now": Counter(), "then": Counter()}
    changes, datasets, people = [], 0, 0
    try:
        for dataset, outlooks in simulation.compare(candidate_url):
            datasets, people = datasets + 1, len(outlooks)
            for one in outlooks:
                now, then = one.now[0], one.then[0]
                tiers["now"][now] += 1
                tiers["then"][then] += 1
                if now is not then:
                    name = one.user.name if one.user else None
                    changes.append(
                        {"person": name, "dataset": dataset.name, "now": now, "then": then}
                    )
    except PolicyUnavailable as error:
        click.echo(f"OPA at {error} gives no answer that can be read", err=True)
        sys.exit(1)
    counts = {tier: {when: tiers[when][tier] for when in tiers} for tier in AccessTier}
    click.echo(
        json.dumps({"people": people, "datasets": datasets, "counts": counts, "changes": changes})
    )
