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

import data.dgatier.ladder
import data.dgatier.masks
import data.dgatier.person
import data.dgatier.rules
import data.dgatier.texts

# METADATA
# description: One answer for each target of the input, in the same order.
# entrypoint: true
answers := [answer |
	some target in input.targets
	answer := _readable(target)
]

# An answer that cannot be worked out is a closed one, so that none is ever missing.
_readable(target) := answer if {
	_well_formed
	answer := _answer(target)
} else := _closed("malformed_input")

_well_formed if {
	is_boolean(input.subject.authenticated)
	is_array(input.subject.roles)
	is_number(input.environment.now)
}

_answer(target) := answer if {
	rule := rules.of(target.level, target.agency)
	entitlements := _entitlements(target, rule)
	lacks := _lacks(rule)
	usable := {one | some one in entitlements; _usable(one, rule, lacks)}
	tier := ladder.highest({one.tier | some one in usable})
	wished := ladder.highest({one.tier | some one in entitlements})
	held_back := ladder.tier_rank[wished] > ladder.tier_rank[tier]
	steps := _steps(target, rule, tier, held_back, lacks)
	answer := {
		"tier": tier,
		"level": target.level,
		"obligations": _obligations(target, rule, tier, held_back, lacks),
		"reasons": [texts[code] | some code in _reasons(target, usable, tier, held_back, lacks)],
		"next_steps": [texts[code] | some code in steps],
		"grants": sort({one.grant | some one in usable; one.grant != ""}),
	}
}

_answer(target) := _closed("unknown_level") if {
	not data.dgatier.defaults.levels[target.level]
}

_lacks(rule) := lacks if {
	weak := person.lacks(input.subject, rule.sign_in, input.environment.now)
	lacks := weak | rules.unmet(rule.conditions, input.environment)
}

_closed(code) := {
	"tier": "none",
	"level": "top_secret",
	"obligations": _nothing_owed,
	"reasons": [texts[code]],
	"next_steps": [texts.contact],
	"grants": [],
}

_nothing_owed := {"column_masks": {}, "smallest_cell": null, "log_purpose": false, "watermark": false, "step_up": null}

# What the table gives without asking, by the kind of person. The gate is the tier for which the sign-in
# is weighed: where an agency gives less than the table, or than was granted, it is still that of more,
# so that less never comes more easily.
_entitlements(target, rule) := ({one |
	some kind in person.kinds(input.subject, target.agency)
	tier := rule.without_asking[kind]
	one := {"tier": tier, "gate": rule.gates[kind], "source": kind, "grant": ""}
} | {one |
	# What was granted, never more than can be approved at the level the data has today.
	some grant in target.grants
	_live(grant)
	_for_purpose(grant)
	cap := ladder.highest({tier |
		some kind in person.kinds(input.subject, target.agency)
		tier := rule.approval.tiers[kind]
	})
	one := {"tier": ladder.lower_of(grant.tier, cap), "gate": grant.tier, "source": "grant", "grant": grant.id}
}) | {{"tier": "full", "gate": "full", "source": "loader", "grant": ""} |
	"ingest" in input.subject.roles
	input.purpose == "ingest"
}

_live(grant) if {
	grant.revoked == false
	is_number(grant.valid_from)
	is_number(grant.valid_until)
	grant.valid_from <= input.environment.now
	input.environment.now < grant.valid_until
}

_for_purpose(_) if input.purpose == null

_for_purpose(grant) if grant.purpose == input.purpose

_usable(one, _, _) if one.source == "loader"

_usable(one, rule, _) if ladder.tier_rank[one.gate] < ladder.tier_rank[rule.sign_in.from]

_usable(_, _, lacks) if count(lacks) == 0

_source_reason := {
	"signed_in": "summary_when_signed_in",
	"official": "official_of_another_agency",
	"own_official": "official_of_the_agency",
	"cleared": "cleared",
	"grant": "granted",
	"loader": "loader",
}

_reasons(target, usable, tier, held_back, lacks) := array.flatten([
	sort(_why(target, usable, tier)),
	_why_not_granted(target),
	sort({code | held_back; some lack in lacks; code := _reason_of_lack[lack]}),
])

_reason_of_lack := {
	"identity": "sign_in_too_weak",
	"factors": "sign_in_too_weak",
	"freshness": "sign_in_too_weak",
	"hours": "outside_hours",
	"networks": "outside_network",
}

_why(_, _, "none") := {"nothing"}

_why(target, usable, tier) := reasons if {
	tier != "none"
	reasons := {reason |
		some one in usable
		one.tier == tier
		reason := _reason_of(one, target)
	}
}

_reason_of(one, _) := _source_reason[one.source]

_reason_of(one, target) := "open_to_everyone" if {
	one.source == "everyone"
	target.level == "open"
}

_reason_of(one, target) := "existence_is_public" if {
	one.source == "everyone"
	target.level != "open"
}

# Why grants of this person do not count; said only to their holder, whose grants these are, and
# only while no other grant counts.
_why_not_granted(target) := sort({code |
	not _is_granted(target)
	some grant in target.grants
	code := _not_counting(grant)
})

_is_granted(target) if {
	some grant in target.grants
	_live(grant)
	_for_purpose(grant)
}

_not_counting(grant) := "revoked" if grant.revoked

_not_counting(grant) := "period_ended" if {
	not grant.revoked
	input.environment.now >= grant.valid_until
}

_not_counting(grant) := "not_for_this_purpose" if {
	_live(grant)
	not _for_purpose(grant)
}

_steps(target, rule, tier, held_back, lacks) := sort({code |
	some code in ["sign_in", "prove_identity", "step_up", "come_back", "contact", "ask"]
	_step(code, target, rule, tier, held_back, lacks)
})

_step("sign_in", target, _, tier, _, _) if {
	not input.subject.authenticated
	tier != "full"
	target.level in {"internal", "confidential"}
}

_step("prove_identity", _, _, _, true, lacks) if "identity" in lacks

_step("step_up", _, _, _, true, lacks) if count(lacks & {"factors", "freshness"}) > 0

_step("come_back", _, _, _, true, lacks) if "hours" in lacks

_step("contact", _, _, _, true, lacks) if "networks" in lacks

_step("ask", target, rule, tier, false, _) if {
	reachable := ladder.highest({one |
		some kind in person.kinds(input.subject, target.agency)
		one := rule.approval.tiers[kind]
	})
	ladder.tier_rank[reachable] > ladder.tier_rank[tier]
}

_obligations(target, rule, tier, held_back, lacks) := {
	"column_masks": _masks(target, tier),
	"smallest_cell": _smallest_cell(target, tier),
	"log_purpose": target.level != "open",
	"watermark": _watermark(target, tier),
	"step_up": _step_up(rule, held_back, lacks),
}

_masks(target, "masked") := masks.of(target)

_masks(_, tier) := {} if tier != "masked"

_smallest_cell(target, "summary") := rules.smallest_cell(target.agency)

_smallest_cell(_, tier) := null if tier != "summary"

_watermark(target, tier) if {
	target.level != "open"
	tier in {"masked", "full"}
} else := false

_step_up(rule, true, lacks) := {"aal": rule.sign_in.aal, "max_age_s": rule.sign_in.max_age_s} if {
	count(lacks & {"factors", "freshness"}) > 0
} else := null

_step_up(_, false, _) := null
