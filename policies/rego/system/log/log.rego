# METADATA
# title: What the decision log keeps
# description: |
#   OPA logs each answer under the id that the portal's audit has too. The log says how it was decided,
#   never about whom: of the person only what policy weighs by kind is kept, of the answer codes instead
#   of texts, and no filter on rows, which may carry a citizen's number. What is not named here is not
#   logged, so that a new fact stays out until someone decides.
# schemas:
#   - input: schema.log_event
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22 and 37 (1)
package system.log

# METADATA
# description: What stands in the log in place of the facts that were asked with, and of the answer.
# scope: document
mask contains {"op": "upsert", "path": "/input", "value": _facts}

mask contains {"op": "upsert", "path": "/result", "value": _result}

_facts := object.union(
	object.filter(input.input, ["purpose", "environment", "action", "tier", "days"]),
	{
		"subject": object.filter(object.get(input.input, "subject", {}), _of_subject),
		"targets": [object.filter(target, _of_target) |
			some target in object.get(input.input, "targets", [])
		],
	},
)

_of_subject := ["authenticated", "roles", "clearance", "ial", "aal", "accredited"]

_of_target := ["dataset_id", "resource_id", "level", "category", "agency"]

default _result := null

_result := [_answer(one) | some one in input.result] if input.path == "dgatier/decision/answers"

_result := _verdict(input.result) if is_object(input.result)

_answer(given) := object.union(
	object.filter(given, ["tier", "level", "grants"]),
	{
		"reasons": [reason.code | some reason in given.reasons],
		"next_steps": [step.code | some step in given.next_steps],
	},
)

_verdict(given) := object.filter(given, ["allowed", "complete", "approvals", "senior", "max_days", "max_tier"])
