package dgatier.preview_test

import data.dgatier.preview

_now := 100000

_person(changes) := object.union(
	{
		"id": "p", "authenticated": true, "roles": ["citizen"], "agency": null, "organisation": null,
		"organisations": [], "clearance": "open", "ial": 2.3, "aal": 2, "authenticated_at": _now - 10,
		"accredited": false,
	},
	changes,
)

_steward := _person({"id": "s", "roles": ["official", "steward"], "agency": "fpo"})

_official := _person({"id": "o", "roles": ["official"], "agency": "other"})

_columns := [
	{"name": "id", "type": "text", "level": null, "disclosure": "identifier", "subject_key": null, "kind": null},
	{"name": "illness", "type": "text", "level": null, "disclosure": "sensitive", "subject_key": null, "kind": null},
	{"name": "province", "type": "text", "level": null, "disclosure": "plain", "subject_key": "province", "kind": null},
]

_target(level, grants) := {
	"dataset_id": "d", "resource_id": "r", "level": level, "category": null, "agency": "fpo", "province": null,
	"tabular": true, "columns": _columns, "terms": null, "grants": grants,
}

_ask(subject, viewer, tier, target) := reply if {
	reply := preview.reply with input as {
		"subject": subject, "viewer": viewer, "tier": tier, "target": target,
		"environment": {"now": _now, "network": "internet"},
	}
}

_answer(level, viewer, tier) := _ask(_steward, viewer, tier, _target(level, [])).answers[0]

_grant(conditions) := {
	"id": "g", "tier": "full", "purpose": "p", "revoked": false, "organisation": null, "valid_from": 1,
	"valid_until": 200000, "level": "internal", "terms": null, "conditions": conditions,
}

test_a_person_is_shown_as_the_decision_on_them_says if {
	found := _answer("internal", _official, null)
	found.tier == "masked"
	found.obligations.column_masks == {"id": {"method": "pseudonym"}, "illness": {"method": "suppress"}}
	found.why == {"id": "column_identifier", "illness": "column_sensitive"}
	_answer("internal", _person({}), null).tier == "discover"
	_answer("confidential", _person({}), null).tier == "summary"
}

test_a_tier_is_shown_as_anyone_there_has_it if {
	_answer("internal", null, "masked").obligations.column_masks.id.method == "pseudonym"
	_answer("internal", null, "full").obligations.column_masks == {}
	found := _answer("internal", null, "summary")
	found.tier == "summary"
	object.keys(found.ahead.columns) == {"province"}
}

test_a_steward_sees_no_more_than_their_office_gives if {
	found := _answer("confidential", null, "full")
	found.tier == "masked"
	found.obligations.column_masks.id == {"method": "pseudonym"}
	found.obligations.column_masks.illness == {"method": "suppress"}
}

test_a_part_of_another_is_masked_where_the_steward_sees_masks if {
	grant := object.union(_grant({"provinces": ["Nan"], "years": [], "columns": []}), {"level": "confidential"})
	researcher := _person({"roles": ["researcher"], "accredited": true})
	found := _ask(_steward, researcher, null, _target("confidential", [grant])).answers[0]
	found.obligations.row_filter
	found.cells.id[0].mask == {"method": "pseudonym"}
	found.cells.illness[0].mask == {"method": "suppress"}
	found.cells.province[0].mask == null
}

test_grants_of_the_steward_do_not_count if {
	grant := object.union(_grant({"provinces": [], "years": [], "columns": []}), {"level": "confidential"})
	found := _ask(_steward, null, "full", _target("confidential", [grant])).answers[0]
	found.tier == "masked"
}

test_only_stewards_of_the_agency_look if {
	every subject in [_official, _person({}), object.union(_steward, {"agency": "other"})] {
		found := _ask(subject, null, "masked", _target("internal", []))
		not found.allowed
		found.answers == []
		found.reasons[0].code == "not_permitted"
	}
}

test_a_steward_without_rows_of_their_own_looks_at_none if {
	not _ask(_steward, null, "masked", _target("secret", [])).allowed
	weak := object.union(_steward, {"aal": 1})
	not _ask(weak, null, "masked", _target("confidential", [])).allowed
	_ask(_steward, null, "masked", _target("confidential", [])).allowed
}
