# METADATA
# title: What a summary may tell
# description: |
#   By which columns rows may be counted and what may be summed up, how small a group may be, how much
#   noise the figures carry, and how much may be learnt of a table in a period before it is enough.
# schemas:
#   - input: schema.decision
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 (1) and 26
package dgatier.summary

import data.dgatier.ladder
import data.dgatier.masks
import data.dgatier.rules

# METADATA
# scope: document
# description: |
#   The parts of a table that a summary is of: all of it (`of_all`) for whoever may have a summary of all,
#   whatever rows they have besides; else the `shares` that they have by their tier.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 (1)
reached(_, whole_tier) := {"of_all": true, "shares": [], "column_masks": {}} if {
	ladder.tier_rank[whole_tier] >= ladder.tier_rank.summary
}

reached(parts, whole_tier) := {
	"of_all": parts.row_filter == false,
	"shares": parts.shares,
	"column_masks": parts.column_masks,
} if {
	ladder.tier_rank[whole_tier] < ladder.tier_rank.summary
}

# METADATA
# scope: document
# description: |
#   The terms of a summary of a table, for each tier that includes summaries; nothing for open data, whose
#   rows are there to be counted, and nothing to whoever has not signed in, as a budget is somebody's.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 (1) and 26
of(level, agency, columns, parts, tier) := object.union(_limits(agency), {
	"of_all": parts.of_all,
	"shares": parts.shares,
	"pool": _pool,
	"dimensions": _dimensions(level, columns, parts),
	"measures": _measures(level, columns, parts),
}) if {
	tier in {"summary", "masked", "full"}
	level != "open"
	input.subject.authenticated
	count(columns) > 0
} else := null

# METADATA
# description: |
#   The numbers of a summary: those of the defaults, made stricter where the agency has its own. What each
#   figure gives away (`epsilon`) and what a person or their colleagues may learn in a period
#   (`budget`, `pool_budget`) only get smaller; the smallest group and the rows a person may have in the table only larger.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 (1) and 37 (1)
_limits(agency) := {
	"smallest_cell": rules.smallest_cell(agency),
	"epsilon": min([base.epsilon, object.get(own, "epsilon", base.epsilon)]),
	"delta": base.delta,
	"budget": min([base.budget, object.get(own, "budget", base.budget)]),
	"pool_budget": min([base.pool_budget, object.get(own, "pool_budget", base.pool_budget)]),
	"period_days": max([base.period_days, object.get(own, "period_days", base.period_days)]),
	"rows_a_person": max([base.rows_a_person, object.get(own, "rows_a_person", base.rows_a_person)]),
	"most_dimensions": base.most_dimensions,
} if {
	base := data.dgatier.defaults.summary
	own := object.get(data.dgatier.overrides, ["agencies", agency, "summary"], {})
}

# METADATA
# scope: document
# description: |
#   Whose budget is spent besides the person's own, so that colleagues cannot pool theirs: that of the
#   agency that they work for, else of the company or institute that they belong to.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 37 (1)
default _pool := null

_pool := concat(":", ["agency", input.subject.agency]) if {
	is_string(input.subject.agency)
} else := concat(":", ["organisation", input.subject.organisation]) if {
	is_string(input.subject.organisation)
}

# METADATA
# description: |
#   The columns to count by, with the mask that makes them coarser, `null` where they tell nothing of a
#   person: those that are plain, and those that identify only together with others and have such a mask.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 26
_dimensions(level, columns, parts) := {column.name: mask |
	hidden := masks.of(level, columns)
	some column in columns
	not _is_hidden(column.name, parts)
	mask := object.get(hidden, column.name, null)
	_is_dimension(column.disclosure, mask)
}

# METADATA
# scope: document
# description: A plain column without a mask, or a quasi-identifier that is generalised.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 26
_is_dimension("plain", null)

_is_dimension("quasi_identifier", mask) if mask.method == "generalise"

# METADATA
# description: |
#   The columns to sum up, with the bounds between which a value counts. Bounds come from the data
#   dictionary or from policy and never from the data, as those would tell of whoever has the most.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 26
_measures(level, columns, parts) := {column.name: bounds |
	hidden := masks.of(level, columns)
	some column in columns
	column.type in {"numeric", "int", "int2", "int4", "int8", "float", "float4", "float8"}
	_is_measured(column)
	not _is_hidden(column.name, parts)
	object.get(hidden, [column.name, "method"], null) != "suppress"
	bounds := _bounds(column)
}

# METADATA
# scope: document
# description: A measure, or what policy has public bounds for, as an income.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 26
_is_measured(column) if column.disclosure == "measure"

_is_measured(column) if data.dgatier.defaults.summary.bounds[column.kind]

# METADATA
# scope: document
# description: The bounds of a column in the order of size; those of the dictionary before those of its kind.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 26
_bounds(column) := [lowest, highest] if {
	[lowest, highest] := column.bounds
	lowest < highest
} else := data.dgatier.defaults.summary.bounds[column.kind]

# METADATA
# description: A column that is not shown in all rows that the person reaches.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_is_hidden(name, parts) if parts.column_masks[name].method == "suppress"
