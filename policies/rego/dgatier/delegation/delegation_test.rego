package dgatier.delegation_test

import data.dgatier.delegation
import data.dgatier.process

_day := 86400

_suda := _steward("suda", "confidential")

_wichai := object.union(_steward("wichai", "secret"), {"roles": ["official", "senior_steward"]})

_steward(id, clearance) := {
	"id": id,
	"authenticated": true,
	"roles": ["official", "steward"],
	"agency": "fpo",
	"clearance": clearance,
}

_absence(steward, deputy, first, last) := {
	"id": sprintf("%s-%s", [steward, deputy.id]),
	"steward": steward,
	"agency": "fpo",
	"deputy": deputy,
	"starts": first * 86400,
	"ends": last * 86400,
}

_codes(answer) := {reason.code | some reason in answer.reasons}

_facts := {
	"subject": _suda,
	"deputy": _wichai,
	"period": {"starts": 10 * _day, "ends": 20 * _day},
	"delegations": [],
}

_naming(changes) := answer if {
	answer := delegation.naming with input as object.union(_facts, changes)
}

test_a_steward_names_another_of_the_agency_for_ninety_days_at_most if {
	_naming({}) == {"allowed": true, "max_days": 90, "reasons": []}
	_naming({"period": {"starts": 0, "ends": 90 * _day}}).allowed
	_codes(_naming({"period": {"starts": 0, "ends": 91 * _day}})) == {"delegation_too_long"}
}

test_only_a_steward_of_the_agency_names_or_is_named if {
	elsewhere := object.union(_wichai, {"agency": "excise"})
	_codes(_naming({"deputy": elsewhere})) == {"deputy_not_a_steward"}
	official := object.union(_wichai, {"roles": ["official"]})
	_codes(_naming({"deputy": official})) == {"deputy_not_a_steward"}
	_codes(_naming({"deputy": _suda})) == {"deputy_is_yourself"}
	_codes(_naming({"subject": object.union(_suda, {"roles": ["official"]})})) == {"not_a_steward_here"}
}

test_one_deputy_at_a_time_and_nobody_who_is_away if {
	later := _absence("suda", _wichai, 20, 30)
	_naming({"delegations": [later]}).allowed
	_codes(_naming({"delegations": [_absence("suda", _wichai, 19, 30)]})) == {"delegation_overlaps"}
	_codes(_naming({"delegations": [_absence("wichai", _suda, 5, 11)]})) == {"deputy_is_away"}
	_naming({"delegations": [_absence("wichai", _suda, 5, 10)]}).allowed
}

_ending(subject) := answer if {
	answer := delegation.ending with input as {
		"subject": subject,
		"delegation": _absence("suda", _steward("kanya", "secret"), 10, 20),
	}
}

test_who_gave_it_who_was_named_and_a_senior_end_it if {
	_ending(_suda).allowed
	_ending(_steward("kanya", "secret")).allowed
	_ending(_wichai).allowed
	_codes(_ending(_steward("other", "secret"))) == {"not_your_delegation"}
	not _ending(object.union(_wichai, {"agency": "excise"})).allowed
}

_asked := {
	"id": "r",
	"requester_id": "nari",
	"agency": "fpo",
	"assignee_id": "suda",
	"members": ["malee"],
	"level": "confidential",
}

_stand_ins(changes, delegations, day) := answer if {
	asked := object.union(_asked, changes)
	now := {"now": day * 86400}
	facts := {"requests": [asked], "delegations": delegations, "environment": now}
	found := delegation.stand_ins with input as facts
	answer := found.delegations
}

_away := _absence("suda", _wichai, 10, 20)

test_a_deputy_stands_in_on_what_the_absent_one_works_on_while_it_runs if {
	_stand_ins({}, [_away], 10) == {"r": "suda-wichai"}
	_stand_ins({}, [_away], 9.99) == {}
	_stand_ins({}, [_away], 20) == {}
	_stand_ins({"assignee_id": "kanya"}, [_away], 15) == {}
	_stand_ins({"assignee_id": null}, [_away], 15) == {}
	_stand_ins({"agency": "excise"}, [_away], 15) == {}
}

test_nobody_stands_in_on_what_they_want_themselves if {
	_stand_ins({"requester_id": "wichai"}, [_away], 15) == {}
	_stand_ins({"members": ["wichai"]}, [_away], 15) == {}
}

test_secret_data_takes_a_deputy_with_clearance if {
	_stand_ins({"level": "secret"}, [_away], 15) == {"r": "suda-wichai"}
	uncleared := _absence("suda", _steward("kanya", "confidential"), 10, 20)
	_stand_ins({"level": "secret"}, [uncleared], 15) == {}
	_stand_ins({"level": null}, [uncleared], 15) == {}
	_stand_ins({}, [uncleared], 15) == {"r": "suda-kanya"}
}

test_who_is_away_or_no_steward_any_more_does_not_stand_in if {
	_stand_ins({}, [_away, _absence("wichai", _steward("kanya", "secret"), 12, 16)], 15) == {}
	_stand_ins({}, [_away, _absence("wichai", _steward("kanya", "secret"), 12, 16)], 17) == {"r": "suda-wichai"}
	_stand_ins({}, [_absence("suda", object.union(_wichai, {"roles": ["official"]}), 10, 20)], 15) == {}
}

_meeting := {
	"request": object.union(_asked, {"submitted": true, "reviewers": []}),
	"delegations": [_away],
	"environment": {"now": 15 * _day},
}

_roles(subject, changes) := answer.roles if {
	answer := process.standing with input as object.union(_meeting, {"subject": subject, "request": changes})
}

test_a_deputy_has_that_role_to_a_request_and_no_other_steward if {
	_roles(_wichai, {}) == ["deputy", "steward"]
	_roles(_steward("kanya", "secret"), {}) == ["steward"]
	_roles(_wichai, {"requester_id": "wichai"}) == ["requester"]
	_roles(_wichai, {"assignee_id": "wichai"}) == ["steward"]
}
