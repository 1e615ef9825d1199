from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from modmirror.lab.run import environment as module
from modmirror.lab.run.environment import environment

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_it_names_what_another_needs_to_repeat_the_run() -> None:
    found = environment("some engine")
    assert found.engine == "some engine"
    assert found.python == platform.python_version()
    assert found.kernel.startswith(platform.system())
    assert found.cores >= 1
    assert found.version


def test_a_kernel_that_does_not_tell_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CONGESTION", tmp_path / "nothing")
    assert environment().congestion == ""
    (tmp_path / "there").write_text("bbr\n")
    monkeypatch.setattr(module, "_CONGESTION", tmp_path / "there")
    assert environment().congestion == "bbr"
