"""A table as a file: the route of CKAN's dump, for each person at their tier."""

from __future__ import annotations

from typing import Any

from ckan.common import current_user
from ckan.lib import base
from ckan.plugins import toolkit
from ckan.types import Context
from flask import Blueprint

from ckanext.datastore import blueprint as ckan_dump
from ckanext.datastore import helpers as datastore_helpers
from ckanext.dgatier.enforce import datastore, decision_point, exports, graded_view
from ckanext.dgatier.enforce.graded_view import Query

from . import streams

blueprint = Blueprint("dgatier_dumps", __name__)

_BAD, _REFUSED, _NOT_THERE = 400, 403, 404


@blueprint.route("/datastore/dump/<resource_id>", methods=["GET", "HEAD"])
def dump(resource_id: str) -> Any:
    """Give a table in one of the formats, or refuse; open data in CKAN's formats as CKAN does."""
    given = toolkit.request.args.to_dict()
    asked, errors = toolkit.navl_validate(given, _schema(), {})
    if errors:
        return base.abort(_BAD, _said(errors))
    table = datastore.real_id(resource_id)
    form = exports.FORMATS[asked["format"]]
    of_ckan = form.name in ckan_dump.DUMP_FORMATS
    if of_ckan and (table is None or decision_point.is_open(table)):
        return streams.keep_request(ckan_dump.dump(resource_id))
    context: Context = {"user": current_user.name, "auth_user_obj": current_user}
    try:
        if table is None:
            raise toolkit.ObjectNotFound
        toolkit.check_access("datastore_search", context.copy(), {"resource_id": table})
    except (toolkit.NotAuthorized, toolkit.ObjectNotFound):
        return base.abort(_NOT_THERE, toolkit._("DataStore resource not found"))
    try:
        made = exports.export(
            context, table, form, _query(asked, given),
            purpose=given.get("purpose"), bom=asked["bom"],
        )  # fmt: skip
    except toolkit.NotAuthorized as refusal:
        return base.abort(_REFUSED, str(refusal))
    except toolkit.ValidationError as wrong:
        return base.abort(_BAD, _said(wrong.error_dict))
    except graded_view.UnknownColumn as unknown:
        return base.abort(_BAD, toolkit._("There is no column {name}.").format(name=unknown))
    except graded_view.UnreadableQuery:
        return base.abort(_BAD, toolkit._("The query could not be carried out."))
    except exports.TooManyRows:
        return base.abort(_BAD, toolkit._("A sheet cannot hold so many rows: use CSV or Parquet."))
    return streams.answer(made, f"{table}.{form.name}")


def _schema() -> dict[str, Any]:
    names = list(exports.FORMATS)
    choice = [toolkit.get_validator("default")("csv"), toolkit.get_validator("one_of")(names)]
    ignore = [toolkit.get_validator("ignore_missing")]
    return {**ckan_dump.dump_schema(), "format": choice, "purpose": ignore}


def _query(asked: dict[str, Any], given: dict[str, str]) -> Query:
    fields = datastore_helpers.get_list(asked.get("fields"))
    sort = datastore_helpers.get_list(asked["sort"], False) if "sort" in given else ()
    return Query(
        filters=asked.get("filters"),
        q=asked.get("q"),
        plain=asked.get("plain", True),
        language=asked.get("language") or "simple",
        fields=tuple(fields) if fields else None,
        sort=tuple(sort or ()),
        distinct=bool(asked.get("distinct")),
        limit=asked.get("limit"),
        offset=asked["offset"],
    )


def _said(errors: dict[str, Any]) -> str:
    return "\n".join(f"{name}: {' '.join(map(str, texts))}" for name, texts in errors.items())
