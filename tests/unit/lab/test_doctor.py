from __future__ import annotations

import pytest

from modmirror.lab.doctor import abilities, advice, examine
from tests.fakes.lab import scripted_lab


@pytest.mark.parametrize(
    ("load", "cores", "resolution", "words"),
    [
        (0.1, 4, 1e-9, []),
        (2.0, 4, 1e-9, ["others use this machine"]),
        (0.1, 1, 1e-9, ["one processor"]),
        (0.1, 4, 0.015, ["steps of 15000 µs"]),
    ],
)
def test_advice_is_given_where_numbers_would_suffer(
    load: float, cores: int, resolution: float, words: list[str]
) -> None:
    found = advice(load, cores, resolution)
    assert len(found) == len(words)
    assert all(word in text for word, text in zip(words, found, strict=True))


def test_a_tool_is_there_when_it_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    there = {each.name: each.there for each in abilities()}
    assert (there["go"], there["wrk"], there["uvloop"]) == (False, False, True)


async def test_the_floor_of_the_client_is_measured() -> None:
    lab = scripted_lab(())
    result = await examine(lab)
    assert result.floor["wait"] == pytest.approx(0.01)
    assert result.lag == 0.0
    assert result.cores >= 1
