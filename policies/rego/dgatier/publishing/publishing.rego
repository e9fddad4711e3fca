# METADATA
# title: What can be published
# description: A dataset whose level is missing, unknown or contradictory is refused, and its publisher told why.
# schemas:
#   - input: schema.publishing
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
package dgatier.publishing

import data.dgatier.ladder
import data.dgatier.texts

# METADATA
# description: Everything that is wrong, empty where the dataset can be published.
# entrypoint: true
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
violations := [object.union(texts[code], {"resource": name}) | some [code, name] in sort(_found)]

# METADATA
# scope: document
# description: |
#   What is wrong, and with which resource: a level that is missing or unknown, a level that the portal
#   does not hold, a category that contradicts the level, a secret resource in a dataset that everyone
#   may discover.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_found contains ["level_missing", ""] if _missing(input.dataset.level)

_found contains ["level_unknown", ""] if {
	not _missing(input.dataset.level)
	not _known(input.dataset.level)
}

_found contains ["top_secret_refused", name] if some name in _top_secret

_found contains ["category_contradicts", ""] if {
	input.dataset.level == "open"
	input.dataset.category in {"ข้อมูลส่วนบุคคล", "ข้อมูลความมั่นคง", "ข้อมูลความลับทางราชการ"}
}

_found contains ["resource_level_unknown", resource.name] if {
	some resource in input.resources
	not _missing(resource.level)
	not _known(resource.level)
}

_found contains ["secret_resource_in_visible_dataset", resource.name] if {
	ladder.level_rank[input.dataset.level] < ladder.level_rank.secret
	some resource in input.resources
	resource.level == "secret"
}

# METADATA
# scope: document
# description: The dataset (an empty name) and the resources that are top secret, which the portal refuses to hold.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_top_secret contains "" if input.dataset.level == "top_secret"

_top_secret contains resource.name if {
	some resource in input.resources
	resource.level == "top_secret"
}

# METADATA
# scope: document
# description: Nothing was said.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_missing(null)

_missing("")

# METADATA
# description: It is one of the five levels.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_known(level) if level in object.keys(ladder.level_rank)
