from __future__ import annotations

from hypothesis import settings

# A shared machine may stall for longer than any sensible deadline: slowness is measured elsewhere.
settings.register_profile("shared-machine", deadline=None)
settings.load_profile("shared-machine")
