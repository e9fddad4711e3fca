package system.log_test

import data.system.log

_decided := {
	"path": "dgatier/decision/answers",
	"input": {
		"subject": _person,
		"targets": [_register],
		"purpose": null,
		"environment": {"now": 1700000100, "network": "internet"},
		"token": "t0ken",
	},
	"result": [_answer],
}

_answer := {
	"tier": "masked",
	"level": "confidential",
	"grants": ["g1"],
	"obligations": {"column_masks": {"citizen_id": {}}},
	"reasons": ["granted"],
	"next_steps": ["ask"],
}

_person := {
	"id": "c1a9",
	"authenticated": true,
	"roles": ["researcher"],
	"agency": "agency-of-theirs",
	"organisation": "company",
	"clearance": "open",
	"ial": 2,
	"aal": 2,
	"authenticated_at": 1700000000,
	"accredited": true,
	"citizen_id": "1101700000001",
}

_register := {
	"dataset_id": "d1",
	"resource_id": "r1",
	"level": "confidential",
	"category": null,
	"agency": "fpo",
	"columns": [{"name": "citizen_id"}],
	"grants": [{"id": "g1"}],
	"rows": [["1101700000001"]],
}

_logged(event) := {one.path: one.value |
	masks := log.mask with input as event
	some one in masks
	one.op == "upsert"
}

test_a_decision_is_kept if {
	logged := _logged(_decided)
	logged["/result"] == [{
		"tier": "masked",
		"level": "confidential",
		"grants": ["g1"],
		"reasons": ["granted"],
		"next_steps": ["ask"],
	}]
	logged["/input"].targets == [{
		"dataset_id": "d1",
		"resource_id": "r1",
		"level": "confidential",
		"category": null,
		"agency": "fpo",
	}]
	logged["/input"].subject.roles == ["researcher"]
	logged["/input"].environment.now == 1700000100
}

test_texts_are_not if {
	reply := object.union(_decided, {
		"path": "dgatier/decision/reply",
		"result": {"answers": [_answer], "texts": {"granted": {"en": "Approved"}}},
	})
	_logged(reply)["/result"] == _logged(_decided)["/result"]
}

test_whom_it_is_about_is_not if {
	text := json.marshal(_logged(_decided))
	every secret in ["c1a9", "agency-of-theirs", "company", "1700000000", "1101700000001", "t0ken", "citizen_id"] {
		not contains(text, secret)
	}
}

test_who_asked_and_who_approved_is_not if {
	logged := _logged({
		"path": "dgatier/approval/verdict",
		"input": {
			"subject": {"id": "c1a9", "roles": ["steward"]},
			"request": {"requester_id": "c1a9", "approved_by": [{"id": "c1a9", "senior": true}]},
			"people": [{"subject": {"id": "c1a9"}}],
		},
		"result": {"allowed": true, "complete": false, "reasons": [{"code": "c1a9"}]},
	})
	not contains(json.marshal(logged), "c1a9")
	logged["/result"] == {"allowed": true, "complete": false}
}

test_an_answer_of_another_kind_is_not if {
	_logged({"path": "dgatier/discovery/labels", "input": {}, "result": ["level:open"]})["/result"] == null
}

test_a_filter_on_rows_is_not if {
	ucast := {"type": "field", "operator": "eq", "field": "row.citizen_id", "value": "1101700000001"}
	every filter in [{"query": ucast}, {"ucast": {"query": ucast}, "postgresql": {"query": "WHERE …"}}] {
		_logged({"path": "dgatier/rows/include", "input": {}, "result": filter})["/result"] == {}
	}
}

test_what_fits_no_question_is_empty if {
	logged := _logged({"path": "dgatier/decision/answers", "input": {"subject": {"x": 1}}})
	logged["/input"] == {"subject": {}, "targets": []}
}
