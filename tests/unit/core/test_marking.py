"""What tells copies apart: which columns are pseudonyms, and whose grants made them."""

from __future__ import annotations

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.decision import Cell, ColumnMask, Decision, Obligations, Share
from ckanext.dgatier.core.marking import PSEUDONYM, Marks, marks_of
from ckanext.dgatier.core.tier import AccessTier

PSEUDONYMS, HIDDEN = ColumnMask("pseudonym"), ColumnMask("suppress")


def _decision(**given: object) -> Decision:
    return Decision(AccessTier.MASKED, ClassificationLevel.INTERNAL, "d", **given)  # type: ignore[arg-type]


def test_all_rows_have_one_key() -> None:
    owed = Obligations(column_masks={"id": PSEUDONYMS, "illness": HIDDEN})
    assert marks_of(_decision(obligations=owed, grants=("g", "h"))) == Marks(("id",), (("g", "h"),))


def test_without_pseudonyms_there_is_no_mark() -> None:
    assert marks_of(_decision(obligations=Obligations(column_masks={"illness": HIDDEN}))) is None
    assert marks_of(_decision(obligations=Obligations(row_filter=True))) is None


def test_parts_have_the_keys_of_the_shares_that_show_pseudonyms() -> None:
    found = marks_of(
        _decision(
            obligations=Obligations(row_filter=True, column_masks={"id": PSEUDONYMS}),
            shares=(Share("full", ("f",)), Share("part", ("p",)), Share("whole", ())),
            cells={
                "id": (Cell("full", None), Cell("part", PSEUDONYMS), Cell("whole", PSEUDONYMS)),
                "illness": (Cell("full", None),),
            },
        )
    )
    assert found == Marks(("id",), (("p",), ()))
    assert Marks.from_dict(found.to_dict()) == found


def test_a_pseudonym_is_found_in_any_text_and_a_part_of_a_longer_one_is_not() -> None:
    text = b'0123456789abcdef,"fedcba9876543210"\t<i>0000000000000000</i>'
    assert len(PSEUDONYM.findall(text)) == 3
    assert not PSEUDONYM.findall(b"0123456789abcdef0 0123456789ABCDEF 0123456789abcde")
