# METADATA
# title: How columns are masked
# description: |
#   At the masked tier each column is shown as its disclosure class allows. A column that nobody
#   classified, or that is higher than what it stands in, is not shown at all.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
package dgatier.masks

import data.dgatier.ladder

# METADATA
# description: The mask of each column that is not shown as it is.
of(target) := {column.name: mask |
	some column in target.columns
	mask := _mask(column, target)
}

_mask(column, target) := data.dgatier.defaults.masks.unclassified if _higher(column, target)

_mask(column, _) := data.dgatier.defaults.masks.unclassified if not column.disclosure in _classes

_mask(column, target) := _by_class(column) if {
	column.disclosure in _classes
	not _higher(column, target)
}

# A level that is unknown is higher than any.
_higher(column, target) if {
	is_string(column.level)
	not _not_above(column.level, target.level)
}

_not_above(one, other) if ladder.level_rank[one] <= ladder.level_rank[other]

_classes := {"identifier", "sensitive", "quasi_identifier", "measure", "plain"}

_by_class(column) := data.dgatier.defaults.masks[column.disclosure] if {
	column.disclosure in {"identifier", "sensitive"}
}

_by_class(column) := data.dgatier.defaults.masks.quasi_identifier[_family(column.type)] if {
	column.disclosure == "quasi_identifier"
}

_numbers := {"numeric", "int", "int2", "int4", "int8", "float", "float4", "float8"}

_moments := {"timestamp", "timestamptz", "date"}

_family(type) := "number" if type in _numbers

_family(type) := "moment" if type in _moments

_family(type) := "text" if not type in (_numbers | _moments)
