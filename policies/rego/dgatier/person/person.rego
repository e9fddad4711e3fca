# METADATA
# title: What a person is to some data
# description: The kinds of person that the table of rules speaks of, from facts about who is asking.
# schemas:
#   - input: schema.decision
# custom:
#   law: Digital Government Act B.E. 2562
package dgatier.person

# METADATA
# scope: document
# description: The kinds that the subject is towards an agency's data. Being a sysadmin is none of them.
# custom:
#   law: Digital Government Act B.E. 2562
kinds(agency) := _anywhere | _at_home if works_for(agency)

kinds(agency) := _anywhere if not works_for(agency)

# METADATA
# description: An official works for an agency when the identity provider names that very agency.
# custom:
#   law: Digital Government Act B.E. 2562
works_for(agency) if {
	_is_official
	is_string(agency)
	input.subject.agency == agency
}

# METADATA
# scope: document
# description: |
#   The kinds that the subject is towards all data: the public; whoever has signed in; an official of
#   any agency; a researcher whose institute is accredited.
# custom:
#   law: Digital Government Act B.E. 2562
_anywhere contains "everyone"

_anywhere contains "signed_in" if input.subject.authenticated

_anywhere contains "official" if _is_official

_anywhere contains "accredited" if {
	input.subject.authenticated
	"researcher" in input.subject.roles
	input.subject.accredited
}

# METADATA
# scope: document
# description: The kinds that an official is towards their own agency's data; cleared with clearance for secrets.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_at_home contains "own_official"

_at_home contains "cleared" if input.subject.clearance in {"secret", "top_secret"}

# METADATA
# description: Who has signed in and holds the role of an official.
# custom:
#   law: Digital Government Act B.E. 2562
_is_official if {
	input.subject.authenticated
	"official" in input.subject.roles
}

# METADATA
# scope: document
# description: |
#   The numbers by which registers know the person and the companies that they belong to, by the key of
#   the column that holds them. They count once somebody checked who the person is; what people say of themselves does not.
# custom:
#   law: Official Information Act B.E. 2540, s. 25; Personal Data Protection Act B.E. 2562, s. 30
numbers[key] := found if {
	input.subject.authenticated
	input.subject.ial >= data.dgatier.defaults.own_record.ial
	some key in ["citizen_id", "juristic_id"]
	found := input.subject.numbers[key]
	count(found) > 0
}

# METADATA
# description: |
#   What the sign-in lacks for a rule; empty where it is good enough. A need has `ial` and `aal`, the
#   least levels of assurance, and `max_age_s`, the most seconds since the sign-in.
# custom:
#   law: Digital Government Act B.E. 2562
lacks(need) := {lack |
	some lack in ["identity", "factors", "freshness"]
	not _has(lack, need)
}

# METADATA
# scope: document
# description: The identity is proved, the factors are given and the sign-in is recent, each as far as is needed.
# custom:
#   law: Digital Government Act B.E. 2562
_has("identity", need) if _reaches("ial", need.ial)

_has("factors", need) if _reaches("aal", need.aal)

_has("freshness", need) if need.max_age_s == 0

# A clock that runs a little ahead does not make a sign-in stale; five minutes are allowed.
_has("freshness", need) if {
	is_number(input.subject.authenticated_at)
	input.environment.now - input.subject.authenticated_at <= need.max_age_s
	input.subject.authenticated_at - input.environment.now <= 300
}

# METADATA
# scope: document
# description: |
#   A level of assurance is reached by a number that is as high. A service is known by its own key and
#   not by a card; the agency that registered it answers for it.
# custom:
#   law: Digital Government Act B.E. 2562
_reaches(_, 0)

_reaches(name, least) if {
	is_number(input.subject[name])
	input.subject[name] >= least
}

_reaches(_, _) if "service" in input.subject.roles
