# METADATA
# title: How a table looks to others
# description: |
#   What a steward is shown of a table of their agency as another person, or as anyone at a tier, would
#   see it: never more than their office lets them see themselves.
# schemas:
#   - input: schema.preview
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
package dgatier.preview

import data.dgatier.administration
import data.dgatier.ahead
import data.dgatier.decision
import data.dgatier.ladder
import data.dgatier.masks
import data.dgatier.obligations
import data.dgatier.scope
import data.dgatier.shares
import data.dgatier.summary
import data.dgatier.texts

# METADATA
# description: Whether the steward may look, why not, and the answer to look at, in the form of a decision.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 14 and 15
reply := {
	"allowed": _allowed,
	"reasons": [texts.not_permitted | not _allowed],
	"answers": [_answer | _allowed],
	"texts": {code: texts[code] | _allowed; some code in _answer.why},
}

# METADATA
# scope: document
# description: Stewards look at the data of their own agency, where their office lets them read rows of it.
# custom:
#   law: Digital Government Act B.E. 2562
default _allowed := false

_allowed if {
	permission := administration.allow with input as {
		"subject": input.subject,
		"action": "preview",
		"object": {"agency": input.target.agency, "requester_id": null},
	}
	permission.allowed
	ladder.tier_rank[_ceiling.whole_tier] >= ladder.tier_rank.masked
}

# METADATA
# description: What the steward may have without any grant of their own.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
_ceiling := _decided(input.subject, [])

# METADATA
# scope: document
# description: What the other may have; a tier in place of a person is had of all rows.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
_theirs := _decided(input.viewer, input.target.grants) if input.tier == null

_theirs := answer if {
	is_string(input.tier)
	usable := [{"tier": input.tier, "source": "preview", "grant": "", "scope": scope.unbound}]
	shared := shares.of(input.target.level, input.target.columns, usable, input.tier)
	parts := object.union(shared, {"summary": _summary(shared)})
	answer := {
		"tier": input.tier,
		"whole_tier": input.tier,
		"own_record": "none",
		"level": input.target.level,
		"obligations": obligations.of(input.target.level, input.target.agency, parts, input.tier, null),
		"grants": [],
		"shares": [],
		"cells": {},
		"ahead": ahead.of(input.target.level, input.target.columns, parts, input.tier, "full"),
	}
}

# METADATA
# description: The terms of a summary of the target at a tier.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 (1) and 26
_summary(shared) := terms if {
	reached := summary.reached(shared, input.tier)
	terms := summary.of(input.target.level, input.target.agency, input.target.columns, reached, input.tier)
}

# METADATA
# description: What the two have in common.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 26
_answer := object.union(_theirs, {
	"tier": ladder.lower_of(_theirs.tier, _ceiling.whole_tier),
	"whole_tier": ladder.lower_of(_theirs.whole_tier, _ceiling.whole_tier),
	"obligations": object.union(_theirs.obligations, {"column_masks": column_masks, "watermark": false}),
	"cells": {name: cells |
		some name, shown in _theirs.cells
		cells := [object.union(cell, {"mask": _stricter(name, cell.mask)}) | some cell in shown]
	},
	"why": masks.why(input.target.level, input.target.columns, column_masks),
	"reasons": [],
	"next_steps": [],
}) if {
	column_masks := {column.name: mask |
		some column in input.target.columns
		mask := _stricter(column.name, object.get(_theirs.obligations.column_masks, column.name, null))
		mask != null
	}
}

# METADATA
# scope: document
# description: |
#   The stricter of a mask and what the steward sees of the column. All masks come from its class, so
#   there are only three: none, that of the class, and hidden.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 26
_stricter(name, null) := object.get(_own_masks, name, null)

_stricter(_, mask) := mask if mask != null

# METADATA
# scope: document
# description: How the steward sees each column, all rows alike.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 26
default _own_masks := {}

_own_masks := masks.of(input.target.level, input.target.columns) if _ceiling.whole_tier != "full"

# METADATA
# description: The decision on the target for someone who holds these grants, decided as any of their own questions.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
_decided(subject, grants) := answers[0] if {
	answers := decision.answers with input as {
		"subject": subject,
		"targets": [object.union(input.target, {"grants": grants})],
		"purpose": null,
		"environment": input.environment,
	}
}
