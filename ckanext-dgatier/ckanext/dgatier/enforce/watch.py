"""Whether what goes out to a person is still theirs, asked again while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ckan import model
from ckan.types import Context

from ckanext.dgatier import identity

from . import decision_point
from .decision_point import ResourceDecision

_ASK_AGAIN = 1.0  # seconds


class NoLongerTheirs(Exception):
    """What the person may have has changed while it went out; the answer breaks off."""


@dataclass(slots=True)
class Watch:
    """What goes out by a decision; `stands` compares that one with the one of now."""

    context: Context
    asked: ResourceDecision
    stands: Callable[[ResourceDecision, ResourceDecision], bool]
    _looked: float = field(default_factory=time.monotonic)

    def look(self) -> None:
        """Ask again where that was a second ago; to be called before each part that goes out.

        Raises `NoLongerTheirs`, or as `decision_point.for_resource` does.
        """
        if time.monotonic() - self._looked < _ASK_AGAIN:
            return
        model.Session.rollback()  # what has changed meanwhile counts
        identity.look_again()
        now = decision_point.for_resource(self.context, self.asked.resource.id, self.asked.purpose)
        if not self.stands(self.asked, now):
            raise NoLongerTheirs
        self._looked = time.monotonic()
