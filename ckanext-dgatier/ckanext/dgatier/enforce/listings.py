"""Lists that CKAN takes from its database without asking who may discover what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ckan import authz, model
from ckan.lib.dictization import model_dictize
from ckan.plugins import toolkit
from ckan.types import Action, Context, DataDict

from . import catalogue, facts, memory, references

_PAGE = 1000
#: What a search of resources may look at where they are not open: an address is part of the data.
_NAMING = {"name", "description", "format", "id", "package_id"}


@toolkit.chained_action
def package_list(original: Action, context: Context, data_dict: DataDict) -> Any:
    """List the names of the datasets that the person may discover, in their order."""
    toolkit.check_access("package_list", context, data_dict)
    limit, start = _number(data_dict, "limit"), _number(data_dict, "offset") or 0
    by = "id" if context.get("api_version") == 2 else "name"
    names: list[str] = []
    while limit is None or len(names) < limit:
        rows = _PAGE if limit is None else min(_PAGE, limit - len(names))
        page = _search(context, fl=[by], rows=rows, start=start + len(names), sort=f"{by} asc")
        names += [str(one[by]) for one in page]
        if len(page) < rows:
            break
    return names


@toolkit.chained_action
def package_autocomplete(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Complete names and titles; CKAN lets a sysadmin see all."""
    if not authz.is_sysadmin(context.get("user")):
        return original(context, data_dict)
    toolkit.check_access("package_autocomplete", context, data_dict)
    # Without a name CKAN takes the account for that of anyone, and asks for its labels.
    return original({**context, "user": ""}, data_dict)


@toolkit.chained_action
def current_package_list_with_resources(
    original: Action, context: Context, data_dict: DataDict
) -> Any:
    """List datasets whole; CKAN lets a sysadmin see all."""
    if not authz.is_sysadmin(context.get("user")):
        return original(context, data_dict)
    limit, start = _number(data_dict, "limit"), _number(data_dict, "offset") or 0
    return _search(context, rows=10 if limit is None else limit, start=start)


@toolkit.chained_action
def resource_search(original: Action, context: Context, data_dict: DataDict) -> Any:
    """Search the resources of datasets that the person may discover.

    By other fields than those that name a resource only open ones are found, and the address of a
    linked one is given where it is open.
    """
    if context.get("ignore_auth"):
        return original(context, data_dict)
    limit, start = _number(data_dict, "limit"), _number(data_dict, "offset") or 0
    asked = {key: one for key, one in data_dict.items() if key not in ("limit", "offset")}
    found: list[model.Resource] = original({**context, "search_query": True}, asked)["results"]
    user = context.get("auth_user_obj") or model.User.get(context.get("user"))
    about = {one.package_id for one in found}
    seen = about - catalogue.hidden_from(user, about)
    opened = {one.id for one in references.packages(seen) if facts.is_open(facts.of_package(one))}
    counts = seen if _fields_of(data_dict) <= _NAMING else opened
    found = [one for one in found if one.package_id in counts]
    page = found[start : None if limit is None else start + limit]
    shown = model_dictize.resource_list_dictize(page, context)
    for one in shown:
        if one["package_id"] not in opened and one.get("url_type") != "upload":
            one["url"] = ""
    return {"count": len(found), "results": shown}


@toolkit.chained_action
def group_list(original: Action, context: Context, data_dict: DataDict) -> Any:
    """List groups with the numbers of datasets that the person may discover."""
    return _numbered(original(context, _plainly_ordered(data_dict)), context, "groups", "name")


@toolkit.chained_action
def organization_list(original: Action, context: Context, data_dict: DataDict) -> Any:
    """List agencies with the numbers of datasets that the person may discover."""
    return _numbered(original(context, _plainly_ordered(data_dict)), context, "owner_org", "id")


def get_actions() -> dict[str, Any]:
    """Return the actions that stand before CKAN's own."""
    return {
        "package_list": package_list,
        "package_autocomplete": package_autocomplete,
        "current_package_list_with_resources": current_package_list_with_resources,
        "resource_search": resource_search,
        "group_list": group_list,
        "organization_list": organization_list,
    }


def made_by(context: Mapping[str, Any]) -> Mapping[str, int]:
    """Return by the id of each account how many datasets of it the person may discover."""

    def ask() -> Mapping[str, int]:
        asked = {"rows": 0, "facet.field": ["creator_user_id"], "facet.limit": -1}
        return dict(_searched(context, asked)["facets"].get("creator_user_id", {}))

    return memory.kept(("made by", context.get("user")), ask)


def _plainly_ordered(data_dict: DataDict) -> DataDict:
    """Return the question without an order by numbers of datasets, which counts hidden ones too."""
    kept = {key: one for key, one in data_dict.items() if key != "order_by"}
    order = str(data_dict.get("sort") or data_dict.get("order_by") or "")
    if order.strip().startswith("package"):
        return {key: one for key, one in kept.items() if key != "sort"}
    return dict(data_dict)


def _numbered(listed: Any, context: Context, field: str, key: str) -> Any:
    """Return groups with numbers by labels; CKAN counts all for a sysadmin."""
    whole = [one for one in listed if isinstance(one, dict) and "package_count" in one]
    if not whole or not authz.is_sysadmin(context.get("user")):
        return listed
    asked = {"rows": 0, "facet.field": [field], "facet.limit": -1}
    counts = _searched(context, asked)["facets"].get(field, {})
    for one in whole:
        one["package_count"] = counts.get(one[key], 0)
    return listed


def _search(context: Mapping[str, Any], **asked: Any) -> list[dict[str, Any]]:
    return list(_searched(context, asked)["results"])


def _searched(context: Mapping[str, Any], asked: Mapping[str, Any]) -> Any:
    person: Context = {name: context[name] for name in ("user", "auth_user_obj") if name in context}
    return toolkit.get_action("package_search")(person, dict(asked))


def _fields_of(data_dict: Mapping[str, Any]) -> set[str]:
    """Return the fields that a search of resources and its order look at."""
    query = data_dict.get("query") or []
    asked = [query] if isinstance(query, str) else query
    return {str(one).split(":", 1)[0] for one in asked} | set(_order(data_dict))


def _order(data_dict: Mapping[str, Any]) -> Iterator[str]:
    if order := data_dict.get("order_by"):
        yield str(order)


def _number(data_dict: Mapping[str, Any], name: str) -> int | None:
    """Return a number from nought on, `None` where none is given."""
    given = data_dict.get(name)
    if given in (None, ""):
        return None
    try:
        number = int(given)
    except (TypeError, ValueError):
        number = -1
    if number < 0:
        raise toolkit.ValidationError({name: [toolkit._("Must be a natural number")]})
    return number
