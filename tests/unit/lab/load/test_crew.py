from __future__ import annotations

import pytest

from modmirror.lab.child import ChildGone
from modmirror.lab.load.crew import crew, processors, soon
from modmirror.lab.load.job import Place
from tests.fakes.loaded import job, loaded_server


@pytest.mark.parametrize(
    ("size", "available", "expected"),
    [
        (1, [0], [()]),
        (1, [0, 1, 2], [("2",)]),
        (2, [0, 1, 5, 7], [("7",), ("5",)]),
        (2, [0, 1], [(), ()]),
    ],
)
def test_workers_stay_on_the_last_processors_where_there_are_enough(
    size: int, available: list[int], expected: list[tuple[str, ...]]
) -> None:
    assert processors(size, available) == expected


async def test_what_several_workers_counted_is_one_step() -> None:
    async with loaded_server() as server, crew(2) as workers:
        begin = soon()
        merged = await workers.do([job(server, begin, seconds=0.2, rate=50.0) for _ in range(2)])
    assert len(workers) == 2
    assert merged.planned == 20
    assert merged.answered + sum(merged.errors.values()) == 20
    assert len(merged.response) == merged.answered


async def test_a_worker_that_ends_is_told() -> None:
    async with loaded_server() as server, crew(1) as workers:
        # No certificates: the job cannot be begun.
        place = Place("127.0.0.1", server.port, tls=True, ca_file="none.pem")
        with pytest.raises(ChildGone, match="has ended"):
            await workers.do([job(server, soon(), place=place)])
