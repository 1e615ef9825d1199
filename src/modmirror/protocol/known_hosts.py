"""Paths that can never be modules, known without asking anyone (protocol.md A.15, T143).

``go get a.b/c/d`` also asks for ``a.b/c`` and ``a.b``, in parallel and mostly in vain. Only facts about
how a host lays out its repositories are written here, never guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modmirror.mod.path import ModulePath

_FEWEST_ELEMENTS = {
    # Repositories are OWNER/NAME, and the module path of one begins with both.
    "bitbucket.org": 3,
    "github.com": 3,
    "gitlab.com": 3,
    # The bare host is a web site; its modules lie below.
    "golang.org": 2,
    "google.golang.org": 2,
}
_NAMESPACES = frozenset({"golang.org/x"})
"""Prefixes that only hold modules."""


def never_a_module(path: ModulePath) -> str:
    """Say why no module can be at ``path``, or return the empty string when one could be."""
    elements = path.split("/")
    fewest = _FEWEST_ELEMENTS.get(elements[0], 1)
    if len(elements) < fewest:
        return f"{path} is not a repository: module paths on {elements[0]} have at least {fewest} elements"
    if path in _NAMESPACES:
        return f"{path} is not a module: modules lie below it"
    return ""
