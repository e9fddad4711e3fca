# METADATA
# title: What a person is to a request
# description: The roles that a person has towards an access request, and whether they see it.
# schemas:
#   - input: schema.process
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
package dgatier.process

import data.dgatier.delegation
import data.dgatier.texts

# METADATA
# title: The standing of a person towards a request
# description: |
#   `roles` of requester, member, steward, deputy and reviewer; `sees` the request at all, `sees_private`
#   what stewards and reviewers wrote among themselves, `sees_attachments` the files that go with
#   it. Which role may do what in which state is in the portal.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
standing := {
	"roles": sort(_roles),
	"sees": _sees,
	"sees_private": _sees_private,
	"sees_attachments": _sees_attachments,
}

# METADATA
# scope: document
# description: |
#   Who asked is the requester; who is named in the team a member; who works for the agency as a steward
#   the steward, who stands in for the one at work on it the deputy, and who was asked for an opinion a
#   reviewer, unless they want the data themselves.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 13
_roles contains "requester" if {
	input.subject.authenticated
	input.subject.id == input.request.requester_id
}

_roles contains "member" if {
	_is_member
	not "requester" in _interested
}

_roles contains "steward" if {
	_steward_here
	count(_interested) == 0
}

_roles contains "deputy" if {
	_steward_here
	some one in input.delegations
	one.deputy.id == input.subject.id
	delegation.counts(one, input.request, input.delegations, input.environment.now)
}

_roles contains "reviewer" if {
	input.subject.authenticated
	input.subject.id in input.request.reviewers
	count(_interested) == 0
}

# METADATA
# scope: document
# description: How the subject is interested in what is asked for, the requester or in the team.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 13
_interested contains "requester" if input.subject.id == input.request.requester_id

_interested contains "member" if _is_member

# METADATA
# description: The subject is named in the team.
# custom:
#   law: Official Information Act B.E. 2540, s. 11
_is_member if {
	input.subject.authenticated
	input.subject.id in input.request.members
}

# METADATA
# description: The subject is a steward of the agency that owns the data.
# custom:
#   law: Digital Government Act B.E. 2562
_steward_here if {
	input.subject.authenticated
	is_string(input.request.agency)
	input.subject.agency == input.request.agency
	count({"steward", "senior_steward"} & {role | some role in input.subject.roles}) > 0
}

# METADATA
# scope: document
# description: A draft is its author's alone; what was handed in is seen by whoever has a role in it, and by auditors.
# custom:
#   law: Official Information Act B.E. 2540, s. 11
default _sees := false

_sees if "requester" in _roles

_sees if {
	input.request.submitted
	count(_roles) > 0
}

_sees if {
	input.request.submitted
	_is_auditor
}

# METADATA
# scope: document
# description: What stewards and reviewers wrote among themselves is for them and for auditors, unless they want the data themselves.
# custom:
#   law: Official Information Act B.E. 2540, s. 15 (3)
default _sees_private := false

_sees_private if count({"steward", "reviewer"} & _roles) > 0

_sees_private if {
	_is_auditor
	count(_interested) == 0
}

# METADATA
# scope: document
# description: Attached files are for whoever has a role in the request; an auditor sees that they were there.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 22
default _sees_attachments := false

_sees_attachments if {
	_sees
	count(_roles) > 0
}

# METADATA
# description: The subject holds the role of an auditor.
# custom:
#   law: Digital Government Act B.E. 2562
_is_auditor if {
	input.subject.authenticated
	"auditor" in input.subject.roles
}

# METADATA
# title: May this person be given work on the request?
# description: |
#   It is handed over to a steward of the agency and an opinion is asked of an official, never of anyone who
#   wants the data. Whether they ever signed in does not matter.
# entrypoint: true
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 13
assignable := {
	"steward": "steward" in _roles,
	"reviewer": _may_review,
}

# METADATA
# scope: document
# description: Officials of any agency may be asked, unless they want the data themselves.
# custom:
#   law: Administrative Procedure Act B.E. 2539, s. 13
default _may_review := false

_may_review if {
	input.subject.authenticated
	"official" in input.subject.roles
	count(_interested) == 0
}

# METADATA
# title: Can a rejection still be appealed?
# description: Within the days that policy data names, counted from the decision.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 18
appeal := {
	"allowed": count(_too_late) == 0,
	"days": periods.appeal_days,
	"reasons": [texts[code] | some code in sort(_too_late)],
}

# METADATA
# description: An appeal is too late, or nothing was decided that could be appealed.
# custom:
#   law: Official Information Act B.E. 2540, s. 18
_too_late contains "appeal_too_late" if not _within(input.request.decided_at, periods.appeal_days)

# METADATA
# title: Has a request waited too long?
# description: It is overdue when the days that policy data names are over since it was handed in.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 11
clock := {
	"overdue": _overdue,
	"days": periods.answer_days,
}

# METADATA
# scope: document
# description: A request that waits longer than the days for an answer.
# custom:
#   law: Official Information Act B.E. 2540, s. 11
default _overdue := false

_overdue if {
	is_number(input.request.waiting_since)
	not _within(input.request.waiting_since, periods.answer_days)
}

# METADATA
# title: Was a draft left alone for too long?
# description: |
#   Its author is told of it some days before (`tell`), and it is thrown away (`throw_away`) when they
#   were told that many days ago; never when they were not.
# entrypoint: true
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 37 (3)
draft := {
	"tell": _nearly_over,
	"throw_away": _over,
	"untouched_days": periods.draft_days - periods.draft_notice_days,
	"notice_days": periods.draft_notice_days,
}

# METADATA
# scope: document
# description: The days before the author is told are over since the draft was touched last.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 37 (3)
default _nearly_over := false

_nearly_over if {
	is_number(input.draft.touched_at)
	not _within(input.draft.touched_at, periods.draft_days - periods.draft_notice_days)
}

# METADATA
# scope: document
# description: All days are over, and the author knows since long enough.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 37 (3)
default _over := false

_over if {
	_nearly_over
	not _within(input.draft.touched_at, periods.draft_days)
	is_number(input.draft.told_at)
	not _within(input.draft.told_at, periods.draft_notice_days)
}

# METADATA
# description: Not more than so many days have passed since a moment.
# custom:
#   law: Official Information Act B.E. 2540, s. 18
_within(moment, days) if input.environment.now - moment <= days * 86400

# METADATA
# title: The periods of a request
# description: The periods for answering and appealing, and for drafts, in days.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 18
periods := data.dgatier.defaults.requests

# METADATA
# title: How long words are kept
# description: |
#   For how many days the audit keeps what people wrote, and the outbox what it has sent. The events
#   themselves, with the digests of the words, are kept for good.
# entrypoint: true
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 37 (3)
retention := data.dgatier.defaults.retention
