"""A build that needs some modules of the made-up world, as a go.sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from modmirror.lab.emulate.modules import ModuleSet
from modmirror.mod.path import check_path

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = (
    ("example.com/lab/text", "v1.0.1"),
    ("example.com/lab/net", "v1.2.0"),
    ("example.com/lab/yaml", "v1.3.0"),
    ("github.com/Lab/CamelCase", "v1.0.0"),
)
LOOKED_AT = ("example.com/lab/text", "v1.0.0")
"""Its go.mod is read, and nothing of it is downloaded."""


def write_go_sum(directory: Path, seed: int = 1) -> Path:
    """Write the go.sum and return it."""
    world = ModuleSet.generate(seed)
    lines = []
    for path, version in NEEDED:
        release = world.release(check_path(path), version)
        assert release
        lines += [f"{path} {version} {release.h1}", f"{path} {version}/go.mod {release.mod_h1}"]
    seen = world.release(check_path(LOOKED_AT[0]), LOOKED_AT[1])
    assert seen
    lines.append(f"{LOOKED_AT[0]} {LOOKED_AT[1]}/go.mod {seen.mod_h1}")
    file = directory / "go.sum"
    file.write_text("\n".join(lines) + "\n")
    return file
