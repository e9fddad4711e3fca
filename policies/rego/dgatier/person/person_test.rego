package dgatier.person_test

import data.dgatier.person

_official := {"authenticated": true, "roles": ["official"], "agency": "fpo", "clearance": "secret", "accredited": false}

_need := {"ial": 2, "aal": 2, "max_age_s": 900}

_kinds(subject, agency) := kinds if kinds := person.kinds(agency) with input.subject as subject

_lacks(subject) := lacks if {
	lacks := person.lacks(_need) with input as {"subject": object.union({"roles": []}, subject), "environment": {"now": 1500}}
}

test_the_public_is_everyone if _kinds({"authenticated": false, "roles": []}, "fpo") == {"everyone"}

test_a_sysadmin_is_nobody_special if {
	admin := {"authenticated": true, "roles": ["sysadmin"], "agency": null, "clearance": "open", "accredited": false}
	_kinds(admin, "fpo") == {"everyone", "signed_in"}
}

test_kinds_of_an_official if {
	_kinds(_official, "fpo") == {"everyone", "signed_in", "official", "own_official", "cleared"}
	_kinds(_official, "other") == {"everyone", "signed_in", "official"}
	_kinds(object.union(_official, {"agency": null}), null) == {"everyone", "signed_in", "official"}
	not "cleared" in _kinds(object.union(_official, {"clearance": "confidential"}), "fpo")
}

test_only_researchers_are_accredited if {
	researcher := object.union(_official, {"roles": ["researcher"], "accredited": true})
	"accredited" in _kinds(researcher, "x")
	not "accredited" in _kinds(object.union(researcher, {"roles": ["citizen"]}), "x")
}

test_a_strong_sign_in_lacks_nothing if _lacks({"ial": 2.3, "aal": 2, "authenticated_at": 1000}) == set()

test_what_a_weak_sign_in_lacks if {
	_lacks({"ial": 1, "aal": 1, "authenticated_at": null}) == {"identity", "factors", "freshness"}
	_lacks({"ial": 2, "aal": 2, "authenticated_at": 500}) == {"freshness"}
}

test_clocks_may_differ_by_five_minutes if {
	_lacks({"ial": 2, "aal": 2, "authenticated_at": 1700}) == set()
	_lacks({"ial": 2, "aal": 2, "authenticated_at": 1900}) == {"freshness"}
}
