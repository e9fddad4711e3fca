"""Access tiers: how much of a resource a person may have."""

from __future__ import annotations

from enum import StrEnum


class AccessTier(StrEnum):
    """A rung of the ladder; each rung includes those below it."""

    NONE = "none"
    DISCOVER = "discover"
    SUMMARY = "summary"
    MASKED = "masked"
    FULL = "full"

    @property
    def rank(self) -> int:
        """Place on the ladder, 0 for none to 4 for full."""
        return _TIER_RANK[self]

    def allows(self, wanted: AccessTier) -> bool:
        """Say whether this tier includes `wanted`."""
        return self.rank >= wanted.rank


_TIER_RANK = {tier: rank for rank, tier in enumerate(AccessTier)}
