from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from modmirror.cli.lab.verbs import LAB_VERBS
from modmirror.cli.reference.commands import help_text

if TYPE_CHECKING:
    from modmirror.cli.verbs import Verb


@pytest.mark.parametrize("verb", LAB_VERBS, ids=lambda verb: verb.name)
def test_every_row_names_a_module_with_an_app_of_that_name(verb: Verb) -> None:
    assert import_module(verb.module).app.name == (verb.name,)


@pytest.mark.parametrize("verb", LAB_VERBS, ids=lambda verb: verb.name)
def test_every_verb_says_something_in_chinese(verb: Verb) -> None:
    assert any("\u4e00" <= letter <= "\u9fff" for letter in help_text(("lab", verb.name)))


def test_the_lab_lists_its_verbs() -> None:
    listed = help_text(("lab",))
    assert all(f"\n  {verb.name} " in listed for verb in LAB_VERBS)
