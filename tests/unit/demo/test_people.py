"""The made-up people are well made."""

from __future__ import annotations

from collections import Counter

import pytest

from dgatier_demo import catalogue
from dgatier_demo.people import PROVINCES, Population, check_digit
from dgatier_demo.tables import TABLES


def test_check_digit_of_a_published_example() -> None:
    # The juristic number 0993000380371 stands in public procurement data.
    assert check_digit("099300038037") == "1"


@pytest.mark.parametrize("draw", ["citizen_number", "juristic_number"])
def test_numbers_have_a_right_check_digit(draw: str) -> None:
    population = Population("test")
    for _ in range(500):
        number = getattr(population, draw)()
        assert len(number) == 13
        assert check_digit(number[:12]) == number[12]


def test_there_are_77_provinces_and_the_populous_are_drawn_more_often() -> None:
    assert len(PROVINCES) == 77
    population = Population("test")
    drawn = Counter(population.province().name_en for _ in range(20_000))
    assert drawn["Bangkok"] > 5 * drawn["Ranong"]


def test_the_same_seed_makes_the_same_rows() -> None:
    for name, table in TABLES.items():
        if name != "province":
            assert list(table.rows("a", 20)) == list(table.rows("a", 20))
            assert list(table.rows("a", 20)) != list(table.rows("b", 20))


def test_the_catalogue_is_as_large_and_varied_as_it_says() -> None:
    datasets = catalogue.datasets()
    assert len(datasets) >= 60
    assert len({each.agency for each in datasets}) >= 12
    assert {each.level for each in datasets} == {"open", "internal", "confidential", "secret"}
    assert len({each.name for each in datasets}) == len(datasets)
    assert all(each.metadata()["synthetic"] == "True" for each in datasets)
    assert sum(each.file == "xlsx" for each in datasets) >= 2
    assert any(each.file == "tis620" for each in datasets)


def test_every_column_has_a_disclosure_class() -> None:
    for table in TABLES.values():
        for column in table.columns:
            assert column.disclosure in (
                "identifier", "quasi_identifier", "sensitive", "measure", "plain",
            )  # fmt: skip
