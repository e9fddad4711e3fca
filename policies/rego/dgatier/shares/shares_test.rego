package dgatier.shares_test

import data.dgatier.shares

_columns := [
	{"name": "id", "type": "text", "level": null, "disclosure": "identifier"},
	{"name": "illness", "type": "text", "level": null, "disclosure": "sensitive"},
	{"name": "amount", "type": "numeric", "level": null, "disclosure": "measure"},
]

_pseudonym := {"method": "pseudonym"}

_hidden := {"method": "suppress"}

_whole(tier, grant) := {"tier": tier, "grant": grant, "source": "ground", "scope": {"rows": {}, "columns": null}}

_rows(tier, grant) := {"tier": tier, "grant": grant, "source": "ground", "scope": {"rows": {"years": [2023]}, "columns": null}}

_only(tier, grant, columns) := {"tier": tier, "grant": grant, "source": "ground", "scope": {"rows": {}, "columns": columns}}

_of(usable, tier) := shares.of("confidential", _columns, usable, tier)

_all_of(tier, masks) := object.union(
	{"row_filter": false, "shares": [], "cells": {}},
	{"column_masks": masks},
) if {
	tier in {"summary", "masked", "full"}
}

test_without_bound_grants_there_are_no_shares if {
	_of([_whole("summary", "")], "summary") == _all_of("summary", {})
	_of([_whole("full", "g")], "full") == _all_of("full", {})
	_of([_whole("masked", "g")], "masked") == _all_of("masked", {"id": _pseudonym, "illness": _hidden})
}

test_a_bound_grant_adds_nothing_to_as_much_of_everything if {
	_of([_whole("masked", ""), _rows("masked", "g")], "masked") == _of([_whole("masked", "")], "masked")
	_of([_whole("full", ""), _rows("masked", "g")], "full") == _of([_whole("full", "")], "full")
	_of([_whole("masked", ""), _rows("summary", "g")], "masked") == _of([_whole("masked", "")], "masked")
}

test_some_rows_alone if {
	found := _of([_whole("summary", ""), _rows("full", "g")], "full")
	found.row_filter
	found.shares == [{"name": "g", "grants": ["g"], "rows": {"years": [2023]}}]
	found.column_masks == {}
	found.cells.id == [{"share": "g", "mask": null}]
}

test_each_cell_is_shown_as_its_most_opening_share_shows_it if {
	found := _of([_whole("masked", "m"), _rows("full", "g")], "full")
	found.shares == [{"name": "g", "grants": ["g"], "rows": {"years": [2023]}}, {"name": "whole", "grants": ["m"], "rows": {}}]
	found.cells.id == [{"share": "g", "mask": null}, {"share": "whole", "mask": _pseudonym}]
	found.cells.illness == [{"share": "g", "mask": null}]
	found.column_masks == {"id": _pseudonym, "illness": _hidden}
}

test_only_some_columns_of_some_rows if {
	bound := {"tier": "full", "grant": "g", "source": "grant", "scope": {"rows": {"years": [2023]}, "columns": ["amount"]}}
	found := _of([bound], "full")
	found.cells == {"id": [], "illness": [], "amount": [{"share": "g", "mask": null}]}
	found.column_masks == {"id": _hidden, "illness": _hidden}
}

test_only_some_columns_of_all_rows_need_no_filter if {
	alone := _of([_only("full", "g", ["amount"])], "full")
	alone == _all_of("full", {"id": _hidden, "illness": _hidden})
	beside := _of([_whole("masked", ""), _only("full", "g", ["id"])], "full")
	beside == _all_of("full", {"illness": _hidden})
	masked := _of([_only("masked", "g", ["id"])], "masked")
	masked == _all_of("masked", {"id": _pseudonym, "illness": _hidden, "amount": _hidden})
}

test_rows_that_are_had_without_a_grant if {
	found := _of([_whole("discover", ""), _rows("masked", "")], "masked")
	found.shares == [{"name": "ground", "grants": [], "rows": {"years": [2023]}}]
}

test_a_summary_of_some_rows if {
	found := _of([_whole("discover", ""), _rows("summary", "g")], "summary")
	found.row_filter
	found.shares == [{"name": "g", "grants": ["g"], "rows": {"years": [2023]}}]
	found.cells.illness == [{"share": "g", "mask": null}]
}

test_the_tier_of_everything if {
	shares.whole_tier([_whole("summary", ""), _rows("full", "g")]) == "summary"
	shares.whole_tier([_only("full", "g", ["amount"])]) == "none"
	shares.whole_tier([_whole("masked", "g"), _whole("summary", "")]) == "masked"
}
