"""How a manifest changes while its run goes on. Manifests are values: each change is a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from modmirror.lab.run.manifest import Flag, Manifest, State
    from modmirror.lab.target import TargetEntry


def flagged(manifest: Manifest, flag: Flag) -> Manifest:
    """Return the manifest with one more reason for doubt; the first of a name stays."""
    if any(each.name == flag.name for each in manifest.flags):
        return manifest
    return replace(manifest, flags=(*manifest.flags, flag))


def described(
    manifest: Manifest,
    corpus: str | None,
    floor: dict[str, float] | None,
    targets: tuple[TargetEntry, ...] | None = None,
) -> Manifest:
    """Return the manifest with what has become known."""
    return replace(
        manifest,
        corpus=manifest.corpus if corpus is None else corpus,
        floor=manifest.floor if floor is None else floor,
        targets=manifest.targets if targets is None else targets,
    )


def ended(manifest: Manifest, state: State, now: str) -> Manifest:
    """Return the manifest of a run that has ended."""
    return replace(manifest, state=state, ended=now)


def resumed(manifest: Manifest) -> Manifest:
    """Return the manifest of a run that goes on; its flags stay, as what they concern does."""
    return replace(manifest, state="running", ended="")
