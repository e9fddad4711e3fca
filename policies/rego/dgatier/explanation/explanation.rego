# METADATA
# title: Why, and what to do to get more
# description: The reasons of a decision and the next steps, as codes of the texts.
# schemas:
#   - input: schema.decision
# custom:
#   law: Official Information Act B.E. 2540, s. 15
package dgatier.explanation

import data.dgatier.entitlement
import data.dgatier.ladder
import data.dgatier.shares

# METADATA
# description: |
#   Why the tier is what it is, and why there are rows about the person; why grants of this person do not
#   count; and, where the sign-in holds something back, what it lacks.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
reasons(level, had, grants, lacks) := array.flatten([
	_why(level, had.usable, had.tier),
	_why_in_part(had.usable, had.tier),
	sort({_reason_of_source[one.source] | some one in had.own}),
	_why_not_granted(grants),
	sort({code | had.is_held_back; some lack in lacks; code := _reason_of_lack[lack]}),
])

# METADATA
# scope: document
# description: What gives the tier; nothing where there is none.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
_why(_, _, "none") := ["nothing"]

_why(level, usable, tier) := sort({reason |
	some one in usable
	one.tier == tier
	reason := _reason_of(one.source, level)
}) if {
	tier != "none"
}

# METADATA
# description: The tier is not had of all of the data.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_why_in_part(usable, tier) := ["bound_to_a_part" | shares.whole_tier(usable) != tier]

# METADATA
# scope: document
# description: The reason that a source of entitlement is told by.
# custom:
#   law: Official Information Act B.E. 2540, s. 7, 9 and 11
_reason_of(source, _) := _reason_of_source[source]

_reason_of("everyone", "open") := "open_to_everyone"

_reason_of("everyone", level) := "existence_is_public" if level != "open"

# METADATA
# description: The reasons that do not depend on the level.
# custom:
#   law: Official Information Act B.E. 2540, s. 11
_reason_of_source := {
	"signed_in": "summary_when_signed_in",
	"official": "official_of_another_agency",
	"own_official": "official_of_the_agency",
	"cleared": "cleared",
	"own_rows": "rows_of_your_agency",
	"own_record": "rows_about_you",
	"record_of_own_company": "rows_about_your_company",
	"grant": "granted",
	"loader": "loader",
}

# METADATA
# description: How each lack of a sign-in, of the hour or of the place is told.
# custom:
#   law: Digital Government Act B.E. 2562
_reason_of_lack := {
	"identity": "sign_in_too_weak",
	"factors": "sign_in_too_weak",
	"freshness": "sign_in_too_weak",
	"hours": "outside_hours",
	"networks": "outside_network",
}

# METADATA
# description: |
#   Why grants of this person do not count; said only to their holder, whose grants these are, and only
#   while no other grant counts.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_why_not_granted(grants) := sort({code |
	not _is_granted(grants)
	some grant in grants
	code := _not_counting(grant)
})

# METADATA
# description: At least one of the grants counts.
# custom:
#   law: Official Information Act B.E. 2540, s. 11
_is_granted(grants) if {
	some grant in grants
	entitlement.counts(grant)
}

# METADATA
# scope: document
# description: |
#   A grant was revoked, is over, is the organisation's that the person left, or for another purpose; or
#   it was approved at a lower level or on other terms.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_not_counting(grant) := "revoked" if grant.revoked

_not_counting(grant) := "period_ended" if {
	not grant.revoked
	input.environment.now >= grant.valid_until
}

_not_counting(grant) := "left_organisation" if {
	not grant.revoked
	input.environment.now < grant.valid_until
	not entitlement.is_for_member(grant)
}

_not_counting(grant) := "conditions_not_enforced" if {
	entitlement.lives(grant)
	entitlement.is_for_member(grant)
	entitlement.is_for_purpose(grant)
	not entitlement.is_carried_out(grant)
}

_not_counting(grant) := "not_for_this_purpose" if {
	entitlement.lives(grant)
	entitlement.is_for_member(grant)
	not entitlement.is_for_purpose(grant)
}

_not_counting(grant) := grant.withheld if _only_withheld(grant)

# METADATA
# description: The grant would count, but for the level or the terms of the data today.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_only_withheld(grant) if {
	is_string(grant.withheld)
	entitlement.lives(grant)
	entitlement.is_for_member(grant)
	entitlement.is_for_purpose(grant)
	entitlement.is_carried_out(grant)
}

# METADATA
# description: Whoever holds a grant that only waits for the new terms is told to accept them.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19 and 27
accepting(grants) := ["accept_terms" |
	not _is_granted(grants)
	count([grant | some grant in grants; _only_withheld(grant); grant.withheld == "terms_changed"]) > 0
]

# METADATA
# scope: document
# description: |
#   What the person can do to get more: what the sign-in lacks where it holds something back, else to
#   ask where more can be approved, or to sign in.
# custom:
#   law: Official Information Act B.E. 2540, s. 11
next_steps(level, _, tier, lacks, true) := sort({step |
	some lack in lacks
	step := _step_for_lack[lack]
} | _signing_in(level, tier))

next_steps(level, reachable, tier, _, false) := sort(_asking(reachable, tier) | _signing_in(level, tier))

# METADATA
# description: The step that makes good each lack.
# custom:
#   law: Digital Government Act B.E. 2562
_step_for_lack := {
	"identity": "prove_identity",
	"factors": "step_up",
	"freshness": "step_up",
	"hours": "come_back",
	"networks": "contact",
}

# METADATA
# scope: document
# description: Whoever has not signed in is told to, where data of that level gives more for it.
# custom:
#   law: Digital Government Act B.E. 2562
_signing_in(level, tier) := {"sign_in"} if {
	not input.subject.authenticated
	tier != "full"
	level in {"internal", "confidential"}
} else := set()

# METADATA
# scope: document
# description: Whoever can be approved for more is told to ask.
# custom:
#   law: Official Information Act B.E. 2540, s. 11
_asking(reachable, tier) := {"ask"} if {
	ladder.tier_rank[reachable] > ladder.tier_rank[tier]
} else := set()
