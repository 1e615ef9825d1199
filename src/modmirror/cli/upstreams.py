"""``modmirror upstreams``: how the upstreams of a running mirror do, and whom it asks first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cyclopts import App

from modmirror.cli.flags import DEFAULT_URL, AsJson, MirrorUrl
from modmirror.cli.opspage import read_page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

TEACH = """\
Examples:

  modmirror upstreams
  modmirror upstreams --url https://mirror.example --json

A score is the time expected for a typical file: the lowest is asked first,
once it has been clearly better for a while; - is what is not known yet. An
upstream whose breaker is open is left alone until trials go well.

显示运行中的镜像对各上游的评分、熔断状态、预算，以及最近的选择及原因。"""

app = App(name="upstreams", help_epilogue=TEACH)


@app.default
def upstreams(
    url: MirrorUrl = DEFAULT_URL,
    *,
    json_: AsJson = False,
) -> int:
    """Show scores, breakers, budgets and recent decisions of a running mirror."""
    told = read_page(url, "upstreams")
    print(json.dumps(told, ensure_ascii=False, indent=2) if json_ else "\n".join(as_lines(told)))
    return 0


def as_lines(told: dict[str, Any]) -> Iterator[str]:
    """Return what a person reads."""
    each = told["upstreams"]
    width = max([len("UPSTREAM"), *(len(one["upstream"]) for one in each)])
    yield f"{'UPSTREAM':{width}}  {'BREAKER':9}  {'META':>8}  {'SMALL':>8}  {'LARGE':>8}  {'P95':>8}  NOTE"
    for one in each:
        scores = [one["score_ms"][asked] for asked in ("meta", "zip-small", "zip-large")]
        cells = "  ".join(f"{_milliseconds(score):>8}" for score in [*scores, one["p95_ms"]])
        yield f"{one['upstream']:{width}}  {one['breaker']:9}  {cells}  {_note(one)}".rstrip()
    yield ""
    yield from (f"{which}\n  {why}" for which, why in told["choices"].items())
    budgets = told["budgets"]
    yield (
        f"{told['requests_per_second']:g} requests/s; left: {budgets['hedge_tokens']:g} hedges,"
        f" {budgets['retry_tokens']:g} retries; {budgets['probes_sent']} probes sent"
    )
    yield from (
        f"{one['at']} {one['subject']}: {one['what']} ({one['why']})" for one in told["decisions"][-10:]
    )


def _milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} ms"


def _note(one: dict[str, Any]) -> str:
    if one["breaker"] != "closed":
        return f"{one['last_failure']}; again in {one['asked_again_in_seconds']:g} s"
    if one["share"] < 1:
        return f"came back, takes {100 * one['share']:.0f} % of its share"
    return f"lacks {one['lacks_prefixes']} module prefixes" if one["lacks_prefixes"] else ""
