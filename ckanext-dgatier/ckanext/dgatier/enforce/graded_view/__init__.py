"""Reads a DataStore table as a person may see it.

The masks are part of the query's innermost table, so that filters, sorting, full-text search,
counts and distinct values work on what is shown, and tell nothing of what is behind it.
"""

from .copying import copied
from .matching import matched
from .quoting import written
from .search import Page, Query, UnreadableQuery, count, names_of, read
from .stream import rows
from .summary import content_version, groups
from .text import delimited, safe
from .view import GradedView, Parts, UnknownColumn, pseudonym_key, rows_of, table_of, type_of

__all__ = [
    "GradedView",
    "Page",
    "Parts",
    "Query",
    "UnknownColumn",
    "UnreadableQuery",
    "content_version",
    "copied",
    "count",
    "delimited",
    "groups",
    "matched",
    "names_of",
    "pseudonym_key",
    "read",
    "rows",
    "rows_of",
    "safe",
    "table_of",
    "type_of",
    "written",
]
