from __future__ import annotations

from itertools import pairwise
from random import Random
from statistics import mean, median, pstdev

import pytest

from modmirror.lab.net.packets import Direction
from modmirror.lab.net.profile import NetProfile

SIZE = 1500


def released(profile: NetProfile, count: int, *, rate: float = 0.0, every: float = 1.0) -> list[float]:
    """Delays of packets that are sent at even intervals; lost ones are left out."""
    law = Direction(profile, rate, Random(7))
    return [
        release - number * every for number in range(count) for release in law.admit(SIZE, number * every)
    ]


def test_half_of_the_round_trip_is_one_way() -> None:
    assert released(NetProfile(rtt_ms=80), 3) == pytest.approx([0.04] * 3)


@pytest.mark.parametrize("dist", ["uniform", "normal", "pareto"])
def test_jitter_varies_around_the_middle_and_never_turns_time_back(dist: str) -> None:
    profile = NetProfile(rtt_ms=400, jitter_ms=40, dist=dist)  # type: ignore[arg-type]  # one of the three
    delays = released(profile, 4000)
    assert mean(delays) == pytest.approx(0.2, abs=0.003)
    assert 0.008 < pstdev(delays) < 0.05
    assert min(released(NetProfile(rtt_ms=1, jitter_ms=100), 500)) >= 0


def test_both_directions_together_have_the_jitter_of_the_round_trip() -> None:
    delays = released(NetProfile(rtt_ms=400, jitter_ms=40), 4000)
    assert pstdev(delays) * 2**0.5 == pytest.approx(0.04, rel=0.1)


@pytest.mark.parametrize("burst", [1.0, 4.0])
def test_the_share_of_losses_is_kept_whatever_their_length(burst: float) -> None:
    law = Direction(NetProfile(loss=0.1, burst=burst), 0.0, Random(3))
    lost = [not law.admit(SIZE, float(number)) for number in range(40_000)]
    assert sum(lost) / len(lost) == pytest.approx(0.1, abs=0.012)
    runs = sum(now and not before for before, now in pairwise([False, *lost]))
    assert sum(lost) / runs == pytest.approx(burst if burst > 1 else 1.0, rel=0.15)


def test_everything_and_nothing_can_be_lost() -> None:
    assert released(NetProfile(loss=1.0), 50) == []
    assert len(released(NetProfile(), 50)) == 50


def test_a_rate_spaces_packets_and_a_full_queue_loses_them() -> None:
    law = Direction(NetProfile(), 12.0, Random(1))  # 1500 bytes a millisecond
    releases = [release for _ in range(100) for release in law.admit(SIZE, 0.0)]
    assert releases[:3] == pytest.approx([0.001, 0.002, 0.003])
    # 64 KiB wait at most.
    assert 40 <= len(releases) <= 46
    assert law.admit(SIZE, 1.0)[0] == pytest.approx(1.001)


def test_packets_stay_in_order_unless_some_overtake() -> None:
    profile = NetProfile(rtt_ms=100, jitter_ms=80)
    law = Direction(profile, 0.0, Random(5))
    releases = [law.admit(SIZE, number / 1000)[0] for number in range(500)]
    assert releases == sorted(releases)
    hasty = Direction(NetProfile(rtt_ms=100, reorder=0.1), 0.0, Random(5))
    releases = [hasty.admit(SIZE, number / 1000)[0] for number in range(500)]
    early = sum(later < earlier for earlier, later in pairwise(releases))
    assert 20 < early < 90


def test_duplicates_come_twice_at_once() -> None:
    law = Direction(NetProfile(rtt_ms=10, duplicate=1.0), 0.0, Random(1))
    assert law.admit(SIZE, 0.0) == (0.005, 0.005)


def test_corruption_turns_one_bit() -> None:
    law = Direction(NetProfile(corrupt=1.0), 0.0, Random(1))
    packet = bytes(100)
    damaged = law.damaged(packet)
    assert sum(byte.bit_count() for byte in damaged) == 1
    assert Direction(NetProfile(), 0.0, Random(1)).damaged(packet) is packet


def test_a_cut_loses_all_and_a_change_holds_from_the_next_packet_on() -> None:
    law = Direction(NetProfile(rtt_ms=10), 0.0, Random(1))
    law.cut = True
    assert law.admit(SIZE, 0.0) == ()
    law.cut = False
    law.change(NetProfile(rtt_ms=1000), 0.0)
    assert median([law.admit(SIZE, 0.0)[0] for _ in range(3)]) == 0.5
