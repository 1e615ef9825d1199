from __future__ import annotations

from importlib import import_module

import pytest

from modmirror.cli.verbs import VERBS, Verb, build_app


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_row_names_a_module_with_an_app_of_that_name(verb: Verb) -> None:
    assert import_module(verb.module).app.name == (verb.name,)


def test_hidden_verbs_are_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    build_app(str).help_print([])
    out = capsys.readouterr().out
    shown = {verb.name for verb in VERBS if f"\n  {verb.name} " in out}
    assert shown == {verb.name for verb in VERBS if verb.shown}
