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

CASES = max(1, int(os.environ.get("DIFFERENTIAL_CASES", "60")) // 20)
"""One for twenty of git: a case is a hundred runs of hg, and each of them starts Python."""
FIRST = int(os.environ.get("DIFFERENTIAL_SEED", "0"))
FRUITFUL = range(3)
"""Seeds that are known to lead to zips: a comparison of failures alone would show little."""


@pytest.mark.parametrize("seed", range(FIRST, FIRST + CASES))
def test_repositories_of_hg_are_what_the_go_command_says_they_are(seed: int, tmp_path: Path) -> None:
    cases = hg_cases(range(seed, seed + 1))
    if not cases:
        pytest.skip("hg cannot follow this recipe")
    findings = compare_hg(list(cases.values()), tmp_path / "all")
    said = [f"{cases[name]}\n" + "\n".join(each) for name, each in findings.differences.items()]
    assert not said, "\n\n".join(said)
    assert findings.zips or seed not in FRUITFUL
