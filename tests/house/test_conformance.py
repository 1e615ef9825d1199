"""Every row of the matrix is on the page, names code that exists, and is proven by a test that says so."""

from __future__ import annotations

import re

from tests.house.conformance import PAGE, ROWS, marked, page_rows
from tests.house.tree import SRC

KNOWN = {f"T{number}" for number in range(1, 175)}


def test_every_row_is_on_the_page_in_order() -> None:
    assert tuple(page_rows()) == ROWS


def test_every_row_is_proven_by_a_test() -> None:
    assert [row for row in ROWS if not marked()[row]] == []


def test_the_tests_on_the_page_prove_their_rows() -> None:
    wrong = [row for row, (_, tests) in page_rows().items() if not tests or not set(tests) <= marked()[row]]
    assert wrong == [], "run: python -m tests.house.conformance"


def test_marks_name_rows_that_exist() -> None:
    assert sorted(set(marked()) - KNOWN) == []


def test_the_code_on_the_page_exists() -> None:
    cells = re.findall(r"`((?:[a-z]+/)+[a-z0-9_]+\.py)`", PAGE.read_text(encoding="utf-8"))
    assert len(cells) > len(ROWS)
    assert sorted({cell for cell in cells if not (SRC / cell).is_file()}) == []
