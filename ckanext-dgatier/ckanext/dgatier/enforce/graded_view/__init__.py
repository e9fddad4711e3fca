"""Reads a DataStore table as a person may see it.

The masks are part of the query's innermost table, so that filters, sorting, full-text search,
counts and distinct values work on what is shown, and tell nothing of what is behind it.
"""

from .quoting import written
from .search import Page, Query, count, read
from .summary import content_version, groups
from .text import delimited, parts, safe
from .view import GradedView, Parts, UnknownColumn, pseudonym_key, rows_of, table_of

__all__ = [
    "GradedView",
    "Page",
    "Parts",
    "Query",
    "UnknownColumn",
    "content_version",
    "count",
    "delimited",
    "groups",
    "parts",
    "pseudonym_key",
    "read",
    "rows_of",
    "safe",
    "table_of",
    "written",
]
