package dgatier.rows_test

import data.dgatier.rows

_columns := [
	{"name": "place", "type": "text", "subject_key": "province", "period": null},
	{"name": "day", "type": "timestamp", "subject_key": null, "period": "date"},
]

_of_years := [{"name": "year", "type": "text", "subject_key": null, "period": "buddhist_year"}]

_has(bound, columns, row) if _part_has("g", bound, columns, row)

_part_has(part, bound, columns, row) if {
	rows.include with input as {
		"shares": [{"name": "g", "rows": bound}],
		"columns": columns,
		"part": {"name": part},
		"row": row,
	}
}

_bound := {"provinces": ["น่าน", "แพร่"], "years": [2566, 2020]}

test_a_row_of_the_provinces_and_the_years if {
	every day in ["2023-01-01", "2023-12-31T23:59:59", "2020-05-05"] {
		_has(_bound, _columns, {"place": "น่าน", "day": day})
	}
	every row in [
		{"place": "น่าน", "day": "2022-12-31"},
		{"place": "น่าน", "day": "2024-01-01"},
		{"place": "ตาก", "day": "2023-05-05"},
		{"place": null, "day": "2023-05-05"},
		{"day": "2023-05-05"},
		{"place": "น่าน"},
	] {
		not _has(_bound, _columns, row)
	}
}

test_years_alone_and_provinces_alone if {
	_has({"years": [2023]}, _of_years, {"year": "2566"})
	not _has({"years": [2023]}, _of_years, {"year": "2023"})
	_has({"provinces": ["น่าน"]}, _columns, {"place": "น่าน"})
	not _has({"provinces": ["น่าน"]}, _columns, {"place": "แพร่"})
}

test_the_rows_of_an_agency if {
	columns := [{"name": "owner", "type": "text", "subject_key": "owner_org", "period": null}]
	_has({"agencies": ["fpo"]}, columns, {"owner": "fpo"})
	not _has({"agencies": ["fpo"]}, columns, {"owner": "excise"})
	not _has({"agencies": ["fpo"]}, _columns, {"owner": "fpo"})
}

test_the_rows_about_a_person_and_about_a_company if {
	citizen := {"name": "who", "type": "text", "subject_key": "citizen_id", "period": null}
	company := {"name": "firm", "type": "text", "subject_key": "juristic_id", "period": null}
	_has({"citizen_id": ["1"]}, [citizen, company], {"who": "1", "firm": "2"})
	_has({"juristic_id": ["2", "3"]}, [citizen, company], {"who": "1", "firm": "2"})
	not _has({"citizen_id": ["1"]}, [company], {"firm": "1"})
	not _has({"citizen_id": ["1"]}, [citizen, object.union(citizen, {"name": "other"})], {"who": "1", "other": "1"})
	every row in [{"who": "2", "firm": "1"}, {"who": null, "firm": "1"}, {"firm": "1"}] {
		not _has({"citizen_id": ["1"]}, [citizen, company], row)
	}
}

test_what_is_bound_to_nothing_has_every_row if _has({}, _columns, {})

test_the_masks_are_the_decisions if rows.masks == {}

test_no_other_part_has_a_row if {
	row := {"place": "น่าน", "day": "2023-05-05"}
	_has(_bound, _columns, row)
	not _part_has("h", _bound, _columns, row)
}

test_a_table_that_does_not_tell_has_no_row if {
	row := {"place": "น่าน", "day": "2023-05-05"}
	not _has(_bound, array.slice(_columns, 0, 1), row)
	not _has(_bound, array.slice(_columns, 1, 2), row)
	not _has({"years": []}, _columns, row)
	not _has({"provinces": []}, _columns, row)
}
