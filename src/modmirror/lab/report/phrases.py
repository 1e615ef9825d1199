"""Words in two languages. Numbers and names are the same in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from modmirror.lab.results import estimates

Language: TypeAlias = Literal["en", "zh", "both"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same in English and Chinese."""

    en: str
    zh: str

    def pick(self, language: Language) -> str:
        """Return it as one line in the wished language; ``both`` puts them side by side."""
        if language == "both" and self.en != self.zh:
            return f"{self.en} · {self.zh}"
        return self.zh if language == "zh" else self.en


def same(text: str) -> Phrase:
    """Return what needs no translation: a name, a number, something a server said."""
    return Phrase(text, text)


EMPTY = same("")
TOO_SMALL = Phrase(estimates.TOO_SMALL, "样本太少")
REGION = Phrase("its region", "所在区域")
"""Where a mirror stands, as opposed to the place that it is measured from."""
