"""Brings the real parts of a portal up, down, and says how they are."""
