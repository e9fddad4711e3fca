"""Enforcement points: one module a surface through which data can reach a person."""
