package dgatier.masks_test

import data.dgatier.masks

_column(type, level, disclosure) := {"name": "c", "type": type, "level": level, "disclosure": disclosure}

_masks(columns) := masks.of("confidential", columns)

test_identifier_becomes_a_pseudonym if {
	_masks([_column("text", null, "identifier")]) == {"c": {"method": "pseudonym"}}
}

test_sensitive_is_suppressed if {
	_masks([_column("text", null, "sensitive")]) == {"c": {"method": "suppress"}}
}

test_quasi_identifier_is_generalised_by_its_type if {
	_masks([_column("numeric", null, "quasi_identifier")]).c.by == "band"
	_masks([_column("timestamp", null, "quasi_identifier")]).c.by == "year"
	_masks([_column("text", null, "quasi_identifier")]).c.method == "truncate"
}

test_measure_and_plain_are_shown if {
	_masks([_column("numeric", null, "measure"), _column("text", "internal", "plain")]) == {}
}

test_unclassified_and_unknown_are_suppressed if {
	some disclosure in [null, "", "whatever"]
	_masks([_column("text", null, disclosure)]) == {"c": {"method": "suppress"}}
}

test_a_column_above_its_resource_is_suppressed if {
	_masks([_column("text", "secret", "plain")]) == {"c": {"method": "suppress"}}
	_masks([_column("text", "nonsense", "plain")]) == {"c": {"method": "suppress"}}
	_masks([_column("text", "secret", "identifier")]) == {"c": {"method": "suppress"}}
}

_of_kind(type, disclosure, kind) := object.union(_column(type, null, disclosure), {"kind": kind})

test_a_kind_of_thing_has_its_own_mask if {
	_masks([_of_kind("text", "identifier", "name")]).c.method == "replace"
	_masks([_of_kind("text", "identifier", "phone")]) == {"c": {"method": "partial", "keep": 4}}
	_masks([_of_kind("timestamp", "quasi_identifier", "birth_date")]).c == {"method": "generalise", "by": "age", "size": 10}
	_masks([_of_kind("numeric", "quasi_identifier", "income")]).c.method == "limit"
	_masks([_of_kind("numeric", "measure", "amount")]).c.method == "noise"
}

test_a_kind_of_another_type_is_suppressed if {
	every column in [
		_of_kind("text", "quasi_identifier", "birth_date"),
		_of_kind("text", "quasi_identifier", "income"),
		_of_kind("numeric", "identifier", "phone"),
		_of_kind("text", "measure", "amount"),
	] {
		_masks([column]) == {"c": {"method": "suppress"}}
	}
}

test_a_kind_never_opens_what_its_class_hides if {
	every kind in ["name", "phone", "amount", "nonsense", "", null, 7] {
		_masks([_of_kind("text", "sensitive", kind)]) == {"c": {"method": "suppress"}}
		_masks([_of_kind("text", null, kind)]) == {"c": {"method": "suppress"}}
	}
}

test_a_kind_does_not_open_a_column_above_its_resource if {
	column := object.union(_of_kind("text", "identifier", "phone"), {"level": "secret"})
	_masks([column]) == {"c": {"method": "suppress"}}
}

test_an_unknown_kind_changes_nothing if {
	_masks([_of_kind("text", "identifier", "nonsense")]) == {"c": {"method": "pseudonym"}}
	_masks([_of_kind("text", "plain", "name")]) == {}
}

_why(columns) := masks.why("confidential", columns, masks.of("confidential", columns)).c

test_each_mask_says_why if {
	_why([_column("text", null, "identifier")]) == "column_identifier"
	_why([_column("text", null, "sensitive")]) == "column_sensitive"
	_why([_column("numeric", null, "quasi_identifier")]) == "column_quasi_identifier"
	_why([_of_kind("numeric", "measure", "amount")]) == "column_measure"
}

test_what_nobody_said_and_what_does_not_fit_say_so if {
	_why([_column("text", null, "")]) == "column_unclassified"
	_why([_column("text", "secret", "identifier")]) == "column_above_its_table"
	_why([_of_kind("numeric", "identifier", "phone")]) == "column_of_another_type"
}

test_a_column_outside_the_part_that_was_approved_says_so if {
	columns := [_column("text", null, "plain")]
	masks.why("confidential", columns, {"c": {"method": "suppress"}}) == {"c": "column_not_in_your_part"}
}

test_a_column_that_is_shown_needs_no_reason if {
	masks.why("confidential", [_column("text", null, "identifier")], {}) == {}
}
