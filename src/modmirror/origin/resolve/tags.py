"""Which tags name versions of a module (protocol.md A.9, convert step 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modmirror.mod import semver
from modmirror.mod.pseudo import is_pseudo_version

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class VersionTag:
    """A tag that names a version."""

    name: str
    """The whole tag, such as ``sub/v1.2.3+meta``."""
    version: str
    """Canonical and without build metadata, such as ``v1.2.3``."""
    canonical: bool
    """True when the tag spells the version just so: without build metadata."""


def version_tag(name: str, prefix: str) -> VersionTag | None:
    """Read a tag as a version below ``prefix``, or return None when it names none.

    Short forms (``v1``, ``v1.2``) name none, and neither do tags that look like pseudo-versions. Only the
    whole tag is looked at for that, as the go command does: below a prefix such a tag may be the base of
    a pseudo-version, but never a version itself.
    """
    if not name.startswith(prefix) or is_pseudo_version(name):
        return None
    rest = name[len(prefix) :]
    version = semver.canonical(rest)
    if not version or not rest.startswith(version):
        return None
    return VersionTag(name, version, version == rest)


def version_tags(names: Iterable[str], prefix: str) -> tuple[VersionTag, ...]:
    """Return the tags that name versions, lowest version first."""
    found = (version_tag(name, prefix) for name in names)
    return tuple(sorted((tag for tag in found if tag), key=_order))


def _order(tag: VersionTag) -> tuple[object, ...]:
    return (*semver.sort_key(tag.version), tag.name)
