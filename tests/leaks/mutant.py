"""`mutant.py INI GUARD` serves the portal without one of its guards, on a port that it prints.

Nothing in the portal can be switched off: here the guard is exchanged before the application is
made, in this process and nowhere else.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from werkzeug.serving import make_server

from ckanext.dgatier.enforce import (
    catalogue,
    datastore,
    datastore_sql,
    decision_point,
    files,
    hidden,
    listings,
    metadata,
    words,
)


def _without(name: str, module: Any) -> Callable[[], None]:
    """Return what leaves out one action of those that a module chains before CKAN's own."""
    given = module.get_actions

    def left() -> dict[str, Any]:
        return {key: one for key, one in given().items() if key != name}

    return lambda: setattr(module, "get_actions", left)


def _as(module: Any, name: str, other: Any) -> Callable[[], None]:
    return lambda: setattr(module, name, other)


def _own(own: dict[str, Any], _others: dict[str, Any]) -> dict[str, Any]:
    return own


def _passed(*_asked: Any, **_options: Any) -> None:
    return None


def _nothing_hidden(_user: Any, _ids: Any) -> set[str]:
    return set()


GUARDS: dict[str, Callable[[], None]] = {
    "hidden.actions": _as(hidden, "actions", _own),
    "hidden.functions": _as(hidden, "functions", _own),
    "decision_point.require": _as(decision_point, "require", _passed),
    "decision_point.is_open": _as(decision_point, "is_open", lambda _resource_id: True),
    "catalogue.hidden_from": _as(catalogue, "hidden_from", _nothing_hidden),
    "catalogue.ask_of_what_is_found": _as(catalogue, "ask_of_what_is_found", lambda asked: asked),
    "catalogue.package_search": _without("package_search", catalogue),
    "catalogue._without_withheld": _as(catalogue, "_without_withheld", lambda asked: asked),
    "catalogue._own_labels": _as(
        catalogue,
        "_own_labels",
        catalogue._ckan_labels.get_user_dataset_labels,
    ),
    "catalogue.dataset_labels": _as(
        catalogue, "dataset_labels", lambda package: ["dgatier-open", catalogue.LOADER_LABEL]
    ),
    "words.tag_list": _without("tag_list", words),
    "words.tag_search": _without("tag_search", words),
    "words.tag_autocomplete": _without("tag_autocomplete", words),
    "words.tag_show": _without("tag_show", words),
    "words.format_autocomplete": _without("format_autocomplete", words),
    "listings.package_list": _without("package_list", listings),
    "listings.package_autocomplete": _without("package_autocomplete", listings),
    "listings.resource_search": _without("resource_search", listings),
    "datastore.datastore_search": _without("datastore_search", datastore),
    "datastore.datastore_info": _without("datastore_info", datastore),
    "datastore_sql.datastore_search_sql": _without("datastore_search_sql", datastore_sql),
    "metadata.strip_dataset": _as(metadata, "strip_dataset", _passed),
    "metadata.strip_search": _as(metadata, "strip_search", lambda results: results),
    "files.given": _as(files, "given", _passed),
}


def main() -> None:
    """Exchange the guard, make the application and serve it until this process ends."""
    ini, guard = sys.argv[1:]
    GUARDS[guard]()
    application = make_app(CKANConfigLoader(ini).get_config())
    server = make_server("127.0.0.1", 0, application, threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
