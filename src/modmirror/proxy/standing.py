"""What ``/-/upstreams`` shows: each upstream, who is asked first and why, what is left of the budgets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modmirror.routing.plan import Decision, Standing, Standings


def standings_json(standings: Standings, now: float, today: float) -> dict[str, object]:
    """Return it for JSON. ``now`` is the router's time, ``today`` the same moment since the epoch."""
    return {
        "upstreams": [_upstream(each) for each in standings.upstreams],
        "choices": dict(standings.choices),
        "requests_per_second": round(standings.traffic, 2),
        "budgets": {
            "hedge_tokens": round(standings.hedge_tokens, 1),
            "retry_tokens": round(standings.retry_tokens, 1),
            "probes_sent": standings.probes,
        },
        "decisions": [_decision(each, today - now) for each in standings.decisions],
    }


def _upstream(standing: Standing) -> dict[str, object]:
    return {
        "upstream": standing.upstream,
        "breaker": standing.breaker,
        "last_failure": standing.reason,
        "asked_again_in_seconds": round(standing.wait, 2),
        "share": round(standing.share, 2),
        "score_ms": {asked: _milliseconds(score) for asked, score in standing.scores.items()},
        "p95_ms": _milliseconds(standing.p95),
        "bytes_per_second": None if standing.rate is None else round(standing.rate),
        "lacks_prefixes": standing.lacks,
        "running": standing.running,
    }


def _decision(decision: Decision, offset: float) -> dict[str, str]:
    at = datetime.fromtimestamp(decision.at + offset, UTC)
    return {
        "at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "subject": decision.subject,
        "what": decision.what,
        "why": decision.why,
    }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(1000 * seconds, 1)
