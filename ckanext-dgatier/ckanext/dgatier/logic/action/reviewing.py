"""Who of the stewards works on a request, and whose opinion is asked."""

from __future__ import annotations

from typing import Any

from ckan.plugins import toolkit
from ckan.types import Context, DataDict

from ckanext.dgatier import identity, policy
from ckanext.dgatier.core.request import RequestCommand
from ckanext.dgatier.logic import request_log, schema
from ckanext.dgatier.logic.request_log import Seen

from .requests import dgatier_request_show


def dgatier_request_claim(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Take a request on, so that other stewards see who works on it.

    :param id: the request
    """
    return _done(context, request_log.seen(context, data_dict), RequestCommand.CLAIM, {})


def dgatier_request_release(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Put a request back that someone had taken on.

    :param id: the request
    """
    return _done(context, request_log.seen(context, data_dict), RequestCommand.RELEASE, {})


def dgatier_request_hand_over(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Hand a request over to another steward of the agency, whether they ever signed in or not.

    :param id: the request
    :param to: the user name of the steward
    """
    one = request_log.seen(context, data_dict)
    request_log.require_possible(one, RequestCommand.HAND_OVER)
    person, possible = _assignable(one, data_dict, "to")
    if not possible.steward:
        raise toolkit.ValidationError(
            {"to": [toolkit._("This is no steward of the agency who could decide on it.")]}
        )
    return _done(context, one, RequestCommand.HAND_OVER, {"to": person.user_id()})


def dgatier_request_ask_review(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Ask an official of any agency for their opinion; they see the request from then on.

    :param id: the request
    :param reviewer: the user name
    :param reason: what is asked of them
    """
    one = request_log.seen(context, data_dict)
    request_log.require_possible(one, RequestCommand.ASK_REVIEW)
    text = schema.reason(data_dict.get("reason"))
    person, possible = _assignable(one, data_dict, "reviewer")
    if not possible.reviewer:
        raise toolkit.ValidationError(
            {
                "reviewer": [
                    toolkit._("Only officials who do not want the data themselves can be asked.")
                ]
            }
        )
    payload = {"reviewer": person.user_id(), "reason": text, "private": True}
    return _done(context, one, RequestCommand.ASK_REVIEW, payload)


def dgatier_request_review(context: Context, data_dict: DataDict) -> dict[str, Any]:
    """Give the opinion that one was asked for; it is for the stewards alone.

    :param id: the request
    :param reason: the opinion
    """
    one = request_log.seen(context, data_dict)
    payload = {"reason": schema.reason(data_dict.get("reason")), "private": True}
    return _done(context, one, RequestCommand.REVIEW, payload)


def _assignable(
    one: Seen, data_dict: DataDict, field: str
) -> tuple[identity.Candidate, policy.Assignable]:
    person = schema.candidate(data_dict, field)
    possible = policy.assignable(
        person.subject, one.request, environment=identity.current_environment()
    )
    return person, possible


def _done(
    context: Context, one: Seen, command: RequestCommand, payload: dict[str, Any]
) -> dict[str, Any]:
    request_log.carry_out(one, command, payload)
    return dgatier_request_show(context, {"id": one.request.id})
