package dgatier.publishing_test

import data.dgatier.publishing

_codes(level, category, resources) := {one.code | some one in found} if {
	found := publishing.violations with input as {
		"dataset": {"level": level, "category": category},
		"resources": resources,
	}
}

test_a_sound_dataset_has_no_violations if {
	_codes("open", "ข้อมูลสาธารณะ", [{"name": "r", "level": ""}, {"name": "s", "level": null}]) == set()
	_codes("confidential", "ข้อมูลส่วนบุคคล", [{"name": "r", "level": "internal"}]) == set()
	_codes("secret", null, [{"name": "r", "level": "secret"}]) == set()
}

test_what_is_refused if {
	_codes(null, null, []) == {"level_missing"}
	_codes("", null, []) == {"level_missing"}
	_codes("public", null, []) == {"level_unknown"}
	_codes("top_secret", null, []) == {"top_secret_refused"}
	_codes("open", "ข้อมูลส่วนบุคคล", []) == {"category_contradicts"}
	_codes("internal", null, [{"name": "r", "level": "nonsense"}]) == {"resource_level_unknown"}
	_codes("open", null, [{"name": "r", "level": "top_secret"}]) == {"top_secret_refused"}
	_codes("confidential", null, [{"name": "r", "level": "secret"}]) == {"secret_resource_in_visible_dataset"}
}
