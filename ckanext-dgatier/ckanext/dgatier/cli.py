"""`ckan dgatier …`: what operators do from the command line."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

import click
from ckan import model
from ckan.plugins import toolkit

from ckanext.dgatier import store
from ckanext.dgatier.core.tier import AccessTier
from ckanext.dgatier.enforce import simulation
from ckanext.dgatier.identity import directory, provider, provisioning, recovery
from ckanext.dgatier.logic.action import levels as action_levels
from ckanext.dgatier.policy import PolicyUnavailable

# Nobody waits for a page here, and all the people are asked about at once.
_PATIENCE_MS = 30_000


@click.group()
def dgatier() -> None:
    """Graded access: people, requests, grants and the audit."""


@dgatier.command("ingest-account")
@click.option("--token-file", type=click.Path(path_type=Path), required=True)
def ingest_account(token_file: Path) -> None:
    """Make the account that loads uploaded files into the DataStore, and a token for it.

    It may change resources as a sysadmin does; what it may read, policy says.
    """
    name = toolkit.config["ckanext.dgatier.ingest_user"]
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    context = {"ignore_auth": True, "user": site["name"]}
    user = model.User.get(name)
    if user is None:
        toolkit.get_action("user_create")(
            context,
            {
                "name": name,
                "email": f"{name}@localhost.invalid",
                "password": os.urandom(32).hex(),
                "fullname": "DataStore loader",
            },
        )
        user = model.User.get(name)
    user.sysadmin = True
    model.repo.commit()
    token = toolkit.get_action("api_token_create")(context, {"user": name, "name": "loader"})[
        "token"
    ]
    descriptor = os.open(token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(token)
    click.echo(f"Token of {name} written to {token_file}")


@dgatier.command("demo-agencies")
@click.argument("agencies")
def demo_agencies(agencies: str) -> None:
    """Make agencies of JSON `{name: [Thai, English]}` and an account that publishes for them.

    Prints a token of that account, `demo-publisher`, in the last line.
    """
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    context = {"ignore_auth": True, "user": site["name"]}
    if model.User.by_name("demo-publisher") is None:
        toolkit.get_action("user_create")(
            context,
            {
                "name": "demo-publisher",
                "email": "demo-publisher@localhost.invalid",
                "password": os.urandom(32).hex(),
                "fullname": "Demonstration publisher",
            },
        )
    for name, (thai, english) in json.loads(agencies).items():
        if model.Group.by_name(name) is None:
            toolkit.get_action("organization_create")(
                {**context}, {"name": name, "title": thai, "description": english}
            )
        toolkit.get_action("organization_member_create")(
            {**context}, {"id": name, "username": "demo-publisher", "role": "editor"}
        )
        click.echo(f"{name} {thai}")
    token = toolkit.get_action("api_token_create")(
        {**context}, {"user": "demo-publisher", "name": "demonstration"}
    )["token"]
    click.echo(token)


@dgatier.group()
def people() -> None:
    """People of the identity provider."""


@people.command("sync")
def people_sync() -> None:
    """Make or bring up to date the CKAN user of every person of the realm."""
    issuer, _client = provider.issuer_and_client()
    for claims in directory.people():
        user_id = provisioning.provision(issuer, claims)
        click.echo(f"{claims['preferred_username']} is {user_id}")


@dgatier.group()
def levels() -> None:
    """Levels that wait to be confirmed."""


@levels.command("confirm")
@click.option("--agency", help="only those of this agency")
@click.option("--dataset", help="only that of this dataset")
@click.option("--ground", required=True, help="who approved them, and where that is written")
def levels_confirm(agency: str | None, dataset: str | None, ground: str) -> None:
    """Confirm first levels that were approved outside of the portal.

    Raised levels and lower ones are left to the stewards.
    """
    site = toolkit.get_action("get_site_user")({"ignore_auth": True}, {})
    context = {"ignore_auth": True, "user": site["name"]}
    for name, level in action_levels.confirm_first_levels(context, agency, dataset, ground):
        click.echo(f"{name} {level}")


@dgatier.command("recovery")
@click.argument("user_name")
def recovery_link(user_name: str) -> None:
    """Print a link that signs a local sysadmin in once, within ten minutes."""
    try:
        token = recovery.seal(user_name)
    except recovery.NotRecoverable:
        click.echo(f"{user_name} is not a local sysadmin", err=True)
        sys.exit(1)
    click.echo(f"{toolkit.config['ckan.site_url']}/access/recovery/{token}")


@dgatier.group()
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


@dgatier.group()
def audit() -> None:
    """The audit."""


@audit.command("verify")
@click.option("--json", "as_json", is_flag=True, help="for programs")
def audit_verify(as_json: bool) -> None:
    """Prove the chain of events; ends with 1 when it is broken."""
    events, problems = store.audit.verify()
    if as_json:
        click.echo(json.dumps({"valid": not problems, "events": events, "problems": problems}))
    else:
        click.echo(f"{events} events, {len(problems)} problems")
        for problem in problems:
            click.echo(f"  {problem}")
    if problems:
        sys.exit(1)


def get_commands() -> list[click.Command]:
    """Return the command groups that CKAN adds to its own."""
    return [dgatier]
