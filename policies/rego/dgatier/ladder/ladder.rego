# METADATA
# title: The two ladders
# description: Classification levels and access tiers are total orders; everything compares by rank.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
package dgatier.ladder

# METADATA
# description: Levels from lowest to highest.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
level_rank := {"open": 0, "internal": 1, "confidential": 2, "secret": 3, "top_secret": 4}

# METADATA
# description: Tiers from nothing to everything.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
tier_rank := {"none": 0, "discover": 1, "summary": 2, "masked": 3, "full": 4}

# METADATA
# description: The tier of each rank.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
_tiers := ["none", "discover", "summary", "masked", "full"]

# METADATA
# description: The highest of several tiers, none where there are none.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
highest(tiers) := _tiers[max({0} | {tier_rank[tier] | some tier in tiers})]

# METADATA
# description: The lower of two tiers.
# custom:
#   law: Official Information Act B.E. 2540, s. 11 and 15
lower_of(one, other) := _tiers[min([tier_rank[one], tier_rank[other]])]

# METADATA
# description: The level of each rank.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
_levels := ["open", "internal", "confidential", "secret", "top_secret"]

# METADATA
# description: The highest of a set of levels; what is no level counts for nothing.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
highest_level(levels) := _levels[max({level_rank[level] | some level in levels})]
