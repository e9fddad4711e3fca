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

# METADATA
# description: |
#   Why each column that is masked is, as codes of the texts; `shown` are the masks that the person sees it through.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
why(level, columns, shown) := {column.name: code |
	by_class := of(level, columns)
	some column in columns
	shown[column.name]
	code := _why(column, level, object.get(by_class, column.name, null))
}

# METADATA
# scope: document
# description: |
#   A column that its class would show is masked because it is not in the part that was approved; the
#   others for what they hold, or because that is not known.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
_why(_, _, null) := "column_not_in_your_part"

_why(column, level, mask) := code if {
	mask != null
	code := _why_by_class(column, level, mask)
}

# METADATA
# scope: document
# description: What keeps the column from being shown as it is.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
_why_by_class(column, level, mask) := "column_unclassified" if {
	not column.disclosure in _classes
} else := "column_above_its_table" if {
	_is_higher(column.level, level)
} else := "column_sensitive" if {
	column.disclosure == "sensitive"
} else := "column_of_another_type" if {
	mask.method == "suppress"
} else := _why_of_class[column.disclosure]

# METADATA
# description: The reason of each class that is shown through a mask.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19, 24 and 26
_why_of_class := {
	"identifier": "column_identifier",
	"quasi_identifier": "column_quasi_identifier",
	"measure": "column_measure",
}
