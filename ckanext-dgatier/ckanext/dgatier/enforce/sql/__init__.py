"""Runs a client's SELECT over the tables as that person may see them.

The statement is parsed, held against lists of what may stand in it, and written anew from its
tree: each table that it names becomes the person's graded view of it, and it can name nothing else.
"""

from .answer import Answer, Limits, StatementFailed, answer, whole_text
from .statement import Refused, Statement, read

__all__ = [
    "Answer",
    "Limits",
    "Refused",
    "Statement",
    "StatementFailed",
    "answer",
    "read",
    "whole_text",
]
