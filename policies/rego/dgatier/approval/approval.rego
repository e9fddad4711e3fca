# METADATA
# title: Approving requests
# description: What can be asked for, and who may decide on it.
# schemas:
#   - input: schema.approval
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
package dgatier.approval

import data.dgatier.ladder
import data.dgatier.person
import data.dgatier.rules
import data.dgatier.texts

# METADATA
# title: What a request needs
# description: The most that can be approved for this person on this target, and by how many people.
# entrypoint: true
requirements := {
	"allowed": count(_refusals) == 0,
	"approvals": _rule.approval.approvals,
	"senior": _rule.approval.senior,
	"max_days": _rule.approval.max_days,
	"max_tier": _max_tier,
	"reasons": [texts[code] | some code in sort(_refusals)],
}

_rule := rules.of(input.target.level, input.target.agency)

_max_tier := ladder.highest({tier |
	some kind in person.kinds(input.subject, input.target.agency)
	tier := _rule.approval.tiers[kind]
})

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
# title: May this person decide, and does it complete the approval?
# description: Never one's own request; two people, one of them senior, for secret data.
# entrypoint: true
verdict := {
	"allowed": count(_objections) == 0,
	"complete": _complete,
	"reasons": [texts[code] | some code in sort(_objections)],
}

_request_rule := rules.of(input.request.level, input.request.agency)

_senior_needed := _request_rule.approval.senior

_objections contains "own_request" if input.subject.id == input.request.requester_id

_objections contains "not_a_steward_here" if not _steward_of(input.request.agency)

_objections contains "already_approved_by_you" if input.subject.id in {one.id | some one in input.request.approved_by}

_objections contains "approver_sign_in_too_weak" if {
	need := {"ial": 2, "aal": 2, "max_age_s": 0}
	count(person.lacks(input.subject, need, input.environment.now)) > 0
}

_objections contains "senior_needed" if {
	_last_one
	_senior_needed
	not true in _seniors
}

_last_one if count(input.request.approved_by) + 1 >= _request_rule.approval.approvals

_seniors := {one.senior | some one in input.request.approved_by} | {"senior_steward" in input.subject.roles}

default _complete := false

_complete if {
	_last_one
	_seniority_met
}

_seniority_met if not _senior_needed

_seniority_met if true in _seniors

_steward_of(agency) if {
	input.subject.authenticated
	is_string(agency)
	count({"steward", "senior_steward"} & {role | some role in input.subject.roles}) > 0
	input.subject.agency == agency
}
