# METADATA
# title: Approving levels
# description: |
#   Who may propose, confirm and lower the level of a dataset or a resource, how many people that takes,
#   and what stands meanwhile.
# schemas:
#   - input: schema.levelling
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
package dgatier.levelling

import data.dgatier.ladder
import data.dgatier.person
import data.dgatier.texts

# METADATA
# title: What follows when someone sets another level
# description: |
#   A steward of the agency has confirmed a first or a higher level by setting it. What anyone else sets
#   waits: a first level at confidential or above, a higher one standing already. A lower one always waits.
# entrypoint: true
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
outcome := {
	"allowed": count(_refusals) == 0,
	"kind": _kind,
	"stands": _stands,
	"confirmed": _confirmed,
	"counts": _counts,
	"review_years": _review_years,
	"reasons": [texts[code] | some code in sort(_refusals)],
}

# METADATA
# title: May this person decide, does it complete the matter, and what stands after it?
# description: |
#   Two different stewards lower a level, one confirms any other. A refusal or a withdrawal gives back
#   what was confirmed where the proposal had raised it, and leaves everything else where it stands.
# entrypoint: true
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
verdict := {
	"allowed": count(_objections) == 0,
	"complete": _complete,
	"stands": _stands_after,
	"approvals": _needed,
	"reasons": [texts[code] | some code in sort(_objections)],
}

# METADATA
# title: May this person see or review levels?
# description: Editors and auditors see the history of a level, stewards also review it; stewards and auditors see the queue.
# entrypoint: true
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
allow := {
	"allowed": _permitted,
	"reasons": [texts.not_permitted | not _permitted],
}

# METADATA
# scope: document
# description: Whether it is the first level that is confirmed, a lower one or a higher one.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_kind := "first" if input.confirmed == null

_kind := "lower" if {
	input.confirmed != null
	ladder.level_rank[input.level] < ladder.level_rank[input.standing]
}

_kind := "raise" if {
	input.confirmed != null
	ladder.level_rank[input.level] >= ladder.level_rank[input.standing]
}

# METADATA
# scope: document
# description: |
#   The level that holds from now on. What the portal does by itself keeps the level that it finds,
#   and lowers none; what is not confirmed stands at confidential or above, or where it stood.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_stands := ladder.highest_level({input.level, input.standing}) if input.inner

_stands := input.level if {
	not input.inner
	_confirmed
}

_stands := ladder.highest_level({input.level, input.standing, data.dgatier.defaults.levelling.floor}) if {
	not input.inner
	not _confirmed
	_kind == "first"
}

_stands := ladder.highest_level({input.level, input.standing}) if {
	not input.inner
	not _confirmed
	_kind != "first"
}

# METADATA
# scope: document
# description: A steward of the agency confirms a first or a higher level by setting it.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
default _confirmed := false

_confirmed if {
	not input.inner
	_kind in {"first", "raise"}
	_steward
}

# METADATA
# scope: document
# description: A steward who proposes a lower level is the first of the two who are needed.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
default _counts := false

_counts if {
	_kind == "lower"
	_steward
}

# METADATA
# description: After how many years a level is to be looked at again.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_review_years := data.dgatier.defaults.levelling.review_years[input.level]

# METADATA
# scope: document
# description: |
#   Why a level cannot be proposed: who may not change the dataset proposes none, and a lower one
#   needs its ground in words.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_refusals contains "not_an_editor" if {
	not input.inner
	not input.dataset.editable
}

_refusals contains "ground_needed" if {
	not input.inner
	_kind == "lower"
	input.ground == ""
}

# METADATA
# scope: document
# description: Why this person may not decide on a proposal, once more or at all.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_objections contains "not_a_steward_here" if {
	input.decision in {"confirm", "refuse"}
	not input.operator
	not _steward
}

_objections contains "approver_sign_in_too_weak" if {
	input.decision in {"confirm", "refuse"}
	not input.operator
	need := {"ial": 2, "aal": 2, "max_age_s": 0}
	count(person.lacks(need)) > 0
}

_objections contains "already_approved_by_you" if {
	input.decision == "confirm"
	input.subject.id in input.proposal.approved_by
}

_objections contains "only_first_levels" if {
	input.operator
	input.proposal.kind != "first"
}

_objections contains "not_the_proposer" if {
	input.decision == "withdraw"
	input.subject.id != input.proposal.proposed_by
}

# METADATA
# description: How many people a proposal of its kind takes.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_needed := data.dgatier.defaults.levelling.approvals[input.proposal.kind]

# METADATA
# scope: document
# description: Enough different people have confirmed.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
default _complete := false

_complete if {
	input.decision == "confirm"
	approvers := {id | some id in input.proposal.approved_by} | {input.subject.id}
	count(approvers) >= _needed
}

# METADATA
# scope: document
# description: The level that holds after the decision.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_stands_after := input.proposal.level if _complete

_stands_after := input.confirmed if {
	not _complete
	_raise_ends
}

_stands_after := input.standing if {
	not _complete
	not _raise_ends
}

# METADATA
# description: A raise that is refused or withdrawn stood already, and stands no more.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_raise_ends if {
	input.decision in {"refuse", "withdraw"}
	input.proposal.kind == "raise"
	input.standing == input.proposal.level
}

# METADATA
# scope: document
# description: |
#   Editors see the history of a level, auditors and stewards too; stewards and auditors see the
#   queue; stewards review.
# custom:
#   law: Digital Government Act B.E. 2562
default _permitted := false

_permitted if {
	input.action == "show"
	input.dataset.editable
}

_permitted if {
	input.action in {"show", "list"}
	input.subject.authenticated
	"auditor" in input.subject.roles
}

_permitted if {
	input.action in {"show", "list", "review"}
	_steward
}

# METADATA
# description: A steward of the very agency that owns the dataset.
# custom:
#   law: Digital Government Act B.E. 2562
_steward if {
	input.subject.authenticated
	count({"steward", "senior_steward"} & {role | some role in input.subject.roles}) > 0
	is_string(input.dataset.agency)
	input.subject.agency == input.dataset.agency
}
