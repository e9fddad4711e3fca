"""Other words are other terms; white space apart."""

from __future__ import annotations

import pytest

from ckanext.dgatier.core.terms import version_of


def test_the_version_is_that_of_the_words() -> None:
    version = version_of("Use it for research. Name the source.")
    assert version == version_of("  Use it for research.\r\n\r\nName   the source.\n")
    assert version != version_of("Use it for research. Name the sources.")


@pytest.mark.parametrize("text", [None, "", " \n "])
def test_no_words_are_no_terms(text: str | None) -> None:
    assert version_of(text) is None
