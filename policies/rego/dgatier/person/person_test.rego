package dgatier.person_test

import data.dgatier.person

_official := {"authenticated": true, "roles": ["official"], "agency": "fpo", "clearance": "secret", "accredited": false}

_need := {"ial": 2, "aal": 2, "max_age_s": 900}

test_the_public_is_everyone if person.kinds({"authenticated": false, "roles": []}, "fpo") == {"everyone"}

test_a_sysadmin_is_nobody_special if {
	admin := {"authenticated": true, "roles": ["sysadmin"], "agency": null, "clearance": "open", "accredited": false}
	person.kinds(admin, "fpo") == {"everyone", "signed_in"}
}

test_kinds_of_an_official if {
	person.kinds(_official, "fpo") == {"everyone", "signed_in", "official", "own_official", "cleared"}
	person.kinds(_official, "other") == {"everyone", "signed_in", "official"}
	person.kinds(object.union(_official, {"agency": null}), null) == {"everyone", "signed_in", "official"}
	not "cleared" in person.kinds(object.union(_official, {"clearance": "confidential"}), "fpo")
}

test_only_researchers_are_accredited if {
	researcher := object.union(_official, {"roles": ["researcher"], "accredited": true})
	"accredited" in person.kinds(researcher, "x")
	not "accredited" in person.kinds(object.union(researcher, {"roles": ["citizen"]}), "x")
}

test_a_strong_sign_in_lacks_nothing if {
	person.lacks({"ial": 2.3, "aal": 2, "authenticated_at": 1000}, _need, 1500) == set()
}

test_what_a_weak_sign_in_lacks if {
	person.lacks({"ial": 1, "aal": 1, "authenticated_at": null}, _need, 1500) == {"identity", "factors", "freshness"}
	person.lacks({"ial": 2, "aal": 2, "authenticated_at": 500}, _need, 1500) == {"freshness"}
}

test_clocks_may_differ_by_five_minutes if {
	person.lacks({"ial": 2, "aal": 2, "authenticated_at": 1700}, _need, 1500) == set()
	person.lacks({"ial": 2, "aal": 2, "authenticated_at": 1900}, _need, 1500) == {"freshness"}
}
