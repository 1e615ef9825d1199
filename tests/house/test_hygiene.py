"""What must not get in: addresses of package registries, paths of one machine, open requirements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT, name, tracked

if TYPE_CHECKING:
    from pathlib import Path

# Spelt so that this file does not find itself.
REGISTRIES = re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.]|crates[.]io")
MACHINE_PATHS = re.compile(r"/[r]oot/|(?<![\w.$])/[w]ork/|/[h]ome/\w+/")
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [
            f"{name(path)}:{number}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    return found


def test_no_file_names_a_package_registry() -> None:
    assert lines_with(REGISTRIES) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert lines_with(MACHINE_PATHS) == []


@pytest.mark.parametrize("path", REQUIREMENTS, ids=name)
def test_every_requirement_is_pinned_by_hash_and_holds_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    assert [line for line in lines if not re.search(r"==\S+.*--hash=sha256:[0-9a-f]{64}", line)] == []
    assert "://" not in text


def test_every_file_of_text_ends_with_one_newline_and_has_no_blanks_at_line_ends() -> None:
    wrong = []
    for path in tracked():
        if path.suffix in {".py", ".md", ".toml", ".in"}:
            text = path.read_text(encoding="utf-8")
            if text and (not text.endswith("\n") or text.endswith("\n\n") or re.search(r"[ \t]+\n", text)):
                wrong.append(name(path))
    assert wrong == []
