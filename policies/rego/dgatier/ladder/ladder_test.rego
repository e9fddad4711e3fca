package dgatier.ladder_test

import data.dgatier.ladder

test_highest_of_nothing_is_none if ladder.highest(set()) == "none"

test_highest_goes_by_rank_and_not_by_name if ladder.highest({"discover", "full", "summary"}) == "full"

test_lower_goes_by_rank if ladder.lower_of("masked", "summary") == "summary"

test_highest_level if {
	ladder.highest_level({"open", "secret", "internal"}) == "secret"
	ladder.highest_level({"open", null}) == "open"
}
