package dgatier.summary_test

import data.dgatier.summary

_column(name, type, disclosure, changes) := object.union(
	{"name": name, "type": type, "level": null, "disclosure": disclosure, "kind": null, "bounds": null},
	changes,
)

_columns := [
	_column("citizen", "text", "identifier", {}),
	_column("province", "text", "plain", {}),
	_column("born", "timestamp", "quasi_identifier", {}),
	_column("street", "text", "quasi_identifier", {}),
	_column("illness", "text", "sensitive", {}),
	_column("paid", "numeric", "measure", {"bounds": [0, 3000]}),
	_column("debt", "numeric", "measure", {}),
	_column("income", "numeric", "quasi_identifier", {"kind": "income"}),
]

_whole := {"of_all": true, "shares": [], "column_masks": {}}

_citizen := {"authenticated": true, "agency": null, "organisation": null}

_of(tier, parts, subject) := terms if {
	terms := summary.of("confidential", "fpo", _columns, parts, tier) with input.subject as subject
}

test_plain_and_generalised_columns_are_counted_by if {
	_of("summary", _whole, _citizen).dimensions == {
		"province": null,
		"born": {"method": "generalise", "by": "year"},
	}
}

test_what_has_bounds_is_summed_up if {
	_of("summary", _whole, _citizen).measures == {"paid": [0, 3000], "income": [0, 100000]}
}

test_bounds_that_are_none_are_not_used if {
	every bounds in [[5, 5], [9, 1], [1], [], null] {
		columns := [_column("paid", "numeric", "measure", {"bounds": bounds})]
		terms := summary.of("confidential", "fpo", columns, _whole, "summary") with input.subject as _citizen
		terms.measures == {}
	}
}

test_an_income_is_of_its_type_or_nothing if {
	columns := [_column("income", "text", "quasi_identifier", {"kind": "income"})]
	terms := summary.of("confidential", "fpo", columns, _whole, "summary") with input.subject as _citizen
	terms.measures == {}
	terms.dimensions == {}
}

test_a_column_above_its_table_tells_nothing if {
	columns := [
		_column("paid", "numeric", "measure", {"level": "secret", "bounds": [0, 1]}),
		_column("province", "text", "plain", {"level": "secret"}),
	]
	terms := summary.of("confidential", "fpo", columns, _whole, "summary") with input.subject as _citizen
	terms.measures == {}
	terms.dimensions == {}
}

test_what_a_grant_leaves_out_tells_nothing if {
	hidden := {"method": "suppress"}
	terms := _of("summary", {"of_all": false, "shares": [], "column_masks": {"province": hidden, "paid": hidden}}, _citizen)
	object.keys(terms.dimensions) == {"born"}
	object.keys(terms.measures) == {"income"}
}

test_each_tier_with_summaries_has_terms if {
	_of("discover", _whole, _citizen) == null
	_of("none", _whole, _citizen) == null
	every tier in ["summary", "masked", "full"] {
		is_object(_of(tier, _whole, _citizen))
	}
}

test_open_data_and_the_public_have_none if {
	_of("summary", _whole, {"authenticated": false, "agency": null, "organisation": null}) == null
	open_terms := summary.of("open", "fpo", _columns, _whole, "full") with input.subject as _citizen
	open_terms == null
	without := summary.of("confidential", "fpo", [], _whole, "summary") with input.subject as _citizen
	without == null
}

test_colleagues_share_a_budget if {
	_of("summary", _whole, _citizen).pool == null
	_of("summary", _whole, object.union(_citizen, {"agency": "fpo", "organisation": "x"})).pool == "agency:fpo"
	_of("summary", _whole, object.union(_citizen, {"organisation": "x"})).pool == "organisation:x"
}

test_an_agency_only_makes_it_stricter if {
	loose := {"epsilon": 9, "budget": 99, "pool_budget": 999, "period_days": 1, "rows_a_person": 0}
	strict := {"epsilon": 0.1, "budget": 2, "pool_budget": 3, "period_days": 730, "rows_a_person": 5}
	plain := _of("summary", _whole, _citizen)
	first := _of("summary", _whole, _citizen) with data.dgatier.overrides as {"agencies": {"fpo": {"summary": loose}}}
	first == plain
	second := _of("summary", _whole, _citizen) with data.dgatier.overrides as {"agencies": {"fpo": {"summary": strict}}}
	object.filter(second, object.keys(strict)) == strict
}

test_the_smallest_group_is_that_of_the_agency if {
	_of("summary", _whole, _citizen).smallest_cell == 10
	larger := _of("summary", _whole, _citizen) with data.dgatier.overrides as {"agencies": {"fpo": {"smallest_cell": 25}}}
	larger.smallest_cell == 25
}

test_a_summary_of_all_stays_one_beside_rows_of_a_part if {
	masked := {"column_masks": {"province": {"method": "suppress"}}, "shares": [{"name": "g"}]}
	hidden := object.union(masked, {"row_filter": true})
	every whole_tier in ["summary", "masked", "full"] {
		summary.reached(hidden, whole_tier) == {"of_all": true, "shares": [], "column_masks": {}}
	}
	every whole_tier in ["none", "discover"] {
		summary.reached(hidden, whole_tier) == object.union(masked, {"of_all": false})
		summary.reached(object.union(hidden, {"row_filter": false}), whole_tier).of_all
	}
}
