# METADATA
# title: Which part of a table comes from what
# description: |
#   Where a grant is bound to a part of the data, what a person may have is made of shares: what they
#   have of all of it, and what each such grant adds. Each cell is shown as the most opening share that
#   reaches it shows it; what no share reaches is not shown.
# schemas:
#   - input: schema.decision
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24, 26 and 27
package dgatier.shares

import data.dgatier.ladder
import data.dgatier.masks

# METADATA
# description: |
#   The tier of all of the data, without any grant that is bound to a part of it.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
whole_tier(usable) := ladder.highest([one.tier | some one in usable; _is_whole(one)])

# METADATA
# scope: document
# description: |
#   The masks of columns of a tier; whether the rows are filtered (`row_filter`); and then the `shares`
#   and for each column the `cells`, the masks of the shares that show it, the most opening first.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24, 26 and 27
of(level, columns, usable, tier) := {
	"row_filter": false,
	"shares": [],
	"cells": {},
	"column_masks": _masks(level, columns, tier),
} if {
	count(_bound(usable, tier)) == 0
}

of(level, columns, usable, tier) := owed if {
	some _ in _bound(usable, tier)
	shares := array.concat(_bound(usable, tier), _whole(usable, tier))
	cells := {column.name: _cells(column.name, level, columns, shares) | some column in columns}
	owed := _owed(cells, shares)
}

# METADATA
# scope: document
# description: |
#   With all rows, what a column is shown as is known beforehand. With some, a column counts as masked
#   where any share masks it.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24, 26 and 27
_owed(cells, shares) := {
	"row_filter": false,
	"shares": [],
	"cells": {},
	"column_masks": {name: mask |
		some name, shown in cells
		mask := array.concat([one.mask | some one in shown], [_hidden])[0]
		mask != null
	},
} if {
	not _is_filtered(shares)
}

_owed(cells, shares) := {
	"row_filter": true,
	"shares": [object.filter(one, ["name", "grants", "rows"]) | some one in shares],
	"cells": cells,
	"column_masks": {name: mask |
		some name, shown in cells
		all_masks := [one.mask | some one in shown]
		hidden := [_hidden | count(shown) < count(shares)]
		some_masks := [one | some one in array.concat(all_masks, hidden); one != null]
		count(some_masks) > 0
		mask := some_masks[count(some_masks) - 1]
	},
} if {
	_is_filtered(shares)
}

# METADATA
# description: A share has only some rows.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_is_filtered(shares) if {
	some one in shares
	one.rows != {}
}

# METADATA
# description: |
#   The masks of a column in the shares that show it: first those that show it as it is, by the tier of
#   the share, then those that mask it.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24, 26 and 27
_cells(name, level, columns, shares) := [cell |
	some masked in [false, true]
	some share in shares
	_shows(share, name)
	mask := object.get(_masks(level, columns, share.tier), name, null)
	mask != _hidden
	mask != null == masked
	cell := {"share": share.name, "mask": mask}
]

# METADATA
# scope: document
# description: A share has the column, or all of them.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_shows(share, _) if share.columns == null

_shows(share, name) if name in share.columns

# METADATA
# scope: document
# description: Only masked rows have masks.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
_masks(level, columns, "masked") := masks.of(level, columns)

_masks(_, _, tier) := {} if tier != "masked"

# METADATA
# description: The mask of what is not shown.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_hidden := {"method": "suppress"}

# METADATA
# description: |
#   What is had of all of the data, as one share; none where that has no rows, or no counts to a summary.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
_whole(usable, tier) := [share |
	reach := whole_tier(usable)
	reach in _alike[tier]
	share := {
		"name": "whole",
		"tier": reach,
		"grants": sort({one.grant | some one in usable; _is_whole(one); one.tier == reach; one.grant != ""}),
		"rows": {},
		"columns": null,
	}
]

# METADATA
# description: What each grant or ground that is bound to a part adds to that, the highest tier first.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_bound(usable, tier) := [share |
	some rank in ["full", "masked", "summary"]
	some one in usable
	one.tier == rank
	rank in _alike[tier]
	not _is_whole(one)
	ladder.tier_rank[rank] > ladder.tier_rank[whole_tier(usable)]
	share := {
		"name": [name | some name in [one.grant, one.source]; name != ""][0],
		"tier": rank,
		"grants": [one.grant | one.grant != ""],
		"rows": one.scope.rows,
		"columns": one.scope.columns,
	}
]

# METADATA
# description: The tiers that are read in the same way, rows or counts.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24
_alike := {"full": {"full", "masked"}, "masked": {"masked"}, "summary": {"summary"}, "discover": set(), "none": set()}

# METADATA
# description: An entitlement to all rows and columns.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_is_whole(one) if {
	one.scope.rows == {}
	one.scope.columns == null
}
