package dgatier.ahead_test

import data.dgatier.ahead

_columns := [
	{"name": "id", "type": "text", "level": null, "disclosure": "identifier"},
	{"name": "illness", "type": "text", "level": null, "disclosure": "sensitive"},
	{"name": "age", "type": "numeric", "level": null, "disclosure": "quasi_identifier"},
	{"name": "province", "type": "text", "level": null, "disclosure": "plain"},
	{"name": "paid", "type": "numeric", "level": null, "disclosure": "measure"},
]

_masked := {
	"column_masks": {"id": {"method": "pseudonym"}, "illness": {"method": "suppress"}},
	"summary": null,
}

_summary := {
	"column_masks": {},
	"summary": {"dimensions": {"age": {"method": "generalise"}, "province": null}, "measures": {"paid": [0, 9]}},
}

test_everything_shows_what_is_masked_as_it_is if {
	ahead.of("confidential", _columns, _masked, "masked", "full") == {
		"tier": "full",
		"columns": {"id": null, "illness": null},
	}
}

test_masked_rows_show_the_columns_of_the_summary_and_name_no_other if {
	found := ahead.of("confidential", _columns, _summary, "summary", "full")
	found.tier == "masked"
	object.keys(found.columns) == {"age", "province", "paid"}
	found.columns.age.method == "generalise"
	found.columns.province == null
}

test_a_column_that_stays_hidden_is_not_told if {
	parts := {"column_masks": {}, "summary": {"dimensions": {"illness": null, "province": null}, "measures": {}}}
	found := ahead.of("confidential", _columns, parts, "summary", "masked")
	object.keys(found.columns) == {"province"}
}

test_nothing_is_told_beyond_what_the_person_can_reach if {
	ahead.of("confidential", _columns, _masked, "masked", "masked") == null
	ahead.of("confidential", _columns, _summary, "summary", "summary") == null
}

test_whoever_may_not_know_the_columns_is_told_none if {
	every tier in ["none", "discover", "full"] {
		ahead.of("confidential", _columns, _summary, tier, "full") == null
	}
}

test_without_a_summary_no_column_is_told if {
	ahead.of("confidential", _columns, {"column_masks": {}, "summary": null}, "summary", "full") == null
}

test_without_a_locked_column_nothing_is_ahead if {
	ahead.of("internal", [], {"column_masks": {}, "summary": null}, "masked", "full") == null
}
