from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.fault.asking import HttpAsk
from modmirror.lab.fault.scenario import Step
from modmirror.lab.fault.stage import Stage, staged

if TYPE_CHECKING:
    from pathlib import Path

LIST = "/example.com/lab/text/@v/list"
LIMIT = 20.0


async def status(url: str, limit: float = LIMIT) -> int | str:
    ask = HttpAsk(url, limit)
    try:
        return (await ask(LIST)).status
    except TimeoutError:
        return "timeout"
    except OSError:
        return "broken"
    finally:
        await ask.close()


@pytest.mark.parametrize(
    ("step", "seen"),
    [
        (Step("cut", mode="refuse"), "broken"),
        (Step("cut", mode="reset"), "broken"),
        (Step("behave", behave={"errors": 1.0}), 500),
        (Step("toxic", toxic={"type": "limit_data", "attributes": {"bytes": 10}}), "broken"),
    ],
    ids=lambda value: value.do if isinstance(value, Step) else str(value),
)
async def test_a_step_is_felt_and_healing_undoes_it(tmp_path: Path, step: Step, seen: object) -> None:
    async with staged(tmp_path, "http", seed=1) as stage:
        assert await status(stage.url) == 200
        await stage.take(step)
        assert await status(stage.url) == seen
        assert await status(stage.steady_url) == 200
        await stage.heal()
        assert await status(stage.url) == 200


async def test_a_black_hole_and_a_silent_upstream_give_no_answer(tmp_path: Path) -> None:
    async with staged(tmp_path, "http") as stage:
        for step in (Step("cut", mode="blackhole"), Step("behave", behave={"silent": 1.0})):
            await stage.take(step)
            assert await status(stage.url, 0.2) == "timeout"
            await stage.heal()
            assert await status(stage.url) == 200


async def test_the_checksum_database_is_served_whatever_happens(tmp_path: Path) -> None:
    async with staged(tmp_path, "http") as stage:
        await stage.take(Step("cut"))
        ask = HttpAsk(stage.sumdb_url, LIMIT)
        assert (await ask("/supported")).status == 200
        await ask.close()


async def test_requests_count_where_they_get_through_and_connections_where_they_do_not(
    tmp_path: Path,
) -> None:
    async with staged(tmp_path, "http") as stage:
        begin = time.monotonic()
        await status(stage.url)
        assert len(stage.arrivals(begin, time.monotonic())) == 1
        between = time.monotonic()
        await stage.take(Step("cut", mode="reset"))
        await status(stage.url)
        assert len(stage.arrivals(between, time.monotonic())) >= 1
        assert len(stage.sick.arrivals) == 1


async def test_over_tls_the_mirror_is_told_whom_to_trust(tmp_path: Path) -> None:
    async with staged(tmp_path, "https") as stage:
        assert stage.url.startswith("https://127.0.0.1:")
        assert stage.authority is not None
        assert stage.authority.ca_file.read_text().startswith("-----BEGIN CERTIFICATE-----")
        await stage.take(Step("certificate", certificate="expired"))
        await stage.heal()


async def test_by_name_the_url_holds_the_name(tmp_path: Path) -> None:
    stage = Stage(tmp_path, "named", 1, ("127.0.0.1", 8))
    assert stage.url == "http://upstream.lab.test:8"
    await stage.take(Step("names"))
    assert "upstream" not in (tmp_path / "hosts").read_text()


async def test_files_and_key_are_the_same_whatever_the_seed(tmp_path: Path) -> None:
    first, second = (
        Stage(tmp_path, "http", 1, ("127.0.0.1", 8)),
        Stage(tmp_path, "http", 2, ("127.0.0.1", 8)),
    )
    assert first.sumdb.key == second.sumdb.key
    module, version = first.modules.releases()[0]
    assert first.modules.release(module, version) == second.modules.release(module, version)


async def test_an_address_that_is_taken_is_wrong_input(tmp_path: Path) -> None:
    async with staged(tmp_path, "http") as stage:
        with pytest.raises(ConfigError, match="cannot be listened on"):
            async with staged(tmp_path, "http", listen=stage.proxy.listen):
                raise AssertionError
