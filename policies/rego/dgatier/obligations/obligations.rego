# METADATA
# title: What is owed when data is handed out
# description: What whoever enforces a decision must do; each decision carries all of it.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
package dgatier.obligations

import data.dgatier.rules

# METADATA
# description: |
#   Whether the rows are filtered, the masks of columns, the smallest group that a summary may count
#   and its other terms, whether the purpose is written down and the copy marked, and the stronger sign-in that would give more.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
of(level, agency, parts, tier, step_up) := {
	"row_filter": parts.row_filter,
	"column_masks": parts.column_masks,
	"smallest_cell": _smallest_cell(agency, tier),
	"summary": parts.summary,
	"log_purpose": level != "open",
	"watermark": _is_marked(level, object.get(parts, "reading", tier)),
	"step_up": step_up,
}

# METADATA
# description: What is owed where nothing is handed out.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
nothing := {
	"row_filter": false,
	"column_masks": {},
	"smallest_cell": null,
	"summary": null,
	"log_purpose": false,
	"watermark": false,
	"step_up": null,
}

# METADATA
# scope: document
# description: Only a summary has a smallest group.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24
_smallest_cell(agency, "summary") := rules.smallest_cell(agency)

_smallest_cell(_, tier) := null if tier != "summary"

# METADATA
# scope: document
# description: Rows above open are marked with who had them.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_is_marked(level, tier) if {
	level != "open"
	tier in {"masked", "full"}
} else := false

# METADATA
# scope: document
# description: |
#   The second factor, and how recent it must be, where that and nothing but that stands between the
#   person and more.
# custom:
#   law: Digital Government Act B.E. 2562
step_up(rule, lacks, true) := {"aal": rule.sign_in.aal, "max_age_s": rule.sign_in.max_age_s} if {
	count(lacks & {"factors", "freshness"}) > 0
} else := null

step_up(_, _, false) := null
