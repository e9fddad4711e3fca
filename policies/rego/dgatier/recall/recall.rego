# METADATA
# title: When a grant that lives does not count
# description: |
#   An approval covers the level that the data had when it was given, and the terms that its holder
#   accepted. Both are weighed at each reading, so nothing has to run for a recall to hold.
# schemas:
#   - input: schema.recall
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
package dgatier.recall

import data.dgatier.ladder

# METADATA
# description: |
#   For each grant why it does not count on the data as it stands, or null; the portal writes down what
#   changed and tells people.
# entrypoint: true
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
notes := [why |
	some one in input.grants
	why := withheld(one.grant, one.stands)
]

# METADATA
# scope: document
# description: |
#   Why a grant does not count on data of this level and these terms: `level_raised`, `terms_changed`,
#   or null. A grant that does not say at which level it was approved covers none, and terms that are not
#   said nobody has accepted.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
withheld(grant, stands) := "level_raised" if {
	not covers(object.get(grant, "level", null), stands.level)
} else := "terms_changed" if {
	not _accepted(object.get(grant, "terms", null), object.get(stands, "terms", "unknown"))
} else := null

# METADATA
# description: What was approved at one level holds at that level and below it.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
covers(approved, level) if ladder.level_rank[level] <= ladder.level_rank[approved]

# METADATA
# scope: document
# description: There are no terms, or the holder has accepted these.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19 and 27
_accepted(_, null)

_accepted(accepted, accepted)
