"""Random repositories: the mirror says of them what the go command says in direct mode."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.differential.case import Case
from tests.differential.chance import random_recipe
from tests.differential.lab import compare, shortest
from tests.e2e.go import find_go

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.go,
    pytest.mark.slow,
    pytest.mark.skipif(find_go() is None, reason="there is no go command here"),
]

CASES = int(os.environ.get("DIFFERENTIAL_CASES", "60"))
FIRST = int(os.environ.get("DIFFERENTIAL_SEED", "0"))
TOGETHER = 10
"""Cases that are asked about in one run of go."""


@pytest.mark.parametrize("first", range(FIRST, FIRST + CASES, TOGETHER))
def test_repositories_are_what_the_go_command_says_they_are(first: int, tmp_path: Path) -> None:
    seeds = range(first, min(first + TOGETHER, FIRST + CASES))
    cases = {f"u/c{seed}": Case(seed, random_recipe(seed), f"u/c{seed}") for seed in seeds}
    findings = compare(list(cases.values()), tmp_path / "all")
    for name, differences in findings.differences.items():
        shorter, said = shortest(cases[name], tmp_path / "shorter")
        pytest.fail("\n".join([*differences, f"A shorter repository that differs: {shorter}", *said]))
    assert findings.zips >= len(cases)
