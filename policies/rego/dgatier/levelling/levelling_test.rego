package dgatier.levelling_test

import data.dgatier.levelling

_person(id, roles) := {
	"id": id, "authenticated": true, "roles": roles, "agency": "fpo", "clearance": "secret",
	"ial": 2.3, "aal": 2, "authenticated_at": 1000, "accredited": false,
}

_editor := _person("e", ["official"])

_suda := _person("s", ["official", "steward"])

_wichai := _person("w", ["official", "steward", "senior_steward"])

_of_another_agency := object.union(_suda, {"agency": "customs-dept"})

_with_one_factor := object.union(_wichai, {"aal": 1})

_fpo := {"agency": "fpo", "editable": true}

_sets(subject, level, levels) := answer if {
	answer := levelling.outcome with input as {
		"subject": subject,
		"dataset": _fpo,
		"level": level,
		"standing": levels.standing,
		"confirmed": levels.confirmed,
		"ground": "As the law has it.",
		"inner": false,
	}
}

_new := {"standing": null, "confirmed": null}

_at(level) := {"standing": level, "confirmed": level}

_codes(answer) := [reason.code | some reason in answer.reasons]

test_a_first_level_of_an_editor_waits_at_confidential_or_above if {
	every level, stands in {"open": "confidential", "internal": "confidential", "confidential": "confidential", "secret": "secret"} {
		answer := _sets(_editor, level, _new)
		answer.allowed
		answer.stands == stands
		answer.kind == "first"
		not answer.confirmed
	}
}

test_a_first_level_that_waits_is_not_lowered_by_proposing_again if {
	_sets(_editor, "open", {"standing": "secret", "confirmed": null}).stands == "secret"
}

test_a_steward_who_sets_a_first_level_or_raises_one_has_confirmed_it if {
	first := _sets(_suda, "open", _new)
	first.confirmed
	first.stands == "open"
	raised := _sets(_suda, "secret", _at("open"))
	raised.confirmed
	raised.stands == "secret"
}

test_a_steward_of_another_agency_is_an_editor_like_any_other if {
	answer := _sets(_of_another_agency, "open", _new)
	not answer.confirmed
	answer.stands == "confidential"
}

test_raising_is_immediate if {
	answer := _sets(_editor, "secret", _at("internal"))
	answer.stands == "secret"
	answer.kind == "raise"
	not answer.confirmed
}

test_lowering_never_is if {
	some_steward := _sets(_suda, "open", _at("confidential"))
	some_steward.stands == "confidential"
	some_steward.counts
	not some_steward.confirmed
	some_editor := _sets(_editor, "open", _at("confidential"))
	some_editor.stands == "confidential"
	not some_editor.counts
}

test_lowering_wants_a_ground_and_all_want_an_editor if {
	answer := levelling.outcome with input as {
		"subject": _suda, "dataset": {"agency": "fpo", "editable": false}, "level": "open",
		"standing": "confidential", "confirmed": "confidential", "ground": "", "inner": false,
	}
	not answer.allowed
	_codes(answer) == ["ground_needed", "not_an_editor"]
}

test_what_the_portal_does_by_itself_lowers_nothing_and_confirms_nothing if {
	every level, stands in {"open": "confidential", "secret": "secret"} {
		answer := levelling.outcome with input as {
			"subject": _suda, "dataset": {"agency": "fpo", "editable": false}, "level": level,
			"standing": "confidential", "confirmed": "confidential", "ground": "", "inner": true,
		}
		answer.allowed
		answer.stands == stands
		not answer.confirmed
	}
}

test_a_level_is_looked_at_again_the_sooner_the_higher_it_is if {
	_sets(_suda, "secret", _new).review_years == 1
	_sets(_suda, "confidential", _new).review_years == 3
	_sets(_suda, "open", _new).review_years == 5
}

_decides(subject, decision, proposal, levels) := answer if {
	answer := levelling.verdict with input as {
		"subject": subject,
		"dataset": _fpo,
		"decision": decision,
		"operator": false,
		"standing": levels.standing,
		"confirmed": levels.confirmed,
		"proposal": proposal,
		"environment": {"now": 1010},
	}
}

_first := {"kind": "first", "level": "open", "proposed_by": "e", "approved_by": []}

_raise := {"kind": "raise", "level": "secret", "proposed_by": "e", "approved_by": []}

_lower := {"kind": "lower", "level": "open", "proposed_by": "s", "approved_by": ["s"]}

_waits := {"standing": "confidential", "confirmed": null}

_raised := {"standing": "secret", "confirmed": "internal"}

test_one_steward_confirms_a_first_level if {
	_decides(_suda, "confirm", _first, _waits) == {
		"allowed": true,
		"complete": true,
		"stands": "open",
		"approvals": 1,
		"reasons": [],
	}
}

test_two_stewards_lower if {
	second := _decides(_wichai, "confirm", _lower, _at("confidential"))
	second.allowed
	second.complete
	second.stands == "open"
	of_an_editor := object.union(_lower, {"proposed_by": "e", "approved_by": []})
	first := _decides(_wichai, "confirm", of_an_editor, _at("confidential"))
	first.allowed
	not first.complete
	first.stands == "confidential"
}

test_who_does_not_decide if {
	_codes(_decides(_suda, "confirm", _lower, _at("confidential"))) == ["already_approved_by_you"]
	_codes(_decides(_editor, "confirm", _first, _waits)) == ["not_a_steward_here"]
	_codes(_decides(_of_another_agency, "refuse", _first, _waits)) == ["not_a_steward_here"]
	_codes(_decides(_with_one_factor, "confirm", _lower, _at("confidential"))) == ["approver_sign_in_too_weak"]
	_codes(_decides(_suda, "withdraw", _first, _waits)) == ["not_the_proposer"]
}

test_one_refusal_ends_it_and_what_was_raised_goes_back_to_what_was_confirmed if {
	_decides(_wichai, "refuse", _lower, _at("confidential")).stands == "confidential"
	_decides(_suda, "refuse", _first, _waits).stands == "confidential"
	_decides(_suda, "refuse", _raise, _raised).stands == "internal"
	_decides(_editor, "withdraw", _raise, _raised).stands == "internal"
	raised_since := {"standing": "top_secret", "confirmed": "internal"}
	_decides(_suda, "refuse", _raise, raised_since).stands == "top_secret"
}

test_an_operator_confirms_first_levels_only if {
	every proposal, reasons in {_first: [], _raise: ["only_first_levels"], _lower: ["only_first_levels"]} {
		answer := levelling.verdict with input as {
			"subject": _person("site", ["ingest"]), "dataset": _fpo, "decision": "confirm", "operator": true,
			"standing": "confidential", "confirmed": null, "proposal": proposal, "environment": {"now": 1010},
		}
		_codes(answer) == reasons
	}
}

_may(subject, action, dataset) if {
	answer := levelling.allow with input as {"subject": subject, "action": action, "dataset": dataset}
	answer.allowed
}

_closed := {"agency": "fpo", "editable": false}

test_who_sees_and_reviews if {
	_may(_editor, "show", _fpo)
	not _may(_editor, "show", _closed)
	not _may(_editor, "list", _fpo)
	_may(_person("a", ["auditor"]), "show", _closed)
	_may(_person("a", ["auditor"]), "list", _closed)
	not _may(_person("a", ["auditor"]), "review", _fpo)
	_may(_suda, "review", _closed)
	not _may(_of_another_agency, "review", _fpo)
	not _may(_suda, "list", {"agency": null, "editable": true})
}

test_a_refusal_has_a_reason if {
	answer := levelling.allow with input as {"subject": _editor, "action": "review", "dataset": _fpo}
	answer.reasons[0].code == "not_permitted"
}
