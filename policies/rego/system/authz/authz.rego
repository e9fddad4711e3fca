# METADATA
# title: Who may ask OPA what
# description: |
#   OPA answers questions and says how it is. It takes no policy and no data over HTTP, and gives none
#   out: a change of policy comes in a signed bundle. OPA weighs this before each call.
# schemas:
#   - input: schema.http_request
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 37 (1)
package system.authz

# METADATA
# scope: document
# description: |
#   Whether OPA takes the call: a question about one rule of one package; the filter on rows; how it is;
#   and which bundle is in service.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 37 (1)
default allow := false

# Each compares method and path alone, so that OPA finds the one that fits by its index.
allow if {
	input.method == "POST"
	input.path = ["v1", "data", "dgatier", _, _]
}

allow if {
	input.method == "POST"
	input.path == ["v1", "compile", "dgatier", "rows", "include"]

	# What is named here as the rule for masks OPA evaluates and gives out, whatever it is.
	input.body.options.maskRule == "data.dgatier.rows.masks"
}

allow if {
	input.method == "GET"
	input.path == ["health"]
}

allow if {
	input.method == "GET"
	input.path == ["metrics"]
}

allow if {
	input.method == "GET"
	input.path == ["v1", "status"]
}
