package dgatier.rules_test

import data.dgatier.rules

_loosening := {
	"without_asking": {"everyone": "full", "signed_in": "full", "own_official": "full"},
	"approval": {"tiers": {"signed_in": "full"}, "approvals": 0, "senior": false, "max_days": 9999},
	"sign_in": {"from": "full", "ial": 0, "aal": 0, "max_age_s": 99999},
}

_tightening := {
	"without_asking": {"signed_in": "discover"},
	"approval": {"tiers": {"signed_in": "summary"}, "approvals": 2, "senior": true, "max_days": 30},
	"sign_in": {"from": "summary", "ial": 2.3, "aal": 3, "max_age_s": 600},
}

test_no_override_loosens if {
	every level in ["open", "internal", "confidential", "secret", "top_secret"] {
		default_rule := rules.of(level, "a")
		rule := rules.of(level, "a") with data.dgatier.overrides.agencies as {"a": {level: _loosening}}
		object.remove(rule, ["sign_in"]) == object.remove(default_rule, ["sign_in"])
		rule.sign_in.from == default_rule.sign_in.from
		rule.sign_in.ial == default_rule.sign_in.ial
		rule.sign_in.aal == default_rule.sign_in.aal
	}
}

test_a_longer_age_is_not_taken if {
	rule := rules.of("secret", "a") with data.dgatier.overrides.agencies as {"a": {"secret": _loosening}}
	rule.sign_in.max_age_s == 900
}

test_an_age_that_an_agency_says_nothing_of_stays if {
	rule := rules.of("secret", "a") with data.dgatier.overrides.agencies as {"a": {"secret": {"sign_in": {"ial": 3}}}}
	rule.sign_in == {"from": "summary", "ial": 3, "aal": 2, "max_age_s": 900}
}

test_an_override_tightens if {
	rule := rules.of("confidential", "a") with data.dgatier.overrides.agencies as {"a": {"confidential": _tightening}}
	rule.without_asking.signed_in == "discover"
	rule.without_asking.own_official == "masked"
	rule.approval.tiers.signed_in == "summary"
	rule.approval.approvals == 2
	rule.approval.senior
	rule.approval.max_days == 30
	rule.sign_in == {"from": "summary", "ial": 2.3, "aal": 3, "max_age_s": 600}
}

test_an_override_is_of_its_agency_only if {
	rule := rules.of("confidential", "b") with data.dgatier.overrides.agencies as {"a": {"confidential": _tightening}}
	rule == rules.of("confidential", "c")
}

test_smallest_cell_only_grows if {
	rules.smallest_cell("a") == 10
	rules.smallest_cell("a") == 20 with data.dgatier.overrides.agencies as {"a": {"smallest_cell": 20}}
	rules.smallest_cell("a") == 10 with data.dgatier.overrides.agencies as {"a": {"smallest_cell": 3}}
}

test_an_unknown_level_has_no_rules if not rules.of("nonsense", "a")

test_conditions_that_cannot_be_read_are_not_met if {
	rules.unmet({}) == set()
	rules.unmet({"hours": "always"}) == {"hours"} with input.environment as {"now": 0}
	rules.unmet({"networks": ["government"]}) == {"networks"}
}

test_by_default_no_agency_gives_anything_at_once if {
	data.dgatier.defaults.at_once == []
	rules.at_once("fpo") == []
	rules.at_once(null) == []
}

test_what_is_no_list_of_rules_gives_nothing_at_once if {
	every wrong in ["all", {"rule": {}}, true, null] {
		rules.at_once("a") == [] with data.dgatier.overrides.at_once as {"a": wrong}
	}
}

test_rules_that_give_at_once_are_of_their_agency_only if {
	rules.at_once("a") == [{"name": "one"}] with data.dgatier.overrides.at_once as {"a": [{"name": "one"}]}
	rules.at_once("b") == [] with data.dgatier.overrides.at_once as {"a": [{"name": "one"}]}
}
