from __future__ import annotations

import inspect

import pytest

from modmirror.lab.analysis import wording
from modmirror.lab.results.ranking import Gate, Ranked
from modmirror.lab.results.setting import Reason

ROW = Ranked("harbour", 1, "a", 0.9, {}, (), (0.93,))
GIVEN: dict[str, object] = {
    "row": ROW,
    "before": "meadow",
    "equal": True,
    "target": "harbour",
    "name": "sum.golang.org",
    "gate": Gate("coverage", passed=False, text="86 of 100"),
    "lacking": ["zip", "list"],
}
WORDS = [word for name, word in inspect.getmembers(wording, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.__name__)
def test_a_reason_is_one_english_and_one_chinese_sentence(word: object) -> None:
    assert callable(word)
    reason = word(**{name: GIVEN[name] for name in inspect.signature(word).parameters})
    assert isinstance(reason, Reason)
    assert reason.en.endswith(".")
    assert reason.en.isascii()
    assert any("一" <= letter <= "鿿" for letter in reason.zh)
    assert "\n" not in reason.en + reason.zh


def test_reasons_name_the_numbers_and_names_they_rest_on() -> None:
    assert "93%" in wording.first(ROW).en
    assert "93%" in wording.first(ROW).zh
    assert "meadow" in wording.next_one("meadow", ROW, equal=False).en
    assert wording.next_one("meadow", ROW, equal=False).part == ",harbour"
    lacking = [".zip", "version list"]
    assert ".zip, version list" in wording.unfit("harbour", lacking).en
    assert ".zip、版本列表" in wording.unfit("harbour", lacking).zh
