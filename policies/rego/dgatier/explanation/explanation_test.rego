package dgatier.explanation_test

import data.dgatier.explanation

_asked := {"subject": {"authenticated": false}, "purpose": null, "environment": {"now": 100}}

_over := {
	"id": "g", "tier": "masked", "purpose": "p", "organisation": null, "revoked": false,
	"valid_from": 90, "valid_until": 95, "withheld": null,
	"scope": {"rows": {}, "columns": null, "lacking": set()},
}

_discovered := {"tier": "discover", "source": "everyone", "scope": {"rows": {}, "columns": null, "lacking": set()}}

_had(usable, tier, changes) := object.union({"usable": usable, "tier": tier, "own": [], "is_held_back": false}, changes)

test_why_comes_first_then_grants_then_the_sign_in if {
	had := _had([_discovered], "discover", {"is_held_back": true})
	found := explanation.reasons("confidential", had, [_over], {"factors", "hours"}) with input as _asked
	found == ["existence_is_public", "period_ended", "outside_hours", "sign_in_too_weak"]
}

test_rows_about_oneself_stand_beside_the_tier if {
	own := [{"tier": "full", "source": "own_record"}, {"tier": "full", "source": "record_of_own_company"}]
	found := explanation.reasons("confidential", _had([_discovered], "discover", {"own": own}), [], set()) with input as _asked
	found == ["existence_is_public", "rows_about_you", "rows_about_your_company"]
}

test_what_is_lacking_is_to_be_made_good_before_asking if {
	found := explanation.next_steps("confidential", "full", "discover", {"identity", "networks"}, true) with input as _asked
	found == ["contact", "prove_identity", "sign_in"]
}

test_asking_where_more_can_be_approved if {
	signed_in := {"subject": {"authenticated": true}}
	explanation.next_steps("confidential", "masked", "summary", set(), false) == ["ask"] with input as signed_in
	explanation.next_steps("confidential", "masked", "masked", set(), false) == [] with input as signed_in
}

test_a_tier_that_is_had_of_a_part_says_so if {
	bound := {"tier": "masked", "source": "grant", "scope": {"rows": {"years": [2023]}, "columns": null, "lacking": set()}}
	found := explanation.reasons("confidential", _had([_discovered, bound], "masked", {}), [], set()) with input as _asked
	found == ["granted", "bound_to_a_part"]
}

test_a_bound_grant_says_why_it_does_not_count if {
	bound := object.union(_over, {"valid_until": 200, "scope": {"rows": {"years": [2023]}, "columns": null, "lacking": {"provinces"}}})
	found := explanation.reasons("confidential", _had([_discovered], "discover", {}), [bound], set()) with input as _asked
	found == ["existence_is_public", "conditions_not_enforced"]
}

test_a_grant_that_waits_for_new_terms_says_so_unless_another_counts if {
	waits := object.union(_over, {"valid_until": 200, "withheld": "terms_changed"})
	explanation.accepting([waits]) == ["accept_terms"] with input as _asked
	counting := object.union(waits, {"withheld": null})
	raised := object.union(waits, {"withheld": "level_raised"})
	revoked := object.union(waits, {"revoked": true})
	every grants in [[_over], [waits, counting], [raised], [revoked]] {
		explanation.accepting(grants) == [] with input as _asked
	}
}
