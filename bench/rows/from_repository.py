"""Modules made straight from their repositories, against the go command doing the same (``direct``).

The mirror is asked over HTTP for the files that the go command would ask it for. The go command also
unpacks what it downloads; ``go mod download`` through the mirror, which unpacks too, is shown beside it.
Everybody starts with nothing in each repetition, or asks a repository that is kept since before.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.client import fetch
from bench.repositories import MANY, SIZES, TINY, download, module_of
from bench.result import FOR_INFORMATION, Bar, Result, ratios
from tests.fakes.large_git import BRANCH, version

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.rig import Rig

COLD = Bar(0.8, "at most")
KEPT = Bar(0.5, "at most")
TEN = Bar(0.4, "at most")
_VERSIONS = 10
_REFRESH = 1.0
_ALWAYS_ASKING = {
    "freshness": {"ttl": 0.0, "stale_while_revalidate": 0.0},
    "origin": {"refresh": _REFRESH},
}
"""The go command asks the repository for its names each time: so does this mirror, each second."""


def measure_cold(rig: Rig) -> list[Result]:
    """One version of a repository that nobody has."""
    return [
        result
        for name in SIZES
        for result in _downloads(rig, f"{name}, cold zip", _versions(name, 1), COLD)
    ]


def measure_ten(rig: Rig) -> list[Result]:
    """Ten versions of a repository that nobody has, all asked for at once."""
    return [
        result
        for name in SIZES
        for result in _downloads(rig, f"{name}, {_VERSIONS} cold versions", _versions(name, _VERSIONS), TEN)
    ]


def measure_many(rig: Rig) -> list[Result]:
    """One version of each of many small repositories that nobody has, all asked for at once."""
    wanted = [(module_of(name), version(TINY.tags // 2)) for name in MANY]
    return _downloads(rig, f"{len(MANY)} cold repositories at once", wanted, COLD)


def measure_kept(rig: Rig) -> list[Result]:
    """The list, and what a branch points at, of a repository that has been asked before."""
    return [result for name in SIZES for result in _questions(rig, name)]


def _versions(name: str, count: int) -> list[tuple[str, str]]:
    """Return versions of one repository, spread evenly over its history."""
    return [
        (module_of(name), version((number + 1) * SIZES[name].tags // (count + 1)))
        for number in range(count)
    ]


def _downloads(rig: Rig, title: str, wanted: Sequence[tuple[str, str]], bar: Bar) -> list[Result]:
    origins = rig.repositories

    def by_mirror() -> float:
        with origins.mirror() as mirror:
            return _timed(lambda: download(mirror, wanted))

    def by_go(proxy: str = "direct") -> float:
        with origins.machine(proxy) as go:
            words = [f"{module}@{one}" for module, one in wanted]
            return _timed(lambda: go.run("mod", "download", *words).must())

    def by_both() -> float:
        with origins.mirror() as mirror:
            return by_go(mirror.url)

    times = rig.interleave(title, {"mirror": by_mirror, "go": by_go, "go through mirror": by_both})
    return [
        _result(f"{title}: mirror / fresh go", bar, times, "mirror", "go"),
        _result(
            f"{title}: go through mirror / fresh go", FOR_INFORMATION, times, "go through mirror", "go"
        ),
    ]


def _questions(rig: Rig, name: str) -> list[Result]:
    origins, module = rig.repositories, module_of(name)
    questions: dict[str, tuple[str, Sequence[str]]] = {
        "list": ("list", ("-versions", module)),
        "branch": (f"{BRANCH}.info", (f"{module}@{BRANCH}",)),
    }
    results = []
    with (
        origins.mirror(_ALWAYS_ASKING) as asking,
        origins.mirror() as usual,
        origins.machine() as go,
    ):
        for title, (file, words) in questions.items():
            path = f"{module}/@v/{file}"

            def by_go(words: Sequence[str] = words) -> float:
                return _timed(lambda: go.run("list", "-m", *words).must())

            def by_asking(path: str = path) -> float:
                time.sleep(_REFRESH)
                return _timed(lambda: fetch(f"{asking.url}/{path}"))

            def by_usual(path: str = path) -> float:
                return _timed(lambda: fetch(f"{usual.url}/{path}"))

            contenders = {"mirror": by_asking, "go": by_go, "usual mirror": by_usual}
            for first in contenders.values():
                first()  # from now on the repository is kept
            label = f"{name}, kept {title}"
            times = rig.interleave(label, contenders)
            results += [
                _result(f"{label}: mirror / kept go", KEPT, times, "mirror", "go"),
                _result(f"{label}, within its ttl: mirror / kept go", KEPT, times, "usual mirror", "go"),
            ]
    return results


def _result(title: str, bar: Bar, times: dict[str, tuple[float, ...]], left: str, right: str) -> Result:
    middle = {name: sorted(values)[len(values) // 2] for name, values in times.items()}
    note = f"{middle[left] * 1000:.0f} ms / {middle[right] * 1000:.0f} ms"
    details = {f"{name} s": times[name] for name in (left, right)}
    return Result(title, "x", bar, ratios(times[left], times[right]), note, details)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
