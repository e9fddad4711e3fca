package dgatier.recall_test

import data.dgatier.recall

_grant := {"level": "internal", "terms": "a"}

test_an_approval_covers_its_level_and_those_below if {
	every level in ["open", "internal"] {
		recall.withheld(_grant, {"level": level, "terms": null}) == null
	}
	every level in ["confidential", "secret", "top_secret", "no level"] {
		recall.withheld(_grant, {"level": level, "terms": null}) == "level_raised"
	}
}

test_other_terms_suspend_until_they_are_accepted if {
	recall.withheld(_grant, {"level": "internal", "terms": "a"}) == null
	recall.withheld(_grant, {"level": "internal", "terms": "b"}) == "terms_changed"
	recall.withheld({"level": "internal", "terms": null}, {"level": "internal", "terms": "b"}) == "terms_changed"
}

test_a_grant_of_which_a_fact_is_missing_does_not_count if {
	recall.withheld({"terms": "a"}, {"level": "open", "terms": null}) == "level_raised"
	recall.withheld({"level": null, "terms": "a"}, {"level": "open", "terms": null}) == "level_raised"
	recall.withheld({"level": "open"}, {"level": "open", "terms": "a"}) == "terms_changed"
	recall.withheld(_grant, {"level": "internal"}) == "terms_changed"
}

test_each_grant_has_its_note if {
	recall.notes == ["level_raised", null] with input as {"grants": [
		{"grant": _grant, "stands": {"level": "secret", "terms": null}},
		{"grant": _grant, "stands": {"level": "open", "terms": "a"}},
	]}
}
