# METADATA
# title: To which part of a table a grant is bound
# description: |
#   A grant may name provinces, years and columns. Which column tells the province and which the year,
#   the data dictionary says. What a table cannot tell, no filter can keep to: the grant counts for
#   nothing there.
# schemas:
#   - input: schema.scope
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
package dgatier.scope

# METADATA
# description: What binds nothing.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
unbound := {"rows": {}, "columns": null, "lacking": set()}

# METADATA
# description: |
#   For each table the conditions that it cannot keep to; the portal tells those who decide.
# entrypoint: true
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
lacking := [sort(of({"conditions": input.conditions}, table).lacking) | some table in input.tables]

# METADATA
# description: |
#   The conditions that leave only some `rows`, the only `columns` (null for all), and the conditions that
#   the target is `lacking` the column for. A dataset as such has no rows, so it lacks nothing.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
of(grant, target) := {
	"rows": {name: grant.conditions[name] | some name in bound; name != "columns"},
	"columns": _columns(grant, bound),
	"lacking": {name | some name in bound; _has_rows(target); not _is_kept_to(name, grant, target.columns)},
} if {
	bound := _bound(grant)
}

# METADATA
# description: The conditions that name anything, also those that nobody knows.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_bound(grant) := {name |
	some name, values in object.get(grant, "conditions", {})
	count(values) > 0
}

# METADATA
# scope: document
# description: The only columns; null for all.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_columns(grant, bound) := grant.conditions.columns if "columns" in bound

_columns(_, bound) := null if not "columns" in bound

# METADATA
# description: The target is one resource and not a dataset as such.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_has_rows(target) if is_string(object.get(target, "resource_id", null))

# METADATA
# scope: document
# description: |
#   The table tells the province, or the year, in exactly one column; or it has one of the columns. Where
#   two columns tell it, nobody has said which of them is meant.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_is_kept_to("provinces", grant, columns) if {
	is_array(grant.conditions.provinces)
	told_by("province", columns)
}

_is_kept_to("years", grant, columns) if {
	is_array(grant.conditions.years)
	period(columns)
}

_is_kept_to("columns", grant, columns) if {
	is_array(grant.conditions.columns)
	some column in columns
	column.name in grant.conditions.columns
}

# METADATA
# description: The one column that tells whose a row is, by its `subject_key`; a text.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
told_by(key, columns) := column if {
	[column] := [one | some one in columns; object.get(one, "subject_key", null) == key]
	column.type == "text"
}

# METADATA
# description: The one column that tells the year, as a moment, a year or a year of the Buddhist era.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
period(columns) := column if {
	[column] := [one | some one in columns; is_string(object.get(one, "period", null))]
	column.type in _types_of_period[column.period]
}

# METADATA
# description: The types of column that a period can be told by.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_types_of_period := {
	"date": {"timestamp", "date"},
	"year": _types_of_years,
	"buddhist_year": _types_of_years,
}

# METADATA
# description: The types of column that a year is written in.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_types_of_years := {"text", "numeric", "int", "int4", "int8"}

# METADATA
# description: |
#   The year as a column writes it: a number or a text, of the common or the Buddhist era. A year from
#   2400 on is meant in the Buddhist era.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
written(year, column) := _as(common_year(year) + _era[column.period], column.type)

# METADATA
# scope: document
# description: The year of the common era.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
common_year(year) := year if year < 2400

common_year(year) := year - 543 if year >= 2400

# METADATA
# description: By how much the eras differ, in years.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_era := {"year": 0, "buddhist_year": 543}

# METADATA
# scope: document
# description: A year as a value of a type.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_as(year, "text") := sprintf("%d", [year])

_as(year, type) := year if type != "text"
