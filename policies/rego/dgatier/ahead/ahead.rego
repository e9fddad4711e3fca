# METADATA
# title: What the next tier would show
# description: |
#   Which columns of a table a person would see, or would see as they are, one tier further up, where they
#   can be approved for it or have it by a stronger sign-in. It names no column that the person does
#   not know of already.
# schemas:
#   - input: schema.decision
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
package dgatier.ahead

import data.dgatier.ladder
import data.dgatier.masks

# METADATA
# scope: document
# description: |
#   The next tier of rows, up to the most that the person can reach, and how it shows each column that is
#   locked today: the mask, `null` where it is shown as it is. Nothing where no column is locked.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
of(level, columns, parts, tier, most) := {"tier": next, "columns": locked} if {
	next := _next[tier]
	ladder.tier_rank[next] <= ladder.tier_rank[most]
	locked := _locked(next, level, columns, parts)
	count(locked) > 0
} else := null

# METADATA
# description: The tier of rows above one; whoever may not know the columns has none.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_next := {"summary": "masked", "masked": "full"}

# METADATA
# scope: document
# description: |
#   Of everything, the columns that are masked now; of masked rows, the columns that the summary counts by or sums up.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 26
_locked("full", _, _, parts) := {name: null | some name, _ in parts.column_masks}

_locked("masked", level, columns, parts) := {name: mask |
	hidden := masks.of(level, columns)
	some told in [parts.summary.dimensions, parts.summary.measures]
	some name, _ in told
	mask := object.get(hidden, name, null)
	object.get(hidden, [name, "method"], null) != "suppress"
}
