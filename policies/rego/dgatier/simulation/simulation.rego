# METADATA
# title: Who would have what
# description: |
#   The decisions on many people and targets at once, side by side: as things are, and as they would be
#   with other levels or with other rules of an agency. Nothing is changed by asking.
# schemas:
#   - input: schema.simulation
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
package dgatier.simulation

import data.dgatier.decision

# METADATA
# description: For each person the tier of each target, now and then.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
matrix := {"now": _tiers_of(input.targets), "then": found} if {
	targets := input.targets_then
	found := _tiers_of(targets) with data.dgatier.overrides.agencies as _proposed
}

# METADATA
# scope: document
# description: The agencies' rules as they would be.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
_proposed := data.dgatier.overrides.agencies if input.rules == null

_proposed := object.union(others, {input.agency: input.rules}) if {
	input.rules != null
	others := object.remove(data.dgatier.overrides.agencies, [input.agency])
}

# METADATA
# description: For each person the tier of each target.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
_tiers_of(targets) := [tiers |
	some person in input.people
	tiers := _tiers(person, targets, input.environment)
]

# METADATA
# description: The tiers of one person, decided as each of their own questions would be.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
_tiers(person, targets, circumstances) := tiers if {
	question := {
		"subject": person.subject,
		"targets": [object.union(target, {"grants": object.get(person.grants, target.dataset_id, [])}) |
			some target in targets
		],
		"purpose": null,
		"environment": circumstances,
	}
	answers := decision.answers with input as question
	tiers := [answer.tier | some answer in answers]
}
