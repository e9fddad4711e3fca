# METADATA
# title: Which rules hold for an agency's data
# description: |
#   The default table, made stricter where the agency made a rule of its own. Of the two the stricter
#   always counts, so that no override can loosen.
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
package dgatier.rules

import data.dgatier.ladder

# METADATA
# description: The rules for a level at an agency; undefined for an unknown level.
of(level, agency) := {
	"without_asking": {kind: tier |
		some kind, default_tier in base.without_asking
		tier := ladder.lower_of(default_tier, object.get(own, ["without_asking", kind], default_tier))
	},
	"gates": base.without_asking,
	"approval": {
		"tiers": {kind: tier |
			some kind, default_tier in base.approval.tiers
			tier := ladder.lower_of(default_tier, object.get(own, ["approval", "tiers", kind], default_tier))
		},
		"approvals": _stricter(base, own, ["approval", "approvals"]),
		"senior": true in {base.approval.senior, object.get(own, ["approval", "senior"], false)},
		"max_days": min({base.approval.max_days, object.get(own, ["approval", "max_days"], base.approval.max_days)}),
	},
	"sign_in": {
		"from": ladder.lower_of(base.sign_in.from, object.get(own, ["sign_in", "from"], base.sign_in.from)),
		"ial": _stricter(base, own, ["sign_in", "ial"]),
		"aal": _stricter(base, own, ["sign_in", "aal"]),
		"max_age_s": _shorter(base.sign_in.max_age_s, object.get(own, ["sign_in", "max_age_s"], 0)),
	},
	"conditions": object.get(own, "conditions", {}),
} if {
	base := data.dgatier.defaults.levels[level]
	own := object.get(data.dgatier.overrides.agencies, [agency, level], {})
}

# METADATA
# description: |
#   What the moment and the place lack for an agency's conditions: `hours` are the first and the last
#   hour of the day in Bangkok, `networks` names of zones. A condition that cannot be read is not met.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
unmet(conditions, environment) := {lack |
	some lack in ["hours", "networks"]
	conditions[lack]
	not _met(lack, conditions[lack], environment)
}

_met("hours", [first, last], environment) if {
	[hour, _, _] := time.clock([environment.now * 1000000000, "Asia/Bangkok"])
	hour >= first
	hour <= last
}

_met("networks", zones, environment) if environment.network in zones

# METADATA
# description: The smallest group that may be counted; an agency may ask for a larger one.
smallest_cell(agency) := max({
	data.dgatier.defaults.smallest_cell,
	object.get(data.dgatier.overrides.agencies, [agency, "smallest_cell"], 0),
})

_stricter(base, own, path) := max({object.get(base, path, 0), object.get(own, path, 0)})

# An age of 0 means that any age will do.
_shorter(0, other) := other

_shorter(one, 0) := one if one > 0

_shorter(one, other) := min({one, other}) if {
	one > 0
	other > 0
}
