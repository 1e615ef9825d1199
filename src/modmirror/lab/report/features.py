"""What the features of the protocol matrix are called in both languages."""

from __future__ import annotations

from modmirror.lab.analysis.wording import FEATURES
from modmirror.lab.report.phrases import Phrase


def title_of(title: str) -> Phrase:
    """Return the title of a feature; names of headers and files are the same in both languages."""
    return Phrase(title, FEATURES.get(title, title))
