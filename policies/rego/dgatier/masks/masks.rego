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
# description: The mask of each column that is not shown as it is, in data of a level.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
of(level, columns) := {column.name: mask |
	some column in columns
	mask := _mask(column, level)
}

# METADATA
# scope: document
# description: |
#   A column is masked by its disclosure class; not shown at all where it has none or is higher than
#   what it stands in; shown where it is a measure or tells nothing of a person.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
_mask(column, level) := _by_class(column) if {
	column.disclosure in _classes
	not _is_higher(column.level, level)
}

_mask(column, _) := data.dgatier.defaults.masks.unclassified if not column.disclosure in _classes

_mask(column, level) := data.dgatier.defaults.masks.unclassified if _is_higher(column.level, level)

# METADATA
# description: A column is higher than what it stands in by its own level; a level that is unknown is higher than any.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_is_higher(column_level, level) if {
	is_string(column_level)
	not _is_within(column_level, level)
}

# METADATA
# description: A known level that is not above the other.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_is_within(one, other) if ladder.level_rank[one] <= ladder.level_rank[other]

# METADATA
# description: The classes of statistical disclosure control.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
_classes := {"identifier", "sensitive", "quasi_identifier", "measure", "plain"}

# METADATA
# scope: document
# description: |
#   Where the dictionary says what kind of thing a column of the class holds, and policy knows a mask for
#   that, it is that mask; a column of another type than the kind has is not shown at all.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
_by_class(column) := object.get(masks, _family(column.type), data.dgatier.defaults.masks.unclassified) if {
	masks := _of_kind(column)
} else := _without_kind(column.disclosure, column.type)

# METADATA
# description: The masks of a kind of thing in a class, by the kind of its values.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
_of_kind(column) := data.dgatier.defaults.masks.kinds[column.disclosure][column.kind]

# METADATA
# scope: document
# description: |
#   Identifiers and sensitive data have one mask each; what identifies only together with other columns
#   is made coarser by the kind of its values.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
_without_kind(disclosure, _) := data.dgatier.defaults.masks[disclosure] if {
	disclosure in {"identifier", "sensitive"}
}

_without_kind("quasi_identifier", type) := data.dgatier.defaults.masks.quasi_identifier[_family(type)]

# METADATA
# scope: document
# description: The kind of values that a type of column holds.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 26
_family(type) := "number" if {
	type in {"numeric", "int", "int2", "int4", "int8", "float", "float4", "float8"}
} else := "moment" if {
	type in {"timestamp", "timestamptz", "date"}
} else := "text"
