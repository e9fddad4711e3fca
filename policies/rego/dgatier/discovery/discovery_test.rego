package dgatier.discovery_test

import data.dgatier.discovery

_everyone := ["dgatier-confidential", "dgatier-internal", "dgatier-open"]

_labels(subject) := answer if {
	answer := discovery.labels with input as {"subject": subject}
}

test_the_public_discovers_all_but_secret if _labels({"authenticated": false, "roles": [], "agency": null}) == _everyone

test_a_sysadmin_discovers_no_more if {
	_labels({"authenticated": true, "roles": ["sysadmin"], "agency": null, "clearance": "open", "accredited": false}) == _everyone
}

test_cleared_officials_discover_what_their_agency_keeps_secret if {
	subject := {"authenticated": true, "roles": ["official"], "agency": "fpo", "clearance": "secret", "accredited": false}
	_labels(subject) == array.concat(_everyone, ["dgatier-secret-fpo"])
}

test_the_loader_has_a_label_of_its_own if {
	"dgatier-ingest" in _labels({"authenticated": true, "roles": ["ingest"], "agency": null, "clearance": "open", "accredited": false})
}
