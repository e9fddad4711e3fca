# METADATA
# title: Which rows a share has
# description: |
#   The portal asks this of the shares of a decision, by OPA's compile endpoint with `input.row` and
#   `input.part` unknown: what is left of the rule is a filter over the columns of the table, for each share.
# schemas:
#   - input: schema.rows
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
package dgatier.rows

import data.dgatier.scope

# METADATA
# description: A row is in the share of that name.
# entrypoint: true
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
include if {
	some share in input.shares
	input.part.name == share.name
	_in_place[share.name]
	_of_agency[share.name]
	_about[share.name]
	_in_period[share.name]
}

# METADATA
# description: |
#   The masks travel with the decision. Where the portal names no rule for them, OPA looks for one in the
#   annotations of the whole bundle each time, and that takes longer than all the rest.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
masks := {}

# METADATA
# scope: document
# description: The shares whose provinces, if they name any, have the row.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_in_place contains share.name if {
	some share in input.shares
	not share.rows.provinces
}

_in_place contains share.name if {
	some share in input.shares
	column := scope.told_by("province", input.columns)
	input.row[column.name] in share.rows.provinces
}

# METADATA
# scope: document
# description: The shares whose agencies, if they name any, the row is of.
# custom:
#   law: Digital Government Act B.E. 2562
_of_agency contains share.name if {
	some share in input.shares
	not share.rows.agencies
}

_of_agency contains share.name if {
	some share in input.shares
	column := scope.told_by("owner_org", input.columns)
	input.row[column.name] in share.rows.agencies
}

# METADATA
# scope: document
# description: The shares whose people or companies, if they name any, the row is about.
# custom:
#   law: Official Information Act B.E. 2540, s. 25; Personal Data Protection Act B.E. 2562, s. 30
_about contains share.name if {
	some share in input.shares
	not share.rows.citizen_id
	not share.rows.juristic_id
}

_about contains share.name if {
	some share in input.shares
	some key in ["citizen_id", "juristic_id"]
	column := scope.told_by(key, input.columns)
	input.row[column.name] in share.rows[key]
}

# METADATA
# scope: document
# description: The shares whose years, if they name any, have the row; by moments from a new year to the next.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
_in_period contains share.name if {
	some share in input.shares
	not share.rows.years
}

_in_period contains share.name if {
	some share in input.shares
	column := scope.period(input.columns)
	column.period != "date"
	years := [scope.written(year, column) | some year in share.rows.years]
	input.row[column.name] in years
}

_in_period contains share.name if {
	some share in input.shares
	column := scope.period(input.columns)
	column.period == "date"
	some year in share.rows.years
	input.row[column.name] >= sprintf("%d-01-01", [scope.common_year(year)])
	input.row[column.name] < sprintf("%d-01-01", [scope.common_year(year) + 1])
}
