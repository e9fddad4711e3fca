package dgatier.scope_test

import data.dgatier.scope

_place := {"name": "จังหวัด", "type": "text", "subject_key": "province", "period": null}

_day := {"name": "day", "type": "timestamp", "subject_key": null, "period": "date"}

_amount := {"name": "amount", "type": "numeric", "subject_key": null, "period": null}

_of(conditions, columns) := scope.of({"conditions": conditions}, {"resource_id": "r", "columns": columns})

test_what_names_nothing_binds_nothing if {
	every conditions in [{}, {"provinces": [], "years": [], "columns": []}] {
		_of(conditions, []) == scope.unbound
	}
}

test_without_conditions_nothing_is_bound if scope.of({}, {"columns": []}) == scope.unbound

test_rows_and_columns if {
	some_rows := {"provinces": ["น่าน"], "years": [2566]}
	_of(some_rows, [_place, _day]) == {"rows": some_rows, "columns": null, "lacking": set()}
	_of({"columns": ["amount", "gone"]}, [_amount]) == {"rows": {}, "columns": ["amount", "gone"], "lacking": set()}
}

test_a_table_lacks_what_it_does_not_tell if {
	wanted := {"provinces": ["น่าน"], "years": [2566], "columns": ["gone"]}
	_of(wanted, [_amount]).lacking == {"provinces", "years", "columns"}
	_of(wanted, [_place, _day]).lacking == {"columns"}
	_of(wanted, []).lacking == {"provinces", "years", "columns"}
	_of({"districts": ["x"]}, [_place, _day]).lacking == {"districts"}
}

test_two_columns_that_tell_it_tell_nothing if {
	_of({"provinces": ["น่าน"]}, [_place, object.union(_place, {"name": "other"})]).lacking == {"provinces"}
	_of({"years": [2023]}, [_day, object.union(_day, {"name": "other"})]).lacking == {"years"}
}

test_a_column_of_another_type_tells_nothing if {
	_of({"provinces": ["น่าน"]}, [object.union(_place, {"type": "numeric"})]).lacking == {"provinces"}
	every change in [{"type": "text"}, {"period": "year"}, {"period": "nonsense"}, {"period": 7}] {
		_of({"years": [2023]}, [object.union(_day, change)]).lacking == {"years"}
	}
}

test_what_cannot_be_read_is_lacking if {
	_of({"provinces": "น่าน"}, [_place]).lacking == {"provinces"}
	_of({"years": {"2023": true}}, [_day]).lacking == {"years"}
	_of({"columns": "amount"}, [_amount]).lacking == {"columns"}
}

test_a_dataset_as_such_lacks_nothing if {
	every target in [{"columns": []}, {"resource_id": null, "columns": []}] {
		scope.of({"conditions": {"years": [2023]}}, target) == {"rows": {"years": [2023]}, "columns": null, "lacking": set()}
	}
}

test_years_as_a_column_writes_them if {
	every year in [2023, 2566] {
		scope.written(year, {"period": "year", "type": "numeric"}) == 2023
		scope.written(year, {"period": "buddhist_year", "type": "int"}) == 2566
		scope.written(year, {"period": "buddhist_year", "type": "text"}) == "2566"
	}
}

test_those_who_decide_are_told_for_each_table if {
	scope.lacking == [["provinces", "years"], []] with input as {
		"conditions": {"provinces": ["น่าน"], "years": [2566], "columns": []},
		"tables": [{"resource_id": "a", "columns": [_amount]}, {"resource_id": "b", "columns": [_place, _day]}],
	}
}
