"""What caches are worth, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.cli.lab.columns import table
from modmirror.lab.results.estimates import TOO_SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from modmirror.lab.results.cache import CacheResult, TargetCache
    from modmirror.lab.results.estimates import Estimate, Share

_HEAD = (
    "mirror", "files", "cold wait", "95 % interval", "warm wait", "95 % interval", "cold by warm",
    "a hit saves", "hits hot", "hits warm", "hits cold",
)  # fmt: skip
_SHOWN = 10


def cache_text(result: CacheResult) -> str:
    """Return the table, how it was found out, and what was asked for most."""
    parts = [table([_HEAD, *(_row(name, found) for name, found in result.targets.items())])]
    parts += ["\n".join(_findings(name, found)) for name, found in result.targets.items()]
    if result.hot:
        lines = [f"  {each.count:>7}  ± {each.error}  {each.path}" for each in result.hot[:_SHOWN]]
        parts.append("\n".join(["asked for most", *lines]))
    parts.append("hot: asked for at least 10 times in the hour before; cold: not once.")
    return "\n\n".join(part for part in parts if part)


def _row(name: str, found: TargetCache) -> tuple[str, ...]:
    return (
        name,
        str(found.cold.n),
        _ms(found.cold.value),
        _interval(found.cold),
        _ms(found.warm.value),
        _interval(found.warm),
        "–" if found.ratio.value is None else f"{found.ratio.value:.1f} ×",
        "–" if found.saved_seconds is None else _ms(found.saved_seconds),
        *(_share(found.hits.get(temperature)) for temperature in ("hot", "warm", "cold")),
    )


def _findings(name: str, found: TargetCache) -> Iterator[str]:
    if found.coalescing is not None:
        yield (
            f"{name}: {found.concurrent} at once for one cold file cause {found.coalescing:.3g} "
            "upstream fetches; 1 is ideal"
        )
    for note in found.notes:
        yield f"{name}: {note}"


def _share(share: Share | None) -> str:
    return "–" if share is None else f"{share.ok}/{share.n}"


def _ms(seconds: float | None) -> str:
    return TOO_SMALL if seconds is None else f"{seconds * 1000:.2f} ms"


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return TOO_SMALL
    return f"{estimate.low * 1000:.2f} to {estimate.high * 1000:.2f}"
