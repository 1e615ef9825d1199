from __future__ import annotations

import pytest

from modmirror.lab.report.phrases import Language, Phrase, same


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "mirror"), ("zh", "镜像"), ("both", "mirror · 镜像")]
)
def test_a_phrase_is_shown_in_the_wished_language(language: Language, shown: str) -> None:
    assert Phrase("mirror", "镜像").pick(language) == shown


def test_what_is_the_same_in_both_languages_is_said_once() -> None:
    assert same("P95").pick("both") == "P95"
