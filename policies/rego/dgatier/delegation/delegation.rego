# METADATA
# title: Standing in for an absent steward
# description: Who may be named to stand in for a steward and until when, and on which requests they then do.
# schemas:
#   - input: schema.delegation
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12 and 13
package dgatier.delegation

import data.dgatier.texts

# METADATA
# title: May this person name that one for this time?
# description: |
#   A steward names another steward of the agency, for no longer than policy data says. One has one deputy
#   at a time, and whoever is away then cannot be named.
# entrypoint: true
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12
naming := {
	"allowed": count(_objections) == 0,
	"max_days": data.dgatier.defaults.requests.delegation_days,
	"reasons": [texts[code] | some code in sort(_objections)],
}

# METADATA
# scope: document
# description: |
#   Why a deputy cannot be named: one is no steward, nor is the other one there, they are the same person,
#   it would be for too long, or either of them is away then already.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12
_objections contains "not_a_steward_here" if not _steward_of(input.subject, input.subject.agency)

_objections contains "deputy_is_yourself" if input.deputy.id == input.subject.id

_objections contains "deputy_not_a_steward" if not _steward_of(input.deputy, input.subject.agency)

_objections contains "delegation_too_long" if {
	input.period.ends - input.period.starts > data.dgatier.defaults.requests.delegation_days * 86400
}

_objections contains "delegation_overlaps" if input.subject.id in _away

_objections contains "deputy_is_away" if {
	input.deputy.id != input.subject.id
	input.deputy.id in _away
}

# METADATA
# description: Who has named a deputy for some of the same time.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12
_away contains one.steward if {
	some one in input.delegations
	one.starts < input.period.ends
	input.period.starts < one.ends
}

# METADATA
# title: May this person end a delegation?
# description: Who gave it, who was named, and a senior steward of the agency.
# entrypoint: true
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12
ending := {
	"allowed": _may_end,
	"reasons": [texts.not_your_delegation | not _may_end],
}

# METADATA
# scope: document
# description: It is one's own, one was named by it, or one is a senior steward of its agency.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12
default _may_end := false

_may_end if {
	input.subject.authenticated
	input.subject.id in {input.delegation.steward, input.delegation.deputy.id}
}

_may_end if {
	_steward_of(input.subject, input.delegation.agency)
	"senior_steward" in input.subject.roles
}

# METADATA
# title: Who stands in on which request
# description: In `delegations`, by the id of each request whose steward is away, the one that counts for it.
# entrypoint: true
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12 and 13
stand_ins := {"delegations": {asked.id: min(_counting(asked)) |
	some asked in input.requests
	count(_counting(asked)) > 0
}}

# METADATA
# description: The ids of the delegations that count for a request.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12 and 13
_counting(asked) := {one.id |
	some one in input.delegations
	counts(one, asked, input.delegations, input.environment.now)
}

# METADATA
# description: |
#   A delegation counts for a request of the absent steward's while it runs, where the deputy may decide on
#   it by their own right: a steward of the agency who does not want the data, is cleared for it, and is there.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12 and 13
counts(one, asked, delegations, now) if {
	one.steward == asked.assignee_id
	one.agency == asked.agency
	_runs(one, now)
	_steward_of(one.deputy, asked.agency)
	one.deputy.id != asked.requester_id
	not one.deputy.id in asked.members
	_cleared(one.deputy, asked.level)
	not one.deputy.id in {other.steward | some other in delegations; _runs(other, now)}
}

# METADATA
# description: A delegation runs from its first moment until its end.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 12
_runs(one, now) if {
	one.starts <= now
	now < one.ends
}

# METADATA
# scope: document
# description: Secret data, and data whose level is not known, takes a deputy with clearance.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_cleared(_, level) if level in {"open", "internal", "confidential"}

_cleared(person, _) if person.clearance in {"secret", "top_secret"}

# METADATA
# description: A steward of the very agency.
# custom:
#   law: Digital Government Act B.E. 2562
_steward_of(person, agency) if {
	person.authenticated
	is_string(agency)
	person.agency == agency
	count({"steward", "senior_steward"} & {role | some role in person.roles}) > 0
}
