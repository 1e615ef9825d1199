from __future__ import annotations

import asyncio
import signal

import pytest

from modmirror.cli.termination import Termination


def test_being_told_to_end_interrupts() -> None:
    termination = Termination()
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), termination.as_interrupt():
        signal.raise_signal(signal.SIGTERM)
    assert termination.asked
    assert signal.getsignal(signal.SIGTERM) == before


def test_jobs_that_are_deaf_to_ctrl_c_end_too() -> None:
    termination = Termination()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(KeyboardInterrupt), termination.as_interrupt():
            signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, before)
    assert termination.asked


def test_tasks_of_an_event_loop_are_ended_in_order() -> None:
    done = list[str]()

    async def work() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
            await asyncio.sleep(60)
        finally:
            done.append("cleared away")

    with pytest.raises(KeyboardInterrupt), Termination().as_interrupt():
        asyncio.run(work())
    assert done == ["cleared away"]


def test_nobody_has_asked_before() -> None:
    termination = Termination()
    with termination.as_interrupt():
        pass
    assert not termination.asked
