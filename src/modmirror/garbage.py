"""How often the garbage collector may hold up everything else."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

THRESHOLDS = (20_000, 20, 20)
"""See :func:`gc.set_threshold`. A zip that is made or checked takes thousands of small objects for a
while, none of them in a cycle: with the numbers of Python all would be walked through dozens of times."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Leave alone what has been loaded by now, and look at the rest seldom, while the block runs.

    Modules and settings stay as long as the mirror does: walking through them again is all pause, no gain.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
