"""Where one may be sent back to after signing in."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core.local_address import local_path

SITE = "https://data.example"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/dataset/a?page=2&q=%E0%B8%82", "/dataset/a?page=2&q=%E0%B8%82"),
        ("/en/ชุดข้อมูล", "/en/ชุดข้อมูล"),
        (f"{SITE}/access/mine", "/access/mine"),
        ("/a?next=https://data.example/b", "/a?next=https://data.example/b"),
    ],
)
def test_a_page_of_the_portal_is_one(address: str, path: str) -> None:
    assert local_path(address, f"{SITE}/") == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        None, "", "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "\\/evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example",
        "/\r\n/evil.example", "\x00//evil.example", "///evil.example", "javascript:alert(1)",
        "https:evil.example", "https:///evil.example", "https://data.example@evil.example/",
        "https://data.example.evil.example/", "https://data.example\\@evil.example/",
        "／／evil.example", "/／evil.example", "/\uff3cevil.example",
        "dataset/a", "?a", "@evil.example",
        "https://data.example//evil.example",
    ],
)  # fmt: skip
def test_any_other_address_is_none(elsewhere: str | None) -> None:
    assert local_path(elsewhere, SITE) == ""


@given(st.text(alphabet="/\\:@?#. \t\nhtpsevil／\x00", max_size=12))
def test_whatever_is_taken_stays_on_the_site(address: str) -> None:
    path = local_path(address, SITE)
    read_by_a_browser = path.replace("\\", "/").translate(dict.fromkeys(map(ord, "\t\r\n"))).strip()
    assert urlsplit(urljoin(f"{SITE}/access/", read_by_a_browser)).netloc == urlsplit(SITE).netloc
