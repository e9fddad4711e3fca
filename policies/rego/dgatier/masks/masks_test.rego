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
