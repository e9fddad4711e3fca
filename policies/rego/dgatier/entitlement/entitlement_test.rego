package dgatier.entitlement_test

import data.dgatier.entitlement

_rule := {
	"without_asking": {"everyone": "discover", "signed_in": "discover"},
	"gates": {"everyone": "discover", "signed_in": "summary"},
	"approval": {"tiers": {"signed_in": "masked"}},
	"sign_in": {"from": "masked"},
}

_grant := {
	"id": "g", "tier": "full", "purpose": "p", "organisation": null, "revoked": false,
	"valid_from": 90, "valid_until": 110, "withheld": null,
	"scope": {"rows": {}, "columns": null, "lacking": set()},
}

_asked := {
	"subject": {"authenticated": true, "roles": ["citizen"]},
	"purpose": null,
	"environment": {"now": 100},
}

test_what_is_given_and_what_was_granted_with_its_gate if {
	found := entitlement.of(_rule, "fpo", [_grant], []) with input as _asked
	{[one.source, one.tier, one.gate] | some one in found} == {
		["everyone", "discover", "discover"],
		["signed_in", "discover", "summary"],
		["grant", "masked", "full"],
	}
}

test_the_rows_of_ones_own_agency_as_its_own_data if {
	columns := [{"name": "owner", "type": "text", "subject_key": "owner_org"}]
	rule := object.union(_rule, {"without_asking": {"own_official": "full"}, "gates": {"own_official": "full"}})
	official := object.union(_asked, {"subject": {"authenticated": true, "roles": ["official"], "agency": "excise"}})
	found := entitlement.of(rule, "fpo", [], columns) with input as official
	[one] := [one | some one in found; one.source == "own_rows"]
	one.tier == "full"
	one.scope.rows == {"agencies": ["excise"]}
	citizen := object.union(_asked, {"subject": {"authenticated": true, "roles": ["citizen"], "agency": "excise"}})
	not "own_rows" in {one.source | some one in entitlement.of(rule, "fpo", [], columns) with input as citizen}
	not "own_rows" in {one.source | some one in entitlement.of(rule, "fpo", [], []) with input as official}
}

test_the_rows_about_oneself_and_ones_company if {
	columns := [
		{"name": "who", "type": "text", "subject_key": "citizen_id"},
		{"name": "firm", "type": "text", "subject_key": "juristic_id"},
	]
	rule := {"without_asking": {"data_subject": "masked"}, "gates": {"data_subject": "full"}}
	known_by := {"citizen_id": ["1"], "juristic_id": ["2", "3"]}
	subject := {"authenticated": true, "roles": [], "agency": null, "ial": 2, "numbers": known_by}
	known := object.union(_asked, {"subject": subject})
	found := entitlement.of_oneself(rule, columns, ["citizen_id", "juristic_id"]) with input as known
	{[one.source, one.tier, one.gate, one.scope.rows] | some one in found} == {
		["own_record", "masked", "full", {"citizen_id": ["1"]}],
		["record_of_own_company", "masked", "full", {"juristic_id": ["2", "3"]}],
	}
	entitlement.of_oneself({"without_asking": {}, "gates": {}}, columns, ["citizen_id"]) == [] with input as known
	entitlement.of_oneself(rule, [], ["citizen_id"]) == [] with input as known
	closed := object.union(rule, {"without_asking": {"data_subject": "summary"}})
	entitlement.of_oneself(closed, columns, ["citizen_id"]) == [] with input as known
	entitlement.of_oneself(rule, columns, []) == [] with input as known
	every changes in [
		{"ial": 1.3},
		{"authenticated": false},
		{"numbers": {"citizen_id": [], "juristic_id": []}},
	] {
		unknown := object.union(known, {"subject": object.union(subject, changes)})
		entitlement.of_oneself(rule, columns, ["citizen_id", "juristic_id"]) == [] with input as unknown
	}
}

test_a_weak_sign_in_keeps_what_is_below_the_gate if {
	found := entitlement.of(_rule, "fpo", [_grant], []) with input as _asked
	{one.source | some one in entitlement.usable(found, _rule, {"factors"})} == {"everyone", "signed_in"}
	entitlement.usable(found, _rule, set()) == found
}

test_a_grant_counts_from_its_first_second_to_before_its_last if {
	every now in [90, 109] {
		entitlement.counts(_grant) with input as object.union(_asked, {"environment": {"now": now}})
	}
	every now in [89, 110] {
		not entitlement.counts(_grant) with input as object.union(_asked, {"environment": {"now": now}})
	}
}

test_a_grant_is_for_its_purpose if {
	entitlement.counts(_grant) with input as object.union(_asked, {"purpose": "p"})
	not entitlement.counts(_grant) with input as object.union(_asked, {"purpose": "q"})
}

test_a_grant_counts_only_where_the_table_can_keep_to_what_it_is_bound_to if {
	kept_to := object.union(_grant, {"scope": {"rows": {"years": [2023]}, "columns": ["a"], "lacking": set()}})
	entitlement.counts(kept_to) with input as _asked
	lacking := object.union(_grant, {"scope": {"rows": {"years": [2023]}, "columns": null, "lacking": {"years"}}})
	not entitlement.counts(lacking) with input as _asked
	not entitlement.counts(object.remove(_grant, ["scope"])) with input as _asked
}

test_a_withheld_grant_does_not_count if {
	unsaid := object.remove(_grant, ["withheld"])
	not entitlement.counts(unsaid) with input as _asked
	every why in ["level_raised", "terms_changed", "", false] {
		not entitlement.counts(object.union(_grant, {"withheld": why})) with input as _asked
	}
}
