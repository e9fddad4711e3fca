# METADATA
# title: Administrative acts
# description: Who may list requests, see grants and the audit, revoke, publish and simulate.
# schemas:
#   - input: schema.administration
# custom:
#   law: Digital Government Act B.E. 2562
package dgatier.administration

import data.dgatier.texts

# METADATA
# description: Whether the subject may do the act on the object.
# entrypoint: true
# custom:
#   law: Digital Government Act B.E. 2562
allow := {
	"allowed": _permitted,
	"reasons": [texts.not_permitted | not _permitted],
}

# METADATA
# scope: document
# description: |
#   What one may do with one's own, what stewards may on their agency's data, what auditors may, and
#   what programs that enforce decisions may.
# custom:
#   law: Digital Government Act B.E. 2562
default _permitted := false

_permitted if {
	input.action in _own_acts
	input.subject.authenticated
	input.subject.id == input.object.requester_id
}

_permitted if {
	input.action in _acts_of_stewards
	_has_role({"steward", "senior_steward"})
	is_string(input.subject.agency)
	input.subject.agency == input.object.agency
}

_permitted if {
	input.action in _acts_of_auditors
	_has_role({"auditor"})
}

# Only a program asks for decisions about others, and only one that enforces them.
_permitted if {
	input.action == "evaluate"
	_has_role({"service"})
	_has_role({"pep"})
}

# METADATA
# description: What everyone may do with what is theirs.
# custom:
#   law: Official Information Act B.E. 2540, s. 11
_own_acts := {"grant_show", "grant_accept"}

# METADATA
# description: What stewards may do on their own agency's data.
# custom:
#   law: Digital Government Act B.E. 2562
_acts_of_stewards := {
	"request_list",
	"grant_show",
	"grant_list",
	"grant_revoke",
	"audit_list",
	"publish",
	"simulate",
	"preview",
	"webhook_manage",
}

# METADATA
# description: What auditors may do everywhere.
# custom:
#   law: Digital Government Act B.E. 2562
_acts_of_auditors := {
	"request_list",
	"grant_show",
	"grant_list",
	"audit_list",
	"audit_verify",
}

# METADATA
# description: The subject has signed in and holds one of the roles.
# custom:
#   law: Digital Government Act B.E. 2562
_has_role(wanted) if {
	input.subject.authenticated
	count(wanted & {role | some role in input.subject.roles}) > 0
}
