from __future__ import annotations

import pytest

from modmirror.measure.sample import Timing


def test_the_first_byte_comes_after_every_phase_that_occurred() -> None:
    cold = Timing(dns=0.001, connect=0.02, tls=0.04, send=0.0001, wait=0.03, receive=5.0, total=5.1)
    assert cold.first_byte == pytest.approx(0.0911)


def test_a_reused_connection_has_no_handshakes() -> None:
    assert Timing(send=0.5, wait=0.25, receive=1.0, total=1.75).first_byte == 0.75


def test_without_an_answer_there_is_no_first_byte() -> None:
    assert Timing(dns=0.001, connect=0.02, total=3.0).first_byte is None
