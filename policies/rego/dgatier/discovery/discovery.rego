# METADATA
# title: Who may know that a dataset exists
# description: |
#   The labels whose datasets a subject may discover. A dataset carries the label of its level, a secret
#   one that of its level and agency.
# schemas:
#   - input: schema.discovery
# custom:
#   law: Official Information Act B.E. 2540, s. 7 and 9
package dgatier.discovery

import data.dgatier.person

# METADATA
# description: The labels of a subject, for search and for show alike.
# entrypoint: true
# custom:
#   law: Official Information Act B.E. 2540, s. 7 and 9
labels := sort(_labels)

# METADATA
# scope: document
# description: |
#   What everyone may discover; what is secret for those cleared at its agency; everything for the
#   loader.
# custom:
#   law: Official Information Act B.E. 2540, s. 7 and 9
_labels contains sprintf("dgatier-%s", [level]) if {
	some level in ["open", "internal", "confidential"]
	data.dgatier.defaults.levels[level].without_asking.everyone != "none"
}

_labels contains sprintf("dgatier-secret-%s", [input.subject.agency]) if {
	"cleared" in person.kinds(input.subject.agency)
}

_labels contains "dgatier-ingest" if "ingest" in input.subject.roles
