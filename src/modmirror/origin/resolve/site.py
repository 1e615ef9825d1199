"""Where a module lies: its path, the repository's root, and what follows from the two (protocol.md A.9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modmirror.errors import NotExist
from modmirror.mod.path import split_path_version

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath


@dataclass(frozen=True, slots=True)
class ModuleSite:
    """One module of one repository.

    Raises NotExist when the repository cannot hold the module.
    """

    module: ModulePath
    root: str
    """Import path of the repository's root: the module path or one of its leading parts."""
    subdir: str = ""
    """Directory in the repository where ``root`` lies (protocol.md D.2, fourth field); mostly empty."""
    path_prefix: str = field(init=False)
    """The module path without its major version."""
    path_major: str = field(init=False)
    """``/vN``, ``.vN``, ``.vN-unstable`` or empty."""
    code_dir: str = field(init=False)
    """Directory where go.mod is looked for first; ``""`` is the repository's root."""

    def __post_init__(self) -> None:
        split = split_path_version(self.module)
        if split is None or not f"{self.module}/".startswith(f"{self.root}/"):
            raise NotExist(f"{self.module}: a repository rooted at {self.root} cannot hold this module")
        prefix, major = split
        # The root may carry the major version itself: gopkg.in/yaml.v2, or a vanity path that ends in /v2.
        inside = prefix[len(self.root) :].strip("/") if self.root != self.module else ""
        directory = "/".join(part for part in (inside, self.subdir.strip("/")) if part)
        object.__setattr__(self, "path_prefix", prefix)
        object.__setattr__(self, "path_major", major)
        object.__setattr__(self, "code_dir", directory)

    @property
    def tag_prefix(self) -> str:
        """What the module's version tags begin with: ``sub/`` for a module in directory ``sub``."""
        return f"{self.code_dir}/" if self.code_dir else ""

    @property
    def major(self) -> str:
        """``v2`` for a path that ends in ``/v2`` or ``.v2``; empty when it has no major version."""
        return self.path_major[1:].removesuffix("-unstable")

    @property
    def major_dir(self) -> str:
        """Directory for the major version alone (``sub/v2``); empty when there can be none."""
        if not self.path_major.startswith("/") or self.root == self.module:
            return ""
        return f"{self.tag_prefix}{self.major}"

    @property
    def may_be_incompatible(self) -> bool:
        """Say whether versions from v2 on without a go.mod may belong to the module (protocol.md A.10)."""
        return not self.code_dir and not self.path_major

    def path_for(self, major: str) -> str:
        """Return the module's path at another major version, for advice; empty when there can be none."""
        if self.path_major.startswith("."):
            return f"{self.path_prefix}.{major}" if major else ""
        return f"{self.path_prefix}/{major}" if major not in {"", "v0", "v1"} else self.path_prefix
