package dgatier.approval_test

import data.dgatier.approval

_person(id, roles) := {
	"id": id, "authenticated": true, "roles": roles, "agency": "fpo", "clearance": "secret",
	"ial": 2.3, "aal": 2, "authenticated_at": 1000, "accredited": true,
}

_citizen := object.union(_person("c", ["citizen"]), {"agency": null, "clearance": "open"})

_requirements(subject, level, tier, days) := answer if {
	answer := approval.requirements with input as {
		"subject": subject,
		"target": {"level": level, "agency": "fpo"},
		"tier": tier,
		"days": days,
	}
}

_request := {
	"requester_id": "c", "agency": "fpo", "level": "confidential", "tier": "masked", "days": 30,
	"approved_by": [], "members": ["m"], "rejected_by": ["r"],
}

_verdict(subject, level, approved_by) := answer if {
	answer := approval.verdict with input as {
		"subject": subject,
		"request": object.union(_request, {"level": level, "approved_by": approved_by}),
		"environment": {"now": 1010},
	}
}

_first := {"id": "s", "senior": false, "level": "secret"}

_codes(answer) := [reason.code | some reason in answer.reasons]

test_what_a_citizen_can_ask_for if {
	answer := _requirements(_citizen, "confidential", "masked", 365)
	answer.allowed
	answer.max_tier == "masked"
	answer.approvals == 1
	_codes(_requirements(_citizen, "confidential", "full", 30)) == ["tier_too_high"]
	_codes(_requirements(_citizen, "confidential", "masked", 366)) == ["period_too_long"]
	_codes(_requirements(_citizen, "secret", "masked", 10)) == ["not_requestable"]
}

test_what_secret_data_needs if {
	answer := _requirements(_person("p", ["official"]), "secret", "masked", 90)
	answer.allowed
	answer.approvals == 2
	answer.senior
	answer.max_days == 90
}

test_what_reading_takes_is_told_by_tier if {
	rows := _requirements(_citizen, "confidential", "masked", 30)
	rows.sign_in == {"ial": 2, "aal": 2, "max_age_s": 0}
	rows.owed == {"log_purpose": true, "watermark": true, "smallest_cell": null}
	counts := _requirements(_citizen, "confidential", "summary", 30)
	counts.sign_in == {"ial": 0, "aal": 0, "max_age_s": 0}
	counts.owed == {"log_purpose": true, "watermark": false, "smallest_cell": 10}
	_requirements(_person("p", ["official"]), "secret", "summary", 9).sign_in == {"ial": 2.3, "aal": 2, "max_age_s": 900}
}

test_the_conditions_of_an_agency_are_told if {
	own := {"fpo": {"confidential": {"conditions": {"hours": [8, 16], "networks": ["government"]}}}}
	answer := _requirements(_citizen, "confidential", "masked", 30) with data.dgatier.overrides.agencies as own
	answer.conditions == {"hours": [8, 16], "networks": ["government"]}
	_requirements(_citizen, "confidential", "masked", 30).conditions == {}
}

test_a_steward_of_the_agency_decides if {
	_verdict(_person("s", ["official", "steward"]), "confidential", []) == {"allowed": true, "complete": true, "standing": [], "reasons": []}
}

test_who_does_not_decide if {
	_codes(_verdict(_person("c", ["official", "steward"]), "confidential", [])) == ["own_request"]
	_codes(_verdict(_person("s", ["official"]), "confidential", [])) == ["not_a_steward_here"]
	_codes(_verdict(object.union(_person("s", ["steward"]), {"agency": "x"}), "confidential", [])) == ["not_a_steward_here"]
	_codes(_verdict(object.union(_person("s", ["steward"]), {"aal": 1}), "confidential", [])) == ["approver_sign_in_too_weak"]
	_codes(_verdict(_person("a", ["sysadmin"]), "confidential", [])) == ["not_a_steward_here"]
}

_on_paper(subject) := answer if {
	answer := approval.verdict with input as {
		"subject": object.union(subject, {"ial": 0, "aal": 0}),
		"request": object.union(_request, {"level": "confidential", "approved_by": []}),
		"environment": {"now": 1010},
		"on_paper": true,
	}
}

test_for_what_was_approved_on_paper_nobody_signs_in_and_all_else_holds if {
	_on_paper(_person("s", ["steward"])).complete
	_codes(_on_paper(_person("c", ["steward"]))) == ["own_request"]
	_codes(_on_paper(_person("s", ["official"]))) == ["not_a_steward_here"]
}

test_who_is_in_the_team_or_rejected_it_does_not_decide if {
	_codes(_verdict(_person("m", ["steward"]), "confidential", [])) == ["in_the_team"]
	_codes(_verdict(_person("r", ["steward"]), "confidential", [])) == ["rejected_by_you"]
}

test_secret_takes_two_and_one_of_them_senior if {
	first := _verdict(_person("s", ["steward"]), "secret", [])
	first.allowed
	not first.complete
	_codes(_verdict(_person("s", ["steward"]), "secret", [_first])) == ["already_approved_by_you", "senior_needed"]
	_codes(_verdict(_person("t", ["steward"]), "secret", [_first])) == ["senior_needed"]
	second := _verdict(_person("w", ["steward", "senior_steward"]), "secret", [_first])
	second == {"allowed": true, "complete": true, "standing": ["s"], "reasons": []}
}

test_an_approval_given_at_a_lower_level_does_not_count_any_more if {
	every level in ["confidential", null] {
		before := [{"id": "s", "senior": false, "level": level}]
		again := _verdict(_person("s", ["steward"]), "secret", before)
		again == {"allowed": true, "complete": false, "standing": [], "reasons": []}
		not _verdict(_person("w", ["steward", "senior_steward"]), "secret", before).complete
	}
}
