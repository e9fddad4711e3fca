# METADATA
# title: What a person is to some data
# description: The kinds of person that the table of rules speaks of, from facts about the person.
# custom:
#   law: Digital Government Act B.E. 2562
package dgatier.person

# METADATA
# description: The kinds that a subject is towards an agency's data. Being a sysadmin is none of them.
kinds(subject, agency) := {"everyone"} | {kind |
	some kind in ["signed_in", "official", "own_official", "accredited", "cleared"]
	_is(kind, subject, agency)
}

_is("signed_in", subject, _) if subject.authenticated

_is("official", subject, _) if _official(subject)

_is("own_official", subject, agency) if _own_official(subject, agency)

_is("accredited", subject, _) if {
	subject.authenticated
	"researcher" in subject.roles
	subject.accredited
}

_is("cleared", subject, agency) if {
	_own_official(subject, agency)
	subject.clearance in {"secret", "top_secret"}
}

_official(subject) if {
	subject.authenticated
	"official" in subject.roles
}

_own_official(subject, agency) if {
	_official(subject)
	is_string(agency)
	subject.agency == agency
}

# METADATA
# description: What the sign-in lacks for a rule; empty where it is good enough.
lacks(subject, need, now) := {lack |
	some lack in ["identity", "factors", "freshness"]
	_lacks(lack, subject, need, now)
}

_lacks("identity", subject, need, _) if not _reaches(subject, "ial", need.ial)

_lacks("factors", subject, need, _) if not _reaches(subject, "aal", need.aal)

_lacks("freshness", subject, need, now) if {
	need.max_age_s > 0
	not _fresh(subject, need, now)
}

_reaches(_, _, 0)

_reaches(subject, name, least) if {
	is_number(subject[name])
	subject[name] >= least
}

# A service is known by its own key and not by a card; the agency that registered it answers for it.
_reaches(subject, name, _) if {
	name in {"ial", "aal"}
	"service" in subject.roles
}

# A clock that runs a little ahead does not make a sign-in stale; five minutes are allowed.
_fresh(subject, need, now) if {
	is_number(subject.authenticated_at)
	now - subject.authenticated_at <= need.max_age_s
	subject.authenticated_at - now <= 300
}
