"""Which files of a module are vendored: copies of others, left out of its zip (protocol.md C.4, rule 2)."""

from __future__ import annotations

_VENDOR = "/vendor/"


def is_vendored(path: str, *, new_rule: bool) -> bool:
    """Say whether a file belongs to a vendored package. ``path`` is relative and clean.

    The go command had the rule wrong until 1.24. Zips must not change, so that the old rule goes on for
    modules whose ``go`` line is older than that (:func:`modmirror.mod.modfile.uses_new_vendor_rule`).
    """
    if path.startswith(_VENDOR[1:]):
        # Files beside the vendored packages stay; the new rule excepts the list of them.
        return "/" in path[len(_VENDOR) - 1 :] or (new_rule and path == "vendor/modules.txt")
    _, vendor, after = path.partition(_VENDOR)
    if not vendor:
        return False
    # The old rule looked for the slash too far left, where it always finds the one behind "vendor".
    return "/" in after or not new_rule
