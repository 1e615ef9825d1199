from __future__ import annotations

import gc

import pytest

from modmirror.garbage import THRESHOLDS, collected_seldom


def test_what_is_loaded_is_left_alone_and_the_rest_is_looked_at_seldom() -> None:
    before = gc.get_threshold()
    loaded = [object()]
    with collected_seldom():
        fresh = [object()]
        watched = gc.get_objects()
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > 0
        assert any(each is fresh for each in watched)
        assert not any(each is loaded for each in watched)
    assert gc.get_threshold() == before
    assert any(each is loaded for each in gc.get_objects())


def test_all_is_as_before_when_the_block_fails() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="bug"), collected_seldom():
        raise ValueError("bug")
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
