"""The trash, in which a sysadmin finds the deleted datasets that they may discover."""

from __future__ import annotations

from typing import Any

from ckan import model
from ckan.lib import base
from ckan.plugins import toolkit
from ckan.views.admin import TrashView
from flask import Blueprint

from ckanext.dgatier.enforce import catalogue

blueprint = Blueprint("dgatier_trash", __name__, url_prefix="/ckan-admin")


@blueprint.before_request
def only_sysadmins() -> None:
    """Refuse as CKAN does."""
    try:
        toolkit.check_access("sysadmin", {"user": toolkit.current_user.name})
    except toolkit.NotAuthorized:
        base.abort(403, toolkit._("Need to be system administrator to administer"))


class Trash(TrashView):
    """CKAN's page, without the datasets that are not there for this person."""

    def _get_deleted_datasets(self) -> list[model.Package]:
        deleted = model.Session.query(model.Package).filter_by(state=model.State.DELETED).all()
        hidden = catalogue.hidden_from(toolkit.current_user, {one.id for one in deleted})
        return [one for one in deleted if one.id not in hidden]


_view: Any = Trash.as_view("trash")
blueprint.add_url_rule("/trash", view_func=_view, methods=["GET", "POST"])
