package dgatier.simulation_test

import data.dgatier.simulation

_person(changes) := {
	"subject": object.union(
		{
			"id": "p", "authenticated": true, "roles": ["citizen"], "agency": null, "clearance": "open",
			"ial": 2.3, "aal": 2, "authenticated_at": 99990, "accredited": false,
		},
		changes,
	),
	"grants": {},
}

_target(level) := {"dataset_id": "d", "level": level, "agency": "fpo", "grants": [], "columns": [], "terms": null}

_ask(rules) := {
	"people": [_person({}), _person({"roles": ["official"], "agency": "fpo"})],
	"targets": [_target("internal"), _target("confidential")],
	"targets_then": [_target("open"), _target("confidential")],
	"agency": "fpo",
	"rules": rules,
	"environment": {"now": 100000, "network": "internet"},
}

test_a_change_of_level if {
	found := simulation.matrix with input as _ask(null)
	found.now == [["discover", "summary"], ["full", "masked"]]
	found.then == [["full", "summary"], ["full", "masked"]]
}

test_a_change_of_rules if {
	stricter := {"confidential": {"without_asking": {"signed_in": "discover", "own_official": "summary"}}}
	found := simulation.matrix with input as _ask(stricter)
	found.now == [["discover", "summary"], ["full", "masked"]]
	found.then == [["full", "discover"], ["full", "summary"]]
}

test_grants_travel_with_their_person if {
	grant := {
		"id": "g", "tier": "masked", "purpose": "p", "revoked": false, "organisation": null,
		"valid_from": 1, "valid_until": 200000, "level": "confidential", "terms": null,
	}
	holder := object.union(_person({}), {"grants": {"d": [grant]}})
	found := simulation.matrix with input as object.union(_ask(null), {"people": [holder]})
	found.now == [["masked", "masked"]]
}
