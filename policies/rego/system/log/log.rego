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
# scope: document
# description: What stands in the log in place of the facts that were asked with, and of the answer.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22 and 37 (1)
mask contains {"op": "upsert", "path": "/input", "value": _facts}

mask contains {"op": "upsert", "path": "/result", "value": _result}

# METADATA
# description: The facts that are kept.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22
_facts := object.union(
	object.filter(input.input, ["purpose", "environment", "action", "tier", "days"]),
	{
		"subject": object.filter(object.get(input.input, "subject", {}), _of_subject),
		"targets": [object.filter(target, _of_target) |
			some target in object.get(input.input, "targets", [])
		],
	},
)

# METADATA
# description: |
#   What kind of person it was. Not the agency or the organisation: with a role it may be a name.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22
_of_subject := ["authenticated", "roles", "clearance", "ial", "aal", "accredited"]

# METADATA
# description: Which data it was about. Not its columns, which are long and the same each time.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22
_of_target := ["dataset_id", "resource_id", "level", "category", "agency"]

# METADATA
# scope: document
# description: The part of the answer that is kept; nothing of one of another kind.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22
default _result := null

_result := [object.filter(one, _of_answer) | some one in _answers] if is_array(_answers)

_result := object.filter(input.result, _of_verdict) if {
	is_object(input.result)
	not _answers
}

# METADATA
# scope: document
# description: The answers to a question about targets, in their order.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22
_answers := input.result if input.path == "dgatier/decision/answers"

_answers := input.result.answers if input.path == "dgatier/decision/reply"

# METADATA
# description: What is kept of an answer about a target; reasons and next steps are codes.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22
_of_answer := ["tier", "level", "grants", "reasons", "next_steps"]

# METADATA
# description: What is kept of an answer about a request or an act.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22
_of_verdict := ["allowed", "complete", "approvals", "senior", "max_days", "max_tier"]
