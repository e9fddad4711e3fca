# METADATA
# title: Approving requests
# description: What can be asked for, and who may decide on it.
# schemas:
#   - input: schema.approval
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
package dgatier.approval

import data.dgatier.ladder
import data.dgatier.obligations
import data.dgatier.person
import data.dgatier.recall
import data.dgatier.rules
import data.dgatier.texts

# METADATA
# title: What a request needs
# description: |
#   The most that can be approved for this person on this target, by how many people; and for the tier
#   asked for the sign-in that reading takes, the hours and networks, and what is owed then.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
requirements := {
	"allowed": count(_refusals) == 0,
	"approvals": _rule.approval.approvals,
	"senior": _rule.approval.senior,
	"max_days": _rule.approval.max_days,
	"max_tier": _max_tier,
	"sign_in": _sign_in,
	"conditions": _rule.conditions,
	"owed": object.filter(_owed, {"smallest_cell", "log_purpose", "watermark"}),
	"reasons": [texts[code] | some code in sort(_refusals)],
}

# METADATA
# description: The rules for the target's level at its agency.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
_rule := rules.of(input.target.level, input.target.agency)

# METADATA
# description: The most that can be approved for this person.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
_max_tier := ladder.highest({tier |
	some kind in person.kinds(input.target.agency)
	tier := _rule.approval.tiers[kind]
})

# METADATA
# scope: document
# description: The sign-in that reading at the tier asked for takes; none is needed below where it begins.
# custom:
#   law: Digital Government Act B.E. 2562
default _sign_in := {"ial": 0, "aal": 0, "max_age_s": 0}

_sign_in := object.remove(_rule.sign_in, ["from"]) if {
	ladder.tier_rank[input.tier] >= ladder.tier_rank[_rule.sign_in.from]
}

# METADATA
# description: What is owed when data is handed out at the tier asked for.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
_owed := obligations.of(
	input.target.level,
	input.target.agency,
	{"row_filter": false, "column_masks": {}, "summary": null},
	input.tier,
	null,
)

# METADATA
# scope: document
# description: |
#   Why a request would be refused before anyone reads it: nothing can be asked for, too much is, or for
#   too long.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_refusals contains "not_requestable" if _max_tier == "none"

_refusals contains "tier_too_high" if {
	_max_tier != "none"
	ladder.tier_rank[input.tier] > ladder.tier_rank[_max_tier]
}

_refusals contains "period_too_long" if {
	_max_tier != "none"
	input.days > _rule.approval.max_days
}

# METADATA
# title: Is it given at once, by a rule of the agency?
# description: |
#   Whether what is asked for is approved when it is handed in, by which rule of the agency that owns the
#   data, or why a steward reads it. No rule gives what a steward could not have given.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
at_once := {
	"approved": count(_obstacles) == 0,
	"rule": _rule_that_gives,
	"reasons": [texts[code] | some code in sort(_obstacles)],
}

# METADATA
# scope: document
# description: The first of the agency's rules that fits, by its name and its words; none where anything stands against it.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
default _rule_that_gives := null

_rule_that_gives := object.filter(_fitting[0], {"name", "th", "en"}) if count(_obstacles) == 0

# METADATA
# scope: document
# description: |
#   Why a steward reads it: it could not be approved at all, no rule of the agency fits, or it is what no
#   rule gives, whatever an agency writes. That is data which takes more than one steward or stands too
#   high, what a steward of that agency wants, what a team wants, and what a steward refused this person.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 13
_obstacles contains code if some code in _refusals

_obstacles contains "no_rule_at_once" if count(_fitting) == 0

_obstacles contains "above_any_rule" if not _within_any_rule

_obstacles contains "steward_of_this_agency" if not _from_outside

_obstacles contains "team_at_once" if not _alone

_obstacles contains "refused_before" if not _never_refused

# METADATA
# description: The most that a rule may give of data of a level; what is not named, none gives.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_most_at_once := {"internal": "full", "confidential": "masked"}

# METADATA
# description: One steward, who need be no senior, could give it, and it is no more than any rule may give.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_within_any_rule if {
	ladder.tier_rank[input.tier] <= ladder.tier_rank[_most_at_once[input.target.level]]
	_rule.approval.approvals == 1
	_rule.approval.senior == false
}

# METADATA
# description: Who asks does not decide for the agency whose rule it is.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 13
_from_outside if {
	input.subject.authenticated
	is_array(input.subject.roles)
	not _steward_of(input.target.agency)
}

# METADATA
# description: Nobody else is named; a rule speaks of who asks, and not of a team.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_alone if count(input.asking.members) == 0

# METADATA
# description: No steward returned or rejected what this person asked for of this data, or took it back.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_never_refused if input.asking.refused_before == false

# METADATA
# description: The agency's rules that fit what is asked for, in its order; of no other than the one that decides.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_fitting := [rule |
	input.asking.agency == input.target.agency
	some rule in rules.at_once(input.target.agency)
	_fits(rule)
]

# METADATA
# description: |
#   The rule is for this kind of person and this purpose, for data as high, as much of it and as long. One
#   that cannot be read fits nothing.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_fits(rule) if {
	_readable(rule)
	_reaches(rule)
	_is_for(rule.kinds, rule.purposes)
}

# METADATA
# description: A rule says all that it has to; what is compared as a number or searched as a list is one.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_readable(rule) if {
	is_array(rule.kinds)
	is_array(rule.purposes)
	is_number(rule.days)
	every part in ["name", "th", "en"] { is_string(rule[part]) }
}

# METADATA
# description: A rule reaches as high as the data stands, and gives as much and for as long as is asked for.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_reaches(rule) if {
	input.days <= rule.days
	ladder.tier_rank[input.tier] <= ladder.tier_rank[rule.tier]
	ladder.level_rank[input.target.level] <= ladder.level_rank[rule.level]
}

# METADATA
# description: Who asks is of one of these kinds, and has one of these purposes.
# custom:
#   law: Official Information Act B.E. 2540, s. 11
_is_for(kinds, purposes) if {
	input.purpose in purposes
	some kind in kinds
	kind in person.kinds(input.target.agency)
}

# METADATA
# title: May this person decide, and does it complete the approval?
# description: Never one's own request; two people, one of them senior, for secret data.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
verdict := {
	"allowed": count(_objections) == 0,
	"complete": _complete,
	"standing": sort([one.id | some one in _standing]),
	"reasons": [texts[code] | some code in sort(_objections)],
}

# METADATA
# description: The rules for the request's level at its agency.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
_request_rule := rules.of(input.request.level, input.request.agency)

# METADATA
# description: |
#   The earlier approvals that still count: not those given while the data stood at a lower level.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_standing := [one |
	some one in input.request.approved_by
	recall.covers(one.level, input.request.level)
]

# METADATA
# description: Whether one of the approvers must be a senior.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_senior_needed := _request_rule.approval.senior

# METADATA
# scope: document
# description: |
#   Why this person may not decide: it is their own request or they are in its team, they are no steward
#   there, they approved or rejected it already, their sign-in is too weak, or a senior has to be the last. For what
#   was approved on paper, and an operator brings in, nobody signs in.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_objections contains "own_request" if input.subject.id == input.request.requester_id

_objections contains "in_the_team" if input.subject.id in input.request.members

_objections contains "rejected_by_you" if input.subject.id in input.request.rejected_by

_objections contains "not_a_steward_here" if not _steward_of(input.request.agency)

_objections contains "already_approved_by_you" if input.subject.id in {one.id | some one in _standing}

_objections contains "approver_sign_in_too_weak" if {
	not input.on_paper
	need := {"ial": 2, "aal": 2, "max_age_s": 0}
	count(person.lacks(need)) > 0
}

_objections contains "senior_needed" if {
	_last_one
	_senior_needed
	not true in _seniors
}

# METADATA
# description: With this approval there are as many as are needed.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_last_one if count(_standing) + 1 >= _request_rule.approval.approvals

# METADATA
# description: Whether each of the approvers, this one too, is a senior.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_seniors := {one.senior | some one in _standing} | {"senior_steward" in input.subject.roles}

# METADATA
# scope: document
# description: The approval is complete with enough approvers and, where needed, a senior among them.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
default _complete := false

_complete if {
	_last_one
	_seniority_met
}

# METADATA
# scope: document
# description: No senior is needed, or there is one.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_seniority_met if not _senior_needed

_seniority_met if true in _seniors

# METADATA
# description: A steward of the very agency that owns the data.
# custom:
#   law: Digital Government Act B.E. 2562
_steward_of(agency) if {
	input.subject.authenticated
	is_string(agency)
	count({"steward", "senior_steward"} & {role | some role in input.subject.roles}) > 0
	input.subject.agency == agency
}
