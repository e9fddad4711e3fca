"""What a person may not discover does not exist for them, whichever way they come."""

from .actions import HOLDS_ITSELF, actions
from .auth import functions

__all__ = ["HOLDS_ITSELF", "actions", "functions"]
