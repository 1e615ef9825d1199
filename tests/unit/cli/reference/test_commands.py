from __future__ import annotations

from modmirror.cli.reference.commands import SHOWN, page
from modmirror.cli.verbs import VERBS


def test_every_shown_verb_is_on_the_page() -> None:
    assert {words[0] for words in SHOWN if words} == {verb.name for verb in VERBS if verb.shown}
    text = page()
    for words in SHOWN:
        assert f"## `{' '.join(('modmirror', *words))}`\n\n```text\nUsage: modmirror" in text
