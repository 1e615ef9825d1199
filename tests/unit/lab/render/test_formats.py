from __future__ import annotations

from typing import get_args

import pytest

from modmirror.lab.render.formats import FORMATS, SUFFIXES, Format, Rendering, render
from modmirror.lab.render.text import Style
from tests.fakes.lab_runs import rich_report


def test_every_format_has_its_row_and_its_suffix() -> None:
    assert set(FORMATS) == set(get_args(Format)) == set(SUFFIXES.values())


@pytest.mark.parametrize("form", get_args(Format))
def test_every_format_ends_with_one_newline(form: Format) -> None:
    text = render(rich_report(), form, Rendering(Style(), lambda: b""))
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_only_the_page_reads_the_raw_samples() -> None:
    def never() -> bytes:
        raise AssertionError

    for form in set(get_args(Format)) - {"html"}:
        render(rich_report(), form, Rendering(Style(), never))
