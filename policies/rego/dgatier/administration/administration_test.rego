package dgatier.administration_test

import data.dgatier.administration

_may(roles, agency, action, target) if {
	answer := administration.allow with input as {
		"subject": {"id": "me", "authenticated": true, "roles": roles, "agency": agency},
		"action": action,
		"object": target,
	}
	answer.allowed
}

_of_fpo := {"agency": "fpo", "requester_id": "other"}

test_one_sees_ones_own_request if {
	_may(["citizen"], null, "grant_show", {"agency": "fpo", "requester_id": "me"})
	not _may(["citizen"], null, "grant_show", _of_fpo)
	_may(["citizen"], null, "grant_accept", {"agency": "fpo", "requester_id": "me"})
	not _may(["steward"], "fpo", "grant_accept", _of_fpo)
}

test_stewards_act_in_their_agency_only if {
	_may(["steward"], "fpo", "grant_revoke", _of_fpo)
	not _may(["steward"], "customs-dept", "grant_revoke", _of_fpo)
	not _may(["steward"], null, "grant_revoke", {"agency": null, "requester_id": "other"})
	not _may(["official"], "fpo", "grant_revoke", _of_fpo)
}

test_stewards_say_where_their_agencys_systems_are_told if {
	_may(["senior_steward"], "fpo", "webhook_manage", {"agency": "fpo", "requester_id": null})
	not _may(["steward"], "customs-dept", "webhook_manage", {"agency": "fpo", "requester_id": null})
	not _may(["auditor"], "fpo", "webhook_manage", {"agency": "fpo", "requester_id": null})
}

test_auditors_see_and_do_not_act if {
	_may(["auditor"], null, "audit_list", _of_fpo)
	_may(["auditor"], null, "audit_verify", _of_fpo)
	not _may(["auditor"], null, "grant_revoke", _of_fpo)
}

test_a_sysadmin_is_nobody_special if {
	every action in ["grant_show", "grant_revoke", "audit_list", "publish"] {
		not _may(["sysadmin"], null, action, _of_fpo)
	}
}

test_only_programs_that_enforce_ask_about_others if {
	_may(["service", "pep"], null, "evaluate", _of_fpo)
	not _may(["service"], null, "evaluate", _of_fpo)
	not _may(["pep", "steward"], null, "evaluate", _of_fpo)
}

test_a_refusal_has_a_reason if {
	answer := administration.allow with input as {
		"subject": {"id": null, "authenticated": false, "roles": [], "agency": null},
		"action": "audit_list",
		"object": _of_fpo,
	}
	answer.reasons[0].code == "not_permitted"
}
