"""Which facets the catalogue offers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ckan.plugins import toolkit


def dataset_facets(offered: Any) -> Any:
    """Return the facets with the level first; licences, groups and formats as CKAN has them."""
    facets: OrderedDict[str, str] = OrderedDict()
    facets["classification_level"] = toolkit._("Classification level")
    for name, title in offered.items():
        if name != "groups":
            facets[name] = title
    facets["data_category"] = toolkit._("Category")
    return facets
