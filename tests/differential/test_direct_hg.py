"""Random repositories of Mercurial: the mirror says of them what the go command says in direct mode."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.differential.hg import compare_hg, hg_cases
from tests.e2e.go import find_go
from tests.fakes.hg_directory import NEEDS_HG

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.go,
    pytest.mark.slow,
    pytest.mark.skipif(find_go() is None, reason="there is no go command here"),
    NEEDS_HG,
]

SEEDS = int(os.environ.get("DIFFERENTIAL_HG_CASES", "12"))
FIRST = int(os.environ.get("DIFFERENTIAL_SEED", "0"))
TOGETHER = 4
"""Cases that are asked about in one run of go."""


@pytest.mark.parametrize("first", range(FIRST, FIRST + SEEDS, TOGETHER))
def test_repositories_of_hg_are_what_the_go_command_says_they_are(first: int, tmp_path: Path) -> None:
    cases = hg_cases(range(first, min(first + TOGETHER, FIRST + SEEDS)))
    findings = compare_hg(list(cases.values()), tmp_path / "all")
    said = [f"{cases[name]}\n" + "\n".join(each) for name, each in findings.differences.items()]
    assert not said, "\n\n".join(said)
    assert findings.zips, "a comparison of failures alone shows little"
