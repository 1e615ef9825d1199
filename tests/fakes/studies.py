"""Configurations of studies, of two mirrors that nobody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.study.config import read_study

if TYPE_CHECKING:
    from pathlib import Path

    from modmirror.lab.study.config import StudyConfig

TARGETS = """
[[target]]
name = "ours"
url = "http://127.0.0.1:8080"
[[target]]
name = "theirs"
url = "https://proxy.example/go"
"""


def config_of(folder: Path, tables: str) -> StudyConfig:
    """Return what a file with these tables, and those of the two mirrors, tells a study."""
    file = folder / "study.toml"
    file.write_text(f"{tables}\n{TARGETS}")
    return read_study(file, {})
