"""The question of how a table looks to others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ckanext.dgatier.core.decision import Decision, Message
from ckanext.dgatier.core.environment import Environment
from ckanext.dgatier.core.grant import Grant
from ckanext.dgatier.core.subject import Subject
from ckanext.dgatier.core.target import Target
from ckanext.dgatier.core.tier import AccessTier

from . import document
from .client import PolicyUnavailable, answer_to
from .questions import decision_of, messages

_PREVIEW = "preview/reply"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: a person with the grants that they hold on the dataset, or anyone at a tier."""

    subject: Subject | None = None
    grants: Sequence[Grant] = ()
    tier: AccessTier | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What a steward is shown; `decision` is `None` where they may not look, for the reasons."""

    decision: Decision | None
    reasons: tuple[Message, ...]


def preview(
    steward: Subject, viewer: Viewer, target: Target, *, environment: Environment
) -> Preview:
    """Return what the steward may see of what the viewer would; raises `PolicyUnavailable`."""
    said = answer_to(
        _PREVIEW,
        {
            "subject": document.of_subject(steward),
            "viewer": document.of_subject(viewer.subject) if viewer.subject else None,
            "tier": viewer.tier,
            "target": document.of_target(target, viewer.grants),
            "environment": document.of_environment(environment),
        },
    )
    try:
        if said.result["allowed"] is not True:
            return Preview(None, messages(said.result["reasons"]))
        (answer,) = said.result["answers"]
        texts = {one.code: one for one in messages(list(said.result["texts"].values()))}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PolicyUnavailable(_PREVIEW) from error
    return Preview(decision_of(answer, texts, target, said.decision_id), ())
