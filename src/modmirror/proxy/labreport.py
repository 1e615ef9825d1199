"""Reads what the laboratory measured of upstreams: the router's opinion before it has one of its own.

The file is ``results/bench.json`` of a run (its shape is in ``lab/results/bench.py``). A target is an
upstream of that name, or of that host.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from modmirror.errors import ConfigError
from modmirror.measure.score import CLASSES, Prior

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from modmirror.measure.score import Class

KEY = "routing.scores"
_CASES: Mapping[Class, tuple[str, ...]] = {
    "meta": ("info/warm", "info"),
    "zip-small": ("zip-small/warm", "zip-small"),
    "zip-large": ("zip-large/warm", "zip-large"),
}
_MOST = 1e15
"""Neither seconds nor bytes a second come near it: what is larger was not measured."""
_HINT = "name the results/bench.json of a run of `modmirror lab bench`"


def priors_of_report(body: bytes, upstreams: Iterable[str]) -> dict[str, dict[Class, Prior]]:
    """Return what a report says of upstreams, by display name. Nothing is said of those not measured.

    Raises:
        ConfigError: with key ``routing.scores``, for something that is no such report.
    """
    try:
        report = json.loads(body)
        targets = {name: dict(cases) for name, cases in report["targets"].items()}
        speeds = dict(report.get("speeds") or {})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ConfigError(KEY, "the file is no report of a bench", hint=_HINT) from error
    found: dict[str, dict[Class, Prior]] = {}
    for name in upstreams:
        target = next((each for each in (name, urlsplit(name).hostname) if each in targets), None)
        if target is None:
            continue
        rate = _number(speeds.get(target), "receive", "value") or 0.0
        priors = {asked: _prior(targets[target], _CASES[asked], rate) for asked in CLASSES}
        found[name] = {asked: prior for asked, prior in priors.items() if prior is not None}
    return found


def _prior(cases: Mapping[str, Any], names: tuple[str, ...], rate: float) -> Prior | None:
    case = next((cases[name] for name in names if name in cases), None)
    median = _number(case, "median", "value")
    wait = _number(case, "phases", "wait")
    first_byte = median if wait is None else wait
    return None if first_byte is None else Prior(first_byte, rate, first_byte)


def _number(document: Any, *path: str) -> float | None:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    is_number = isinstance(document, int | float) and not isinstance(document, bool)
    return float(document) if is_number and 0 < document <= _MOST else None
