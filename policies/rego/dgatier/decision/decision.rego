# METADATA
# title: The decision
# description: |
#   How much of each target a subject may have: the highest of what the table gives without asking and
#   of what was granted, as far as this sign-in is strong enough for it.
# schemas:
#   - input: schema.decision
# custom:
#   law: Official Information Act B.E. 2540, s. 11, 14 and 15
package dgatier.decision

import data.dgatier.ahead
import data.dgatier.entitlement
import data.dgatier.explanation
import data.dgatier.ladder
import data.dgatier.masks
import data.dgatier.obligations
import data.dgatier.person
import data.dgatier.recall
import data.dgatier.rules
import data.dgatier.scope
import data.dgatier.shares
import data.dgatier.summary
import data.dgatier.texts

# METADATA
# description: The answers, and the texts of the reasons and next steps that they name.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 11, 14 and 15
reply := {"answers": answers, "texts": {code: texts[code] | some code in _codes}}

# METADATA
# description: The codes that the answers name.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_codes contains code if {
	some answer in {answer | some answer in answers}
	some codes in [answer.reasons, answer.next_steps, answer.why]
	some code in codes
}

# METADATA
# description: One answer for each target of the input, in the same order.
# custom:
#   law: Official Information Act B.E. 2540, s. 11, 14 and 15
answers := [answer |
	some target in input.targets
	answer := _readable(target)
]

# METADATA
# scope: document
# description: An answer that cannot be worked out is a closed one, so that none is ever missing.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_readable(target) := answer if {
	_well_formed
	about := object.get(target, "about", [])
	answer := _answer(target.level, _place(target.agency), _weighed(target), target.columns, about)
} else := _closed("malformed_input")

# METADATA
# description: The facts that every decision rests on are there.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_well_formed if {
	is_boolean(input.subject.authenticated)
	is_array(input.subject.roles)
	is_number(input.environment.now)
}

# METADATA
# description: The grants on a target, each with what keeps it from counting there and what it is bound to.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_weighed(target) := [weighed |
	some grant in target.grants
	weighed := object.union(grant, {
		"withheld": recall.withheld(grant, target),
		"scope": scope.of(grant, target),
	})
]

# METADATA
# scope: document
# description: |
#   An agency counts as itself only where it matters which it is: to its own officials, and where it has
#   rules of its own. So like targets are one question, which is worked out once.
# custom:
#   law: Digital Government Act B.E. 2562
_place(agency) := agency if {
	rules.is_stricter_at(agency)
} else := agency if {
	input.subject.agency == agency
} else := null

# METADATA
# scope: document
# description: |
#   The answer on data of a level at an agency, with the grants that the person holds on it, its columns
#   and by which keys it has rows about the person. What no level is known of is closed.
# custom:
#   law: Official Information Act B.E. 2540, s. 11, 14 and 15
_answer(level, agency, grants, columns, about) := answer if {
	rule := rules.of(level, agency)
	lacks := person.lacks(rule.sign_in) | rules.unmet(rule.conditions)
	had := _had(entitlement.of(rule, agency, grants, columns), entitlement.of_oneself(rule, columns, about), rule, lacks)
	approvable := entitlement.approvable(rule, agency)
	shared := shares.of(level, columns, array.concat(had.usable, had.own), had.reading)
	whole_tier := shares.whole_tier(had.usable)
	reached := summary.reached(shares.of(level, columns, had.usable, had.tier), whole_tier)
	terms := summary.of(level, agency, columns, reached, had.tier)
	parts := object.union(shared, {"reading": had.reading, "summary": terms})
	step_up := obligations.step_up(rule, lacks, had.is_held_back)
	answer := {
		"tier": had.tier,
		"whole_tier": whole_tier,
		"own_record": had.own_record,
		"level": level,
		"obligations": obligations.of(level, agency, parts, had.tier, step_up),
		"reasons": explanation.reasons(level, had, grants, lacks),
		"next_steps": array.concat(
			explanation.accepting(grants),
			explanation.next_steps(level, approvable, had.tier, lacks, had.is_held_back),
		),
		"grants": sort({one.grant | some one in had.usable; one.grant != ""}),
		"shares": parts.shares,
		"cells": parts.cells,
		"why": masks.why(level, columns, parts.column_masks),
		"ahead": ahead.of(level, columns, parts, had.tier, ladder.highest([had.entitled_tier, approvable])),
	}
}

_answer(level, _, _, _, _) := _closed("unknown_level") if not data.dgatier.defaults.levels[level]

# METADATA
# description: |
#   What of the entitlements this sign-in is strong enough for: the tier, and beside it how the rows about
#   the person are had; `reading` is the more open of the two, by which rows are read. Whether there are
#   such rows is not told to a sign-in that is too weak for them.
# custom:
#   law: Official Information Act B.E. 2540, s. 11, 15 and 25
_had(entitled, oneself, rule, lacks) := {
	"usable": usable,
	"tier": tier,
	"entitled_tier": entitled_tier,
	"own": own,
	"own_record": own_record,
	"reading": ladder.highest([tier, own_record]),
	"is_held_back": entitled_tier != tier,
} if {
	usable := entitlement.usable(entitled, rule, lacks)
	tier := ladder.highest([one.tier | some one in usable])
	entitled_tier := ladder.highest([one.tier | some one in entitled])
	own := entitlement.usable(oneself, rule, lacks)
	own_record := ladder.highest([one.tier | some one in own])
}

# METADATA
# description: The answer that gives nothing, with the reason for it.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_closed(code) := {
	"tier": "none",
	"whole_tier": "none",
	"own_record": "none",
	"level": "top_secret",
	"obligations": obligations.nothing,
	"reasons": [code],
	"next_steps": ["contact"],
	"grants": [],
	"shares": [],
	"cells": {},
	"why": {},
	"ahead": null,
}
