from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.net.backend import Endpoint
from modmirror.lab.net.choice import LinksOff
from modmirror.lab.net.process import Ready
from modmirror.lab.net.profile import EXAMPLE, PRESETS
from modmirror.lab.progress import Silent
from modmirror.lab.results.events import Event
from modmirror.lab.results.links import LinkCheck
from modmirror.lab.study import link as module
from modmirror.lab.study.link import line_of, moved, reached, region_of
from modmirror.lab.study.recipes import steps_of
from modmirror.lab.study.steps import DONE
from tests.fakes.lab import memory_run
from tests.fakes.studies import config_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from modmirror.lab.net.profile import Topology

BEHIND_A_LINE = """
[net]
profile = "cn-mobile"
[probe]
"""
GOOD = LinkCheck("cn-mobile", "tcp", {"rtt_ms": 70}, {"rtt_ms": 70.4}, good=True)
OFF = LinkCheck("cn-mobile", "tcp", {}, {}, good=False, note="12 ms instead of 70 ms")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Topology]:
    """Return the lines that were asked for; each is there at once."""
    found: list[Topology] = []

    @asynccontextmanager
    async def linked(topology: Topology, seed: int) -> AsyncIterator[Ready]:
        assert seed == memory_run().manifest.seed
        found.append(topology)
        ends = [
            Endpoint(each.region, "127.0.0.1", 7000 + number, connect_delay=each.profile.base)
            for number, each in enumerate(topology.links)
        ]
        yield Ready(tuple(ends), (GOOD,))

    monkeypatch.setattr(module, "linked", linked)
    return found


def test_a_preset_is_the_line_to_every_mirror(tmp_path: Path) -> None:
    config = config_of(tmp_path, BEHIND_A_LINE)
    line = line_of(config)
    assert line is not None
    assert [(each.region, each.host, each.port) for each in line.links] == [
        ("cn-mobile", "127.0.0.1", 8080),
        ("cn-mobile", "proxy.example", 443),
    ]
    assert line.profiles == {"cn-mobile": PRESETS["cn-mobile"]}
    assert region_of(config) == "cn-mobile"


def test_a_region_of_a_topology_has_the_line_that_the_file_gives_it(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(EXAMPLE)
    line = line_of(config_of(tmp_path, '[net]\ntopology = "net.toml"\nregion = "berlin"'))
    assert line is not None
    assert {each.region for each in line.links} == {"berlin"}
    assert line.links[1].profile.rtt_ms == 12


def test_the_only_region_of_a_topology_need_not_be_named(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text('[[link]]\nregion = "eu"\nto = "a:1"\nprofile = "eu-us"\n')
    config = config_of(tmp_path, '[study]\nregion = "my lab"\n[net]\ntopology = "net.toml"')
    line = line_of(config)
    assert line is not None
    assert line.links[0].region == "eu"
    # What the user calls the place is what the report calls it.
    assert region_of(config) == "my lab"


def test_one_file_serves_for_every_region_of_its_topology(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text(EXAMPLE)
    config = config_of(
        tmp_path, '[study]\nregion = "here"\n[net]\ntopology = "net.toml"\nregion = "berlin"'
    )
    there = moved(config, "us-east")
    line = line_of(there)
    assert line is not None
    assert (line.links[0].profile, region_of(there)) == (PRESETS["eu-us"], "us-east")
    with pytest.raises(ConfigError, match='no region "rome"'):
        line_of(moved(config, "rome"))
    for text in ("", '[net]\nprofile = "sat"'):
        with pytest.raises(ConfigError, match="no topology") as caught:
            moved(config_of(tmp_path, text), "us-east")
        assert caught.value.key == "--region"


def test_without_a_table_there_is_no_line(tmp_path: Path) -> None:
    config = config_of(tmp_path, "")
    assert line_of(config) is None
    assert region_of(config) == ""


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        ("[net]", "net", "names no line"),
        ('[net]\nprofile = "sat"\ntopology = "net.toml"', "net", "or two"),
        ('[net]\nprofile = "mars"', "net.profile", 'no profile "mars"'),
        ('[net]\nprofile = "sat"\nregion = "berlin"', "net.region", "belongs to a topology"),
        ('[net]\ntopology = "none.toml"', "net.topology: topology", "cannot be read"),
        ('[net]\ntopology = "bad.toml"', "net.topology: link", "there is no link"),
        ('[net]\ntopology = "net.toml"', "net.region", "several regions"),
        ('[net]\ntopology = "net.toml"\nregion = "rome"', "net.region", 'no region "rome"'),
        ('[net]\nprofile = "sat"\n[replay]\nfrom = ["go.sum"]\ngo = true', "replay.go", "goes past"),
        ('[net]\nprofile = "sat"\n[[target]]\nname="v6"\nurl="http://h"\nfamily="ipv6"', "net", "of v6"),
    ],
)
def test_a_line_that_cannot_be_is_said(tmp_path: Path, text: str, key: str, said: str) -> None:
    (tmp_path / "net.toml").write_text(EXAMPLE)
    (tmp_path / "bad.toml").write_text("")
    with pytest.raises(ConfigError, match=said) as caught:
        line_of(config_of(tmp_path, text))
    assert caught.value.key == key


async def test_mirrors_are_reached_through_the_line_under_their_own_names(
    tmp_path: Path, asked: list[Topology]
) -> None:
    config, run = config_of(tmp_path, BEHIND_A_LINE), memory_run()
    async with reached(config, run, steps_of(config, ()), Silent()) as targets:
        assert [(each.url, each.via, each.connect_delay) for each in targets] == [
            ("http://127.0.0.1:8080", ("127.0.0.1", 7000), 0.07),
            ("https://proxy.example/go", ("127.0.0.1", 7001), 0.07),
        ]
        # Whose host it is decides how politely it is asked, and not the line.
        assert [each.free for each in targets] == [True, False]
    assert asked == [line_of(config)]
    assert [each.emulated_connect for each in run.manifest.targets] == [0.07, 0.07]
    assert run.result("links", tuple[LinkCheck, ...]) == (GOOD,)


async def test_each_session_of_a_run_keeps_what_its_line_was(tmp_path: Path, asked: list[Topology]) -> None:
    config, run = config_of(tmp_path, BEHIND_A_LINE), memory_run()
    steps = steps_of(config, ())
    for _ in range(2):
        async with reached(config, run, steps, Silent()):
            pass
    assert run.result("links", tuple[LinkCheck, ...]) == (GOOD, GOOD)
    run.event(Event(1.0, DONE, "probe"))
    async with reached(config, run, steps, Silent()) as targets:
        assert targets == config.targets
    # With nothing left to measure, no line is set up.
    assert len(asked) == 2


async def test_load_and_faults_are_about_the_server_and_go_past_the_line(
    tmp_path: Path, asked: list[Topology]
) -> None:
    config = config_of(tmp_path, '[net]\nprofile = "sat"\n[probe]\n[load]\ntarget = "ours"\n[fault]')
    steps = {step.name: step for step in steps_of(config, ())}
    async with reached(config, memory_run(), tuple(steps.values()), Silent()):
        assert len(asked) == 1
    assert [target.via for target in steps["load"].targets or ()] == [None]
    assert steps["fault"].targets == ()
    assert steps["probe"].targets is None
    # They need none: one that is off must not hold them up.
    run = memory_run()
    run.event(Event(1.0, DONE, "probe"))
    async with reached(config, run, tuple(steps.values()), Silent()) as targets:
        assert targets == config.targets
    assert len(asked) == 1


async def test_over_a_line_that_is_off_nothing_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @asynccontextmanager
    async def linked(topology: Topology, seed: int) -> AsyncIterator[Ready]:
        del topology, seed
        ready = Ready((), (OFF,))
        if not all(check.good for check in ready.checks):
            raise LinksOff(ready.checks)
        yield ready

    monkeypatch.setattr(module, "linked", linked)
    config = config_of(tmp_path, BEHIND_A_LINE)
    with pytest.raises(LinksOff, match="12 ms instead of 70"):
        async with reached(config, memory_run(), steps_of(config, ()), Silent()):
            raise AssertionError("nobody may measure here")
