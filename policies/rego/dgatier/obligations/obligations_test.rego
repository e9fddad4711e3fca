package dgatier.obligations_test

import data.dgatier.obligations

_rule := {"sign_in": {"aal": 2, "max_age_s": 900}}

_all := {"row_filter": false, "column_masks": {}, "summary": null}

test_open_data_owes_nothing if obligations.of("open", "fpo", _all, "full", null) == obligations.nothing

test_masked_rows_are_masked_logged_and_marked if {
	parts := {"row_filter": true, "column_masks": {"id": {"method": "pseudonym"}}, "summary": null}
	obligations.of("confidential", "fpo", parts, "masked", null) == {
		"row_filter": true, "column_masks": {"id": {"method": "pseudonym"}},
		"smallest_cell": null, "summary": null, "log_purpose": true, "watermark": true, "step_up": null,
	}
}

test_a_summary_has_a_smallest_group if obligations.of("confidential", "fpo", _all, "summary", null).smallest_cell == 10

test_a_second_factor_is_asked_for_only_where_it_helps if {
	obligations.step_up(_rule, {"factors"}, true) == {"aal": 2, "max_age_s": 900}
	obligations.step_up(_rule, {"identity"}, true) == null
	obligations.step_up(_rule, {"factors"}, false) == null
}
