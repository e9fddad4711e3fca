package dgatier.decision_test

import data.dgatier.decision

_now := 100000

_public := {
	"id": null, "authenticated": false, "roles": [], "agency": null, "clearance": "open",
	"ial": 0, "aal": 0, "authenticated_at": null, "accredited": false,
}

_citizen := object.union(_public, {
	"id": "c", "authenticated": true, "roles": ["citizen"],
	"ial": 2.3, "aal": 2, "authenticated_at": _now - 60,
})

_researcher := object.union(_citizen, {"roles": ["researcher"], "accredited": true})

_steward := object.union(_citizen, {"roles": ["official", "steward"], "agency": "fpo", "clearance": "secret"})

_weak(subject) := object.union(subject, {"aal": 1})

_grant(tier) := {
	"id": "g", "tier": tier, "purpose": "p", "revoked": false, "organisation": null,
	"valid_from": _now - 10, "valid_until": _now + 10, "level": "top_secret", "terms": null,
}

_target(level, grants) := {"level": level, "agency": "fpo", "grants": grants, "columns": [_identifier], "terms": null}

_identifier := {"name": "id", "type": "text", "level": null, "disclosure": "identifier"}

_decide(subject, level, grants) := _decide_for(subject, level, grants, null)

_answer_to(subject, target, environment) := answers[0] if {
	answers := decision.answers with input as {
		"subject": subject,
		"targets": [target],
		"purpose": null,
		"environment": environment,
	}
}

_decide_for(subject, level, grants, purpose) := answers[0] if {
	answers := decision.answers with input as {
		"subject": subject,
		"targets": [_target(level, grants)],
		"purpose": purpose,
		"environment": {"now": _now},
	}
}

# The default table, row by row.
test_open if {
	answer := _decide(_public, "open", [])
	answer.tier == "full"
	answer.reasons == ["open_to_everyone"]
	answer.next_steps == []
	answer.whole_tier == "full"
	answer.obligations == {
		"row_filter": false, "column_masks": {}, "smallest_cell": null, "summary": null,
		"log_purpose": false, "watermark": false, "step_up": null,
	}
}

test_internal if {
	_decide(_public, "internal", []).tier == "discover"
	_decide(_citizen, "internal", []).tier == "discover"
	_decide(_steward, "internal", []).tier == "full"
	_decide(object.union(_steward, {"agency": "other"}), "internal", []).tier == "masked"
	_decide(_citizen, "internal", [_grant("full")]).tier == "full"
}

test_confidential if {
	_decide(_public, "confidential", []).tier == "discover"
	_decide(_weak(_citizen), "confidential", []).tier == "summary"
	_decide(_steward, "confidential", []).tier == "masked"
	_decide(_citizen, "confidential", [_grant("full")]).tier == "masked"
	_decide(_researcher, "confidential", [_grant("full")]).tier == "full"
	_decide(_researcher, "confidential", [_grant("masked")]).tier == "masked"
}

test_secret if {
	_decide(_public, "secret", []).tier == "none"
	_decide(_citizen, "secret", [_grant("masked")]).tier == "none"
	_decide(_steward, "secret", []).tier == "discover"
	_decide(_steward, "secret", [_grant("full")]).tier == "masked"
	stale := object.union(_steward, {"authenticated_at": _now - 901})
	answer := _decide(stale, "secret", [_grant("masked")])
	answer.tier == "discover"
	answer.obligations.step_up == {"aal": 2, "max_age_s": 900}
}

test_top_secret_is_for_nobody if {
	answer := _decide(_steward, "top_secret", [_grant("full")])
	answer.tier == "none"
	answer.reasons == ["nothing"]
}

test_an_unknown_level_is_closed if {
	answer := _decide(_steward, "nonsense", [])
	answer.tier == "none"
	answer.reasons == ["unknown_level"]
}

test_a_sysadmin_is_nobody_special if {
	some level in ["open", "internal", "confidential", "secret", "top_secret"]
	admin := object.union(_citizen, {"roles": ["sysadmin"]})
	_decide(admin, level, []).tier == _decide(_citizen, level, []).tier
}

test_a_weak_sign_in_holds_a_grant_back if {
	answer := _decide(_weak(_researcher), "confidential", [_grant("masked")])
	answer.tier == "summary"
	answer.next_steps == ["step_up"]
	answer.reasons == ["summary_when_signed_in", "sign_in_too_weak"]
	answer.grants == []
}

test_a_weak_identity_is_to_be_proved if {
	answer := _decide(object.union(_researcher, {"ial": 1.3}), "confidential", [_grant("masked")])
	answer.next_steps == ["prove_identity"]
	answer.obligations.step_up == null
}

test_next_steps if {
	asking_is_free := {"everyone": "masked"}
	open_to_ask := _decide(_public, "confidential", []) with data.dgatier.defaults.levels.confidential.approval.tiers as asking_is_free
	open_to_ask.next_steps == ["ask", "sign_in"]
	_decide(_public, "confidential", []).next_steps == ["sign_in"]
	_decide(_citizen, "confidential", []).next_steps == ["ask"]
	_decide(_researcher, "confidential", [_grant("full")]).next_steps == []
}

test_a_grant_masks_columns_and_names_itself if {
	answer := _decide(_citizen, "confidential", [_grant("masked")])
	answer.obligations.column_masks == {"id": {"method": "pseudonym"}}
	answer.obligations.watermark
	answer.grants == ["g"]
	answer.reasons == ["granted"]
}

test_a_masked_column_says_why_and_what_would_open_it if {
	answer := _decide(_researcher, "confidential", [_grant("masked")])
	answer.why == {"id": "column_identifier"}
	answer.ahead == {"tier": "full", "columns": {"id": null}}
	_decide(_citizen, "confidential", [_grant("masked")]).ahead == null
}

test_summary_has_a_smallest_cell if _decide(_citizen, "confidential", []).obligations.smallest_cell == 10

test_revoked_expired_future_and_other_purpose_count_for_nothing if {
	revoked := object.union(_grant("masked"), {"revoked": true})
	expired := object.union(_grant("masked"), {"valid_until": _now})
	future := object.union(_grant("masked"), {"valid_from": _now + 1})
	some one in [revoked, expired, future]
	_decide(_citizen, "confidential", [one]).tier == "summary"
}

test_a_grant_does_not_outlive_the_level_and_the_terms_that_it_was_given_on if {
	given := object.union(_grant("masked"), {"level": "internal", "terms": "a"})
	_decide(_citizen, "internal", [given]).tier == "masked"
	raised := _decide(_citizen, "confidential", [given])
	raised.tier == "summary"
	raised.reasons == ["summary_when_signed_in", "level_raised"]
	raised.next_steps == ["ask"]
	target := object.union(_target("internal", [given]), {"terms": "b"})
	changed := _answer_to(_citizen, target, {"now": _now})
	changed.tier == "discover"
	changed.reasons == ["existence_is_public", "terms_changed"]
	changed.next_steps == ["accept_terms", "ask"]
	_answer_to(_citizen, object.union(target, {"terms": "a"}), {"now": _now}).tier == "masked"
}

test_why_a_grant_does_not_count if {
	revoked := object.union(_grant("masked"), {"revoked": true})
	"revoked" in _decide(_citizen, "confidential", [revoked]).reasons
	live := object.union(_grant("masked"), {"id": "h"})
	not "revoked" in _decide(_citizen, "confidential", [revoked, live]).reasons
	expired := object.union(_grant("masked"), {"valid_until": _now})
	"period_ended" in _decide(_citizen, "confidential", [expired]).reasons
	other := _decide_for(_citizen, "confidential", [_grant("masked")], "q")
	other.tier == "summary"
	"not_for_this_purpose" in other.reasons
	_decide_for(_citizen, "confidential", [_grant("masked")], "p").tier == "masked"
}

test_a_grant_for_an_organisation_counts_for_its_members_only if {
	bound := object.union(_grant("masked"), {"organisation": "siam"})
	member := object.union(_citizen, {"organisations": ["siam", "other"]})
	_decide(member, "confidential", [bound]).tier == "masked"
	every outside in [_citizen, object.union(_citizen, {"organisations": []}), object.union(_citizen, {"organisations": ["other"]})] {
		answer := _decide(outside, "confidential", [bound])
		answer.tier == "summary"
		"left_organisation" in answer.reasons
	}
}

test_an_organisation_left_is_no_reason_once_the_grant_is_over if {
	over := [{"revoked": true}, {"valid_until": _now}]
	every change in over {
		bound := object.union_n([_grant("masked"), change, {"organisation": "siam"}])
		not "left_organisation" in _decide(_citizen, "confidential", [bound]).reasons
	}
}

test_the_loader_reads_only_to_load if {
	loader := object.union(_public, {"id": "l", "authenticated": true, "roles": ["ingest"]})
	_decide_for(loader, "secret", [], "ingest").tier == "full"
	_decide_for(loader, "secret", [], null).tier == "none"
	_decide_for(_citizen, "secret", [], "ingest").tier == "none"
}

test_answers_keep_the_order_of_targets if {
	answers := decision.answers with input as {
		"subject": _public,
		"targets": [_target("confidential", []), _target("open", []), _target("secret", [])],
		"purpose": null,
		"environment": {"now": _now},
	}
	[answer.tier | some answer in answers] == ["discover", "full", "none"]
}

# What cannot be read is closed, with a reason; never missing, never open.
test_malformed_facts_are_closed if {
	every target in [{}, {"level": 7}, {"level": "open"}, null, "open"] {
		answer := _answer_to(_citizen, target, {"now": _now})
		answer.tier == "none"
		count(answer.reasons) == 1
	}
}

test_a_subject_that_is_none_is_closed if {
	_answer_to("nobody", _target("internal", []), {"now": _now}).tier == "none"
}

test_a_level_of_assurance_in_words_is_none if {
	_decide(object.union(_steward, {"aal": "3"}), "confidential", []).tier == "summary"
	_decide(object.union(_steward, {"ial": "3"}), "confidential", []).tier == "summary"
}

test_a_grant_without_a_readable_period_counts_for_nothing if {
	every broken in [{"valid_until": "9999"}, {"valid_from": null}, {"revoked": "no"}, {"revoked": null}, {"organisation": 7}] {
		_decide(_researcher, "confidential", [object.union(_grant("full"), broken)]).tier == "summary"
	}
}

_conditions := {"agencies": {"fpo": {"confidential": {"conditions": {"hours": [8, 17], "networks": ["government"]}}}}}

_noon := 1767243600 # 2026-01-01 12:00 in Bangkok

_of_noon := object.union(_steward, {"authenticated_at": _noon - 60})

test_an_agency_may_keep_to_hours_and_networks if {
	at_noon := {"now": _noon, "network": "government"}
	at_night := {"now": _noon + 36000, "network": "government"}
	elsewhere := {"now": _noon, "network": "internet"}
	target := _target("confidential", [])
	inside := _answer_to(_of_noon, target, at_noon) with data.dgatier.overrides as _conditions
	inside.tier == "masked"
	late := _answer_to(_of_noon, target, at_night) with data.dgatier.overrides as _conditions
	late.tier == "summary"
	"outside_hours" in late.reasons
	"come_back" in late.next_steps
	outside := _answer_to(_of_noon, target, elsewhere) with data.dgatier.overrides as _conditions
	outside.tier == "summary"
	"outside_network" in outside.reasons
	"contact" in outside.next_steps
}

test_a_service_needs_no_card if {
	service := object.union(_public, {"id": "s", "authenticated": true, "roles": ["service", "official"], "agency": "fpo"})
	_decide(service, "confidential", []).tier == "masked"
	_decide(service, "secret", []).tier == "none"
}

test_the_reply_brings_the_texts_that_it_names_and_no_others if {
	reply := decision.reply with input as {
		"subject": _public,
		"targets": [_target("confidential", []), _target("confidential", [])],
		"purpose": null,
		"environment": {"now": _now},
	}
	object.keys(reply.texts) == {"existence_is_public", "sign_in"}
	reply.texts.sign_in.action == "sign_in"
	count(reply.answers) == 2
}

test_a_summary_comes_with_its_terms if {
	answer := _decide(_citizen, "confidential", [])
	answer.tier == "summary"
	answer.obligations.summary.smallest_cell == 10
	answer.obligations.summary.dimensions == {}
	_decide(_public, "confidential", []).obligations.summary == null
}
