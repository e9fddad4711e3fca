"""Tables written out as files, at the tier of the person who asks."""

from .file import Export, TooManyRows, export, of_decision
from .formats import FORMATS, format_of

__all__ = ["FORMATS", "Export", "TooManyRows", "export", "format_of", "of_decision"]
