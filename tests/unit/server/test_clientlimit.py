from __future__ import annotations

import pytest

from modmirror.errors import TooManyRequests
from modmirror.server.clientlimit import MAX_CLIENTS, ClientLimit
from tests.fakes.engine import FakeClock


def take(limit: ClientLimit, times: int, client: str = "192.0.2.1") -> None:
    for _ in range(times):
        limit.take(client)


def test_a_burst_is_let_through_and_then_no_more_than_the_rate() -> None:
    clock = FakeClock()
    limit = ClientLimit(2.0, 5, clock)
    take(limit, 5)
    with pytest.raises(TooManyRequests, match="more than 5 fetches at once, or 2 a second"):
        take(limit, 1)
    clock.advance(0.5)
    take(limit, 1)
    with pytest.raises(TooManyRequests):
        take(limit, 1)


def test_a_refusal_takes_nothing_and_says_when_the_next_one_may_come() -> None:
    clock = FakeClock()
    limit = ClientLimit(0.1, 1, clock)
    take(limit, 1)
    for _ in range(5):
        with pytest.raises(TooManyRequests) as caught:
            take(limit, 1)
    assert caught.value.retry_after == 10
    clock.advance(10)
    take(limit, 1)


def test_tokens_are_saved_up_to_the_burst_only() -> None:
    clock = FakeClock()
    limit = ClientLimit(1.0, 3, clock)
    take(limit, 1)
    clock.advance(3600)
    take(limit, 3)
    with pytest.raises(TooManyRequests):
        take(limit, 1)


def test_one_client_does_not_hinder_another() -> None:
    limit = ClientLimit(1.0, 1, FakeClock())
    take(limit, 1)
    take(limit, 1, "192.0.2.2")
    take(limit, 1, "unix")


def test_addresses_of_one_ipv6_network_are_one_client() -> None:
    limit = ClientLimit(1.0, 1, FakeClock())
    take(limit, 1, "2001:db8::1")
    with pytest.raises(TooManyRequests):
        take(limit, 1, "2001:db8::ffff:2")
    take(limit, 1, "2001:db8:0:1::1")


def test_only_so_many_clients_are_remembered() -> None:
    limit = ClientLimit(1.0, 1, FakeClock())
    take(limit, 1, "first")
    for number in range(MAX_CLIENTS):
        take(limit, 1, str(number))
    take(limit, 1, "first")


def test_ipv4_clients_of_a_listener_for_both_are_told_apart() -> None:
    limit = ClientLimit(1.0, 1, FakeClock())
    take(limit, 1, "::ffff:192.0.2.1")
    take(limit, 1, "::ffff:192.0.2.2")
    with pytest.raises(TooManyRequests):
        take(limit, 1, "192.0.2.1")


def test_a_link_local_address_is_a_client_like_any_other() -> None:
    limit = ClientLimit(1.0, 1, FakeClock())
    take(limit, 1, "fe80::1%eth0")
    with pytest.raises(TooManyRequests):
        take(limit, 1, "fe80::1%eth0")
