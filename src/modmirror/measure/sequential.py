"""When a comparison may end before all planned blocks: looks that share one budget of error (lab.md 2.4).

Who looks at every block and stops at the first small p finds winners that are none. So there are three
looks, and each may spend a part of the 5 % only: next to nothing at the first, almost all at the last
(O'Brien and Fleming's shape). The full plan loses hardly any power by it.
"""

from __future__ import annotations

from math import ceil, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, TypeAlias

from modmirror.measure.quantiles import ALPHA
from modmirror.measure.ranks import shift

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modmirror.measure.quantiles import Interval

Judgement: TypeAlias = Literal["different", "equal", "open"]

SHARES = (0.25, 0.5, 1.0)
"""Where the looks are: after 25, 50 and 100 of 100 blocks."""
BAND = (0.95, 1.05)
"""A ratio that surely lies in here is no difference that anybody would feel."""
LOG_BAND = (-0.05129329438755058, 0.04879016416943205)
"""The logarithms of :data:`BAND`, as intervals of ratios are made from logarithms."""


def looks(planned: int) -> tuple[int, ...]:
    """Return the numbers of blocks after which one may look."""
    return tuple(sorted({max(1, ceil(planned * share)) for share in SHARES}))


def alpha_at(done: int, planned: int) -> float:
    """Return the error that may be made after ``done`` blocks: the part of this look, or of the next."""
    allowed = [0.0, *(_spent_by(look / planned) for look in looks(planned))]
    passed = sum(done > look for look in looks(planned)[:-1])
    return allowed[passed + 1] - allowed[passed]


def judge(interval: Interval | None) -> Judgement:
    """Say what an interval of logarithms of ratios tells."""
    if interval is None:
        return "open"
    if LOG_BAND[0] <= interval.low and interval.high <= LOG_BAND[1]:
        return "equal"
    return "open" if interval.low <= 0 <= interval.high else "different"


def settled(pairs: Sequence[Sequence[float]], done: int, planned: int) -> bool:
    """Say whether all pairs are decided after the blocks so far, so that more would change nothing.

    Args:
        pairs: for each two targets in each case, the logarithm of the ratio in each block that has both.
        done: the number of blocks so far.
        planned: the number of blocks of the whole plan.
    """
    if not pairs or done not in looks(planned):
        return False
    alpha = alpha_at(done, planned) / len(pairs)
    return all(judge(shift(ratios, alpha)) != "open" for ratios in pairs)


def _spent_by(part: float) -> float:
    law = NormalDist()
    return 2 * (1 - law.cdf(law.inv_cdf(1 - ALPHA / 2) / sqrt(min(part, 1.0))))
