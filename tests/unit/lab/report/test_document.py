from __future__ import annotations

from modmirror.lab.report.document import Cell, number, word
from modmirror.lab.report.phrases import Phrase, same


def test_a_name_is_the_same_in_both_languages() -> None:
    assert word("goproxy.cn", "bad") == Cell(same("goproxy.cn"), "bad")


def test_a_number_may_be_a_phrase_when_there_is_none() -> None:
    few = Phrase("n too small", "样本太少")
    assert number(few) == Cell(few, number=True)
    assert number("1.00 s") == Cell(same("1.00 s"), number=True)
