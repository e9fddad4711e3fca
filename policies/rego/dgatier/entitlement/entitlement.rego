# METADATA
# title: What a person is entitled to
# description: |
#   What the table gives without asking, what was granted, and what the loader needs; and how much of
#   that this sign-in is strong enough for.
# schemas:
#   - input: schema.decision
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
package dgatier.entitlement

import data.dgatier.ladder
import data.dgatier.person
import data.dgatier.scope

# METADATA
# description: |
#   Every entitlement under a rule: `tier`, its `source`, the `grant` (empty without one), the `scope` to
#   which it is bound and the `gate`, the tier for which the sign-in is weighed. Where an agency gives less than the table, or than was
#   granted, the gate is still that of more, so that less never comes more easily.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
of(rule, agency, grants, columns) := array.flatten([
	_without_asking(rule, agency),
	_of_own_agency(rule, columns),
	_granted(rule, agency, grants),
	_to_load,
])

# METADATA
# description: What the table gives without asking, by the kind of person.
# custom:
#   law: Official Information Act B.E. 2540, s. 7, 9 and 11
_without_asking(rule, agency) := [one |
	some kind in person.kinds(agency)
	tier := rule.without_asking[kind]
	one := {"tier": tier, "gate": rule.gates[kind], "source": kind, "grant": "", "scope": scope.unbound}
]

# METADATA
# description: |
#   In data of others the rows about an official's own agency, as far as officials have their agency's
#   own data, where one column tells whose a row is.
# custom:
#   law: Digital Government Act B.E. 2562
_of_own_agency(rule, columns) := [one |
	tier := rule.without_asking.own_official
	agency := input.subject.agency
	person.works_for(agency)
	scope.told_by("owner_org", columns)
	one := {
		"tier": tier,
		"gate": rule.gates.own_official,
		"source": "own_rows",
		"grant": "",
		"scope": object.union(scope.unbound, {"rows": {"agencies": [agency]}}),
	}
]

# METADATA
# description: |
#   The rows about the person, and about a company that they belong to, in a register where one column
#   tells whose a row is and that has such rows (`about`, the keys of which it has). It stands beside the
#   tiers: it is no step on their ladder and lends them nothing.
# custom:
#   law: Official Information Act B.E. 2540, s. 25; Personal Data Protection Act B.E. 2562, s. 30
of_oneself(rule, columns, about) := [one |
	tier := rule.without_asking.data_subject
	ladder.tier_rank[tier] >= ladder.tier_rank.masked
	some key, known in person.numbers
	key in about
	scope.told_by(key, columns)
	one := {
		"tier": tier,
		"gate": rule.gates.data_subject,
		"source": _source_of_key[key],
		"grant": "",
		"scope": object.union(scope.unbound, {"rows": {key: known}}),
	}
]

# METADATA
# description: The sources of one's own record, by what tells whose a row is.
# custom:
#   law: Official Information Act B.E. 2540, s. 25; Personal Data Protection Act B.E. 2562, s. 30
_source_of_key := {"citizen_id": "own_record", "juristic_id": "record_of_own_company"}

# METADATA
# description: What was granted, never more than can be approved at the level that the data has today.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
_granted(rule, agency, grants) := [one |
	some grant in grants
	counts(grant)
	tier := ladder.lower_of(grant.tier, approvable(rule, agency))
	one := {"tier": tier, "gate": grant.tier, "source": "grant", "grant": grant.id, "scope": grant.scope}
]

# METADATA
# description: The program that loads files reads them whole, for that purpose and no other.
# custom:
#   law: Digital Government Act B.E. 2562
_to_load := [one |
	input.purpose == "ingest"
	"ingest" in input.subject.roles
	one := {"tier": "full", "gate": "none", "source": "loader", "grant": "", "scope": scope.unbound}
]

# METADATA
# description: The most that can be approved for this person on an agency's data.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
approvable(rule, agency) := ladder.highest({tier |
	some kind in person.kinds(agency)
	tier := rule.approval.tiers[kind]
})

# METADATA
# description: A grant counts while it lives, for whom and for the purpose that it was approved for.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19 and 24
counts(grant) if {
	lives(grant)
	is_for_member(grant)
	is_for_purpose(grant)
	is_carried_out(grant)
	grant.withheld == null
}

# METADATA
# description: A grant lives from its first second to before its last, unless it was revoked.
# custom:
#   law: Official Information Act B.E. 2540, s. 15
lives(grant) if {
	grant.revoked == false
	is_number(grant.valid_from)
	is_number(grant.valid_until)
	grant.valid_from <= input.environment.now
	input.environment.now < grant.valid_until
}

# METADATA
# description: |
#   A condition that the table cannot keep to must not open more than was granted, so a grant counts only
#   where the table lacks nothing of what the grant is bound to.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 24 and 27
is_carried_out(grant) if count(grant.scope.lacking) == 0

# METADATA
# scope: document
# description: What was asked for on behalf of a company or institute is for its members only.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
is_for_member(grant) if grant.organisation == null

is_for_member(grant) if grant.organisation in input.subject.organisations

# METADATA
# scope: document
# description: A grant is for one purpose; whoever names another has no use of it.
# custom:
#   law: Personal Data Protection Act B.E. 2562, s. 19 and 24
is_for_purpose(_) if input.purpose == null

is_for_purpose(grant) if grant.purpose == input.purpose

# METADATA
# scope: document
# description: The entitlements that the sign-in is strong enough for; all where it lacks nothing.
# custom:
#   law: Digital Government Act B.E. 2562
usable(entitled, _, lacks) := entitled if count(lacks) == 0

usable(entitled, rule, lacks) := [one |
	some one in entitled
	ladder.tier_rank[one.gate] < ladder.tier_rank[rule.sign_in.from]
] if {
	count(lacks) > 0
}
