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

_generous := {
	"name": "everything", "th": "ทุกอย่าง", "en": "Everything",
	"kinds": ["everyone", "signed_in", "official", "own_official", "accredited", "cleared"],
	"level": "top_secret", "tier": "full", "purposes": ["p"], "days": 9999,
}

_researchers := object.union(_generous, {"name": "research", "kinds": ["accredited"], "level": "internal", "tier": "masked", "days": 30})

_researcher := object.union(_person("n", ["researcher"]), {"agency": null, "clearance": "open"})

_asks := {
	"subject": _researcher,
	"target": {"level": "internal", "agency": "fpo"},
	"tier": "masked",
	"days": 30,
	"purpose": "p",
	"asking": {"members": [], "refused_before": false, "agency": "fpo"},
}

_at_once(rule, changes) := _by_rules([rule], object.union(_asks, changes))

_by_rules(found, asked) := answer if {
	answer := approval.at_once with input as asked with data.dgatier.overrides.at_once as {"fpo": found}
}

_reads_it(rule, changes, codes) if {
	answer := _at_once(rule, changes)
	not answer.approved
	answer.rule == null
	_codes(answer) == codes
}

test_what_fits_a_rule_of_the_agency_is_given_at_once if {
	named := {"name": "research", "th": "ทุกอย่าง", "en": "Everything"}
	_at_once(_researchers, {}) == {"approved": true, "rule": named, "reasons": []}
	_at_once(_researchers, {"tier": "summary", "days": 1}).approved
}

test_the_first_rule_that_fits_is_the_one if {
	answer := _by_rules([object.union(_researchers, {"days": 1}), _generous, _researchers], _asks)
	answer.rule.name == "everything"
}

test_by_default_a_steward_reads_everything if {
	answer := approval.at_once with input as _asks
	_codes(answer) == ["no_rule_at_once"]
}

test_what_is_outside_of_the_rule_a_steward_reads if {
	every changes in [
		{"subject": _citizen},
		{"tier": "full"},
		{"days": 31},
		{"purpose": "q"},
		{"purpose": null},
		{"target": {"level": "confidential", "agency": "fpo"}},
		{"target": {"level": "internal", "agency": "other"}},
		{"target": {"level": "internal", "agency": "other"}, "asking": {"agency": "other"}},
		{"target": {"level": "internal", "agency": null}, "asking": {"agency": null}},
		{"asking": {"agency": "other"}},
	] {
		_reads_it(_researchers, changes, ["no_rule_at_once"])
	}
}

test_a_rule_that_cannot_be_read_gives_nothing if {
	every part in ["name", "th", "en", "kinds", "level", "tier", "purposes", "days"] {
		_reads_it(object.remove(_researchers, [part]), {}, ["no_rule_at_once"])
		every wrong in [null, true, {"a": "accredited", "b": "p"}] {
			rule := json.patch(_researchers, [{"op": "replace", "path": [part], "value": wrong}])
			_reads_it(rule, {}, ["no_rule_at_once"])
		}
	}
	every part in ["kinds", "level", "tier", "purposes", "days"] {
		_reads_it(object.union(_researchers, {part: "nonsense"}), {}, ["no_rule_at_once"])
	}
}

test_no_rule_gives_confidential_data_above_masked if {
	official := _person("o", ["official"])
	target := {"level": "confidential", "agency": "fpo"}
	rule := {"fpo": [_generous]}
	asked := object.union(_asks, {"subject": object.union(official, {"agency": "x"}), "target": target})
	masked := approval.at_once with input as asked with data.dgatier.overrides.at_once as rule
	masked.approved
	full := approval.at_once with input as object.union(asked, {"tier": "full"}) with data.dgatier.overrides.at_once as rule
	_codes(full) == ["above_any_rule"]
}

test_no_rule_gives_secret_data if {
	official := _person("o", ["official"])
	every tier in ["summary", "masked"] {
		_reads_it(_generous, {"subject": official, "tier": tier, "target": {"level": "secret", "agency": "fpo"}}, ["above_any_rule"])
	}
}

test_no_rule_gives_secret_data_even_where_one_steward_would_do if {
	alone := {"tiers": {"cleared": "masked"}, "approvals": 1, "senior": false, "max_days": 90}
	asked := object.union(_asks, {"subject": _person("o", ["official"]), "target": {"level": "secret", "agency": "fpo"}})
	answer := _by_rules([_generous], asked) with data.dgatier.defaults.levels.secret.approval as alone
	_codes(answer) == ["above_any_rule"]
}

test_no_rule_gives_what_nothing_is_known_of if {
	_reads_it(_generous, {"target": {"level": "top_secret", "agency": "fpo"}}, ["above_any_rule", "not_requestable"])
	_reads_it(_generous, {"target": {"level": "nonsense", "agency": "fpo"}}, ["above_any_rule", "no_rule_at_once", "not_requestable"])
}

test_no_rule_gives_more_than_could_be_approved if {
	_reads_it(_generous, {"days": 366}, ["period_too_long"])
	_reads_it(_generous, {"target": {"level": "open", "agency": "fpo"}}, ["above_any_rule", "not_requestable"])
	own := {"fpo": {"internal": {"approval": {"tiers": {"signed_in": "summary"}, "max_days": 7}}}}
	answer := approval.at_once with input as _asks
		with data.dgatier.overrides.agencies as own
		with data.dgatier.overrides.at_once as {"fpo": [_generous]}
	_codes(answer) == ["period_too_long", "tier_too_high"]
}

test_no_rule_gives_what_takes_two_or_a_senior if {
	every approval_rule in [{"approvals": 2}, {"senior": true}] {
		own := {"fpo": {"internal": {"approval": approval_rule}}}
		answer := approval.at_once with input as _asks
			with data.dgatier.overrides.agencies as own
			with data.dgatier.overrides.at_once as {"fpo": [_generous]}
		_codes(answer) == ["above_any_rule"]
	}
}

test_no_rule_gives_to_a_steward_of_the_agency_or_to_a_stranger if {
	every role in ["steward", "senior_steward"] {
		_reads_it(_generous, {"subject": _person("s", ["official", role])}, ["steward_of_this_agency"])
		_at_once(_generous, {"subject": object.union(_person("s", ["official", role]), {"agency": "other"})}).approved
	}
	stranger := object.union(_researcher, {"id": null, "authenticated": false, "roles": []})
	_reads_it(_generous, {"subject": stranger}, ["not_requestable", "steward_of_this_agency"])
}

test_no_rule_gives_to_someone_whose_roles_cannot_be_read if {
	_reads_it(_generous, {"subject": object.union(_researcher, {"roles": "researcher"})}, ["steward_of_this_agency"])
}

test_no_rule_gives_to_a_team_or_undoes_a_refusal if {
	_reads_it(_generous, {"asking": {"members": ["m"]}}, ["team_at_once"])
	_reads_it(_generous, {"asking": {"refused_before": true}}, ["refused_before"])
	unsaid := _by_rules([_generous], object.remove(_asks, ["asking"]))
	_codes(unsaid) == ["no_rule_at_once", "refused_before", "team_at_once"]
}

test_the_rules_in_service_can_be_read_and_say_no_more_than_any_rule_may if {
	every agency_rules in data.dgatier.overrides.at_once {
		every rule in agency_rules {
			asked := object.union(_asks, {
				"subject": _researcher, "target": {"level": rule.level, "agency": "fpo"},
				"tier": rule.tier, "days": rule.days, "purpose": rule.purposes[0],
			})
			answer := approval.at_once with input as asked with data.dgatier.overrides.at_once as {"fpo": [rule]}
			answer.rule.name == rule.name
		}
	}
}
