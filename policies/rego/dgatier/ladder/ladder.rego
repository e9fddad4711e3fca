# METADATA
# title: The two ladders
# description: Classification levels and access tiers are total orders; everything compares by rank.
# custom:
#   law: Rule on Maintenance of Official Secrets B.E. 2544
package dgatier.ladder

# METADATA
# description: Levels from lowest to highest.
level_rank := {"open": 0, "internal": 1, "confidential": 2, "secret": 3, "top_secret": 4}

# METADATA
# description: Tiers from nothing to everything.
tier_rank := {"none": 0, "discover": 1, "summary": 2, "masked": 3, "full": 4}

_tier_of_rank[rank] := tier if some tier, rank in tier_rank

# METADATA
# description: The highest of a set of tiers, none where the set is empty.
highest(tiers) := _tier_of_rank[max({0} | {tier_rank[tier] | some tier in tiers})]

# METADATA
# description: The lower of two tiers.
lower_of(one, other) := _tier_of_rank[min({tier_rank[one], tier_rank[other]})]
