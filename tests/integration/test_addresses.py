"""An address that a publisher writes leads somewhere, and runs nothing."""

from __future__ import annotations

import pytest
from ckanapi import ValidationError

from instance import Instance, open_dataset


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"]
)
def test_no_address_runs_anything(instance: Instance, address: str) -> None:
    suda = instance.portal("suda").action
    link = {"name": "a link", "url": address}
    for written in ({"resources": [link]}, {"url": address}, {"reference_url_catalog": address}):
        with pytest.raises(ValidationError):
            suda.package_create(**{**open_dataset(), **written})


def test_addresses_of_the_web_and_names_of_files_are_taken(
    instance: Instance, package: str
) -> None:
    suda = instance.portal("suda").action
    for address in ("https://data.example/a:b.csv?x=1:2", "ftp://data.example/a", "/a:b", "a.csv"):
        assert suda.resource_create(package_id=package, name="a link", url=address)["url"]
