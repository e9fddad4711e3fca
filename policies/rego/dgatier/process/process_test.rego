package dgatier.process_test

import data.dgatier.process

_person(id, roles, agency) := {"id": id, "authenticated": true, "roles": roles, "agency": agency}

_request := {"requester_id": "asker", "agency": "fpo", "submitted": true, "members": ["mate"], "reviewers": ["expert"]}

_standing(subject) := object.remove(answer, ["sees_attachments"]) if {
	answer := process.standing with input as {"subject": subject, "request": _request}
}

_opens_files(subject) if {
	process.standing.sees_attachments with input as {"subject": subject, "request": _request}
}

_before(subject) := answer if {
	draft := object.union(_request, {"submitted": false})
	answer := process.standing with input as {"subject": subject, "request": draft}
}

_assignable(subject) := answer if {
	answer := process.assignable with input as {"subject": subject, "request": _request}
}

test_everyone_has_the_role_that_they_have if {
	_standing(_person("asker", ["researcher"], null)) == {"roles": ["requester"], "sees": true, "sees_private": false}
	_standing(_person("mate", ["researcher"], null)) == {"roles": ["member"], "sees": true, "sees_private": false}
	_standing(_person("s", ["steward"], "fpo")) == {"roles": ["steward"], "sees": true, "sees_private": true}
	_standing(_person("expert", ["official"], "excise")) == {"roles": ["reviewer"], "sees": true, "sees_private": true}
	_standing(_person("a", ["auditor"], null)) == {"roles": [], "sees": true, "sees_private": true}
	_standing(_person("s", ["steward"], "excise")) == {"roles": [], "sees": false, "sees_private": false}
	_standing({"id": null, "authenticated": false, "roles": [], "agency": null}) == {"roles": [], "sees": false, "sees_private": false}
}

test_who_has_a_role_opens_the_files if {
	_opens_files(_person("asker", ["researcher"], null))
	_opens_files(_person("mate", ["researcher"], null))
	_opens_files(_person("s", ["steward"], "fpo"))
	_opens_files(_person("expert", ["official"], "excise"))
	not _opens_files(_person("a", ["auditor"], null))
	not _opens_files(_person("s", ["steward"], "excise"))
	not _opens_files({"id": null, "authenticated": false, "roles": [], "agency": null})
}

test_who_wants_the_data_is_no_steward_or_reviewer if {
	_standing(_person("asker", ["steward", "auditor"], "fpo")) == {"roles": ["requester"], "sees": true, "sees_private": false}
	_standing(_person("mate", ["steward"], "fpo")).roles == ["member"]
	answer := process.standing with input as {
		"subject": _person("asker", ["official"], "fpo"),
		"request": object.union(_request, {"reviewers": ["asker"], "members": ["asker"]}),
	}
	answer.roles == ["requester"]
}

test_a_draft_is_its_authors_alone if {
	_before(_person("asker", [], null)).sees
	_before(_person("asker", [], null)).sees_attachments
	not _before(_person("mate", [], null)).sees
	not _before(_person("mate", [], null)).sees_attachments
	not _before(_person("s", ["steward"], "fpo")).sees
	not _before(_person("a", ["auditor"], null)).sees
}

test_who_can_be_given_work if {
	_assignable(_person("s", ["official", "steward"], "fpo")) == {"steward": true, "reviewer": true}
	_assignable(_person("o", ["official"], "excise")) == {"steward": false, "reviewer": true}
	_assignable(_person("mate", ["official", "steward"], "fpo")) == {"steward": false, "reviewer": false}
	_assignable(_person("c", ["citizen"], null)) == {"steward": false, "reviewer": false}
}

_days_after(days) := {"now": 1000 + (days * 86400)}

test_a_rejection_can_be_appealed_for_fifteen_days if {
	asked := {"decided_at": 1000}
	in_time := process.appeal with input as {"request": asked, "environment": _days_after(15)}
	in_time == {"allowed": true, "days": 15, "reasons": []}
	late := process.appeal with input as {"request": asked, "environment": _days_after(15.1)}
	[reason.code | some reason in late.reasons] == ["appeal_too_late"]
	never := process.appeal with input as {"request": {"decided_at": null}, "environment": _days_after(1)}
	not never.allowed
}

test_a_request_is_overdue_after_fifteen_days if {
	waiting := {"waiting_since": 1000}
	in_time := process.clock with input as {"request": waiting, "environment": _days_after(15)}
	in_time == {"overdue": false, "days": 15}
	late := process.clock with input as {"request": waiting, "environment": _days_after(15.1)}
	late.overdue
	draft := process.clock with input as {"request": {"waiting_since": null}, "environment": _days_after(90)}
	not draft.overdue
}

test_the_periods_are_those_of_policy_data if {
	process.periods.answer_days == 15
	process.periods.answer_days == 9 with data.dgatier.defaults.requests as {"answer_days": 9, "appeal_days": 15}
}

test_words_are_kept_as_long_as_policy_data_says if {
	process.retention == {"words_days": 3650, "sent_days": 90}
}

_left(touched_at, told_at) := answer if {
	asked := {"touched_at": touched_at, "told_at": told_at}
	answer := process.draft with input as {"draft": asked, "environment": _days_after(100)}
}

_day(number) := 1000 + (number * 86400)

test_a_draft_is_thrown_away_after_ninety_days_of_which_its_author_was_told if {
	_left(_day(24), null) == {"tell": false, "throw_away": false, "untouched_days": 76, "notice_days": 14}
	_left(_day(23), null).tell
	not _left(_day(5), null).throw_away
	not _left(_day(5), _day(90)).throw_away
	not _left(_day(11), _day(80)).throw_away
	_left(_day(5), _day(85)).throw_away
	never := process.draft with input as {"draft": {"touched_at": null, "told_at": null}, "environment": _days_after(1)}
	not never.tell
}
