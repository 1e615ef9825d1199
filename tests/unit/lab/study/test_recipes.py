from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError, Error
from modmirror.lab.freshness.measure import Freshness
from modmirror.lab.politeness import NotOwned
from modmirror.lab.results.events import Event
from modmirror.lab.study.recipes import born_in, steps_of
from tests.fakes.studies import config_of

if TYPE_CHECKING:
    from pathlib import Path


GO_SUM = "corp.example/a v1.0.0 h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
BIRTHS = """\
{"Path":"corp.example/a","Version":"v1.0.1","Timestamp":"2026-01-02T03:04:05Z"}
{"Path":"corp.example/b","Version":"v1.0.1","Timestamp":"2026-01-02T03:04:05Z"}
"""


def test_steps_come_in_one_order_whatever_the_file_has(tmp_path: Path) -> None:
    (tmp_path / "go.sum").write_text(GO_SUM)
    tables = (
        "[cache]", '[replay]\nfrom = ["go.sum"]', '[fault]\nscenarios = ["cut"]', "[freshness]", "[bench]",
        '[load]\ntarget = "ours"', "[coverage]", "[protocol]", "[probe]",
    )  # fmt: skip
    text = "\n".join(tables)
    steps = steps_of(config_of(tmp_path, text), ())
    assert [step.name for step in steps] == [
        "probe", "protocol", "coverage", "bench", "replay", "cache", "load", "fault", "freshness",
    ]  # fmt: skip
    (load,) = (step for step in steps if step.name == "load")
    assert [target.name for target in load.targets or ()] == ["ours"]


def test_what_an_earlier_session_looks_for_is_not_taken_again(tmp_path: Path) -> None:
    (tmp_path / "tags.jsonl").write_text(BIRTHS)
    config = config_of(tmp_path, '[freshness]\nversions = "tags.jsonl"\n')
    born = born_in((Event(1, "published", "corp.example/a@v1.0.1"), Event(2, "watched", "x")))
    assert born == ("corp.example/a@v1.0.1",)
    (step,) = steps_of(config, born)
    assert isinstance(step.measure, Freshness)
    assert not step.again


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("", "measures nothing"),
        ('[probe]\nmodule = "golang.org/x/text"\n', "has no version"),
        ("[bench]\nblocks = 0\n", "0 is below 1"),
        ("[bench]\nzips = -1\n", "-1 is below 0"),
        ('[coverage]\ncorpus = "a"\nfrom = "b"\n', "there is a corpus already"),
        ('[coverage]\nfrom = "go.sum"\n', "go.sum"),
        ('[coverage]\nsumdb = "what is this"\n', "no database"),
        ('[replay]\nfrom = ["go.sum"]\n', "go.sum"),
        ("[cache]\ntogether = 1\n", "1 is below 2"),
        ('[load]\ntarget = "nobody"\n', 'no target is called "nobody"'),
        ('[load]\ntarget = "ours"\nmost = 0\n', "0 is not above 0"),
        ("[fault]\nscenarios = []\n", "names none"),
        ('[fault]\nscenarios = ["earthquake"]\n', 'no scenario "earthquake"'),
        ('[fault]\nscenarios = ["cut"]\ntime_scale = 0.0\n', "not above 0"),
        ("[freshness]\nminutes = 0.0\n", "not above 0"),
        ("[freshness]\ncount = 0\n", "0 is below 1"),
        ('[study]\nrequire = ["p95<1s"]\n[bench]\nblocks = 71\n', '"p95<1s" needs 72 answers'),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_made(tmp_path: Path, text: str, subject: str) -> None:
    with pytest.raises(ConfigError) as caught:
        steps_of(config_of(tmp_path, text), ())
    assert subject in caught.value.reason


def test_a_bench_goes_on_until_what_is_required_can_be_told(tmp_path: Path) -> None:
    bars = '[study]\nrequire = ["coverage>98%", "info/warm p95<1s", "median<1s"]\n'
    for text, least in (("", 0), (bars, 72)):
        (step,) = steps_of(config_of(tmp_path, f"{text}[bench]\n"), ())
        assert step.measure.plan.least_blocks == least  # type: ignore[attr-defined]  # a bench has a plan


def test_a_bar_is_said_by_the_key_of_the_file(tmp_path: Path) -> None:
    for bar in ("p95 is small", "beauty>1", "p99<1s"):
        with pytest.raises(ConfigError) as caught:
            steps_of(config_of(tmp_path, f'[study]\nrequire = ["{bar}"]\n[bench]\n'), ())
        assert caught.value.key == "study.require"


def test_load_is_for_ones_own_only(tmp_path: Path) -> None:
    with pytest.raises(NotOwned):
        steps_of(config_of(tmp_path, '[load]\ntarget = "theirs"\n'), ())
    assert issubclass(NotOwned, Error)


def test_names_of_a_go_sum_are_told_to_no_public_database(tmp_path: Path) -> None:
    (tmp_path / "go.sum").write_text(GO_SUM)
    (step,) = steps_of(config_of(tmp_path, '[coverage]\nfrom = "go.sum"\n'), ())
    assert step.measure.plan.database is None  # type: ignore[attr-defined]  # a coverage has a plan
    (public,) = steps_of(config_of(tmp_path, "[coverage]\n"), ())
    assert public.measure.plan.database is not None  # type: ignore[attr-defined]
