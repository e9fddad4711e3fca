"""Gives the datasets of CKAN's tests the level that they are written for: everyone sees them."""

from __future__ import annotations

from typing import Any

from ckan import plugins
from ckan.plugins import toolkit

_LEVEL = "classification_level"


class OpenByDefault(plugins.SingletonPlugin, toolkit.DefaultDatasetForm):
    """Stores each dataset that says no level as open, as a publisher would by the form."""

    plugins.implements(plugins.IDatasetForm, inherit=True)

    def is_fallback(self) -> bool:
        return True

    def package_types(self) -> list[str]:
        return []

    def create_package_schema(self) -> dict[str, Any]:
        return {**super().create_package_schema(), _LEVEL: self._stored()}

    def update_package_schema(self) -> dict[str, Any]:
        return {**super().update_package_schema(), _LEVEL: self._stored()}

    def show_package_schema(self) -> dict[str, Any]:
        read = [toolkit.get_converter("convert_from_extras"), self._validator("ignore_missing")]
        return {**super().show_package_schema(), _LEVEL: read}

    def _stored(self) -> list[Any]:
        return [self._validator("default")("open"), toolkit.get_converter("convert_to_extras")]

    def _validator(self, name: str) -> Any:
        return toolkit.get_validator(name)
