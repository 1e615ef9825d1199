"""Probed phases as text: one line of numbers and one bar for cold and for warm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modmirror.lab.results.probe import ProbeResult, ProbeTarget, Side

_SIGNS = {"dns": "·", "connect": "░", "tls": "▒", "send": "╴", "wait": "█", "receive": "▓"}
_WIDTH = 60
"""Columns of the longest bar."""
_PLAIN_HEADERS = {"content-type", "location"}
"""Kept with samples, but no sign of a cache."""


def probe_text(result: ProbeResult) -> str:
    """Return one screen: all bars on one scale, so that targets can be compared by eye."""
    totals = [
        side.total
        for target in result.targets.values()
        for side in (target.cold, target.warm)
        if side.total
    ]
    scale = max(totals, default=0.0)
    legend = "  ".join(f"{sign} {phase}" for phase, sign in _SIGNS.items())
    parts = [_target_text(name, target, scale) for name, target in result.targets.items()]
    return "\n".join([f"GET …/{result.path}", legend, "", *parts])


def _target_text(name: str, target: ProbeTarget, scale: float) -> str:
    lines = [f"{name}  {target.url}"]
    facts = [target.address, f"HTTP/{target.http}" if target.http else "", target.tls]
    facts += [f"issuer {target.issuer}" if target.issuer else "", f"status {target.status or 'none'}"]
    if target.rtt is not None:
        facts.append(f"rtt {_ms(target.rtt)}")
    lines.append("  " + ", ".join(fact for fact in facts if fact))
    if target.reason:
        lines.append(f"  not ok: {target.reason}")
    lines += _side_lines("cold", target.cold, scale)
    if target.status is not None:
        lines += _side_lines("warm", target.warm, scale)
    if target.emulated_connect:
        lines.append(f"  connect: {_ms(target.emulated_connect)} of it emulated")
    shown = [f"{key}: {value}" for key, value in target.headers.items() if key not in _PLAIN_HEADERS]
    if shown:
        lines.append("  " + " | ".join(shown))
    return "\n".join([*lines, ""])


def _side_lines(label: str, side: Side, scale: float) -> list[str]:
    if side.total is None:
        return [f"  {label}  {'no answer' if side.n else 'not measured: no connection is kept'}"]
    numbers = "  ".join(f"{phase} {_ms(seconds)}" for phase, seconds in side.phases.items())
    return [f"  {label}  {_ms(side.total):>9}  {numbers}", f"        {bar(side, scale)}"]


def bar(side: Side, scale: float) -> str:
    """Return the phases as signs, ``scale`` seconds being the whole width."""
    if not scale:
        return ""
    return "".join(
        _SIGNS[phase] * round(seconds / scale * _WIDTH) for phase, seconds in side.phases.items()
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
