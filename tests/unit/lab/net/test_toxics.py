from __future__ import annotations

from random import Random

import pytest

from modmirror.errors import ConfigError
from modmirror.lab.net.profile import PRESETS, NetProfile
from modmirror.lab.net.toxics import (
    LEAST_BYTES,
    MOST_BYTES,
    Bucket,
    Toxic,
    concerns,
    dose,
    make_toxic,
    rate_of,
    slices,
    toxics_of,
    under_way,
)


def test_a_toxic_is_read_as_toxiproxys_clients_write_it() -> None:
    made = make_toxic(
        {"type": "latency", "stream": "upstream", "toxicity": 0.5, "attributes": {"latency": 100}}
    )
    assert made == Toxic("latency_upstream", "latency", "upstream", 0.5, {"latency": 100.0})
    assert (made["latency"], made["jitter"]) == (100.0, 0.0)
    assert make_toxic({"type": "timeout"}) == Toxic("timeout_downstream", "timeout")


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({}, "type"),
        ({"type": "poison"}, "type"),
        ({"type": "latency", "stream": "sideways"}, "stream"),
        ({"type": "latency", "attributes": 5}, "attributes"),
        ({"type": "latency", "attributes": {"rate": 5}}, "attributes.rate"),
        ({"type": "latency", "attributes": {"latency": "5"}}, "attributes.latency"),
        ({"type": "latency", "attributes": {"latency": -5}}, "attributes.latency"),
        ({"type": "latency", "toxicity": 2}, "toxicity"),
    ],
    ids=str,
)
def test_what_is_no_toxic_is_refused_by_key(values: dict[str, object], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_toxic(values)
    assert caught.value.key == key


def test_a_bucket_lets_everything_that_shares_it_queue_for_one_rate() -> None:
    bucket = Bucket()
    assert bucket.reserve(1000, 1000.0, 10.0) == 11.0
    assert bucket.reserve(500, 1000.0, 10.0) == 11.5
    assert bucket.reserve(1000, 1000.0, 20.0) == 21.0


def test_toxicity_is_a_share_of_connections_and_the_same_for_a_seed() -> None:
    toxic = Toxic("t", "timeout", toxicity=0.25)
    drawn = [concerns(toxic, number, 7) for number in range(2000)]
    assert 400 < sum(drawn) < 600
    assert drawn == [concerns(toxic, number, 7) for number in range(2000)]
    assert drawn != [concerns(toxic, number, 8) for number in range(2000)]


def test_pieces_are_uneven_near_the_average_and_lose_nothing() -> None:
    sizes = slices(10_000, 500, 100, Random(1))
    assert sum(sizes) == 10_000
    assert len(set(sizes)) > 1
    assert max(sizes) <= 600
    assert slices(100, 500, 100, Random(1)) == [100]
    assert sum(slices(5000, 0, 9000, Random(1))) == 5000


def test_a_profile_becomes_half_its_round_trip_in_each_direction() -> None:
    made = {toxic.name: toxic for toxic in toxics_of(PRESETS["cn-mobile"])}
    assert made["latency_upstream"]["latency"] == made["latency_downstream"]["latency"] == 35.0
    assert made["bandwidth_downstream"]["rate"] == 30 * 125.0
    assert made["stall_upstream"]["pause"] == 270.0
    assert toxics_of(NetProfile()) == ()


def limit(rate: float) -> Toxic:
    return Toxic("b", "bandwidth", "downstream", 1.0, {"rate": rate})


def test_the_least_rate_counts_and_none_is_no_limit() -> None:
    assert rate_of(()) == rate_of([limit(0)]) == 0
    assert rate_of([limit(5), limit(2), Toxic("l", "latency")]) == 2000


def test_a_rate_is_dosed_by_tenths_of_a_second_and_not_finer_than_is_worth_it() -> None:
    assert dose((), 65_536) == 65_536
    assert dose([limit(1)], 65_536) == 100
    assert dose([limit(0.001)], 65_536) == 1
    assert dose([limit(1_250)], 65_536) == 16_384
    assert dose([limit(25_000)], 65_536) == 50_000
    assert dose([limit(125_000)], 65_536) == 65_536


def test_a_direction_holds_what_its_rate_carries_within_its_delay() -> None:
    delay = Toxic("l", "latency", "downstream", 1.0, {"latency": 70.0, "jitter": 5.0})
    lost = Toxic("s", "stall", "downstream", 1.0, {"probability": 0.01, "pause": 25.0})
    assert under_way(()) == under_way([limit(25_000)]) == LEAST_BYTES
    assert under_way([limit(25_000), delay]) == LEAST_BYTES + 1_875_000
    assert under_way([limit(25_000), delay, lost]) == LEAST_BYTES + 2_500_000
    # Without a limit it is bounded all the same.
    assert under_way([delay]) == LEAST_BYTES + 9_375_000
    assert under_way([Toxic("l", "latency", "downstream", 1.0, {"latency": 600_000.0})]) == MOST_BYTES
