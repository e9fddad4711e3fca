"""Writes the pages that say what the code says: `python docs/generate.py`.

A test holds that the pages are as this program would write them today.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
EXTENSION = REPOSITORY / "ckanext-dgatier" / "ckanext" / "dgatier"
BUNDLE = REPOSITORY / "policies" / "rego"
_NOTE = "<!-- Written by docs/generate.py; change the code instead. -->"
_LEVELS = ("open", "internal", "confidential", "secret", "top_secret")


def pages(opa: Path) -> dict[str, str]:
    """Return the generated pages by file name; `opa` is the program."""
    return {
        "actions.md": _actions(),
        "requests.md": _requests(),
        "policy.md": _policy(opa),
    }


def _actions() -> str:
    parts = [
        "# Actions",
        _NOTE,
        "All under CKAN's action API, `/api/3/action/NAME`, with a person's API token in the header\n"
        "`Authorization`. `/en/api/3/action/NAME` answers in English. A token made in a sign-in with\n"
        "two factors counts as that strong.",
    ]
    for path in sorted((EXTENSION / "logic" / "action").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("dgatier_"):
                parts += [f"## `{node.name}`", _parameters(ast.get_docstring(node) or "")]
    return "\n\n".join(parts) + "\n"


def _parameters(text: str) -> str:
    text = inspect.cleandoc(text)
    text = re.sub(r":param ([\w, ]+):", r"- `\1`:", text)
    return text.replace(":returns:", "- *returns*")


def _requests() -> str:
    from ckanext.dgatier.core.workflow import EVENT_OF, STATE_AFTER, WORKFLOW, RequestRole

    rows = [
        f"| {state} | "
        + " | ".join(
            ", ".join(sorted(str(one) for one in commands.get(role, ()))) or "–"
            for role in RequestRole
        )
        + " |"
        for state, commands in WORKFLOW.items()
    ]
    roles = " | ".join(f"{role}" for role in RequestRole)
    table = "\n".join(
        [f"| while it is | {roles} |", "| --- |" + " --- |" * len(RequestRole), *rows]
    )
    moves = "\n".join(
        f"| {command} | {EVENT_OF[command]} | {STATE_AFTER.get(EVENT_OF[command], 'stays')} |"
        for command in EVENT_OF
    )
    return f"""# Asking for access

{_NOTE}

Whoever sees that a dataset exists and may not have what they need asks for it on the dataset's page:
how much (summary, masked rows, all), for which purpose, why, and for how many days. The page says
beforehand how much can be asked for and who decides.

## From asking to losing

Who may do what. The requester asked; members are named in the team; stewards work for the agency whose
data it is; a deputy is the steward who stands in for the absent one who works on it; reviewers were asked
for an opinion; the clock is the portal's own, and the policy is the rules that an agency has written.

{table}

What follows of it. The last approval that is needed makes `approved`, and with it a grant for the
requester and for each member who has accepted.

| command | event | then it is |
| --- | --- | --- |
{moves}

- A request is the fold of its events, and so are its grants: `ckan dgatier rebuild --check` says each row
  of the tables that is not what the events lead to, `ckan dgatier rebuild` puts them right.
- What is typed is kept as a draft some seconds later; of two windows the older is told. No event says a
  word of it before it is sent. One left alone for 90 days is thrown away, after its author was told.
- Files (PDF, DOCX, XLSX, PNG, JPEG) are checked whole and opened by whoever has a role in the request;
  auditors see that they were there.
- Nobody decides on what they asked for themselves, nor on what their team asked for. Secret data takes two
  stewards, one of them a senior; the first approval is kept until the second comes.
- A steward who goes away names another one of the agency who stands in, for at most 90 days. The deputy
  sees what the absent one works on and can take it on; what they decide is their own, by their own right.
  It does not reach their own requests, nor secret data without clearance, and ends by itself.
- Work is given to stewards and asked of officials by their user name, also where only the identity provider
  knows them yet; what it says of them then counts, and they are told by mail.
- Each member of a team accepts by themselves, also after the approval, and has a grant of their own.
- A rejection can be appealed for 15 days; a steward who did not reject it decides again.
- An agency may have rules by which a request is approved when it is handed in (`at_once` in
  `overrides/data.json`; by default there is none): which kinds of person, for which purposes, and the most
  of level, tier and days. It is an approval like any other, with the rule's name and the id of the decision
  in its event; the stewards are told and can revoke it. No rule gives confidential data above masked, secret
  data, what takes more than one steward or a senior, what a team or a steward of the agency asks for, or
  what a steward has returned, rejected or taken back from this person. A rule that goes takes no grant away.
- Remarks are for everyone who sees the request, or for stewards and reviewers alone; opinions always are.
- A request that waits for more than 15 days is marked in the queue and in the audit.
- Closing out says what became of the copies, and ends every grant of the request.
- A steward may approve less than was asked, never more, in tier, days and the part of the data; a second
  approval gives no more than the first. Who asked is told what was changed. Rejecting takes a reason.
- Approving makes the grant in the same transaction. It is bound to its purpose, starts at once and
  ends at midnight, Bangkok time, after its last day.
- Revoking takes a reason and holds from the next request on.
- A new submission starts without the approvals that were given to an earlier one.

## What a reader is told

Every refusal names its reasons and the next step: sign in, confirm with a second factor, prove one's
identity, ask. A dataset whose existence is not for everyone is simply not found.
"""


def _policy(opa: Path) -> str:
    said = subprocess.run(
        [opa, "inspect", "--annotations", "--format", "json", BUNDLE],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    annotations = json.loads(said.stdout)["annotations"]
    parts = [
        "# Policy",
        _NOTE,
        _intro(),
        "## The default rules",
        _default_rules(),
        "## The rules in Rego",
    ]
    for package in (one for one in annotations if one["annotations"]["scope"] == "package"):
        words = package["annotations"]
        path = _dotted(package)
        parts.append(f"### {words['title']}\n\n`{path}` · {_one_line(words['description'])}")
        parts.append(f"Rests on: {words['custom']['law']}.")
        rules = [
            f"- `{_dotted(rule).removeprefix(path + '.')}`: {_one_line(words['description'])}"
            f" *({words['custom']['law']})*"
            for rule in annotations
            if rule["annotations"]["scope"] != "package" and _dotted(rule).startswith(path + ".")
            for words in (rule["annotations"],)
        ]
        parts.append(
            "\n".join(sorted(dict.fromkeys(rules), key=lambda line: line.startswith("- `_")))
        )
    return "\n\n".join(parts) + "\n"


def _intro() -> str:
    return (
        "Who gets how much of what, and why. The rules are `policies/rego`, this page is made from them.\n"
        "An agency makes its own stricter in `overrides/data.json`; a looser one counts for nothing.\n"
        "Under each package stand its rules, with the law that each rests on; those whose names begin with\n"
        "`_` are steps of the others."
    )


def _default_rules() -> str:
    defaults = json.loads((BUNDLE / "dgatier" / "defaults" / "data.json").read_text())
    head = "| level | without asking | by approval | who approves | sign-in |\n| --- | --- | --- | --- | --- |"
    return "\n".join([head, *_default_rows(defaults["levels"])]) + (
        f"\n\nThe smallest group that a summary counts: {defaults['smallest_cell']}."
        f" {_summary_rules(defaults['summary'])}"
    )


def _summary_rules(terms: Mapping[str, Any]) -> str:
    return (
        f"Each of its figures gives away ε {terms['epsilon']}, with δ {terms['delta']:g} for the groups"
        f" that are there; in {terms['period_days']} days a person learns ε {terms['budget']} of a table,"
        f" and colleagues together {terms['pool_budget']}."
    )


def _default_rows(levels: Mapping[str, Any]) -> Iterator[str]:
    for level in _LEVELS:
        rule = levels[level]
        approval, sign_in = rule["approval"], rule["sign_in"]
        who = f"{approval['approvals']}{', one senior' if approval['senior'] else ''}, ≤ {approval['max_days']} days"
        proof = f"IAL {sign_in['ial']}, {sign_in['aal']} factor(s)"
        if sign_in["max_age_s"]:
            proof += f" within {sign_in['max_age_s'] // 60} min"
        cells = (
            level,
            _pairs(rule["without_asking"]),
            _pairs(approval["tiers"]),
            who if approval["tiers"] else "–",
            f"{proof}, from *{sign_in['from']}*" if sign_in["aal"] else "–",
        )
        yield "| " + " | ".join(cells) + " |"


def _pairs(tiers: Mapping[str, str]) -> str:
    return "; ".join(f"{kind.replace('_', ' ')}: {tier}" for kind, tier in tiers.items()) or "–"


def _dotted(annotation: Mapping[str, Any]) -> str:
    return ".".join(str(part["value"]) for part in annotation["path"]).removeprefix("data.")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    """Write the pages."""
    sys.path.insert(0, str(REPOSITORY / "ckanext-dgatier"))
    for name, text in pages(REPOSITORY / ".run" / "bin" / "opa").items():
        (REPOSITORY / "docs" / name).write_text(text)


if __name__ == "__main__":
    main()
