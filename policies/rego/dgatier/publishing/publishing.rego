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
violations := [object.union(texts[code], {"resource": name}) | some [code, name] in sort(_found)]

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

_top_secret contains "" if input.dataset.level == "top_secret"

_top_secret contains resource.name if {
	some resource in input.resources
	resource.level == "top_secret"
}

_missing(null)

_missing("")

_known(level) if level in object.keys(ladder.level_rank)
