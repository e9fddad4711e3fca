# METADATA
# title: Which rules hold for an agency's data
# description: |
#   The default table, made stricter where the agency made a rule of its own. Of the two the stricter
#   always counts, so that no override can loosen.
# schemas:
#   - input: schema.decision
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
package dgatier.rules

import data.dgatier.ladder

# METADATA
# scope: document
# description: |
#   The rules for a level at an agency; undefined for an unknown level. `gates` are the tiers for which
#   the sign-in is weighed: always those of the default table.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
of(level, agency) := {
	"without_asking": base.without_asking,
	"gates": base.without_asking,
	"approval": base.approval,
	"sign_in": base.sign_in,
	"conditions": {},
} if {
	base := data.dgatier.defaults.levels[level]
	not _has_own(agency, level)
}

of(level, agency) := {
	"without_asking": _lower(base.without_asking, own, ["without_asking"]),
	"gates": base.without_asking,
	"approval": {
		"tiers": _lower(base.approval.tiers, own, ["approval", "tiers"]),
		"approvals": _greater(base, own, ["approval", "approvals"]),
		"senior": true in {base.approval.senior, object.get(own, ["approval", "senior"], false)},
		"max_days": min([base.approval.max_days, object.get(own, ["approval", "max_days"], base.approval.max_days)]),
	},
	"sign_in": {
		"from": ladder.lower_of(base.sign_in.from, object.get(own, ["sign_in", "from"], base.sign_in.from)),
		"ial": _greater(base, own, ["sign_in", "ial"]),
		"aal": _greater(base, own, ["sign_in", "aal"]),
		"max_age_s": _shorter(base.sign_in.max_age_s, object.get(own, ["sign_in", "max_age_s"], 0)),
	},
	"conditions": object.get(own, "conditions", {}),
} if {
	base := data.dgatier.defaults.levels[level]
	own := _own[agency][level]
}

# METADATA
# description: The agencies that have any rule of their own.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
is_stricter_at(agency) if _own[agency]

# METADATA
# scope: document
# description: |
#   What an agency gives at once, in its order; by default nothing. What is no list counts as none. Each
#   rule has a `name`, its words in `th` and `en`, the `kinds` of person, and the `purposes`; the most of
#   `level`, `tier` and `days`.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
at_once(agency) := own if {
	own := data.dgatier.overrides.at_once[agency]
	is_array(own)
} else := data.dgatier.defaults.at_once

# METADATA
# description: What the agencies made of their own.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
_own := data.dgatier.overrides.agencies

# METADATA
# description: Whether an agency has rules of its own for a level; rules that cannot be read count as there.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
_has_own(agency, level) if _ = _own[agency][level]

# METADATA
# description: |
#   What the moment and the place lack for an agency's conditions: `hours` are the first and the last
#   hour of the day in Bangkok, `networks` names of zones. A condition that cannot be read is not met.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
unmet(conditions) := {lack |
	some lack in ["hours", "networks"]
	conditions[lack]
	not _met(lack, conditions[lack])
}

# METADATA
# scope: document
# description: It is within the hours, or the question comes from one of the networks.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_met("hours", [first, last]) if {
	[hour, _, _] := time.clock([input.environment.now * 1000000000, "Asia/Bangkok"])
	hour >= first
	hour <= last
}

_met("networks", zones) if input.environment.network in zones

# METADATA
# description: The smallest group that may be counted; an agency may ask for a larger one.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24
smallest_cell(agency) := max([
	data.dgatier.defaults.smallest_cell,
	object.get(_own, [agency, "smallest_cell"], 0),
])

# METADATA
# description: For each kind of person the lower of the table's tier and the agency's own.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
_lower(table, own, path) := {kind: tier |
	some kind, default_tier in table
	tier := ladder.lower_of(default_tier, object.get(own, array.concat(path, [kind]), default_tier))
}

# METADATA
# description: The greater of two demands.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
_greater(base, own, path) := max([object.get(base, path, 0), object.get(own, path, 0)])

# METADATA
# scope: document
# description: The shorter of two ages of a sign-in; 0 means that any age will do.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_shorter(0, other) := other

_shorter(one, 0) := one if one > 0

_shorter(one, other) := min([one, other]) if {
	one > 0
	other > 0
}
