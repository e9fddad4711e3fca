package system.authz_test

import data.system.authz

_takes(method, path) if authz.allow with input as {"method": method, "path": split(path, "/")}

test_questions_are_answered if {
	_takes("POST", "v1/data/dgatier/decision/answers")
}

_compiles(path, body) if authz.allow with input as {"method": "POST", "path": split(path, "/"), "body": body}

test_the_filter_on_rows_is_compiled_and_nothing_else_given_out if {
	right := {"input": {}, "options": {"maskRule": "data.dgatier.rows.masks"}}
	_compiles("v1/compile/dgatier/rows/include", right)
	every path in ["v1/compile/dgatier/decision/answers", "v1/compile/dgatier/rows/masks", "v1/compile/system/authz/allow"] {
		not _compiles(path, right)
	}
	every body in [{}, {"options": {}}, {"options": {"maskRule": "data.dgatier.overrides"}}, {"options": {"maskRule": "masks"}}] {
		not _compiles("v1/compile/dgatier/rows/include", body)
	}
}

test_it_says_how_it_is if {
	every path in ["health", "metrics", "v1/status"] {
		_takes("GET", path)
	}
}

test_nothing_is_written if {
	not _takes("POST", "v1/policies/x")
	every method in ["PUT", "PATCH", "DELETE"] {
		every path in ["v1/policies/x", "v1/data", "v1/data/dgatier/overrides", "v1/data/dgatier/decision/answers"] {
			not _takes(method, path)
		}
	}
}

test_nothing_else_is_read if {
	every path in ["v1/policies", "v1/data", "v1/data/dgatier/decision/answers", "v1/config", "v1/query"] {
		not _takes("GET", path)
	}
	every path in [
		"v1/data",
		"v1/data/dgatier",
		"v1/data/dgatier/decision",
		"v1/data/system/authz/allow",
		"v1/query",
		"v1/compile",
		"v0/data/dgatier/decision/answers",
		"",
	] {
		not _takes("POST", path)
	}
}
